import fc from 'fast-check';
import { expect } from 'vitest';
import { asUser } from '../support/roles.ts';
import { all, edit, holds, outcomeOf, type Property, rowsOf, valueOf } from './property.ts';
import { type GeneratedUser, insertUsers, metadata, removeProfiles, users, word } from './users.ts';

interface Profile {
  user_id: string;
  display_name: string;
  platform_role: string;
  is_active: boolean;
  deactivated_at: Date | null;
  deactivated_by: string | null;
  deactivation_reason: string | null;
}

const insertProfiles = 'private.insert_profiles(uuid[])';
const columns = '(user_id, display_name, ';
const values = `account.raw_user_meta_data),\n    private.sso_provider`;

/** A break of insert_profiles that fills one more column. */
const alsoInserts = (column: string, value: string) =>
  edit(
    insertProfiles,
    [columns, `${columns}${column}, `],
    [values, `account.raw_user_meta_data), ${value},\n    private.sso_provider`],
  );

/** A trigger that changes new profiles. */
const afterwards = (change: string) =>
  `create function private.tg_break() returns trigger language plpgsql security definer as $$
   begin ${change} return new; end $$;
   create trigger _900_break before insert on public.user_profiles for each row execute function private.tg_break()`;

const triggerFunction = 'private.tg_users__create_profile()';

export const automaticCreation: Property = {
  name: '1 automatic creation',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({ list: users(), named: word, at: fc.nat(), isOneStatement: fc.boolean() }),
      async ({ list: generated, named, at, isOneStatement }) => {
        const list = generated.map((each, index) =>
          index === at % generated.length ? { ...each, raw_user_meta_data: { full_name: named } } : each,
        );
        const plain = list[at % list.length];
        for (const part of isOneStatement ? [list] : list.map((each) => [each]))
          await insertUsers(client, part);

        const profiles = await rowsOf<Profile>(client, 'select * from public.user_profiles');
        expect(profiles.map(({ user_id }) => user_id).sort()).toEqual(list.map(({ id }) => id).sort());
        for (const { display_name } of profiles) {
          expect(display_name).toMatch(/^.{1,200}$/su);
          expect(display_name).not.toMatch(/\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u);
          expect(display_name).toBe(display_name.replace(/^ +| +$/g, ''));
        }
        expect(profiles.find(({ user_id }) => user_id === plain?.id)?.display_name).toBe(named);
        expect(await rowsOf(client, 'select * from private.profile_failures')).toEqual([]);
      },
    ),
  breaks: [
    { name: 'the trigger is gone', apply: 'drop trigger _100_create_profile on auth.users' },
    { name: 'the trigger is disabled', apply: 'alter table auth.users disable trigger _100_create_profile' },
    {
      name: 'the trigger fires for users with an e-mail address only',
      apply: `create or replace trigger _100_create_profile after insert on auth.users
        for each row when (new.email is not null) execute function private.tg_users__create_profile()`,
    },
    {
      name: 'the trigger fires once per statement, with no row',
      apply: `drop trigger _100_create_profile on auth.users;
        create trigger _100_create_profile after insert on auth.users
        for each statement execute function private.tg_users__create_profile()`,
    },
    {
      name: 'the profile is left to the sync',
      apply: edit(triggerFunction, ['perform private.insert_profiles(array[new.id]);', '']),
    },
    {
      name: 'without a name there is no profile',
      apply: edit('private.initial_display_name(uuid,text,jsonb)', [
        `'User ' || left(user_id::text, 8)`,
        'null',
      ]),
    },
    {
      name: 'the metadata is not looked at',
      apply: edit('private.initial_display_name(uuid,text,jsonb)', [
        `user_meta_data -> 'full_name'`,
        `user_meta_data -> 'fullname'`,
      ]),
    },
    {
      name: 'names are as long as users want them',
      apply: edit('private.clean_display_name(text)', ['200', '1000']),
    },
    {
      name: 'names keep their control characters',
      apply: edit('private.clean_display_name(text)', ['[[:cntrl:][:space:]]+', '[[:space:]]+']),
    },
  ],
};

