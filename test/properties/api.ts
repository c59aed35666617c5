import fc from 'fast-check';
import type pg from 'pg';
import { expect } from 'vitest';
import { z } from 'zod';
import { asUser } from '../support/roles.ts';
import { edit, holds, outcomeOf, type Property, rowsOf } from './property.ts';
import {
  contents,
  type GeneratedUser,
  insertUsers,
  type ProfileContents,
  removeProfiles,
  users,
  usersWith,
  word,
  writeProfiles,
} from './users.ts';

/**
 * The shape of a user in every answer of the management API. Front ends are built on it: what is here stays, and
 * nothing is added without them.
 */
export const accountShape = z.strictObject({
  id: z.guid(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  // 200 characters, of which each may take two units of a JavaScript string.
  display_name: z.string().min(1).max(400),
  platform_role: z.enum(['user', 'superadmin']),
  is_active: z.boolean(),
  last_sign_in_at: z.iso.datetime({ offset: true }).nullable(),
  created_at: z.iso.datetime({ offset: true }).nullable(),
  profile_status: z.enum(['present', 'missing']),
});

/** The shape of a page of users. */
export const pageShape = z.strictObject({
  users: z.array(accountShape),
  total: z.int().min(0),
  page: z.int().min(1),
  per_page: z.int().min(1).max(100),
});

type Account = z.infer<typeof accountShape>;
type Page = z.infer<typeof pageShape>;

/** Calls a function of the API as PostgREST does: arguments by name, the answer as JSON. */
async function call(
  client: pg.ClientBase,
  name: string,
  args: Record<string, unknown> = {},
): Promise<unknown> {
  const named = Object.keys(args).map((key, index) => `${key} => $${index + 1}`);
  const [row] = await rowsOf<{ answer: unknown }>(
    client,
    `select to_jsonb(public.${name}(${named.join(', ')})) as answer`,
    Object.values(args),
  );
  return row?.answer;
}

const getUser = async (client: pg.ClientBase, id: string) =>
  (await call(client, 'get_user', { id })) as Account;
const listUsers = async (client: pg.ClientBase, args: Record<string, unknown> = {}) =>
  (await call(client, 'list_users', args)) as Page;

/** All pages of a list, one after the other. */
async function allPages(
  client: pg.ClientBase,
  per_page: number,
  args: Record<string, unknown> = {},
): Promise<Account[]> {
  const found: Account[] = [];
  for (let page = 1; ; page += 1) {
    const listed = await listUsers(client, { ...args, page, per_page });
    expect(listed).toMatchObject({ page, per_page });
    expect(listed.users.length).toBe(Math.max(0, Math.min(per_page, listed.total - found.length)));
    found.push(...listed.users);
    if (listed.users.length === 0 || found.length > 100) return found;
  }
}

const sorted = (ids: string[]) => [...ids].sort();
const idsOf = (accounts: Account[]) => accounts.map(({ id }) => id);
const listFunction = 'private.list_users(text,text,text,integer,integer)';
const accounts = 'private.user_accounts(uuid[])';

/** The instants that two texts name, or null. */
const instant = (value: string | null) => (value === null ? null : Date.parse(value));

/** Users of whom some (the chosen) have no profile, and the profiles of the others hold what was written. */
interface Registered {
  some: { all: GeneratedUser[]; chosen: string[]; others: string[] };
  written: ProfileContents[];
}

const registered = (range: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<Registered> =>
  fc.record({ some: usersWith(range), written: fc.array(contents, { minLength: 1, maxLength: 4 }) });

async function register(
  client: pg.ClientBase,
  { some: { all, chosen, others }, written }: Registered,
): Promise<void> {
  await insertUsers(client, all);
  await removeProfiles(client, chosen);
  await writeProfiles(client, others, written);
}

export const apiCompleteness: Property = {
  name: '16 API completeness',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        input: registered({ minLength: 0, maxLength: 9 }),
        perPage: fc.integer({ min: 1, max: 10 }),
      }),
      async ({ input, perPage }) => {
        await register(client, input);
        const { all, chosen: missing, others } = input.some;
        const listed = await allPages(client, perPage);
        expect(sorted(idsOf(listed))).toEqual(sorted(all.map(({ id }) => id)));
        expect((await listUsers(client)).total).toBe(all.length);

        const of = (user: GeneratedUser) => listed.find(({ id }) => id === user.id);
        for (const user of all) {
          expect(of(user)).toMatchObject({ email: user.email, phone: user.phone });
          expect(instant(of(user)?.created_at ?? null)).toBe(instant(user.created_at));
          expect(instant(of(user)?.last_sign_in_at ?? null)).toBe(instant(user.last_sign_in_at));
        }
        const profile = (id: string) => input.written[others.indexOf(id) % input.written.length];
        for (const id of others) {
          const { display_name, platform_role, is_active } = profile(id) ?? {};
          const expected = { display_name, platform_role, is_active, profile_status: 'present' };
          expect(listed.find((each) => each.id === id)).toMatchObject(expected);
        }
        const dates = listed.map(({ created_at }) => instant(created_at) ?? Number.NEGATIVE_INFINITY);
        expect(dates).toEqual([...dates].sort((a, b) => (a === b ? 0 : b > a ? 1 : -1)));

        // The filters divide the users among them, and lose nobody.
        const inactive = others.filter((id) => profile(id)?.is_active === false);
        const superadmins = others.filter((id) => profile(id)?.platform_role === 'superadmin');
        const rest = (ids: string[]) => all.map(({ id }) => id).filter((id) => !ids.includes(id));
        for (const [args, ids] of [
          [{ status: 'missing' }, missing],
          [{ status: 'inactive' }, inactive],
          [{ status: 'active' }, rest(inactive)],
          [{ role: 'superadmin' }, superadmins],
          [{ role: 'user' }, rest(superadmins)],
        ] as const) {
          expect(sorted(idsOf(await allPages(client, perPage, args))), JSON.stringify(args)).toEqual(
            sorted([...ids]),
          );
        }
      },
    ),
  breaks: [
    {
      name: 'the list joins users with a profile only',
      apply: edit(accounts, ['left join public.user_profiles', 'join public.user_profiles']),
    },
    {
      name: 'the total counts users with a profile only',
      apply: edit(listFunction, [
        `'select count(*) from auth.users as account left join`,
        `'select count(*) from auth.users as account join`,
      ]),
    },
    {
      name: 'deleted users are not listed',
      apply: edit(accounts, [
        'as account on account.id = wanted.id',
        'as account on account.id = wanted.id and account.deleted_at is null',
      ]),
    },
    {
      name: 'each page begins one too late',
      apply: edit(listFunction, [
        'skip := (page - 1)::bigint * per_page;',
        'skip := (page - 1)::bigint * per_page + 1;',
      ]),
    },
    {
      name: 'every page is the first',
      apply: edit(listFunction, ['limit $3 offset $4', 'limit $3']),
    },
    {
      name: 'users of one moment come in any order',
      apply: edit(listFunction, ['account.id %2$s', 'random()']),
    },
    {
      name: 'pages from the end are upside down',
      apply: edit(listFunction, ['order by position desc', 'order by position']),
    },
    {
      name: 'active does not include the missing',
      apply: edit(listFunction, ['coalesce(profile.is_active, true)', 'profile.is_active']),
    },
    {
      name: 'role user does not include the missing',
      apply: edit(listFunction, [`coalesce(profile.platform_role, 'user')`, 'profile.platform_role']),
    },
    { name: 'the phone number is left out', apply: edit(accounts, ['account.phone::text', 'null::text']) },
    {
      name: 'the last sign-in is when the user was created',
      apply: edit(accounts, ['account.last_sign_in_at', 'account.created_at']),
    },
  ],
};

