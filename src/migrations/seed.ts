import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { Failure } from '../failure.ts';

const seedFile = new URL('../../supabase/seed.sql', import.meta.url);

/**
 * Puts the two demo organizations of `supabase/seed.sql` into a database, with people whose password is public.
 *
 * @param client a connection as role `postgres`, to a database at this release
 * @returns false, and nothing is changed, when they are there already
 * @throws {Failure} when the database has other users
 */
export async function seed(client: pg.ClientBase): Promise<boolean> {
  const before = await client.query(`select from public.organizations where id in ('DEMO0001', 'DEMO0002')`);
  try {
    await client.query(await readFile(seedFile, 'utf8'));
  } catch (error) {
    const { code, message, hint } = error as { code?: string; message: string; hint?: string };
    if (code !== '55000') throw error;
    throw new Failure(message, { ...(hint === undefined ? {} : { hint }), cause: error });
  }
  return before.rowCount === 0;
}
