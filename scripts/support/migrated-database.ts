import { randomUUID } from 'node:crypto';
import { migrate } from '../../src/migrations/migrate.ts';
import { startCluster } from '../../src/postgres/cluster.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { applyPlatform } from '../../src/postgres/platform.ts';

/**
 * Runs a function against a temporary database with the platform and every committed migration.
 *
 * @param use is given a connection string of role `postgres`
 * @returns what `use` returns; the database is gone by then
 * @throws {Failure} when the cluster does not start or a migration fails
 */
export async function withMigratedDatabase<T>(use: (url: string) => Promise<T>): Promise<T> {
  const password = randomUUID();
  const cluster = await startCluster({ password });
  try {
    await withConnection(cluster.superuserUrl('postgres'), (client) => applyPlatform(client, { password }));
    const url = cluster.url('postgres', password, 'postgres');
    await migrate(url);
    return await use(url);
  } finally {
    await cluster.stop();
  }
}
