import fc from 'fast-check';
import type pg from 'pg';
import { expect } from 'vitest';
import { all, edit, holds, outcomeOf, pastTheRules, type Property, rowsOf, valueOf } from './property.ts';
import { insertUsers, removeProfiles, users, usersWith } from './users.ts';

interface Problem {
  problem: string;
  object: string;
  user_id: string | null;
  remedy: string;
}

/** The other key that a second profile of a user would break, with what refers to it: the members, who are not looked at here. */
const withoutActivityKey = `
  alter table public.user_profiles drop constraint user_profiles_user_id_is_active_key cascade;
  comment on column public.members.user_id is '@survives'`;

const problemsOf = (client: pg.ClientBase) =>
  rowsOf<Problem>(client, 'select problem, object, user_id, remedy from public.check_user_integrity()');

/** Problems in a form that can be compared: what, where and whose, in order. */
const named = (problems: Omit<Problem, 'remedy'>[]) =>
  problems.map(({ problem, object, user_id }) => `${problem} ${object} ${user_id ?? ''}`).sort();

const idsOf = (client: pg.ClientBase, text: string) =>
  valueOf<string[]>(
    client,
    `select coalesce(array_agg(id::text order by id::text), '{}') from (${text}) as found (id)`,
  );

const sorted = (ids: string[]) => [...ids].sort();
const integrity = 'private.check_user_integrity()';
const insertProfiles = 'private.insert_profiles(uuid[])';
const dangling = 'private.dangling_user_references()';
const undeclared = 'private.undeclared_user_references()';

export const referentialIntegrity: Property = {
  name: '4 referential integrity',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({ list: users(), nobody: fc.uuid(), at: fc.nat() }),
      async ({ list, nobody, at }) => {
        fc.pre(list.every(({ id }) => id !== nobody));
        await insertUsers(client, list);
        const someone = list[at % list.length]?.id;
        const attempts: [string, unknown[]][] = [
          [`insert into public.user_profiles (user_id, display_name) values ($1, 'Nobody')`, [nobody]],
          ['update public.user_profiles set user_id = $1 where user_id = $2', [nobody, someone]],
          [
            `update public.user_profiles
             set is_active = false, deactivated_at = now(), deactivation_reason = 'left', deactivated_by = $1
             where user_id = $2`,
            [nobody, someone],
          ],
          [`select private.record_profile_failure($1, 'sync', '23514', 'no room')`, [nobody]],
        ];
        for (const [statement, values] of attempts) {
          expect(await outcomeOf(client, statement, values), statement).toBe('23503');
        }
        // The twin of each with a user who is there.
        for (const [statement, values] of attempts.slice(2)) {
          expect(await outcomeOf(client, statement, [someone, ...values.slice(1)]), statement).toBe(null);
        }
        const lost = `select user_id from public.user_profiles except select id from auth.users`;
        expect(await rowsOf(client, lost)).toEqual([]);
      },
    ),
  breaks: [
    {
      name: 'profiles have no foreign key to their user',
      apply: 'alter table public.user_profiles drop constraint user_profiles_user_id_fkey',
    },
    {
      name: 'the foreign keys are not enforced',
      apply: 'alter table public.user_profiles disable trigger all',
    },
    {
      name: 'who deactivated has no foreign key',
      apply: 'alter table public.user_profiles drop constraint user_profiles_deactivated_by_fkey',
    },
    {
      name: 'failures have no foreign key to their user',
      apply: 'alter table private.profile_failures drop constraint profile_failures_user_id_fkey',
    },
    {
      name: 'the foreign key is looked at when the transaction ends',
      apply: `alter table public.user_profiles
        alter constraint user_profiles_user_id_fkey deferrable initially deferred`,
    },
  ],
};

/** What may happen to users and profiles, in any order. */
const step = fc.record({
  what: fc.constantFrom(
    'register' as const,
    'lose profile' as const,
    'sync' as const,
    'create profile' as const,
    'update' as const,
    'deactivate' as const,
    'copy profile' as const,
    'take profile' as const,
    'delete' as const,
  ),
  at: fc.nat({ max: 20 }),
});