export const defaultRole: Property = {
  name: '2 default role',
  check: (client, options) =>
    holds(client, options, users(), async (list) => {
      await insertUsers(client, list);
      const roles = await rowsOf<Profile>(client, 'select platform_role from public.user_profiles');
      expect(roles).toEqual(list.map(() => ({ platform_role: 'user' })));

      const [first] = list;
      if (first === undefined) return;
      const claims = {
        platform_role: 'superadmin',
        user_metadata: first.raw_user_meta_data,
        app_metadata: { platform_role: 'superadmin' },
      };
      await asUser(client, { id: first.id, ...claims }, async (inside) => {
        expect(await valueOf(inside, 'select public.is_superadmin()')).toBe(false);
        const raise = `update public.user_profiles set platform_role = 'superadmin'`;
        expect(await outcomeOf(inside, raise)).toBe('42501');
      });
      const ids = list.map(({ id }) => id);
      await removeProfiles(client, ids);
      await client.query('select public.sync_user_profiles()');
      const synced = await rowsOf<Profile>(client, 'select platform_role from public.user_profiles');
      expect(synced).toEqual(list.map(() => ({ platform_role: 'user' })));
    }),
  breaks: [
    {
      name: 'the role comes from what the user wrote',
      apply: alsoInserts(
        'platform_role',
        `case account.raw_user_meta_data ->> 'platform_role' when 'superadmin' then 'superadmin' else 'user' end`,
      ),
    },
    {
      name: 'the role comes from the metadata of the auth server',
      apply: alsoInserts(
        'platform_role',
        `case account.raw_app_meta_data ->> 'role' when 'superadmin' then 'superadmin' else 'user' end`,
      ),
    },
    {
      name: 'the default is superadmin',
      apply: `alter table public.user_profiles alter platform_role set default 'superadmin'`,
    },
    {
      name: 'the first user becomes superadmin',
      apply: afterwards(
        `if not exists (select from public.user_profiles) then new.platform_role := 'superadmin'; end if;`,
      ),
    },
    {
      name: 'users may write their role',
      apply: 'grant update (platform_role) on public.user_profiles to authenticated',
    },
    {
      name: 'the token is believed',
      apply: `create or replace function private.is_superadmin() returns boolean language sql stable as $$
        select current_setting('request.jwt.claims')::jsonb ->> 'platform_role' = 'superadmin' $$`,
    },
    {
      name: 'the sync makes superadmins',
      apply: edit('private.create_missing_profiles(uuid[])', [
        'update private.profile_failures as failure',
        `update public.user_profiles set platform_role = 'superadmin' where user_id = any (user_ids);
         update private.profile_failures as failure`,
      ]),
    },
  ],
};

export const defaultActive: Property = {
  name: '3 default active',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({ list: users(), isSynced: fc.boolean() }),
      async ({ list, isSynced }) => {
        await insertUsers(client, list);
        if (isSynced) {
          await removeProfiles(
            client,
            list.map(({ id }) => id),
          );
          await client.query('select public.sync_user_profiles()');
        }
        const profiles = await rowsOf<Profile>(
          client,
          'select is_active, deactivated_at, deactivated_by, deactivation_reason from public.user_profiles',
        );
        expect(profiles).toEqual(
          list.map(() => ({
            is_active: true,
            deactivated_at: null,
            deactivated_by: null,
            deactivation_reason: null,
          })),
        );
        for (const { id } of list.slice(0, 2)) {
          const own = await asUser(client, id, (inside) =>
            rowsOf<Profile>(inside, 'select user_id from public.user_profiles'),
          );
          expect(own).toEqual([{ user_id: id }]);
        }
      },
    ),
  breaks: [
    {
      name: 'the default is inactive',
      apply: `alter table public.user_profiles alter is_active set default false,
        alter deactivated_at set default now(), alter deactivation_reason set default 'new'`,
    },
    {
      name: 'the default is inactive, and nothing ties it to a reason',
      apply: `alter table public.user_profiles alter is_active set default false,
        drop constraint user_profiles_deactivation_complete`,
    },
    {
      name: 'activity comes from what the user wrote',
      apply: all(
        'alter table public.user_profiles drop constraint user_profiles_deactivation_complete',
        alsoInserts(
          'is_active',
          `not (coalesce(account.raw_user_meta_data @> '{"is_active": false}', false))`,
        ),
      ),
    },
    {
      name: 'a new profile has the mark of a deactivation',
      apply: all(
        'alter table public.user_profiles drop constraint user_profiles_deactivation_complete',
        afterwards(`new.deactivation_reason := 'not confirmed';`),
      ),
    },
    {
      name: 'whoever never signed in counts as inactive',
      apply: edit('private.current_user_id()', ['profile.is_active', 'profile.last_seen_at is not null']),
    },
    {
      name: 'no policy lets users read their profile',
      apply: 'drop policy "users read their own profile" on public.user_profiles',
    },
  ],
};

