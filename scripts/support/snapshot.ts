import prettier from 'prettier';
import { schemaState } from '../../src/migrations/release.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { readObjects } from '../../src/verify/read-objects.ts';
import { snapshotPath, type Objects, type Snapshot } from '../../src/verify/snapshot.ts';
import type { Generated } from './generated.ts';

/** The same object with its keys in order, down to the last one: two runs write the same file. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]),
  );
}

/**
 * Takes the snapshot of a migrated database that `rowhouse verify` compares others with.
 *
 * @param url connection string of role `postgres` of a database in which nothing has happened but the migrations
 */
export async function takeSnapshot(url: string): Promise<Snapshot> {
  const { major, migration } = await withConnection(url, async (client) => {
    const { rows } = await client.query<{ major: number }>(
      `select current_setting('server_version_num')::integer / 10000 as major`,
    );
    return { major: rows[0]?.major ?? 0, migration: (await schemaState(client)).release };
  });
  const { objects, unreadable } = await readObjects(url);
  if (unreadable.length > 0) throw new Error(`Not all can be read: ${JSON.stringify(unreadable)}`);
  return { postgres: major, migration, objects: sorted(objects) as Objects };
}

/** Writes a snapshot as a file of the repository. */
export async function snapshotFile(snapshot: Snapshot): Promise<Generated> {
  const path = snapshotPath(snapshot.postgres);
  const options = await prettier.resolveConfig(path);
  const text = await prettier.format(JSON.stringify(snapshot), { ...options, parser: 'json' });
  return {
    command: `tsx scripts/generate-snapshot.ts --version ${snapshot.postgres}`,
    files: new Map([[path, text]]),
  };
}