export const oneToOne: Property = {
  name: '11 one-to-one',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({ list: users({ minLength: 2 }), steps: fc.array(step, { minLength: 3, maxLength: 12 }) }),
      async ({ list, steps }) => {
        const waiting = [...list.slice(1)];
        const there = list.slice(0, 1).map(({ id }) => id);
        await insertUsers(client, list.slice(0, 1));
        for (const { what, at } of steps) {
          const id = there[at % there.length];
          const other = there[(at + 1) % there.length];
          if (what === 'register') {
            const next = waiting.pop();
            if (next === undefined) continue;
            await insertUsers(client, [next]);
            there.push(next.id);
          } else if (id === undefined) {
            continue;
          } else if (what === 'lose profile') {
            await removeProfiles(client, [id]);
          } else if (what === 'sync') {
            await client.query('select public.sync_user_profiles()');
          } else if (what === 'create profile') {
            await client.query('select private.insert_profiles($1)', [[id, id]]);
          } else if (what === 'update') {
            await client.query(`select public.update_user($1, display_name => 'Changed')`, [id]);
          } else if (what === 'deactivate') {
            await client.query(`select public.deactivate_user($1, 'left')`, [id]);
          } else if (what === 'copy profile' || what === 'take profile') {
            const has = await idsOf(client, 'select user_id from public.user_profiles');
            const statement =
              what === 'copy profile'
                ? `insert into public.user_profiles (user_id, display_name) values ($1, 'Second')`
                : `update public.user_profiles set user_id = $1 where user_id = '${other}'`;
            const isSecond =
              has.includes(id) && (what === 'copy profile' || (has.includes(`${other}`) && id !== other));
            expect(await outcomeOf(client, statement, [id])).toBe(isSecond ? '23505' : null);
          } else {
            await client.query('select public.delete_user($1)', [id]);
            there.splice(there.indexOf(id), 1);
          }
          const profiles = await idsOf(client, 'select user_id from public.user_profiles');
          expect(profiles).toEqual([...new Set(profiles)]);
          expect(sorted(there)).toEqual(expect.arrayContaining(profiles));
        }
        await client.query('select public.sync_user_profiles()');
        expect(await idsOf(client, 'select user_id from public.user_profiles')).toEqual(sorted(there));
      },
    ),
  breaks: [
    {
      name: 'the key allows a second profile, and creating one does not look',
      apply: all(
        `${withoutActivityKey}; alter table public.user_profiles drop constraint user_profiles_pkey`,
        edit(insertProfiles, ['on conflict (user_id) do nothing', '']),
      ),
    },
    {
      name: 'the key is user and name',
      apply: all(
        `${withoutActivityKey}; alter table public.user_profiles drop constraint user_profiles_pkey,
           add constraint user_profiles_pkey primary key (user_id, display_name)`,
        edit(insertProfiles, ['on conflict (user_id) do nothing', 'on conflict do nothing']),
      ),
    },
    {
      name: 'the key counts active profiles only',
      apply: all(
        `${withoutActivityKey}; alter table public.user_profiles drop constraint user_profiles_pkey;
         create unique index user_profiles_pkey on public.user_profiles (user_id) where is_active`,
        edit(insertProfiles, ['on conflict (user_id) do nothing', 'on conflict do nothing']),
      ),
    },
    {
      name: 'profiles stay when their user goes',
      apply: `alter table public.user_profiles drop constraint user_profiles_user_id_fkey`,
    },
    {
      name: 'some users get none',
      apply: edit('private.users_without_profile(uuid,integer)', [
        'where (',
        'where not account.is_anonymous and (',
      ]),
    },
  ],
};

