import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { withConnection } from '../src/postgres/connect.ts';
import { interleave, timed } from './support/measure.ts';
import { insertUsers, type Place, withPlace } from './support/place.ts';
import { type Bench, comparison } from './support/report.ts';

const perBlock = 25;

/** One user, with the columns that the auth server writes at a sign-up by e-mail. */
async function insertUser(client: pg.Client): Promise<string> {
  const id = randomUUID();
  await client.query({
    name: 'insert user',
    text: `insert into auth.users (
             instance_id, id, aud, role, email, encrypted_password, confirmation_token, recovery_token,
             email_change_token_new, email_change, raw_app_meta_data, raw_user_meta_data, created_at, updated_at
           )
           values (
             '00000000-0000-0000-0000-000000000000', $1, 'authenticated', 'authenticated', $2, $3, '', '', '', '', $4, $5,
             now(), now()
           )`,
    values: [
      id,
      `${id}@example.com`,
      `$2a$10$${'x'.repeat(53)}`,
      '{"provider": "email", "providers": ["email"]}',
      '{"full_name": "Ada Lovelace"}',
    ],
  });
  return id;
}

/** The transaction of a sign-up: the user and the identity. */
async function signUp(client: pg.Client): Promise<void> {
  await client.query('begin');
  const id = await insertUser(client);
  await client.query({
    name: 'insert identity',
    text: `insert into auth.identities (id, provider_id, user_id, identity_data, provider, created_at, updated_at)
           values ($1, $2, $3, $4, 'email', now(), now())`,
    values: [randomUUID(), id, id, JSON.stringify({ sub: id, email: `${id}@example.com` })],
  });
  await client.query('commit');
}

async function measure(place: Place, scale: number) {
  for (const database of ['ours', 'floor']) {
    await insertUsers(place.superuserUrl(database), Math.ceil(100_000 * scale));
  }
  await withConnection(place.superuserUrl('floor'), (client) =>
    client.query('alter table auth.users disable trigger _100_create_profile'),
  );
  const ours = await place.open('ours', 'supabase_auth_admin');
  const floor = await place.open('floor', 'supabase_auth_admin');
  const rounds = Math.ceil(40 * scale);
  const compare = (work: (client: pg.Client) => Promise<unknown>) => {
    const block = (client: pg.Client) => () =>
      timed(async () => {
        for (let count = 0; count < perBlock; count += 1) await work(client);
      });
    return interleave(rounds, { ours: block(ours), floor: block(floor) }, 3);
  };

  const alone = await compare(insertUser);
  const whole = await compare(signUp);
  for (const client of [ours, floor]) await client.query('set synchronous_commit = off');
  const unflushed = await compare(insertUser);

  // What was measured must have happened: a profile for each user on one side, none on the other.
  const profiles = async (database: string) => {
    const client = await place.open(database);
    const { rows } = await client.query<{ count: string }>('select count(*) from public.user_profiles');
    return Number(rows[0]?.count);
  };
  const inserted = perBlock * (rounds + 3) * 3;
  const counts = [await profiles('ours'), await profiles('floor')];
  if (counts[0] !== inserted || counts[1] !== 0) {
    throw new Error(`Expected ${inserted} and 0 profiles, found ${counts.join(' and ')}.`);
  }
  return {
    comparisons: [
      comparison('insert into auth.users, one transaction each', alone, {
        unit: 'ms per user',
        per: perBlock,
        target: { atMost: 1.3 },
      }),
      comparison('sign-up as the auth server does it: begin, user, identity, commit', whole, {
        unit: 'ms per user',
        per: perBlock,
      }),
      comparison('insert into auth.users without waiting for the disk (synchronous_commit off)', unflushed, {
        unit: 'ms per user',
        per: perBlock,
      }),
    ],
    notes: [
      `Floor: the same insert into a database whose trigger is disabled. Both began with ${Math.ceil(100_000 * scale).toLocaleString('en')} users.`,
      'Prepared statements over one connection as supabase_auth_admin. The auth server hashes a password beside that, some 50 ms.',
    ],
  };
}

export const bench: Bench = {
  description: 'a new user with our trigger, over a bare insert into auth.users',
  run: (scale) => withPlace(['ours', 'floor'], { autovacuum: 'off' }, (place) => measure(place, scale)),
};
