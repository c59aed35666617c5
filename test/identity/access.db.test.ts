import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
let ada: string;
let bob: string;
let gone: string;

beforeAll(async () => {
  ada = await insertAuthUser(db.pool, { email: 'ada@example.com' });
  bob = await insertAuthUser(db.pool, { email: 'bob@example.com' });
  gone = await insertAuthUser(db.pool, { email: 'gone@example.com' });
  await db.query(`select public.deactivate_user($1, 'left')`, [gone]);
});

const notPermitted = { code: '42501' };

describe('a user', () => {
  test('reads the own profile and no other', async () => {
    const { rows } = await asUser(db, ada, (client) =>
      client.query('select user_id from public.user_profiles'),
    );
    expect(rows).toEqual([{ user_id: ada }]);
  });

  test('changes the own name and preferences, and the change is dated', async () => {
    const { rows } = await asUser(db, ada, (client) =>
      client.query(
        `update public.user_profiles set display_name = 'Ada', preferences = '{"theme":"dark"}'
         returning user_id, display_name, updated_at = now() as is_dated`,
      ),
    );
    expect(rows).toEqual([{ user_id: ada, display_name: 'Ada', is_dated: true }]);
  });

  test("changes nobody else's", async () => {
    const { rowCount } = await asUser(db, ada, (client) =>
      client.query(`update public.user_profiles set display_name = 'Mine' where user_id = $1`, [bob]),
    );
    expect(rowCount).toBe(0);
  });

  test.each([
    `update public.user_profiles set platform_role = 'superadmin'`,
    `update public.user_profiles set is_active = true`,
    `update public.user_profiles set user_id = gen_random_uuid()`,
    `update public.user_profiles set current_organization_id = 'TEST0001'`,
    `update public.user_profiles set sso_provider = 'google'`,
    `insert into public.user_profiles (user_id, display_name) values (gen_random_uuid(), 'x')`,
    `delete from public.user_profiles`,
    `truncate public.user_profiles`,
    `select * from auth.users`,
    `select * from private.profile_failures`,
    `select * from private.sync_runs`,
    `select private.insert_profiles(array[gen_random_uuid()])`,
    `select private.create_missing_profiles(array[gen_random_uuid()])`,
    `select private.sync_user_profiles(false, 'queue')`,
    `select private.create_profile(gen_random_uuid())`,
    `select private.user_accounts(array[gen_random_uuid()])`,
    `select private.enqueue('user_sync', 'identity.sync_profiles')`,
    `select public.run_user_sync_job(1)`,
    `select public.custom_access_token_hook('{}')`,
    `select private.token_claims(gen_random_uuid())`,
  ])('may not: %s', async (statement) => {
    await expect(asUser(db, ada, (client) => client.query(statement))).rejects.toMatchObject(notPermitted);
  });

  test.each([
    [`display_name = ''`],
    [`display_name = ' padded '`],
    [`display_name = E'two\\nlines'`],
    [`display_name = repeat('x', 201)`],
    [`preferences = '[]'`],
    [`preferences = jsonb_build_object('x', repeat('x', 20000))`],
  ])('may not set %s', async (assignment) => {
    const attempt = asUser(db, ada, (client) =>
      client.query(`update public.user_profiles set ${assignment}`),
    );
    await expect(attempt).rejects.toMatchObject({ code: '23514' });
  });

  test('has no trigger function to call', async () => {
    for (const name of ['tg_users__create_profile', 'tg__stamp_updated_at']) {
      await expect(
        asUser(db, ada, (client) => client.query(`select private.${name}()`)),
      ).rejects.toMatchObject(notPermitted);
    }
  });
});

describe('a deactivated user, with a valid token', () => {
  test('reads nothing', async () => {
    const { rows } = await asUser(db, gone, (client) => client.query('select * from public.user_profiles'));
    expect(rows).toEqual([]);
  });

  test('writes nothing', async () => {
    const { rowCount } = await asUser(db, gone, (client) =>
      client.query(`update public.user_profiles set display_name = 'Back'`),
    );
    expect(rowCount).toBe(0);
  });

  test('is no superadmin any more, whatever the token claims', async () => {
    const superadmin = await insertAuthUser(db.pool);
    await db.query(`select public.update_user($1, platform_role => 'superadmin')`, [superadmin]);
    const ask = () =>
      asUser(db, { id: superadmin, platform_role: 'superadmin', role: 'service_role' }, (client) =>
        client.query('select public.is_superadmin() as yes'),
      );
    expect((await ask()).rows).toEqual([{ yes: true }]);
    await db.query(`select public.deactivate_user($1, 'left')`, [superadmin]);
    expect((await ask()).rows).toEqual([{ yes: false }]);
  });

  test('is let in again by a reactivation', async () => {
    await db.inRollback(async (client) => {
      await client.query('select public.reactivate_user($1)', [gone]);
      const { rows } = await asUser(client, gone, (inside) =>
        inside.query('select user_id from public.user_profiles'),
      );
      expect(rows).toEqual([{ user_id: gone }]);
    });
  });
});

describe('claims open nothing', () => {
  test.each([
    { platform_role: 'superadmin' },
    { role: 'service_role' },
    { app_metadata: { platform_role: 'superadmin' } },
    { user_metadata: { platform_role: 'superadmin' } },
  ])('%j', async (claims) => {
    const { rows } = await asUser(db, { id: ada, ...claims }, (client) =>
      client.query('select public.is_superadmin() as is_superadmin, private.is_operator() as is_operator'),
    );
    expect(rows).toEqual([{ is_superadmin: false, is_operator: false }]);
  });
});

describe('nobody, with the publishable key alone', () => {
  test.each([
    'select * from public.user_profiles',
    'select public.list_users()',
    'select public.is_superadmin()',
    'select * from auth.users',
  ])('may not: %s', async (statement) => {
    await expect(asAnon(db, (client) => client.query(statement))).rejects.toMatchObject(notPermitted);
  });
});

test('the service role reads profiles, and writes them through functions only', async () => {
  const { rows } = await asService(db, (client) =>
    client.query<{ count: number }>('select count(*)::integer as count from public.user_profiles'),
  );
  expect(rows[0]?.count).toBeGreaterThanOrEqual(3);
  const attempt = asService(db, (client) =>
    client.query(`update public.user_profiles set platform_role = 'superadmin'`),
  );
  await expect(attempt).rejects.toMatchObject(notPermitted);
});

test('the own profile is found by its key, not by looking at every row', async () => {
  await db.inRollback(async (client) => {
    await client.query('set local enable_seqscan = on');
    await client.query(
      `insert into auth.users (id, instance_id, aud, role, email)
       select gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', 'many' || n || '@example.com'
       from generate_series(1, 5000) as n`,
    );
    await client.query('analyze public.user_profiles');
    const { rows } = await asUser(client, ada, (inside) =>
      inside.query('explain select * from public.user_profiles'),
    );
    const plan = rows.map((row: Record<string, unknown>) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Scan using user_profiles_(pkey|user_id_is_active_key)/);
    expect(plan).not.toMatch(/^Seq Scan/);
  });
});
