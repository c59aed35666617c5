import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import './places/index.ts';
import { cloneTemplate, dropDatabase, urlOf } from './places/template.ts';

/** A test file's own database. */
export interface Database {
  /** Connection string of role postgres, which is no superuser. */
  url: string;
  /** Connections as role postgres. */
  pool: pg.Pool;
  /** One statement as role postgres, committed. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
  /** A connection that may break on purpose what nobody else can. Closed with the database. */
  superuser(): Promise<pg.Client>;
  /** Runs `fn` in a transaction of role postgres, and undoes all of it. */
  inRollback<T>(fn: (client: pg.PoolClient) => Promise<T>): Promise<T>;
}

/**
 * Gives the test file that calls it a clone of the migrated template, and drops it after the last test. The object is
 * filled before the first test runs; what is inside cannot be used while tests are being declared.
 */
export function useDatabase(): Database {
  const handle = {} as Database;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const template = inject('template');
    const name = await cloneTemplate(template);
    const url = urlOf(template.superuserUrl, name, { name: 'postgres', password: template.password });
    const pool = new pg.Pool({ connectionString: url, max: 10 });
    // A connection that is cut while it idles (a test may end it) is replaced by the pool.
    pool.on('error', () => undefined);
    closing.push(
      () => pool.end(),
      () => dropDatabase(template.superuserUrl, name),
    );

    Object.assign(handle, {
      url,
      pool,
      query: (text, values) => pool.query(text, values),
      superuser: async () => {
        const client = new pg.Client({ connectionString: urlOf(template.superuserUrl, name) });
        client.on('error', () => undefined);
        await client.connect();
        closing.unshift(() => client.end());
        return client;
      },
      inRollback: (fn) => inTransaction(pool, 'rollback', fn),
    } satisfies Database);
  });

  afterAll(async () => {
    for (const close of closing) await close();
  });
  return handle;
}

/** Runs `fn` in a transaction that ends as asked, and with a rollback when `fn` throws. */
export async function inTransaction<T>(
  pool: pg.Pool,
  end: 'commit' | 'rollback',
  fn: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await fn(client);
    await client.query(end);
    client.release();
    return result;
  } catch (error) {
    // The server rolls back when the connection goes, whatever state the transaction was in.
    client.release(true);
    throw error;
  }
}
