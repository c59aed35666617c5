import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { hostileUsers } from '../support/hostile.ts';
import { insertAuthUser, type AuthUser } from '../support/users.ts';

const db = useDatabase();

interface Profile {
  display_name: string;
  platform_role: string;
  is_active: boolean;
  sso_provider: string | null;
  sso_user_id: string | null;
}

/** The profile that a new user gets; nothing stays. */
function profileOf(user: AuthUser): Promise<Profile | undefined> {
  return db.inRollback(async (client) => {
    const id = await insertAuthUser(client, user);
    const { rows } = await client.query<Profile>('select * from public.user_profiles where user_id = $1', [
      id,
    ]);
    return rows[0];
  });
}

describe('a new user gets a profile', () => {
  test('with role user, active, in the same transaction', async () => {
    expect(await profileOf({ email: 'ada@example.com' })).toMatchObject({
      display_name: 'ada',
      platform_role: 'user',
      is_active: true,
      sso_provider: null,
      deactivated_at: null,
      preferences: {},
    });
  });

  test.each([
    [
      'full_name of the metadata',
      { raw_user_meta_data: { full_name: 'Ada Lovelace', name: 'A' } },
      'Ada Lovelace',
    ],
    ['name of the metadata', { raw_user_meta_data: { name: 'Ada' } }, 'Ada'],
    ['name, when full_name is no text', { raw_user_meta_data: { full_name: ['x'], name: 'Ada' } }, 'Ada'],
    ['the local part of the e-mail', { email: 'ada.lovelace@example.com' }, 'ada.lovelace'],
    [
      'one line without spaces around',
      { raw_user_meta_data: { name: ' Ada \n\t Lovelace  ' } },
      'Ada Lovelace',
    ],
    ['no bidirectional overrides', { raw_user_meta_data: { name: '\u202EadA\u202C' } }, 'adA'],
    ['joiners, which scripts need', { raw_user_meta_data: { name: 'می‌خواهم 👩‍🚀' } }, 'می‌خواهم 👩‍🚀'],
    ['200 characters of a longer name', { raw_user_meta_data: { name: 'é'.repeat(300) } }, 'é'.repeat(200)],
  ])('named by %s', async (_, user: AuthUser, name) => {
    expect((await profileOf(user))?.display_name).toBe(name);
  });

  test('named by the id, and not by the phone number, when there is nothing else', async () => {
    const id = 'c0ffee00-1234-4567-89ab-000000000000';
    const profile = await profileOf({ id, email: null, phone: '15550100', raw_user_meta_data: null });
    expect(profile?.display_name).toBe('User c0ffee00');
  });

  test('with the SSO provider that the auth server names', async () => {
    const sso = { provider: 'sso:1234', provider_id: 'ada@corp', providers: ['sso:1234'] };
    expect(await profileOf({ is_sso_user: true, raw_app_meta_data: sso })).toMatchObject({
      sso_provider: 'sso:1234',
      sso_user_id: 'ada@corp',
    });
    expect(await profileOf({ raw_app_meta_data: { provider: 'google' } })).toMatchObject({
      sso_provider: 'google',
    });
    expect(await profileOf({ raw_app_meta_data: { provider: 'email' } })).toMatchObject({
      sso_provider: null,
    });
    expect(await profileOf({ raw_user_meta_data: { provider: 'google' } })).toMatchObject({
      sso_provider: null,
    });
  });

  test('when the auth server inserts it, which has no rights on our tables', async () => {
    const superuser = await db.superuser();
    await superuser.query('begin');
    try {
      await superuser.query('set local role supabase_auth_admin');
      const id = await insertAuthUser(superuser, { email: 'gotrue@example.com' });
      await superuser.query('set local role postgres');
      const { rows } = await superuser.query(
        'select display_name from public.user_profiles where user_id = $1',
        [id],
      );
      expect(rows).toEqual([{ display_name: 'gotrue' }]);
    } finally {
      await superuser.query('rollback');
    }
  });
});

