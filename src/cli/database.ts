import type pg from 'pg';
import { Failure } from '../failure.ts';
import { requireCurrentSchema } from '../migrations/release.ts';
import { withConnection } from '../postgres/connect.ts';
import { settings } from '../settings.ts';
import { runningState } from '../stack/state.ts';

/** The database that a command works on. */
export interface Target {
  /** Connection string of role `postgres`. */
  url: string;
  /** Whether it is the embedded stack of this folder. */
  isEmbedded: boolean;
}

/**
 * Finds the database that a command works on: DATABASE_URL, else the embedded stack that runs in this folder.
 *
 * @throws {Failure} exit code 2 when there is neither
 */
export async function target(): Promise<Target> {
  const { databaseUrl, directory } = settings();
  if (databaseUrl !== undefined) return { url: databaseUrl, isEmbedded: false };
  const state = await runningState(directory);
  if (!state) {
    throw new Failure(
      'There is no database to work on: DATABASE_URL is not set and no stack runs in this folder.',
      {
        hint: 'Set DATABASE_URL, or run `npm start` in another terminal.',
        exitCode: 2,
      },
    );
  }
  const url = new URL(state.db_url);
  url.username = 'postgres';
  return { url: url.href, isEmbedded: true };
}

/**
 * Runs a function with a connection to the database that the command works on.
 *
 * @param use what to do with the connection
 * @throws {Failure} when there is no database, or it is not at this release
 */
export async function withDatabase<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const { url } = await target();
  return withConnection(url, async (client) => {
    await requireCurrentSchema(client);
    return use(client);
  });
}
