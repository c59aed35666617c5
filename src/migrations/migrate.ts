import graphileMigrate, { type Settings } from 'graphile-migrate';
import { clearAllPools } from 'graphile-migrate/dist/pgReal.js';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { readFile } from 'node:fs/promises';
import JSON5 from 'json5';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { explainConnectionError, withConnection } from '../postgres/connect.ts';
import { isPlatformPresent } from '../postgres/platform.ts';
import { migrationsFolder, newerSchema, schemaState } from './release.ts';

const { migrate: runMigrations, Logger } = graphileMigrate;

/** What `migrate` did. */
export interface MigrationReport {
  /** The migrations that were applied by this call, oldest first: `000001-platform`. */
  applied: string[];
  /** The number of the migration that the database is at: `000003`. */
  at: string;
}

const settingsFile = z.looseObject({ pgSettings: z.record(z.string(), z.string()).optional() });

/**
 * The settings of `.gmrc` that apply to any database, with paths that do not depend on the working directory and a
 * logger that stays silent: what went wrong is thrown, and what went right is in the report.
 */
export async function graphileMigrateSettings(url: string): Promise<Settings> {
  const text = await readFile(fileURLToPath(new URL('../../.gmrc', import.meta.url)), 'utf8');
  const { pgSettings } = settingsFile.parse(JSON5.parse(text));
  return {
    connectionString: url,
    migrationsFolder,
    logger: new Logger(() => () => undefined),
    ...(pgSettings ? { pgSettings } : {}),
  };
}

/**
 * Brings a database to this release: applies the committed migrations that it does not have, each in a transaction
 * of its own. Running it again does nothing; two at once wait for each other.
 *
 * @param url connection string of role `postgres` (no superuser needed) of a database with the Supabase platform
 * @returns what was applied and where the database is
 * @throws {Failure} when the database cannot be reached, has no Supabase platform, is newer than this release, or a
 *   migration fails (it is rolled back; the ones before it stay)
 */
export async function migrate(url: string): Promise<MigrationReport> {
  return withConnection(url, async (client) => {
    if (!(await isPlatformPresent(client))) {
      throw new Failure('This database has no Supabase platform: auth.users or the API roles are missing.', {
        hint: 'Use a Supabase database, or start the embedded stack with `npm start`.',
      });
    }
    // graphile-migrate gives up at once when another one holds its lock; ours is waited for.
    await client.query(`select pg_advisory_lock(hashtext('rowhouse migrate'))`);
    const before = await schemaState(client);
    if (before.state === 'newer') throw newerSchema(before.applied, before.release);
    const marked = new URL(url);
    marked.searchParams.set('application_name', `rowhouse migrate ${randomUUID()}`);
    try {
      await runMigrations(await graphileMigrateSettings(marked.href));
    } catch (error) {
      throw explainMigrationError(error, url);
    } finally {
      await closeConnections(client, marked.searchParams.get('application_name') ?? '');
    }
    if (before.pending.length > 0) await client.query(`notify pgrst, 'reload schema'`);
    return { applied: before.pending, at: (await schemaState(client)).applied ?? '000000' };
  });
}

/**
 * Closes graphile-migrate's connections, which it keeps for a while, and waits until they are gone: it ends the process
 * when the server or the database goes away under one of them.
 */
async function closeConnections(client: pg.Client, applicationName: string): Promise<void> {
  clearAllPools();
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { rowCount } = await client.query('select from pg_stat_activity where application_name = $1', [
      applicationName,
    ]);
    if (rowCount === 0) return;
    await sleep(20);
  }
}

function explainMigrationError(error: unknown, url: string): unknown {
  const explained = explainConnectionError(error, url);
  if (explained instanceof Failure || !(error instanceof Error)) return explained;
  const { code, hint } = error as { code?: string; hint?: string };
  return new Failure(`A migration failed and was rolled back: ${error.message}${code ? ` (${code})` : ''}`, {
    hint: hint ?? 'The migrations before it are kept. Mend the cause and run `rowhouse migrate` again.',
    cause: error,
  });
}
