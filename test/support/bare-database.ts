import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { applyPlatform } from '../../src/postgres/platform.ts';
import type { Database } from './database.ts';

/** A database beside the test file's own. */
export interface BareDatabase {
  /** Connection string of role postgres. */
  url: string;
  drop(): Promise<void>;
}

/**
 * Creates an empty database on the server of a test file's database.
 *
 * @param db the test file's database
 * @param options `platform`: with what Supabase provides, and nothing of Rowhouse
 */
export async function createBareDatabase(
  db: Database,
  options: { platform: boolean },
): Promise<BareDatabase> {
  const superuser = await db.superuser();
  const name = `rowhouse_bare_${randomUUID().replaceAll('-', '')}`;
  await superuser.query(`create database ${name} owner postgres`);
  const url = new URL(db.url);
  url.pathname = `/${name}`;
  if (options.platform) {
    const inside = new pg.Client({
      host: superuser.host,
      port: superuser.port,
      user: String(superuser.user),
      password: String(superuser.password),
      database: name,
    });
    await inside.connect();
    try {
      await applyPlatform(inside, { password: decodeURIComponent(url.password) });
    } finally {
      await inside.end();
    }
  }
  return {
    url: url.href,
    drop: async () => {
      await superuser.query(`drop database if exists ${name} with (force)`);
    },
  };
}
