/**
 * Writes the snapshots that `rowhouse verify` compares with, or, with `--check`, exits 1 when one is stale. 17 is made on
 * the embedded PostgreSQL; 15 on Debian's, where that is installed. `--version 15` or `--version 17` makes one of them,
 * and fails where its PostgreSQL is missing.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeOrCheck } from './support/generated.ts';
import { snapshotFile, takeSnapshot } from './support/snapshot.ts';
import { withMigratedDatabase } from './support/temporary-cluster.ts';

const debian = '/usr/lib/postgresql/15/bin';
const { values } = parseArgs({ options: { version: { type: 'string' }, check: { type: 'boolean' } } });
if (values.version !== undefined && values.version !== '15' && values.version !== '17') {
  throw new Error('--version is 15 or 17.');
}

if (values.version !== '15') {
  await writeOrCheck(await snapshotFile(await withMigratedDatabase(takeSnapshot)));
}
if (values.version === '15' || (values.version === undefined && existsSync(`${debian}/postgres`))) {
  const binaries = { postgres: `${debian}/postgres`, initdb: `${debian}/initdb` };
  await writeOrCheck(await snapshotFile(await withMigratedDatabase(takeSnapshot, { binaries })));
} else if (values.version === undefined) {
  console.error('Left out: the snapshot for PostgreSQL 15, which needs the Debian package postgresql-15.');
}
