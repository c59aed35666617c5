import { afterAll, beforeAll } from 'vitest';
import { startCluster } from '../../src/postgres/cluster.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { applyPlatform } from '../../src/postgres/platform.ts';
import { openPool } from '../support/database.ts';
import { type CronDatabase, describeCronContract } from './cron-contract.ts';

// pg_cron serves one database of a cluster, so this takes a cluster of its own: Debian's, with postgresql-15-cron.
const binaries = '/usr/lib/postgresql/15/bin';
const password = 'contract';
// Filled before the first test runs.
const database = {} as CronDatabase;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const cluster = await startCluster({
    password,
    binaries: { postgres: `${binaries}/postgres`, initdb: `${binaries}/initdb` },
    settings: { shared_preload_libraries: 'pg_cron', 'cron.database_name': 'postgres' },
  });
  closing.unshift(cluster.stop);
  await withConnection(cluster.superuserUrl(), (client) => applyPlatform(client, { password }));
  const pool = openPool(cluster.url('postgres', password), 10);
  closing.unshift(() => pool.end());
  database.pool = pool;
});

afterAll(async () => {
  for (const close of closing) await close();
});

describeCronContract('extension', database);
