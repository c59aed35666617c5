import type pg from 'pg';
import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/**
 * What Supabase has and no other place: pg_net's function with its documented arguments, which here writes down what it
 * would post, and the vault's view.
 */
const supabase = `
  create schema net;
  grant usage on schema net to postgres;
  create table net.posted (url text, body jsonb, headers jsonb, timeout_milliseconds integer);
  grant all on net.posted to postgres;
  create function net.http_post(
    url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}',
    timeout_milliseconds integer default 5000
  ) returns bigint language sql as
    'insert into net.posted values (url, body, headers, timeout_milliseconds) returning 1::bigint';
  create schema vault;
  grant usage on schema vault to postgres;
  create table vault.decrypted_secrets (name text, decrypted_secret text);
  grant all on vault.decrypted_secrets to postgres`;

/** Wakes the worker on a database that has these secrets, and returns how many queues were woken and what was posted. */
async function wakeWith(
  secrets: Record<string, string>,
  prepare: (client: pg.Client) => Promise<unknown>,
): Promise<{ woken: number | undefined; posted: unknown[] }> {
  const client = await db.superuser();
  await client.query('begin');
  try {
    await client.query(supabase);
    for (const [name, secret] of Object.entries(secrets)) {
      await client.query('insert into vault.decrypted_secrets values ($1, $2)', [name, secret]);
    }
    await client.query('set local role postgres');
    await prepare(client);
    const { rows } = await client.query<{ woken: number }>('select private.wake_worker() as woken');
    const posted = await client.query('select * from net.posted');
    return { woken: rows[0]?.woken, posted: posted.rows };
  } finally {
    await client.query('rollback');
  }
}

const secrets = {
  rowhouse_functions_url: 'https://project.example/functions/v1/',
  rowhouse_secret_key: 'sb_secret_x',
};
const enqueue = (client: pg.Client) =>
  client.query(`select private.enqueue('user_sync', 'identity.sync_profiles')`);

test('on Supabase, the edge function is posted to, with the key of the vault', async () => {
  const { woken, posted } = await wakeWith(secrets, enqueue);
  expect(woken).toBe(1);
  expect(posted).toEqual([
    {
      url: 'https://project.example/functions/v1/worker',
      body: { queue: 'user_sync' },
      headers: {
        'Content-Type': 'application/json',
        apikey: 'sb_secret_x',
        Authorization: 'Bearer sb_secret_x',
      },
      timeout_milliseconds: 5000,
    },
  ]);
});

test('nothing is posted when there is nothing to read', async () => {
  expect(await wakeWith(secrets, () => Promise.resolve())).toEqual({ woken: 0, posted: [] });
});

test('nothing is posted, and nothing fails, while the vault holds no address or no key', async () => {
  const { rowhouse_functions_url, rowhouse_secret_key } = secrets;
  for (const incomplete of [{}, { rowhouse_functions_url }, { rowhouse_secret_key }]) {
    expect(await wakeWith(incomplete, enqueue)).toEqual({ woken: 1, posted: [] });
  }
});
