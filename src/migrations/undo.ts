import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { migrationsFolder, releaseMigrations } from './release.ts';

/** The lock that migrating, undoing and restoring take, so that they wait for each other. */
const lock = `hashtext('rowhouse migrate')`;

/** Runs a function while no other session migrates this database. */
export async function withMigrationLock<T>(client: pg.ClientBase, use: () => Promise<T>): Promise<T> {
  await client.query(`select pg_advisory_lock(${lock})`);
  try {
    return await use();
  } finally {
    await client.query(`select pg_advisory_unlock(${lock})`).catch(() => undefined);
  }
}

/** Runs a function in a transaction that ends as asked, and with a rollback when the function throws. */
export async function inTransaction<T>(
  client: pg.ClientBase,
  end: 'commit' | 'rollback',
  use: () => Promise<T>,
): Promise<T> {
  await client.query('begin');
  try {
    // Tables are taken away from under whoever reads them; who waits for longer than this holds up sign-ups.
    await client.query(`set local lock_timeout = '5s'`);
    const result = await use();
    await client.query(end);
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** The migrations that a database has, newest first: `000003-identity`. */
export async function appliedMigrations(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ number: string }>(
    `select left(filename, 6) as number from graphile_migrate.migrations order by filename desc`,
  );
  const names = await releaseMigrations();
  return rows.map(({ number }) => names.find((name) => name.startsWith(number)) ?? number);
}

/**
 * Runs the scripts that undo migrations, and forgets that these were applied.
 *
 * @param client a connection as role `postgres`, inside a transaction
 * @param names the migrations, newest first
 * @param options `keepRows`: tables that hold rows are moved to schema `rollback_<number>`; otherwise they are dropped
 * @throws what the database raises
 */
export async function undo(
  client: pg.ClientBase,
  names: readonly string[],
  options: { keepRows: boolean },
): Promise<void> {
  await client.query(await readFile(new URL('./set-aside.sql', import.meta.url), 'utf8'));
  await client.query(`select set_config('rowhouse.keep_rows', $1, true)`, [String(options.keepRows)]);
  // What the scripts name in full must also be written in full in what they leave behind.
  await client.query(`set local search_path = pg_catalog`);
  for (const name of names) {
    const number = name.slice(0, 6);
    await client.query(`select set_config('rowhouse.undoing', $1, true)`, [number]);
    await client.query(await readFile(`${migrationsFolder}/rollback/${number}.sql`, 'utf8'));
    await client.query(`delete from graphile_migrate.migrations where left(filename, 6) = $1`, [number]);
  }
}
