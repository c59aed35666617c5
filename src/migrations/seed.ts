import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { Failure } from '../failure.ts';

/** As `sql_paths` of supabase/config.toml has them: the organizations, then what is in them. */
const seedFiles = [
  'seed.sql',
  'seeds/window-maker.sql',
  'seeds/window-maker-sales.sql',
  'seeds/first-aid.sql',
].map((path) => new URL(`../../supabase/${path}`, import.meta.url));

/**
 * Puts the two demo organizations into a database: people whose password is public, products, customers, orders, courses,
 * bookings.
 *
 * @param client a connection as role `postgres`, to a database at this release
 * @returns false when the organizations are there already; one without products and customers still gets them
 * @throws {Failure} when the database has other users
 */
export async function seed(client: pg.ClientBase): Promise<boolean> {
  const before = await client.query(`select from public.organizations where id in ('DEMO0001', 'DEMO0002')`);
  try {
    for (const file of seedFiles) await client.query(await readFile(file, 'utf8'));
  } catch (error) {
    const { code, message, hint } = error as { code?: string; message: string; hint?: string };
    if (code !== '55000') throw error;
    throw new Failure(message, { ...(hint === undefined ? {} : { hint }), cause: error });
  }
  return before.rowCount === 0;
}
