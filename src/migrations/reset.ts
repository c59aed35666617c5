import { readFile } from 'node:fs/promises';
import { withConnection } from '../postgres/connect.ts';
import { migrate, type MigrationReport } from './migrate.ts';
import { migrationsFolder, newerSchema, schemaState } from './release.ts';

/**
 * Takes Rowhouse out of a database and puts it in again, empty: runs the rollback scripts, newest first, in one
 * transaction, then migrates. Users stay in auth.users, without profiles; everything else of Rowhouse is gone.
 *
 * @param url connection string of role `postgres`
 * @returns the migrations that were applied
 * @throws {Failure} when the database cannot be reached, or is newer than this release
 */
export async function reset(url: string): Promise<MigrationReport> {
  await withConnection(url, async (client) => {
    const { state, applied, release } = await schemaState(client);
    if (state === 'newer') throw newerSchema(applied, release);
    if (state === 'empty') return;
    const { rows } = await client.query<{ number: string }>(
      `select left(filename, 6) as number from graphile_migrate.migrations order by filename desc`,
    );
    await client.query('begin');
    try {
      for (const { number } of rows) {
        await client.query(await readFile(`${migrationsFolder}/rollback/${number}.sql`, 'utf8'));
        await client.query(`delete from graphile_migrate.migrations where left(filename, 6) = $1`, [number]);
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  });
  return migrate(url);
}
