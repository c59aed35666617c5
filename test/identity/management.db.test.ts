import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
const nobody = '00000000-0000-4000-8000-00000000dead';
let superadmin: string;
let ada: string;
let missing: string;

/** The shape of a user, the same for one and many, present and missing. */
const account = z.strictObject({
  id: z.guid(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  display_name: z.string(),
  platform_role: z.enum(['user', 'superadmin']),
  is_active: z.boolean(),
  last_sign_in_at: z.string().nullable(),
  created_at: z.string().nullable(),
  profile_status: z.enum(['present', 'missing']),
});
const page = z.strictObject({
  users: z.array(account),
  total: z.int(),
  page: z.int(),
  per_page: z.int(),
});

/** Calls a function as PostgREST does: its arguments by name, its answer as JSON. */
async function call(
  client: Pick<pg.ClientBase, 'query'>,
  name: string,
  args: Record<string, unknown> = {},
): Promise<unknown> {
  const names = Object.keys(args).map((key, index) => `${key} => $${index + 1}`);
  const { rows } = await client.query<{ answer: unknown }>(
    `select to_jsonb(public.${name}(${names.join(', ')})) as answer`,
    Object.values(args),
  );
  return rows[0]?.answer;
}

const list = async (args: Record<string, unknown> = {}) =>
  page.parse(await asUser(db, superadmin, (client) => call(client, 'list_users', args)));

beforeAll(async () => {
  superadmin = await insertAuthUser(db.pool, {
    email: 'root@example.com',
    created_at: new Date('2026-01-01'),
  });
  await db.query(`select public.update_user($1, platform_role => 'superadmin')`, [superadmin]);
  ada = await insertAuthUser(db.pool, {
    email: 'ada@example.com',
    phone: '15550101',
    raw_user_meta_data: { full_name: 'Ada 100%_Lovelace' },
    created_at: new Date('2026-01-02'),
  });
  for (let index = 0; index < 20; index += 1) {
    await insertAuthUser(db.pool, {
      email: `user${index}@example.org`,
      created_at: new Date(Date.UTC(2026, 1, 1 + index)),
    });
  }
  missing = await insertAuthUser(db.pool, {
    email: 'missing@example.com',
    raw_user_meta_data: { name: 'Not Yet' },
    created_at: new Date('2026-01-03'),
  });
  await db.query('delete from public.user_profiles where user_id = $1', [missing]);
});

describe('list_users()', () => {
  test('pages through all users, newest first, each once, with the total', async () => {
    const pages = [
      await list({ per_page: 7 }),
      await list({ per_page: 7, page: 2 }),
      await list({ per_page: 7, page: 3 }),
      await list({ per_page: 7, page: 4 }),
    ];
    const users = pages.flatMap((each) => each.users);
    expect(pages.map((each) => each.users.length)).toEqual([7, 7, 7, 2]);
    expect(pages.every((each) => each.total === 23)).toBe(true);
    expect(new Set(users.map((user) => user.id)).size).toBe(23);
    const dates = users.map((user) => user.created_at ?? '');
    expect(dates).toEqual([...dates].sort().reverse());
    expect(users[0]?.email).toBe('user19@example.org');
  });

  test('a page past the end is empty and still has the total', async () => {
    expect(await list({ page: 1000 })).toEqual({ users: [], total: 23, page: 1000, per_page: 50 });
  });

  test('a user without a profile is listed with the default shape, never dropped', async () => {
    const found = (await list({ status: 'missing' })).users;
    expect(found).toEqual([
      expect.objectContaining({
        id: missing,
        display_name: 'Not Yet',
        platform_role: 'user',
        is_active: true,
        profile_status: 'missing',
      }),
    ]);
    expect((await list({ per_page: 100 })).users.find((user) => user.id === missing)).toEqual(found[0]);
  });

  test.each([
    ['e-mail', { search: 'ADA@' }, 1],
    ['phone', { search: '5550101' }, 1],
    ['display name', { search: 'lovelace' }, 1],
    ['per cent and underscore as they are', { search: '100%_' }, 1],
    ['per cent alone is no wildcard', { search: '%' }, 1],
    ['a backslash', { search: '\\' }, 0],
    ['quotes', { search: `' or true --` }, 0],
    ['blanks are no search', { search: '   ' }, 23],
    ['role', { role: 'superadmin' }, 1],
    ['role and search', { role: 'user', search: 'example.org' }, 20],
    ['status active includes the missing', { status: 'active' }, 23],
    ['status inactive', { status: 'inactive' }, 0],
  ])('finds by %s', async (_, args, total) => {
    expect((await list(args)).total).toBe(total);
  });

  test.each([
    ['per_page_invalid', { per_page: 101 }],
    ['per_page_invalid', { per_page: 0 }],
    ['page_invalid', { page: 0 }],
    ['page_invalid', { page: -1 }],
    ['status_invalid', { status: 'gone' }],
    ['role_invalid', { role: 'owner' }],
    ['search_invalid', { search: 'x'.repeat(201) }],
  ])('refuses %s: %j', async (code, args) => {
    await expectRefusal(list(args), 400, code);
  });
});

describe('one user', () => {
  test('has the same shape as in the list, present or missing', async () => {
    const listed = (await list({ per_page: 100 })).users;
    for (const id of [ada, missing]) {
      const one = account.parse(await asService(db, (client) => call(client, 'get_user', { id })));
      expect(one).toEqual(listed.find((user) => user.id === id));
    }
  });

  test('is changed by a superadmin; what is left out stays', async () => {
    await db.inRollback(async (client) => {
      const change = (args: Record<string, unknown>) =>
        asUser(client, superadmin, (inside) => call(inside, 'update_user', { id: ada, ...args }), {
          commit: true,
        });
      expect(await change({ display_name: 'Countess' })).toMatchObject({
        display_name: 'Countess',
        platform_role: 'user',
      });
      expect(await change({ platform_role: 'superadmin' })).toMatchObject({
        display_name: 'Countess',
        platform_role: 'superadmin',
      });
      await change({ preferences: '{"theme":"dark"}' });
      const { rows } = await client.query('select preferences from public.user_profiles where user_id = $1', [
        ada,
      ]);
      expect(rows).toEqual([{ preferences: { theme: 'dark' } }]);
    });
  });

  test('without a profile gets one by being changed', async () => {
    await db.inRollback(async (client) => {
      expect(await call(client, 'deactivate_user', { id: missing, reason: 'spam' })).toMatchObject({
        profile_status: 'present',
        is_active: false,
      });
    });
  });

  test('is deactivated with who, when and why, and keeps the first reason', async () => {
    await db.inRollback(async (client) => {
      const deactivate = (reason: string) =>
        asUser(client, superadmin, (inside) => call(inside, 'deactivate_user', { id: ada, reason }), {
          commit: true,
        });
      expect(await deactivate('  left  ')).toMatchObject({ is_active: false });
      await deactivate('again');
      const { rows } = await client.query(
        `select deactivated_by, deactivation_reason, deactivated_at = now() as is_now from public.user_profiles where user_id = $1`,
        [ada],
      );
      expect(rows).toEqual([{ deactivated_by: superadmin, deactivation_reason: 'left', is_now: true }]);
      expect(await call(client, 'reactivate_user', { id: ada })).toMatchObject({ is_active: true });
    });
  });

  test('is deleted with the profile', async () => {
    await db.inRollback(async (client) => {
      await asUser(client, superadmin, (inside) => call(inside, 'delete_user', { id: ada }), {
        commit: true,
      });
      const { rows } = await client.query(
        'select from auth.users where id = $1 union all select from public.user_profiles where user_id = $1',
        [ada],
      );
      expect(rows).toHaveLength(0);
      await expectRefusal(call(client, 'get_user', { id: ada }), 404, 'user_not_found');
    });
  });

  test.each([
    ['get_user', {}],
    ['update_user', { display_name: 'x' }],
    ['deactivate_user', { reason: 'x' }],
    ['reactivate_user', {}],
    ['delete_user', {}],
  ])('%s of nobody is refused', async (name, args) => {
    const attempt = asUser(db, superadmin, (client) => call(client, name, { id: nobody, ...args }));
    await expectRefusal(attempt, 404, 'user_not_found');
  });

  test.each([
    ['display_name_invalid', 'update_user', { display_name: ' x ' }],
    ['display_name_invalid', 'update_user', { display_name: '' }],
    ['role_invalid', 'update_user', { platform_role: 'owner' }],
    ['preferences_invalid', 'update_user', { preferences: '[]' }],
    ['reason_required', 'deactivate_user', { reason: '  ' }],
    ['reason_required', 'deactivate_user', { reason: null }],
    ['reason_invalid', 'deactivate_user', { reason: 'x'.repeat(1001) }],
  ])('%s', async (code, name, args) => {
    await expectRefusal(
      asUser(db, superadmin, (client) => call(client, name, { id: ada, ...args })),
      400,
      code,
    );
  });

  test.each([
    ['deactivate_user', { reason: 'x' }],
    ['delete_user', {}],
    ['update_user', { platform_role: 'user' }],
  ])('a superadmin may not %s the own account', async (name, args) => {
    await expectRefusal(
      asUser(db, superadmin, (client) => call(client, name, { id: superadmin, ...args })),
      409,
      'own_account',
    );
  });
});

describe('who may', () => {
  const functions: [string, Record<string, unknown>][] = [
    ['list_users', {}],
    ['get_user', { id: nobody }],
    ['update_user', { id: nobody }],
    ['deactivate_user', { id: nobody, reason: 'x' }],
    ['reactivate_user', { id: nobody }],
    ['delete_user', { id: nobody }],
    ['check_user_integrity', {}],
  ];

  test.each(functions)('a user may not %s, and learns nothing of who exists', async (name, args) => {
    const refusals = [];
    for (const id of [nobody, superadmin]) {
      const asked = 'id' in args ? { ...args, id } : args;
      refusals.push(
        await expectRefusal(
          asUser(db, ada, (client) => call(client, name, asked)),
          403,
          'superadmin_required',
        ),
      );
    }
    expect(refusals[0]).toEqual(refusals[1]);
  });

  test.each(functions)('a token without a user may not %s', async (name, args) => {
    const attempt = db.inRollback(async (client) => {
      await client.query('set local role authenticated');
      return call(client, name, args);
    });
    await expectRefusal(attempt, 401, 'not_authenticated');
  });

  test.each(functions)('without a token nobody may %s', async (name, args) => {
    await expect(asAnon(db, (client) => call(client, name, args))).rejects.toMatchObject({ code: '42501' });
  });

  test('the service role and the operator may', async () => {
    expect(await asService(db, (client) => call(client, 'list_users'))).toMatchObject({ total: 23 });
    expect(await call(db.pool, 'list_users')).toMatchObject({ total: 23 });
  });
});
