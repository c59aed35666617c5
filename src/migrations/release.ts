import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { Failure } from '../failure.ts';

/** The repository's folder of migrations. */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** The names of this release's committed migrations, oldest first: `000001-platform`. */
export async function releaseMigrations(): Promise<string[]> {
  const files = await readdir(`${migrationsFolder}/committed`);
  return files
    .filter((file) => /^\d{6}.*\.sql$/.test(file))
    .map((file) => file.replace(/\.sql$/, ''))
    .sort();
}

/** Where a database stands against this release. `applied` and `release` are migration numbers such as `000003`. */
export interface SchemaState {
  state: 'empty' | 'older' | 'current' | 'newer';
  applied: string | undefined;
  release: string;
  pending: string[];
}

/**
 * Compares the migrations that a database has with those of this release.
 *
 * @param client any connection that may read schema `graphile_migrate`
 */
export async function schemaState(client: pg.ClientBase): Promise<SchemaState> {
  const names = await releaseMigrations();
  const release = names.at(-1)?.slice(0, 6) ?? '000000';
  const { rows: tables } = await client.query<{ exists: boolean }>(
    `select to_regclass('graphile_migrate.migrations') is not null as exists`,
  );
  if (!tables[0]?.exists) return { state: 'empty', applied: undefined, release, pending: names };
  const { rows } = await client.query<{ applied: string | null }>(
    `select max(left(filename, 6)) as applied from graphile_migrate.migrations`,
  );
  const applied = rows[0]?.applied ?? undefined;
  if (applied === undefined) return { state: 'empty', applied, release, pending: names };
  const pending = names.filter((name) => name.slice(0, 6) > applied);
  const state = applied > release ? 'newer' : pending.length > 0 ? 'older' : 'current';
  return { state, applied, release, pending };
}

/**
 * Refuses to go on when the database is not at this release.
 *
 * @param client any connection that may read schema `graphile_migrate`
 * @throws {Failure} saying which of the two is behind, and what to run
 */
export async function requireCurrentSchema(client: pg.ClientBase): Promise<void> {
  const { state, applied, release } = await schemaState(client);
  if (state === 'empty') {
    throw new Failure('Rowhouse is not installed in this database.', {
      hint: 'Run `rowhouse migrate` first.',
    });
  }
  if (state === 'older') {
    throw new Failure(
      `The database is at migration ${applied ?? '?'}, older than this release (${release}).`,
      {
        hint: 'Run `rowhouse migrate`.',
      },
    );
  }
  if (state === 'newer') throw newerSchema(applied, release);
}

/** The failure for a database that a later release has migrated. */
export function newerSchema(applied: string | undefined, release: string): Failure {
  return new Failure(
    `The database is at migration ${applied ?? '?'}, newer than this release (${release}).`,
    {
      hint: 'Use the release of Rowhouse that migrated it, or a later one.',
    },
  );
}