export const apiMissingProfile: Property = {
  name: '17 API missing-profile handling',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        list: users(),
        at: fc.nat(),
        name: word,
        how: fc.constantFrom('update' as const, 'deactivate' as const, 'reactivate' as const),
      }),
      async ({ list, at, name, how }) => {
        const user = list[at % list.length];
        if (user === undefined) return;
        await insertUsers(client, list);
        // What the user would have been shown as at sign-up.
        const shown = await getUser(client, user.id);
        await removeProfiles(client, [user.id]);

        const expected = {
          ...shown,
          platform_role: 'user',
          is_active: true,
          profile_status: 'missing',
        };
        expect(await outcomeOf(client, 'select public.get_user($1)', [user.id])).toBe(null);
        expect(await getUser(client, user.id)).toEqual(expected);
        const listed = await listUsers(client);
        expect(listed.total).toBe(list.length);
        expect(listed.users.find(({ id }) => id === user.id)).toEqual(expected);

        // Managing the user makes the profile.
        const answer = {
          update: () => call(client, 'update_user', { id: user.id, display_name: name }),
          deactivate: () => call(client, 'deactivate_user', { id: user.id, reason: name }),
          reactivate: () => call(client, 'reactivate_user', { id: user.id }),
        };
        expect(await answer[how]()).toEqual({
          ...expected,
          profile_status: 'present',
          display_name: how === 'update' ? name : shown.display_name,
          is_active: how !== 'deactivate',
        });
      },
    ),
  breaks: [
    {
      name: 'a user without a profile is dropped',
      apply: edit(accounts, ['left join public.user_profiles', 'join public.user_profiles']),
    },
    {
      name: 'a user without a profile is not found',
      apply: edit('private.get_user(uuid)', [
        'perform private.require_user(get_user.id);',
        `if not exists (select from public.user_profiles as profile where profile.user_id = get_user.id) then
           perform private.refuse(404, 'user_not_found', 'There is no such user.');
         end if;`,
      ]),
    },
    {
      name: 'a user without a profile counts as inactive',
      apply: edit(accounts, ['coalesce(profile.is_active, true)', 'coalesce(profile.is_active, false)']),
    },
    {
      name: 'a user without a profile has no role',
      apply: edit(accounts, [`coalesce(profile.platform_role, 'user')`, 'profile.platform_role']),
    },
    {
      name: 'a user without a profile has no name',
      apply: edit(accounts, [
        'private.initial_display_name(account.id, account.email, account.raw_user_meta_data)',
        `''`,
      ]),
    },
    {
      name: 'a user without a profile is not marked',
      apply: edit(accounts, [`then 'missing'`, `then 'present'`]),
    },
    {
      name: 'updating a user without a profile changes nothing',
      apply: edit('private.update_user(uuid,text,text,jsonb)', [
        'perform private.insert_profiles(array[update_user.id]);',
        '',
      ]),
    },
    {
      name: 'deactivating a user without a profile changes nothing',
      apply: edit('private.deactivate_user(uuid,text)', [
        'perform private.insert_profiles(array[deactivate_user.id]);',
        '',
      ]),
    },
    {
      name: 'reactivating a user without a profile makes none',
      apply: edit('private.reactivate_user(uuid)', [
        'perform private.insert_profiles(array[reactivate_user.id]);',
        '',
      ]),
    },
  ],
};

