/**
 * Makes migrations/current.sql history: `commit-migration.ts --message jobs` writes it, with its includes, to
 * migrations/committed/00000N-jobs.sql after it has been applied to a shadow and to a main database of a temporary
 * cluster. Nothing is written when that fails.
 */
import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import graphileMigrate from 'graphile-migrate';
import { Failure } from '../src/failure.ts';
import { migrationSettings } from './support/migration-settings.ts';
import { root } from './support/sql-files.ts';
import { withPlatform } from './support/temporary-cluster.ts';

async function commitCurrent(message: string): Promise<string> {
  const settings = await migrationSettings();
  await withPlatform((cluster, password) =>
    graphileMigrate.commit(
      {
        ...settings,
        connectionString: cluster.url('postgres', password),
        shadowConnectionString: cluster.url('postgres', password, 'shadow'),
        rootConnectionString: cluster.superuserUrl('template1'),
      },
      message,
    ),
  );
  const committed = await readdir(`${root}/migrations/committed`);
  return (
    committed
      .filter((file) => file.endsWith('.sql'))
      .sort()
      .at(-1) ?? ''
  );
}

const { values } = parseArgs({ options: { message: { type: 'string', short: 'm' } } });
try {
  const { message = '' } = values;
  if (!/^[a-z][a-z0-9 _-]*$/.test(message)) {
    throw new Failure('A migration needs a message of lower-case words.', {
      hint: 'Add --message <module>.',
      exitCode: 2,
    });
  }
  // The hook in .gmrc is a command relative to the repository.
  process.chdir(root);
  console.log(`migrations/committed/${await commitCurrent(message)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof Failure && error.hint) console.error(error.hint);
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}
