import pg from 'pg';
import { Failure } from '../failure.ts';

/** How long a connection may take before the server counts as unreachable, in milliseconds. */
const connectionTimeoutMillis = 10_000;

/**
 * Where a connection string leads, without its password: `postgres@127.0.0.1:5432/postgres`.
 *
 * @param url a PostgreSQL connection string
 */
export function describeUrl(url: string): string {
  try {
    const { username, hostname, port, pathname } = new URL(url);
    return `${decodeURIComponent(username) || 'postgres'}@${hostname || 'localhost'}:${port || '5432'}${pathname}`;
  } catch {
    return 'the address in DATABASE_URL';
  }
}

/**
 * Turns what `pg` throws on connecting into a sentence that says what to do.
 *
 * @param error what was thrown
 * @param url the connection string that was tried
 * @returns a {@link Failure}, or the error itself when it is none of the known causes
 */
export function explainConnectionError(error: unknown, url: string): unknown {
  if (!(error instanceof Error)) return error;
  const where = describeUrl(url);
  const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  const code = causes.map((cause) => (cause as { code?: string }).code).find((value) => value !== undefined);
  const failure = (message: string, hint: string) => new Failure(message, { hint, cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return failure(`No PostgreSQL answers at ${where}.`, 'Start it, or correct DATABASE_URL.');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failure(`The host of ${where} is not known.`, 'Correct the host name in DATABASE_URL.');
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return failure(`${where} cannot be reached.`, 'Check the network, the port and the firewall.');
    case 'ECONNRESET':
      return failure(`${where} closed the connection.`, 'Is it PostgreSQL that listens there, and is it up?');
    case '28P01':
    case '28000':
      return failure(
        `PostgreSQL refused the user or the password of ${where}.`,
        'Correct the user name and the password in DATABASE_URL.',
      );
    case '3D000':
      return failure(
        `There is no database at ${where}.`,
        'Correct the database name in DATABASE_URL, or create it.',
      );
    case '53300':
      return failure(`${where} has no connection left.`, 'Close some, or raise max_connections.');
    case '57P03':
      return failure(`${where} is starting up or shutting down.`, 'Try again in a moment.');
    case undefined:
      if (/timeout/i.test(error.message)) {
        return failure(
          `${where} did not answer in 10 seconds.`,
          'Check the host, the port and the firewall.',
        );
      }
      if (/terminated|ended|SSL|SASL|SCRAM/i.test(error.message)) {
        return failure(`${where} cannot be used: ${error.message}.`, 'Correct DATABASE_URL.');
      }
      return error;
    default:
      return error;
  }
}

/** Whether an error says that the server, or the session, ended under a connection. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  return (
    /^Connection terminated|not queryable|Client was closed/.test(error.message) ||
    ['57P01', '57P02', 'ECONNRESET', 'EPIPE'].includes(code ?? '')
  );
}

/**
 * Checks that a text is a PostgreSQL connection string with a database name.
 *
 * @param url what was given as DATABASE_URL
 * @returns the same text
 * @throws {Failure} exit code 2, with what is wrong with it
 */
export function checkedUrl(url: string): string {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    // reported below
  }
  if (!parsed || !['postgres:', 'postgresql:'].includes(parsed.protocol) || parsed.pathname.length < 2) {
    throw new Failure('DATABASE_URL is not a PostgreSQL connection string.', {
      hint: 'It looks like postgresql://postgres:password@host:5432/postgres.',
      exitCode: 2,
    });
  }
  return url;
}

/**
 * Opens one connection.
 *
 * @param url a PostgreSQL connection string
 * @param options `applicationName` is what pg_stat_activity shows
 * @returns a connected client; the caller ends it
 * @throws {Failure} when the server cannot be reached, refuses the password, or has no such database
 */
export async function connect(url: string, options: { applicationName?: string } = {}): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: checkedUrl(url),
    connectionTimeoutMillis,
    application_name: options.applicationName ?? 'rowhouse',
  });
  // A connection that breaks while idle emits `error`; the next query then fails with it, so nothing is lost here.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw explainConnectionError(error, url);
  }
  return client;
}

/**
 * Runs a function with a connection that is closed afterwards.
 *
 * @param url a PostgreSQL connection string
 * @param use what to do with the connection
 * @returns what `use` returns
 * @throws {Failure} as {@link connect}
 */
export async function withConnection<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