export const cascadeDeletion: Property = {
  name: '12 cascade deletion',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        some: usersWith({ minLength: 2 }),
        way: fc.constantFrom('delete from auth.users where id = $1', 'select public.delete_user($1)'),
        at: fc.nat(),
      }),
      async ({ some: { all: list, chosen: gone, others }, way, at }) => {
        await insertUsers(client, list);
        const ids = list.map(({ id }) => id);
        // Everybody has been deactivated by the next one, has a failure on record, a session and a run of the sync.
        const by = (index: number) => ids[(index + 1 + (at % (ids.length - 1))) % ids.length];
        for (const [index, id] of ids.entries()) {
          await client.query(
            `with deactivated as (
               update public.user_profiles set is_active = false, deactivated_at = now(), deactivation_reason = 'left', deactivated_by = $2
               where user_id = $1
             ), failed as (
               insert into private.profile_failures (user_id, source, sqlstate, message) values ($1, 'sync', '23514', 'x')
             ), run as (
               insert into private.sync_runs (source, mode, invoked_by, invoked_as, started_at)
               values ('api', 'sync', $1, 'authenticated', now())
             )
             insert into auth.sessions (id, user_id) values (gen_random_uuid(), $1)`,
            [id, by(index)],
          );
        }
        for (const id of gone) expect(await outcomeOf(client, way, [id])).toBe(null);

        const left = sorted(others);
        expect(await idsOf(client, 'select id from auth.users')).toEqual(left);
        expect(await idsOf(client, 'select user_id from public.user_profiles')).toEqual(left);
        expect(await idsOf(client, 'select user_id from private.profile_failures')).toEqual(left);
        expect(await idsOf(client, 'select user_id from auth.sessions')).toEqual(left);
        // What must survive keeps the id.
        expect(await idsOf(client, 'select invoked_by from private.sync_runs')).toEqual(sorted(ids));
        // Who deactivated is forgotten, that and why is not.
        const profiles = await rowsOf(
          client,
          `select user_id, is_active, deactivated_by, deactivation_reason from public.user_profiles order by user_id::text`,
        );
        expect(profiles).toEqual(
          left.map((id) => {
            const who = by(ids.indexOf(id)) ?? '';
            return {
              user_id: id,
              is_active: false,
              deactivated_by: gone.includes(who) ? null : who,
              deactivation_reason: 'left',
            };
          }),
        );
        expect(named(await problemsOf(client))).toEqual([]);
      },
    ),
  breaks: [
    {
      name: 'a profile keeps its user from going',
      apply: `alter table public.user_profiles drop constraint user_profiles_user_id_fkey,
        add constraint user_profiles_user_id_fkey foreign key (user_id) references auth.users (id)`,
    },
    {
      name: 'the profile is to forget its user',
      apply: `alter table public.user_profiles drop constraint user_profiles_user_id_fkey,
        add constraint user_profiles_user_id_fkey foreign key (user_id) references auth.users (id) on delete set null`,
    },
    {
      name: 'profiles have no foreign key to their user',
      apply: 'alter table public.user_profiles drop constraint user_profiles_user_id_fkey',
    },
    {
      name: 'failures keep their user from going',
      apply: `alter table private.profile_failures drop constraint profile_failures_user_id_fkey,
        add constraint profile_failures_user_id_fkey foreign key (user_id) references auth.users (id)`,
    },
    {
      name: 'with who deactivated go the deactivated',
      apply: `alter table public.user_profiles drop constraint user_profiles_deactivated_by_fkey,
        add constraint user_profiles_deactivated_by_fkey foreign key (deactivated_by) references auth.users (id)
          on delete cascade`,
    },
    {
      name: 'who deactivated cannot go',
      apply: `alter table public.user_profiles drop constraint user_profiles_deactivated_by_fkey,
        add constraint user_profiles_deactivated_by_fkey foreign key (deactivated_by) references auth.users (id)`,
    },
    {
      name: 'with the user go the runs that they started',
      apply: `alter table private.sync_runs
        add constraint sync_runs_invoked_by_fkey foreign key (invoked_by) references auth.users (id) on delete cascade`,
    },
    {
      name: 'deleting only marks',
      apply: edit('private.delete_user(uuid)', [
        'delete from auth.users as account where account.id = delete_user.id;',
        'update auth.users as account set deleted_at = now() where account.id = delete_user.id;',
      ]),
    },
  ],
};

/** A table that someone will add one day, with a column that names a user. */
const table = fc.record({
  schema: fc.constantFrom('public', 'private'),
  name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_ ]{0,12}$/),
  column: fc.oneof(
    fc.constantFrom('user_id', 'sales_user_id', 'approved_by', 'Made By_by'),
    fc.stringMatching(/^[a-z]{1,8}$/).map((word) => `${word}_by`),
    fc.constantFrom('owner', 'contact', 'responsible'),
  ),
  references: fc.constantFrom('auth.users (id)', 'public.user_profiles (user_id)', null),
  isValidated: fc.boolean(),
  survives: fc.boolean(),
  rows: fc.array(fc.record({ at: fc.nat(), isDangling: fc.boolean() }), { maxLength: 4 }),
});

