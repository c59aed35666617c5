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
import {
  describeUrl,
  explainConnectionError,
  isLostConnection,
  withConnection,
} from '../postgres/connect.ts';
import { isPlatformPresent } from '../postgres/platform.ts';
import { migrationsFolder, newerSchema, schemaState } from './release.ts';
import { listSetAside, type SetAsideTable } from './set-aside.ts';

const { migrate: runMigrations, Logger } = graphileMigrate;

/** What `migrate` did. */
export interface MigrationReport {
  /** The migrations that were applied by this call, oldest first: `000001-platform`. */
  applied: string[];
  /** The number of the migration that the database is at: `000003`. */
  at: string;
  /** Rows that a rollback has set aside and that wait for `rowhouse rollback --restore`. */
  set_aside: SetAsideTable[];
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
    const settings = await graphileMigrateSettings(marked.href);
    try {
      await withLostConnectionsReported(() => runMigrations(settings));
    } catch (error) {
      throw explainMigrationError(error, url);
    } finally {
      // When the server is gone, so are they.
      await closeConnections(client, marked.searchParams.get('application_name') ?? '').catch(
        () => undefined,
      );
    }
    if (before.pending.length > 0) await client.query(`notify pgrst, 'reload schema'`);
    return {
      applied: before.pending,
      at: (await schemaState(client)).applied ?? '000000',
      set_aside: await listSetAside(client),
    };
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

/**
 * graphile-migrate does not listen to what its connection reports outside of a query, which would end the process with a
 * stack trace when the server goes away. What it waits for is rejected then as well, so nothing is lost by looking away.
 */
async function withLostConnectionsReported(use: () => Promise<void>): Promise<void> {
  const onUncaught = (error: unknown) => {
    if (isLostConnection(error)) return;
    throw error;
  };
  process.on('uncaughtException', onUncaught);
  try {
    await use();
  } finally {
    process.off('uncaughtException', onUncaught);
  }
}

function explainMigrationError(error: unknown, url: string): unknown {
  if (isLostConnection(error)) {
    return new Failure(`${describeUrl(url)} closed the connection in the middle of a migration.`, {
      hint: 'The migrations that were finished are kept. When it answers again, run `rowhouse migrate` again.',
      cause: error,
    });
  }
  const explained = explainConnectionError(error, url);
  if (explained instanceof Failure || !(error instanceof Error)) return explained;
  const { code, hint } = error as { code?: string; hint?: string };
  return new Failure(`A migration failed and was rolled back: ${error.message}${code ? ` (${code})` : ''}`, {
    hint: hint ?? 'The migrations before it are kept. Mend the cause and run `rowhouse migrate` again.',
    cause: error,
  });
}