/** How the creation of profiles may fail: statements of the owner, and the SQLSTATE that follows. */
const failure = fc.oneof(
  fc
    // What plpgsql's "others" leaves alone: cancelled queries, assertions. Rowhouse raises neither.
    .stringMatching(/^[0-9A-Z]{5}$/)
    .filter((code) => !/^(00|57014|P0004)/.test(code))
    .map((sqlstate) => ({
      breakage: `create or replace function private.initial_display_name(user_id uuid, email text, user_meta_data jsonb)
        returns text language plpgsql immutable as $$
        begin raise exception using errcode = '${sqlstate}', message = 'broken on purpose'; end $$`,
      sqlstate,
    })),
  fc.constantFrom(
    {
      breakage: 'alter table public.user_profiles add constraint broken check (false) not valid',
      sqlstate: '23514',
    },
    { breakage: 'alter table public.user_profiles add broken text not null', sqlstate: '23502' },
    { breakage: 'alter table public.user_profiles drop column display_name cascade', sqlstate: '42703' },
    { breakage: 'alter table public.user_profiles rename to profiles', sqlstate: '42P01' },
    { breakage: 'drop function private.insert_profiles(uuid[])', sqlstate: '42883' },
  ),
);

export const authenticationResilience: Property = {
  name: '5 authentication resilience',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        list: users({ maxLength: 3 }),
        failure,
        isRecorded: fc.boolean(),
        meta: metadata,
      }),
      async ({ list, failure: { breakage, sqlstate }, isRecorded, meta }) => {
        const registered: GeneratedUser[] = list.map((each) => ({ ...each, raw_user_meta_data: meta }));
        await client.query('set local client_min_messages = error');
        await client.query(breakage);
        if (!isRecorded) await client.query('drop table private.profile_failures');

        expect(await outcomeOf(client, registration, [JSON.stringify(registered)])).toBe(null);
        const there = await rowsOf<{ id: string }>(client, 'select id from auth.users');
        expect(there.map(({ id }) => id).sort()).toEqual(list.map(({ id }) => id).sort());
        if (!isRecorded) return;
        const recorded = await rowsOf(
          client,
          `select user_id, source, sqlstate, attempts, length(message) > 0 as says_why, resolved_at
           from private.profile_failures order by user_id::text`,
        );
        expect(recorded).toEqual(
          list
            .map(({ id }) => id)
            .sort()
            .map((id) => ({
              user_id: id,
              source: 'trigger',
              sqlstate,
              attempts: 1,
              says_why: true,
              resolved_at: null,
            })),
        );
      },
    ),
  breaks: [
    {
      name: 'the exception handler is gone',
      apply: `create or replace function private.tg_users__create_profile() returns trigger
        language plpgsql security definer set search_path = '' as $$
        begin perform private.insert_profiles(array[new.id]); return null; end $$`,
    },
    {
      name: 'the handler knows violated constraints only',
      apply: edit(triggerFunction, [
        'when others then\n    get stacked',
        'when integrity_constraint_violation then\n    get stacked',
      ]),
    },
    {
      name: 'the handler raises again',
      apply: edit(triggerFunction, [
        'get stacked diagnostics state = returned_sqlstate, problem = message_text;',
        'get stacked diagnostics state = returned_sqlstate, problem = message_text; raise;',
      ]),
    },
    {
      name: 'the failure is not recorded',
      apply: edit(triggerFunction, [
        `perform private.record_profile_failure(new.id, 'trigger', state, problem);`,
        '',
      ]),
    },
    {
      name: 'recording the failure is not protected',
      apply: `create or replace function private.tg_users__create_profile() returns trigger
        language plpgsql security definer set search_path = '' as $$
        begin
          perform private.insert_profiles(array[new.id]);
          return null;
        exception when others then
          perform private.record_profile_failure(new.id, 'trigger', sqlstate, sqlerrm);
          return null;
        end $$`,
    },
    {
      name: 'the record says another reason',
      apply: edit(triggerFunction, [`'trigger', state, problem`, `'trigger', 'P0001', problem`]),
    },
    {
      name: 'users without a profile are refused',
      apply: `create function private.tg_break() returns trigger language plpgsql security definer as $$
        begin
          if to_regclass('public.user_profiles') is null
            or not exists (select from public.user_profiles where user_id = new.id)
          then raise exception 'no profile'; end if;
          return null;
        end $$;
        create trigger _900_break after insert on auth.users for each row execute function private.tg_break()`,
    },
  ],
};

const registration = `
  insert into auth.users (id, email, phone, raw_user_meta_data, raw_app_meta_data, is_sso_user)
  select id, email, phone, raw_user_meta_data, raw_app_meta_data, is_sso_user
  from jsonb_to_recordset($1) as loaded (id uuid, email text, phone text, raw_user_meta_data jsonb,
    raw_app_meta_data jsonb, is_sso_user boolean)`;
