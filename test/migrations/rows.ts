import type pg from 'pg';
import { expect } from 'vitest';
import { insertAuthUser } from '../support/users.ts';

/** Everything that Rowhouse's tables and queues hold: the rows of each as JSON, in an order that does not matter. */
export type Contents = Record<string, string[]>;

/** Reads every table of public and private, every queue and every archive, found in the catalog. */
export async function contents(client: Pick<pg.ClientBase, 'query'>): Promise<Contents> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select format('%s.%I', relnamespace::regnamespace, relname) as name from pg_class
     where relkind in ('r', 'p') and not relispartition
       and (relnamespace = any (array[to_regnamespace('public'), to_regnamespace('private')])
         or relnamespace = 'pgmq'::regnamespace and relname ~ '^[qa]_')
     order by 1`,
  );
  const found: Contents = {};
  for (const { name } of tables) {
    const { rows } = await client.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${name} as t order by 1`,
    );
    found[name] = rows.map(({ row }) => row);
  }
  return found;
}

/** The users that `fillEveryTable` has made. */
export interface People {
  ada: string;
  bob: string;
  eve: string;
}

/** Puts rows into every table, and fails when there is one that it does not know how to fill. */
export async function fillEveryTable(client: pg.ClientBase): Promise<People> {
  const ada = await insertAuthUser(client, { email: 'ada@example.com' });
  const bob = await insertAuthUser(client, { email: 'bob@example.com' });
  const eve = await insertAuthUser(client, { email: 'eve@example.com' });
  await client.query(
    `update public.user_profiles set platform_role = 'superadmin', display_name = 'Countess',
            preferences = '{"theme": "dark"}', last_seen_at = now(), sso_provider = 'google', sso_user_id = '1'
     where user_id = $1`,
    [ada],
  );
  await client.query(
    `update public.user_profiles
     set is_active = false, deactivated_at = now(), deactivated_by = $2, deactivation_reason = 'Left.'
     where user_id = $1`,
    [bob, ada],
  );
  await client.query(
    `insert into private.profile_failures (user_id, source, sqlstate, message) values ($1, 'sync', '23514', 'No.')`,
    [eve],
  );
  await client.query(`select public.sync_user_profiles()`);

  await client.query(`update private.job_queues set max_attempts = 7 where name = 'user_sync'`);
  const { rows } = await client.query<{ id: string }>(
    `select private.enqueue_batch('user_sync', 'identity.sync_profiles', array['{"n": 1}', '{"n": 2}', '{"n": 3}']::jsonb[]) as id`,
  );
  const [waiting, archived, dead] = rows.map(({ id }) => id);
  expect(waiting).toBeDefined();
  await client.query(`select private.is_first_effect('user_sync', $1)`, [archived]);
  await client.query(`select pgmq.archive('user_sync', $1::bigint)`, [archived]);
  await client.query(`select private.fail_job('user_sync', $1, 'It broke.', true, 1)`, [dead]);
  await client.query(
    `select pgmq.archive('user_sync_dead', sent) from pgmq.send('user_sync_dead', '{"kind": "old"}') as sent`,
  );

  const empty = Object.entries(await contents(client)).filter(([, found]) => found.length === 0);
  expect(empty, 'fill these tables too').toEqual([]);
  return { ada, bob, eve };
}
