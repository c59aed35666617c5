import { App } from '@supabase/lite';
import { createPostgresConnection } from '@supabase/lite/postgres';
import { sql } from 'kysely';
import { withConnection } from '../postgres/connect.ts';
import { identify, type Keys } from './callers.ts';
import type { StackConfig } from './config.ts';
import { withLiteLog } from './lite-log.ts';
import { restTypes, withJsonParameters } from './rest-values.ts';
import { likePostgrest } from './sql-errors.ts';

/** The REST API: answers under `/rest/v1`. */
export interface RestApi {
  fetch(request: Request): Promise<Response>;
  /** Reads the schema again; requests go on meanwhile, with the schema read before. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** What {@link startRest} needs. */
export interface RestOptions {
  /** A superuser's connection string: reads the whole catalog, which the API's own role does not see. */
  superuserUrl: string;
  /** Connection string of `authenticator`, under which requests run. */
  url: string;
  keys: Keys;
  config: StackConfig;
  log: (line: string) => void;
}

/** How long a running request may delay the end of the stack. */
const closeSeconds = 2;

type RoleSettings = Map<string, [name: string, value: string][]>;

/**
 * A zero byte in an address would become part of a name in SQL, where it ends the statement in the middle of a message to
 * the server. No name holds one.
 */
function refuseZeroByte(request: Request): Response | undefined {
  if (!request.url.includes('%00')) return undefined;
  const problem = { code: 'PGRST100', message: 'The address holds a zero byte.', details: null, hint: null };
  return Response.json(problem, { status: 400 });
}

/** PostgREST applies a role's own settings (such as its statement timeout) to each request that runs as the role. */
async function readRoleSettings(superuserUrl: string): Promise<RoleSettings> {
  const { rows } = await withConnection(superuserUrl, (client) =>
    client.query<{ role: string; name: string; value: string }>(`
      select r.rolname as role, split_part(c.setting, '=', 1) as name,
        substr(c.setting, strpos(c.setting, '=') + 1) as value
      from pg_catalog.pg_db_role_setting as s
      join pg_catalog.pg_roles as r on r.oid = s.setrole
      cross join lateral unnest(s.setconfig) as c (setting)
      join pg_catalog.pg_settings as p on p.name = split_part(c.setting, '=', 1) and p.context = 'user'
      where s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
        and pg_catalog.pg_has_role('authenticator', r.oid, 'member') and r.rolname <> 'authenticator'
        and p.name not in ('role', 'search_path')`),
  );
  const settings: RoleSettings = new Map();
  for (const { role, name, value } of rows)
    settings.set(role, [...(settings.get(role) ?? []), [name, value]]);
  return settings;
}

function connectionTo(url: string, applicationName: string, max: number, types = {}) {
  return createPostgresConnection({
    url,
    postgresOptions: {
      max,
      types,
      onnotice: () => undefined,
      connection: { application_name: applicationName },
    },
  });
}

/**
 * The planner estimates from statistics of all rows, whoever may see them: an estimate would tell one organization how
 * many rows another has, and which values. What is asked for as an estimate is counted instead, as the caller.
 */
function withExactCount(request: Request): Request {
  const prefer = request.headers.get('prefer') ?? '';
  const exact = prefer.replace(/\bcount\s*=\s*(planned|estimated)\b/gi, 'count=exact');
  if (exact === prefer) return request;
  const headers = new Headers(request.headers);
  headers.set('prefer', exact);
  return new Request(request, { headers });
}

/**
 * Starts the REST API with `@supabase/lite`. Where lite and PostgREST differ, this follows PostgREST: the caller is
 * whoever the token says, with no look at `auth.users`; every request is one transaction that runs as the caller's role
 * with that role's settings; nothing in the database is created or granted. One thing is stricter: a count is exact,
 * also where an estimate was asked for.
 *
 * @param options connections, keys and configuration
 */
export async function startRest(options: RestOptions): Promise<RestApi> {
  const { superuserUrl, url, keys, config, log } = options;
  const connection = connectionTo(url, 'rowhouse rest', 10, restTypes);
  const searchPath = [...config.schemas.slice(0, 1), ...config.extraSearchPath]
    .map((name) => `"${name.replaceAll('"', '""')}"`)
    .join(', ');

  const readSchema = async () => {
    const reader = connectionTo(superuserUrl, 'rowhouse schema cache', 1);
    try {
      const [schema, settings] = await Promise.all([
        withLiteLog(log, () => reader.introspect()),
        readRoleSettings(superuserUrl),
      ]);
      if (!schema.functions) throw new Error('The schema could not be read.');
      return { schema, settings };
    } finally {
      await reader.close();
    }
  };
  let known = await readSchema();

  connection.introspect = () => Promise.resolve(known.schema);
  connection.normalizeDbError = likePostgrest;
  connection.withContext = (vars, run, context) => {
    const { jwt } = (vars?.auth ?? {}) as { jwt?: Record<string, unknown> | null };
    const claims = jwt ?? { role: 'anon' };
    const role = String(claims.role);
    const rpc = context?.rpc;
    const settings: [name: string, value: string][] = [
      ['search_path', searchPath],
      ...(known.settings.get(role) ?? []),
      ['request.jwt.claims', JSON.stringify(claims)],
      ['request.jwt.claim.sub', typeof claims.sub === 'string' ? claims.sub : ''],
      ['request.jwt.claim.role', role],
      ['request.method', rpc?.method ?? ''],
      ['request.path', rpc?.path ?? ''],
      ['request.headers', JSON.stringify(rpc?.requestHeaders ?? {})],
      ['response.status', ''],
      ['response.headers', ''],
      ...(rpc?.readOnly ? [['transaction_read_only', 'on'] as [string, string]] : []),
      ['role', role],
    ];
    const calls = settings.map(([name, value]) => sql`pg_catalog.set_config(${name}, ${value}, true)`);
    const enter = sql`select ${sql.join(calls)}`;
    const inTransaction: typeof run = async (transaction) => {
      await enter.execute(transaction);
      return run(transaction);
    };
    return context?.transaction
      ? inTransaction(context.transaction)
      : connection.kysely.transaction().execute(inTransaction);
  };

  const app = new App({
    connection,
    auth: { enabled: false },
    studio: { enabled: false },
    api: {
      enabled: true,
      schemas: config.schemas,
      extra_search_path: config.extraSearchPath,
      max_rows: config.maxRows,
    },
    db: { migrations: { enabled: false } },
    options: {
      server: {
        admin: false,
        disableStudio: true,
        disableFallback: false,
        apiKeys: false,
        middlewares: [
          async (context, next) => {
            const caller = await identify(context.req.raw, keys);
            if ('message' in caller) {
              return context.json({ ...caller, details: null, hint: null }, 401, {
                'www-authenticate': `Bearer error="invalid_token", error_description="${caller.message}"`,
              });
            }
            // Decided here: lite must not look at the headers again.
            context.set('apiKeyType', caller.role === 'service_role' ? 'secret' : 'publishable');
            context.set('ignoreAuthorization', true);
            context.set('jwt', caller.claims);
            return next();
          },
        ],
      },
    },
  });

  // One at a time, so that what was read last is what counts.
  let reading = Promise.resolve();
  return {
    async fetch(request) {
      const refused = refuseZeroByte(request);
      if (refused) return refused;
      const packed = await withJsonParameters(
        withExactCount(request),
        known.schema,
        config.schemas[0] ?? 'public',
      );
      return withLiteLog(log, () => app.fetch(packed));
    },
    reload() {
      const read = async () => {
        known = await readSchema();
      };
      reading = reading.then(read, read);
      return reading;
    },
    close: () => connection.driver.end({ timeout: closeSeconds }),
  };
}
