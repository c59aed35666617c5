import { withConnection } from '../postgres/connect.ts';
import { migrate, type MigrationReport } from './migrate.ts';
import { newerSchema, schemaState } from './release.ts';
import { appliedMigrations, inTransaction, undo, withMigrationLock } from './undo.ts';

/**
 * Takes Rowhouse out of a database and puts it in again, empty: runs the rollback scripts, newest first, in one
 * transaction, then migrates. Users stay in auth.users, without profiles; everything else of Rowhouse is gone. What an
 * earlier rollback has set aside stays.
 *
 * @param url connection string of role `postgres`
 * @returns the migrations that were applied
 * @throws {Failure} when the database cannot be reached, or is newer than this release
 */
export async function reset(url: string): Promise<MigrationReport> {
  await withConnection(url, (client) =>
    withMigrationLock(client, async () => {
      const { state, applied, release } = await schemaState(client);
      if (state === 'newer') throw newerSchema(applied, release);
      if (state === 'empty') return;
      const names = await appliedMigrations(client);
      await inTransaction(client, 'commit', () => undo(client, names, { keepRows: false }));
    }),
  );
  return migrate(url);
}
