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
  /** A pool of so many connections as role postgres. Closed with the database. */
  crowd(max: number): pg.Pool;
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
    const pool = openPool(url, 10);
    closing.push(
      () => pool.end(),
      () => dropDatabase(template.superuserUrl, name),
    );

    Object.assign(handle, {
      url,
      pool,
      query: (text, values) => pool.query(text, values),
      crowd: (max) => {
        const many = openPool(url, max);
        closing.unshift(() => many.end());
        return many;
      },
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

/**
 * A pool whose connections may be cut while they idle: by a test, or by the end of the database, which may come before the
 * server has seen that the pool ended them.
 */
export function openPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max });
  pool.on('error', () => undefined);
  return pool;
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
