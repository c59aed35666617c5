import { randomBytes } from 'node:crypto';
import { type Cluster, startCluster } from '../../../src/postgres/cluster.ts';

const binaries = '/usr/lib/postgresql/15/bin';

/**
 * Starts a cluster of Debian's PostgreSQL 15 with the real pg_cron, in a directory that vanishes afterwards.
 *
 * @param cronDatabase the one database that pg_cron serves; it need not exist yet
 */
export function startDebianCluster(cronDatabase: string): Promise<Cluster> {
  return startCluster({
    password: randomBytes(16).toString('hex'),
    binaries: { postgres: `${binaries}/postgres`, initdb: `${binaries}/initdb` },
    settings: {
      shared_preload_libraries: 'pg_cron',
      'cron.database_name': cronDatabase,
      // Jobs then run inside the server, and need no password to log in.
      'cron.use_background_workers': 'on',
    },
  });
}