/** The composite types of the answers, as the catalog has them: names, types and order. */
const answerTypes = {
  user_account: [
    'id uuid',
    'email text',
    'phone text',
    'display_name text',
    'platform_role text',
    'is_active boolean',
    'last_sign_in_at timestamp with time zone',
    'created_at timestamp with time zone',
    'profile_status text',
  ],
  user_page: ['users jsonb', 'total bigint', 'page integer', 'per_page integer'],
};

const parses = (schema: z.ZodType, answer: unknown) => {
  const parsed = schema.safeParse(answer);
  expect(parsed.error?.issues, JSON.stringify(answer)).toBeUndefined();
};

export const apiCompatibility: Property = {
  name: '18 API compatibility',
  check: async (client, options) => {
    const attributes = await rowsOf<{ type: keyof typeof answerTypes; attributes: string[] }>(
      client,
      `select rel.relname as type, array_agg(att.attname || ' ' || format_type(att.atttypid, att.atttypmod) order by att.attnum) as attributes
       from pg_class as rel join pg_attribute as att on att.attrelid = rel.oid and att.attnum > 0 and not att.attisdropped
       where rel.relnamespace = 'public'::regnamespace and rel.relname = any ($1)
       group by rel.relname`,
      [Object.keys(answerTypes)],
    );
    expect(Object.fromEntries(attributes.map((each) => [each.type, each.attributes]))).toEqual(answerTypes);

    await holds(
      client,
      options,
      fc.record({ input: registered(), at: fc.nat(), change: contents, search: fc.option(word) }),
      async ({ input, at, change, search }) => {
        await register(client, input);
        parses(pageShape, await listUsers(client));
        parses(pageShape, await listUsers(client, { search, page: 2, per_page: 1 }));
        for (const { id } of input.some.all) parses(accountShape, await getUser(client, id));

        const id = input.some.all[at % input.some.all.length]?.id;
        const { display_name, platform_role, preferences } = change;
        for (const [name, args] of [
          ['update_user', { id, display_name, platform_role, preferences }],
          ['deactivate_user', { id, reason: 'left' }],
          ['reactivate_user', { id }],
        ] as const) {
          const answer = await call(client, name, args);
          parses(accountShape, answer);
          expect(Object.keys(answer as Account).sort()).toEqual(Object.keys(accountShape.shape).sort());
        }
      },
    );
  },
  breaks: [
    {
      name: 'a user has one more attribute',
      apply: 'alter type public.user_account add attribute preferences jsonb',
    },
    {
      name: 'an attribute has another name',
      apply: 'alter type public.user_account rename attribute display_name to full_name',
    },
    {
      name: 'an attribute has another type',
      apply: 'alter type public.user_page alter attribute total type text cascade',
    },
    {
      name: 'a page has the number of pages too',
      apply: 'alter type public.user_page add attribute pages integer',
    },
    {
      name: 'a missing profile has another mark',
      apply: edit(accounts, [`'missing'`, `'absent'`]),
    },
    {
      name: 'the list leaves nulls out',
      apply: edit(listFunction, [
        'to_jsonb(array(select account from',
        'to_jsonb(array(select jsonb_strip_nulls(to_jsonb(account)) from',
      ]),
    },
    {
      name: 'the list holds more than get_user returns',
      apply: edit(listFunction, [
        'to_jsonb(array(select account from',
        `to_jsonb(array(select to_jsonb(account) || '{"preferences": {}}' from`,
      ]),
    },
    {
      name: 'a page without users has no list',
      apply: edit(
        listFunction,
        ['listed.users := to_jsonb', `listed.users := case when ids <> '{}' then to_jsonb`],
        [`'{}')) as account));`, `'{}')) as account)) end;`],
      ),
    },
    {
      name: 'whoever has no profile has no name',
      apply: edit(accounts, [
        'private.initial_display_name(account.id, account.email, account.raw_user_meta_data)',
        'null',
      ]),
    },
  ],
};

