import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { migrate } from '../../src/migrations/migrate.ts';
import { startCluster, type Cluster, type ClusterOptions } from '../../src/postgres/cluster.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { applyPlatform } from '../../src/postgres/platform.ts';

/**
 * Runs a function against a temporary cluster whose database `postgres` has the platform.
 *
 * @param use is given the cluster and the password of its login roles
 * @param options `binaries` of another PostgreSQL than the embedded one
 * @returns what `use` returns; the cluster is gone by then
 * @throws {Failure} when the cluster does not start
 */
export async function withPlatform<T>(
  use: (cluster: Cluster, password: string) => Promise<T>,
  options: Pick<ClusterOptions, 'binaries'> = {},
): Promise<T> {
  const password = randomUUID();
  const cluster = await startCluster({ ...options, password });
  try {
    await withConnection(cluster.superuserUrl(), (client) => applyPlatform(client, { password }));
    const result = await use(cluster, password);
    await withConnection(cluster.superuserUrl(), othersGone);
    return result;
  } finally {
    await cluster.stop();
  }
}

/**
 * Runs a function against a temporary database with the platform and every committed migration.
 *
 * @param use is given a connection string of role `postgres`
 * @param options as {@link withPlatform}
 * @returns what `use` returns; the database is gone by then
 * @throws {Failure} when the cluster does not start or a migration fails
 */
export async function withMigratedDatabase<T>(
  use: (url: string) => Promise<T>,
  options: Pick<ClusterOptions, 'binaries'> = {},
): Promise<T> {
  return withPlatform(async (cluster, password) => {
    const url = cluster.url('postgres', password);
    await migrate(url);
    return use(url);
  }, options);
}

/** graphile-migrate keeps connections for a moment, and ends the process when the server goes away under one. */
async function othersGone(client: pg.Client): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { rowCount } = await client.query(
      `select from pg_catalog.pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    if (rowCount === 0) return;
    await sleep(20);
  }
}