describe('2,000 users with hostile metadata', () => {
  test('all get in, and all get a plain profile', async () => {
    const users = hostileUsers(2000);
    await db.inRollback(async (client) => {
      for (let start = 0; start < users.length; start += 500) {
        await client.query(
          `insert into auth.users (id, instance_id, aud, role, email, raw_user_meta_data, raw_app_meta_data, created_at)
           select gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated',
                  loaded.email, loaded.meta, '{"provider":"email"}', now()
           from jsonb_to_recordset($1) as loaded (email text, meta jsonb)`,
          [
            JSON.stringify(
              users
                .slice(start, start + 500)
                .map(({ email, raw_user_meta_data }) => ({ email, meta: raw_user_meta_data })),
            ),
          ],
        );
      }
      const { rows } = await client.query(`
        select
          (select count(*)::integer from auth.users) as users,
          count(*)::integer as profiles,
          count(*) filter (
            where platform_role = 'user' and is_active and deactivated_at is null and sso_provider is null
              and preferences = '{}' and current_organization_id is null
          )::integer as plain,
          count(*) filter (where length(display_name) not between 1 and 200 or display_name ~ '[[:cntrl:]]')::integer as odd,
          (select count(*)::integer from private.profile_failures) as failures
        from public.user_profiles`);
      expect(rows[0]).toEqual({ users: 2000, profiles: 2000, plain: 2000, odd: 0, failures: 0 });
    });
  });

  test('a name of ten megabytes is cut, not refused', async () => {
    const profile = await profileOf({ raw_user_meta_data: { full_name: 'A'.repeat(10 * 1024 * 1024) } });
    expect(profile?.display_name).toBe('A'.repeat(200));
  });
});

describe('a sign-up succeeds whatever is wrong with the profiles', () => {
  test.each([
    [
      'a constraint that no row meets',
      `alter table public.user_profiles add constraint broken check (false) not valid`,
      '23514',
    ],
    ['a column that is gone', `alter table public.user_profiles drop column display_name cascade`, '42703'],
    [
      'a function that raises',
      `create or replace function private.initial_display_name(user_id uuid, email text, user_meta_data jsonb)
       returns text language plpgsql immutable set search_path = '' as $$ begin raise exception 'broken on purpose'; end $$`,
      'P0001',
    ],
  ])('%s', async (_, breakage, sqlstate) => {
    await db.inRollback(async (client) => {
      await client.query(breakage);
      const id = await insertAuthUser(client);
      const users = await client.query('select from auth.users where id = $1', [id]);
      expect(users.rowCount).toBe(1);
      const { rows } = await client.query(
        'select source, sqlstate, attempts, resolved_at from private.profile_failures where user_id = $1',
        [id],
      );
      expect(rows).toEqual([{ source: 'trigger', sqlstate, attempts: 1, resolved_at: null }]);
    });
  });

  test('also when the failure cannot be recorded', async () => {
    await db.inRollback(async (client) => {
      await client.query('drop table private.profile_failures');
      await client.query('alter table public.user_profiles add constraint broken check (false) not valid');
      const id = await insertAuthUser(client);
      expect((await client.query('select from auth.users where id = $1', [id])).rowCount).toBe(1);
    });
  });

  test('also when someone holds a lock on the profiles: after three seconds', async () => {
    const blocker = await db.superuser();
    await blocker.query('begin');
    await blocker.query('lock table public.user_profiles in access exclusive mode');
    try {
      const id = await insertAuthUser(db.pool);
      const { rows } = await db.query('select sqlstate from private.profile_failures where user_id = $1', [
        id,
      ]);
      expect(rows).toEqual([{ sqlstate: '55P03' }]);
    } finally {
      await blocker.query('rollback');
    }
  });
});

test('deleting a user deletes the profile and its failures', async () => {
  await db.inRollback(async (client) => {
    const id = await insertAuthUser(client);
    await client.query(`select private.record_profile_failure($1, 'sync', '23514', 'test')`, [id]);
    await client.query('delete from auth.users where id = $1', [id]);
    const { rows } = await client.query(
      `select (select count(*)::integer from public.user_profiles where user_id = $1) as profiles,
              (select count(*)::integer from private.profile_failures where user_id = $1) as failures`,
      [id],
    );
    expect(rows).toEqual([{ profiles: 0, failures: 0 }]);
  });
});

test('the columns of a deactivation go together', async () => {
  const wrong = [
    `is_active = false`,
    `is_active = false, deactivated_at = now()`,
    `deactivated_at = now()`,
    `deactivation_reason = 'why'`,
    `is_active = false, deactivated_at = now(), deactivation_reason = ''`,
  ];
  for (const assignment of wrong) {
    const attempt = db.inRollback(async (client) => {
      const id = await insertAuthUser(client);
      await client.query(`update public.user_profiles set ${assignment} where user_id = $1`, [id]);
    });
    await expect(attempt, assignment).rejects.toMatchObject({ code: '23514' });
  }
});
