import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { migrate } from '../../src/migrations/migrate.ts';
import { startCluster } from '../../src/postgres/cluster.ts';
import { connect, withConnection } from '../../src/postgres/connect.ts';
import { applyPlatform } from '../../src/postgres/platform.ts';
import type { Findings } from './report.ts';

/** A temporary cluster with migrated databases. */
export interface Place {
  url: (database: string, role?: string) => string;
  superuserUrl: (database: string) => string;
  /** A connection, closed with the place. Role `postgres` unless another is asked for. */
  open: (database: string, role?: string) => Promise<pg.Client>;
  /** What the report says of the server. */
  postgres: Findings['postgres'];
}

/**
 * Commits reach the disk, as in production; a temporary cluster of the tests does without. Memory as a small server
 * would have it, so that checkpoints and evictions do not decide.
 */
const durable = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
};

/**
 * Runs a bench on a temporary cluster whose databases have the platform and every migration.
 *
 * @param databases their names
 * @param settings of the server, over those of every bench
 */
export async function withPlace(
  databases: string[],
  settings: Record<string, string>,
  use: (place: Place) => Promise<Omit<Findings, 'postgres'>>,
): Promise<Findings> {
  const password = randomUUID();
  const applied = { ...durable, ...settings };
  const cluster = await startCluster({ password, settings: applied });
  const opened: pg.Client[] = [];
  try {
    for (const name of databases) {
      await withConnection(cluster.superuserUrl(), (client) => client.query(`create database ${name}`));
      await withConnection(cluster.superuserUrl(name), async (client) => {
        await applyPlatform(client, { password });
        await client.query(`alter database ${name} owner to postgres`);
      });
      await migrate(cluster.url('postgres', password, name));
    }
    const version = await withConnection(cluster.superuserUrl(), async (client) => {
      const { rows } = await client.query<{ server_version: string }>('show server_version');
      return rows[0]?.server_version ?? 'unknown';
    });
    const url = (database: string, role = 'postgres') => cluster.url(role, password, database);
    const postgres = { version, settings: applied };
    const findings = await use({
      url,
      superuserUrl: (database) => cluster.superuserUrl(database),
      open: async (database, role) => {
        const client = await connect(url(database, role), { applicationName: 'rowhouse bench' });
        opened.push(client);
        return client;
      },
      postgres,
    });
    return { ...findings, postgres };
  } finally {
    await Promise.all(opened.map((client) => client.end().catch(() => undefined)));
    await cluster.stop();
  }
}

/** Says on standard error what takes long, so that nobody thinks that it hangs. */
export function progress(text: string): void {
  console.error(`  … ${text}`);
}

/** Fills auth.users past the trigger, as an import that came before Rowhouse would, and analyses it. */
export async function insertUsers(superuserUrl: string, count: number): Promise<void> {
  progress(`inserting ${count.toLocaleString('en')} users`);
  await withConnection(superuserUrl, async (client) => {
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into auth.users (
         instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_token, recovery_token,
         email_change_token_new, email_change, last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at
       )
       select
         '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated',
         'user' || number || '@example.com', '$2a$10$' || repeat('x', 53), moment, '', '', '', '', moment,
         '{"provider": "email", "providers": ["email"]}', jsonb_build_object('full_name', 'Ada Lovelace ' || number),
         moment, moment
       from generate_series(1, $1::integer) as number, lateral (
         select timestamptz '2024-01-01 00:00:00+00' + make_interval(secs => number * 7) as moment
       ) as created`,
      [count],
    );
    await client.query('vacuum (analyze) auth.users');
    await client.query('checkpoint');
  });
}

/** Gives every user a profile, past the foreign key, which the sync's own bench measures. */
export async function insertProfiles(superuserUrl: string): Promise<void> {
  progress('inserting their profiles');
  await withConnection(superuserUrl, async (client) => {
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into public.user_profiles (user_id, display_name)
       select id, raw_user_meta_data ->> 'full_name' from auth.users`,
    );
    await client.query('vacuum (analyze) public.user_profiles');
    await client.query('checkpoint');
  });
}
