import pg from 'pg';
import type { Caller } from './callers.ts';

/** On whose behalf the database is asked, and for what. */
export interface StorageAct {
  caller: Caller;
  /** What `storage.operation()` tells policies, as `storage.object.upload`. */
  operation: string;
  request: Request;
}

/** The records of the storage server. */
export interface StorageSession {
  /** Runs one transaction as the caller, so that policies decide. */
  as<T>(act: StorageAct, use: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /** Does the same and takes it back: whether the caller may is known before anything is written to the disk. */
  attempt<T>(act: StorageAct, use: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /** Runs one transaction as the service role, for what Supabase's storage server does by itself. */
  asService<T>(act: StorageAct, use: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const service: Caller = { role: 'service_role', claims: { role: 'service_role' }, known: true };

/**
 * Opens the storage server's connections. Each transaction says what Supabase's says: role and claims of the caller, and
 * what is being done.
 *
 * @param url connection string of a role that may become the API's roles
 * @param log where a lost connection is reported
 */
export function storageSession(url: string, log: (line: string) => void): StorageSession {
  const pool = new pg.Pool({ connectionString: url, max: 5, application_name: 'rowhouse storage' });
  pool.on('error', (error) => log(`storage: ${error.message}`));

  const enter = async (client: pg.ClientBase, { caller, operation, request }: StorageAct) => {
    const settings = {
      search_path: 'storage, public, extensions',
      'request.jwt.claims': JSON.stringify(caller.claims),
      'request.jwt.claim.role': caller.role,
      'request.jwt.claim.sub': caller.claims.sub ?? '',
      'request.method': request.method,
      'request.path': new URL(request.url).pathname,
      'request.headers': JSON.stringify(Object.fromEntries(request.headers)),
      'storage.operation': operation,
      'storage.allow_delete_query': 'true',
      // The last one, since it takes the right to set others away.
      role: caller.role,
    };
    await client.query(
      'select set_config(setting.name, setting.value, true) from unnest($1::text[], $2::text[]) as setting (name, value)',
      [Object.keys(settings), Object.values(settings)],
    );
  };

  const run = async <T>(
    act: StorageAct,
    end: 'commit' | 'rollback',
    use: (client: pg.ClientBase) => Promise<T>,
  ): Promise<T> => {
    const client = await pool.connect();
    let isUsable = true;
    try {
      await client.query('begin');
      await enter(client, act);
      const result = await use(client);
      await client.query(end);
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => (isUsable = false));
      throw error;
    } finally {
      client.release(!isUsable);
    }
  };

  return {
    as: (act, use) => run(act, 'commit', use),
    attempt: (act, use) => run(act, 'rollback', use),
    asService: (act, use) => run({ ...act, caller: service }, 'commit', use),
    close: () => pool.end(),
  };
}