/** What a superadmin does to a user, in any order. */
const action = fc.oneof(
  fc.record({ what: fc.constant('update_user' as const), at: fc.nat(), to: contents }),
  fc.record({
    what: fc.constantFrom('deactivate_user' as const, 'reactivate_user' as const, 'lose profile' as const),
    at: fc.nat(),
  }),
);

export const apiConsistency: Property = {
  name: '19 API consistency',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        list: users({ maxLength: 2 }),
        superadmin: users({ minLength: 1, maxLength: 1 }),
        actions: fc.array(action, { minLength: 2, maxLength: 7 }),
      }),
      async ({ list, superadmin: [root], actions }) => {
        fc.pre(root !== undefined && list.every(({ id }) => id !== root.id));
        await insertUsers(client, list);
        await insertUsers(client, [{ ...root, email: 'root@example.com', phone: null }]);
        const promoted = await call(client, 'update_user', { id: root.id, platform_role: 'superadmin' });
        expect(promoted).toMatchObject({ id: root.id, platform_role: 'superadmin' });
        const known = new Map<string, Account>();
        const original = new Map<string, Account>();
        for (const { id } of list) {
          known.set(id, await getUser(client, id));
          original.set(id, await getUser(client, id));
        }

        for (const step of actions) {
          const id = list[step.at % list.length]?.id ?? '';
          const before = known.get(id);
          const first = original.get(id);
          if (before === undefined || first === undefined) continue;
          if (step.what === 'lose profile') {
            await removeProfiles(client, [id]);
            known.set(id, { ...first, profile_status: 'missing' });
            continue;
          }
          const after: Account = { ...before, profile_status: 'present' };
          const args: Record<string, unknown> = { id };
          if (step.what === 'update_user') {
            const { display_name, platform_role } = step.to;
            Object.assign(args, { display_name, platform_role });
            Object.assign(after, { display_name, platform_role });
          } else {
            after.is_active = step.what === 'reactivate_user';
            if (!after.is_active) args.reason = 'left';
          }
          expect(await call(client, step.what, args)).toEqual(after);
          known.set(id, after);
        }

        // One truth: for one and for many, for the operator and for a superadmin, filtered and found.
        await asUser(client, root.id, async (inside) => {
          const { users: listed, total } = await listUsers(inside, { per_page: 100 });
          expect(total).toBe(list.length + 1);
          for (const [id, account] of known) {
            expect(listed.find((each) => each.id === id)).toEqual(account);
            expect(await getUser(inside, id)).toEqual(account);
            if (/^[A-Za-z]{1,12}$/.test(account.display_name) && account.profile_status === 'present') {
              const found = await listUsers(inside, { search: ` ${account.display_name.toUpperCase()} ` });
              expect(idsOf(found.users)).toContain(id);
            }
            const filters = {
              status: account.is_active ? 'active' : 'inactive',
              role: account.platform_role,
            };
            expect(idsOf((await listUsers(inside, filters)).users)).toContain(id);
          }
        });
        // And what the API says of a user is so for the user.
        for (const [id, { is_active, platform_role, profile_status }] of known) {
          const [own] = await asUser(client, id, (inside) =>
            rowsOf(
              inside,
              `select (select count(*)::integer from public.user_profiles) as reads, public.is_superadmin() as is_superadmin`,
            ),
          );
          const isThere = is_active && profile_status === 'present';
          expect(own).toEqual({
            reads: isThere ? 1 : 0,
            is_superadmin: isThere && platform_role === 'superadmin',
          });
        }
      },
    ),
  breaks: [
    {
      name: 'one user is looked up elsewhere than many',
      apply: edit('private.get_user(uuid)', [
        'select * into found_account from private.user_accounts(array[get_user.id]);',
        `select * into found_account from private.user_accounts(array[get_user.id]);
         found_account.platform_role := 'user';`,
      ]),
    },
    {
      name: 'the list shows names as they were at sign-up',
      apply: edit(listFunction, [
        'to_jsonb(array(select account from',
        `to_jsonb(array(select to_jsonb(account) || jsonb_build_object('display_name', coalesce(
           (select split_part(email, '@', 1) from auth.users where id = account.id), 'none')) from`,
      ]),
    },
    {
      name: 'the answer to a deactivation is from before it',
      apply: edit('private.deactivate_user(uuid,text)', [
        'return private.get_user(deactivate_user.id);',
        `return (select row(account.id, account.email, account.phone, account.display_name, account.platform_role, true,
           account.last_sign_in_at, account.created_at, account.profile_status)::public.user_account
           from private.get_user(deactivate_user.id) as account);`,
      ]),
    },
    {
      name: 'an update forgets the role',
      apply: edit('private.update_user(uuid,text,text,jsonb)', [
        'coalesce(update_user.platform_role, profile.platform_role)',
        'profile.platform_role',
      ]),
    },
    {
      name: 'an update reactivates',
      apply: edit('private.update_user(uuid,text,text,jsonb)', [
        'preferences = coalesce(update_user.preferences, profile.preferences)',
        `preferences = coalesce(update_user.preferences, profile.preferences), is_active = true,
         deactivated_at = null, deactivated_by = null, deactivation_reason = null`,
      ]),
    },
    {
      name: 'search is for the exact case',
      apply: edit(listFunction, ['ilike', 'like']),
    },
    {
      name: 'inactive users are found as active',
      apply: edit(listFunction, [`then ' and not profile.is_active'`, `then ' and profile.is_active'`]),
    },
    {
      name: 'a deactivated user still reads',
      apply: edit('private.current_user_id()', [' and profile.is_active', '']),
    },
    {
      name: 'a deactivated superadmin still is one',
      apply: edit('private.is_superadmin()', [' and profile.is_active', '']),
    },
  ],
};
