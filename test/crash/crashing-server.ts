import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installedBinaries } from '../../src/postgres/binaries.ts';
import { startCluster, type Cluster } from '../../src/postgres/cluster.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { applyPlatform } from '../../src/postgres/platform.ts';
import { serverUser } from '../../src/postgres/server-user.ts';

/** A PostgreSQL of its own that may be killed and started again on the same data, which it writes to disk. */
export interface CrashingServer {
  /** Connection string of role postgres. */
  url(database: string): string;
  superuserUrl(database: string): string;
  /** Makes a database with what Supabase provides. */
  createDatabase(name: string): Promise<void>;
  /** `kill -9` of the server; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again. `isFull`: no file may grow beyond 16 MiB, as if the disk ended there. */
  start(options?: { isFull?: boolean }): Promise<void>;
  /** Resolves when a session of role postgres in a database waits for a lock. */
  untilBlocked(database: string): Promise<void>;
  remove(): Promise<void>;
}

const password = 'crash';

/** Starts one. The caller removes it. */
export async function startCrashingServer(): Promise<CrashingServer> {
  const directory = await mkdtemp(join(tmpdir(), 'rowhouse-crash-'));
  await chmod(directory, 0o755);
  const dataDirectory = join(directory, 'data');
  const binaries = await installedBinaries(await serverUser());
  // The kernel refuses to write beyond the limit, and PostgreSQL gets an error from the same calls as on a full disk.
  // It needs no rights, and leaves room for what is not being tested. 32,768 blocks of 512 bytes are one segment of WAL.
  const small = join(directory, 'postgres-on-a-small-disk');
  await writeFile(small, `#!/bin/sh\nulimit -f 32768\nexec '${binaries.postgres}' "$@"\n`, { mode: 0o755 });

  let cluster: Cluster;
  const start: CrashingServer['start'] = async ({ isFull = false } = {}) => {
    cluster = await startCluster({
      dataDirectory,
      password,
      binaries: isFull ? { ...binaries, postgres: small } : binaries,
      settings: { autovacuum: 'off', max_connections: '50' },
    });
  };
  await start();

  const server: CrashingServer = {
    url: (database) => cluster.url('postgres', password, database),
    superuserUrl: (database) => cluster.superuserUrl(database),
    createDatabase: async (name) => {
      await withConnection(cluster.superuserUrl(), async (client) => {
        await client.query(`create database ${name}`);
        await withConnection(cluster.superuserUrl(name), (inside) => applyPlatform(inside, { password }));
        await client.query(`alter database ${name} owner to postgres`);
      });
    },
    kill: async () => {
      const [pid] = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
      await cluster.stop();
    },
    start,
    untilBlocked: (database) =>
      withConnection(cluster.superuserUrl(), async (client) => {
        for (let attempt = 0; attempt < 500; attempt += 1) {
          const { rowCount } = await client.query(
            `select from pg_stat_activity where datname = $1 and usename = 'postgres' and wait_event_type = 'Lock'`,
            [database],
          );
          if (rowCount !== 0) return;
          await sleep(20);
        }
        throw new Error('nothing waits for a lock');
      }),
    remove: async () => {
      await cluster.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return server;
}