export const foreignKeyValidation: Property = {
  name: '13 foreign-key validation',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        list: users({ maxLength: 3 }),
        tables: fc.uniqueArray(table, {
          minLength: 1,
          maxLength: 3,
          selector: ({ name }) => name.toLowerCase(),
        }),
        nobody: fc.uuid(),
      }),
      async ({ list, tables, nobody }) => {
        fc.pre(list.every(({ id }) => id !== nobody));
        await insertUsers(client, list);
        const expected: Omit<Problem, 'remedy'>[] = [];
        for (const [index, added] of tables.entries()) {
          const { schema, column, references, isValidated, survives } = added;
          const quoted = await valueOf<{ table: string; column: string }>(
            client,
            `select jsonb_build_object('table', format('%I.%I', $1::text, $2::text), 'column', quote_ident($3))`,
            [schema, `t ${index} ${added.name}`, column],
          );
          const object = `${quoted.table}.${quoted.column}`;
          await client.query(`create table ${quoted.table} (${quoted.column} uuid)`);
          const rows = added.rows.map(({ at, isDangling }) =>
            isDangling ? nobody : list[at % list.length]?.id,
          );
          const insert = () =>
            client.query(`insert into ${quoted.table} select unnest($1::uuid[])`, [[...rows, null]]);
          const declare = () =>
            client.query(
              `alter table ${quoted.table} add constraint points foreign key (${quoted.column}) references ${references} ${isValidated ? '' : 'not valid'}`,
            );
          if (survives) await client.query(`comment on column ${object} is 'Who. @survives'`);
          if (references === null) {
            await insert();
          } else if (isValidated) {
            await declare();
            await pastTheRules(client, insert);
          } else {
            await insert();
            await declare();
            expected.push({ problem: 'reference_not_validated', object, user_id: null });
          }
          if (references === null && !survives && /(^|_)user_id$|_by$/.test(column)) {
            expected.push({ problem: 'undeclared_reference', object, user_id: null });
          }
          if (references !== null && rows.includes(nobody)) {
            expected.push({ problem: 'dangling_reference', object, user_id: nobody });
          }
        }
        const problems = await problemsOf(client);
        expect(named(problems)).toEqual(named(expected));
        expect(problems.every(({ remedy }) => remedy !== '')).toBe(true);
      },
    ),
  breaks: [
    {
      name: 'the check looks at the tables that there were',
      apply: edit(dangling, [
        'and con.conparentid = 0',
        `and con.conparentid = 0 and con.conrelid in ('private.profile_failures'::regclass, 'public.user_profiles'::regclass)`,
      ]),
    },
    {
      name: 'the check leaves private out',
      apply: edit(undeclared, [
        `('public'::regnamespace, 'private'::regnamespace)`,
        `('public'::regnamespace, 'public'::regnamespace)`,
      ]),
    },
    {
      name: 'the check knows references to auth.users only',
      apply: edit(dangling, [`'public.user_profiles'::regclass)`, `'auth.users'::regclass)`]),
    },
    {
      name: 'the check believes what is declared',
      apply: edit(dangling, [`where pointing.%2$I is not null`, 'where false']),
    },
    {
      name: 'a null counts as dangling',
      apply: edit(dangling, [
        `where pointing.%2$I is not null
          and not exists`,
        'where not exists',
      ]),
    },
    {
      name: 'foreign keys that were never validated pass',
      apply: edit(dangling, ['if not reference.convalidated then', 'if false then']),
    },
    { name: '@survives is not read', apply: edit(undeclared, ['@survives', '@lives']) },
    {
      name: 'columns that end in _by are no references',
      apply: edit(undeclared, ['(^|_)user_id$|_by$', '(^|_)user_id$']),
    },
    {
      name: 'a declared reference counts as undeclared',
      apply: edit(undeclared, [`con.contype = 'f'`, `con.contype = 'x'`]),
    },
  ],
};

