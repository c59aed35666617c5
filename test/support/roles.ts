import type pg from 'pg';
import { type Database, inTransaction } from './database.ts';

/** A user's id, or the id with further claims of the token (`app_metadata`, `organization_id`, …). */
export type Caller = string | ({ id: string } & Record<string, unknown>);

export interface RoleOptions {
  /** Keep what was written. Otherwise it is rolled back. */
  commit?: boolean;
}

type Work<T> = (client: pg.ClientBase) => Promise<T>;

/** A test file's database, or a client that is inside a transaction: then a savepoint takes the transaction's place. */
type Where = Pick<Database, 'pool'> | pg.ClientBase;

/** Runs `fn` as PostgREST runs a request of a signed-in user. */
export function asUser<T>(where: Where, user: Caller, fn: Work<T>, options: RoleOptions = {}): Promise<T> {
  const { id, ...claims } = typeof user === 'string' ? { id: user } : user;
  return asRole(where, 'authenticated', { aud: 'authenticated', sub: id, ...claims }, fn, options);
}

/** Runs `fn` as PostgREST runs a request that carries no more than the publishable key. */
export function asAnon<T>(where: Where, fn: Work<T>, options: RoleOptions = {}): Promise<T> {
  return asRole(where, 'anon', {}, fn, options);
}

/** Runs `fn` as PostgREST runs a request that carries the secret key. */
export function asService<T>(where: Where, fn: Work<T>, options: RoleOptions = {}): Promise<T> {
  return asRole(where, 'service_role', {}, fn, options);
}

async function asRole<T>(
  where: Where,
  role: 'anon' | 'authenticated' | 'service_role',
  claims: Record<string, unknown>,
  fn: Work<T>,
  { commit = false }: RoleOptions,
): Promise<T> {
  const work: Work<T> = async (client) => {
    await client.query(`select set_config('request.jwt.claims', $1, true)`, [
      JSON.stringify({ role, ...claims }),
    ]);
    await client.query(`set local role ${role}`);
    return fn(client);
  };
  if ('pool' in where) return inTransaction(where.pool, commit ? 'commit' : 'rollback', work);

  await where.query('savepoint as_role');
  try {
    const result = await work(where);
    if (!commit) await where.query('rollback to savepoint as_role');
    else await where.query(`set local role none; select set_config('request.jwt.claims', '', true)`);
    return result;
  } catch (error) {
    await where.query('rollback to savepoint as_role');
    throw error;
  } finally {
    await where.query('release savepoint as_role');
  }
}
