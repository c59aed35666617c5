/**
 * Makes migrations/current.sql history: `commit-migration.ts --message jobs` writes it, with its includes, to
 * migrations/committed/00000N-jobs.sql after it has been applied twice, to a shadow and to a main database of a
 * temporary cluster. Nothing is written when that fails.
 */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import graphileMigrate from 'graphile-migrate';
import { clearAllPools } from 'graphile-migrate/dist/pgReal.js';
import { Failure } from '../src/failure.ts';
import { startCluster } from '../src/postgres/cluster.ts';
import { withConnection } from '../src/postgres/connect.ts';
import { applyPlatform } from '../src/postgres/platform.ts';
import { migrationSettings } from './support/migration-settings.ts';
import { root } from './support/sql-files.ts';

const { commit } = graphileMigrate;

async function commitCurrent(message: string): Promise<string> {
  const password = randomUUID();
  const cluster = await startCluster({ password });
  try {
    await withConnection(cluster.superuserUrl('postgres'), (client) => applyPlatform(client, { password }));
    await commit(
      {
        ...(await migrationSettings()),
        connectionString: cluster.url('postgres', password, 'postgres'),
        shadowConnectionString: cluster.url('postgres', password, 'shadow'),
        rootConnectionString: cluster.superuserUrl('template1'),
      },
      message,
    );
  } finally {
    // graphile-migrate keeps its connections for a while, and ends the process when the server goes away meanwhile.
    clearAllPools();
    await cluster.stop();
  }
  const committed = await readdir(`${root}/migrations/committed`);
  return committed.filter((file) => file.endsWith('.sql')).sort().at(-1) ?? '';
}

const { values } = parseArgs({ options: { message: { type: 'string', short: 'm' } } });
try {
  if (!/^[a-z][a-z0-9 _-]*$/.test(values.message ?? '')) {
    throw new Failure('A migration needs a message of lower-case words.', { hint: 'Add --message <module>.', exitCode: 2 });
  }
  // The hook in .gmrc is a command relative to the repository.
  process.chdir(root);
  console.log(`migrations/committed/${await commitCurrent(values.message ?? '')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof Failure && error.hint) console.error(error.hint);
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}