export const crossTableIntegrity: Property = {
  name: '14 cross-table integrity',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        states: fc.array(fc.constantFrom('sound', 'missing', 'orphan', 'twice'), {
          minLength: 6,
          maxLength: 6,
        }),
        list: users(),
        disabled: fc.subarray(['auth.users._100_create_profile', 'public.user_profiles._100_stamp']),
        how: fc.constantFrom('disable', 'enable replica'),
        isDropped: fc.boolean(),
      }),
      async ({ list, states, disabled, how, isDropped }) => {
        await insertUsers(client, list);
        expect(named(await problemsOf(client))).toEqual([]);

        const ids = list.map(({ id }) => id);
        const are = (state: string) => ids.filter((_, index) => states[index] === state);
        const damage = async () => {
          await client.query('delete from auth.users where id = any ($1)', [are('orphan')]);
          if (are('twice').length > 0) {
            await client.query(
              `${withoutActivityKey}; alter table public.user_profiles drop constraint user_profiles_pkey`,
            );
            await client.query(
              'insert into public.user_profiles select * from public.user_profiles where user_id = any ($1)',
              [are('twice')],
            );
          }
          for (const name of disabled) {
            const [, table, trigger] = /^(.*)\.([^.]*)$/.exec(name) ?? [];
            await client.query(`alter table ${table} ${how} trigger ${trigger}`);
          }
          if (isDropped) await client.query('drop trigger _100_create_profile on auth.users');
        };
        await removeProfiles(client, are('missing'));
        await pastTheRules(client, damage);

        const profiles = 'public.user_profiles';
        const whole = disabled.filter((name) => !(isDropped && name.startsWith('auth.')));
        const expected = [
          ...are('missing').map((id) => ({ problem: 'user_without_profile', object: profiles, user_id: id })),
          ...are('orphan').map((id) => ({ problem: 'profile_without_user', object: profiles, user_id: id })),
          ...are('twice').map((id) => ({ problem: 'duplicate_profile', object: profiles, user_id: id })),
          ...whole.map((object) => ({ problem: 'disabled_trigger', object, user_id: null })),
          ...(isDropped
            ? [{ problem: 'missing_trigger', object: 'auth.users._100_create_profile', user_id: null }]
            : []),
        ];
        const problems = await problemsOf(client);
        expect(named(problems)).toEqual(named(expected));

        // The remedies that are statements, and the sync, mend all that can be mended so.
        for (const { remedy } of problems) if (remedy.endsWith(';')) await client.query(remedy);
        if (are('twice').length > 0) return;
        await client.query('select public.sync_user_profiles()');
        expect(named(await problemsOf(client))).toEqual([]);
      },
    ),
  breaks: [
    {
      name: 'the check always finds all well',
      apply: `create or replace function private.check_user_integrity() returns setof public.user_integrity_problem
        language sql as 'select null::public.user_integrity_problem where false'`,
    },
    {
      name: 'users without a profile pass',
      apply: edit(integrity, [
        'from private.users_without_profile() as',
        'from private.users_without_profile(null, 0) as',
      ]),
    },
    {
      name: 'profiles without a user pass',
      apply: edit(integrity, ['where account.id = profile.user_id', 'where true']),
    },
    { name: 'two profiles pass', apply: edit(integrity, ['count(*) > 1', 'count(*) > 2']) },
    {
      name: 'disabled triggers pass',
      apply: edit(integrity, ['return query select * from private.disabled_triggers();', '']),
    },
    {
      name: 'triggers that fire for replicas only pass',
      apply: edit('private.disabled_triggers()', [`not in ('O', 'A')`, `= 'D'`]),
    },
    {
      name: 'triggers of the platform pass',
      apply: edit('private.disabled_triggers()', [`or rel.oid = 'auth.users'::regclass`, '']),
    },
    {
      name: 'the missing trigger passes',
      apply: edit('private.disabled_triggers()', [
        `'private.tg_users__create_profile()')
  )`,
        `'private.tg_users__create_profile()') or true
  )`,
      ]),
    },
    {
      name: 'the remedy names another table',
      apply: edit(integrity, [
        'delete from public.user_profiles where',
        'delete from private.profile_failures where',
      ]),
    },
  ],
};
