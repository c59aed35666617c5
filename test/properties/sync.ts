import fc from 'fast-check';
import type pg from 'pg';
import { expect } from 'vitest';
import { syncProfiles } from '../../src/users/sync.ts';
import { all, edit, holds, outcomeOf, type Property, rowsOf, valueOf } from './property.ts';
import { contents, insertUsers, removeProfiles, usersWith, writeProfiles } from './users.ts';

interface Counts {
  total_auth_users: number;
  existing_profiles: number;
  missing_profiles: number;
  created_profiles: number;
  failed_creations: number;
}

async function sync(client: pg.ClientBase, dryRun = false): Promise<Counts & { duration_ms: number }> {
  const [row] = await rowsOf<Record<string, string>>(client, 'select * from public.sync_user_profiles($1)', [
    dryRun,
  ]);
  const read = Object.entries(row ?? {}).map(([key, value]) => [key, Number(value)]);
  return Object.fromEntries(read) as Counts & { duration_ms: number };
}

/** Every profile with where it is stored: a row that was written, in whatever way, is somewhere else. */
const stored = (client: pg.ClientBase) =>
  rowsOf<{ user_id: string }>(
    client,
    'select user_id, ctid::text, to_jsonb(profile) as profile from public.user_profiles as profile order by user_id',
  );

/** What a profile holds, without the dates of its making. */
const profiles = (client: pg.ClientBase) =>
  rowsOf<{ user_id: string }>(
    client,
    `select user_id, to_jsonb(profile) - 'created_at' - 'updated_at' as profile
     from public.user_profiles as profile order by user_id`,
  );

const sorted = (ids: string[]) => [...ids].sort();

/** Makes profiles that cannot be created: those of these users. */
const refuse = (client: pg.ClientBase, ids: string[]) =>
  client.query(
    `alter table public.user_profiles add constraint refused check (user_id::text <> all ('{${ids.join(',')}}')) not valid`,
  );

const withoutProfile = 'private.users_without_profile(uuid,integer)';
const insertProfiles = 'private.insert_profiles(uuid[])';
const createMissing = 'private.create_missing_profiles(uuid[])';
const doSync = 'private.sync_user_profiles(boolean,text)';

export const missingProfileDetection: Property = {
  name: '6 missing-profile detection',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        some: usersWith({ minLength: 0, maxLength: 8 }),
        quantity: fc.integer({ min: 1, max: 4 }),
      }),
      async ({ some: { all: list, chosen: missing }, quantity }) => {
        await insertUsers(client, list);
        await removeProfiles(client, missing);
        const expected = sorted(missing);

        const walked: string[] = [];
        for (let after: string | null = null; walked.length <= list.length;) {
          const batch: string[] = await valueOf(
            client,
            'select array(select id::text from private.users_without_profile($1, $2) as id)',
            [after, quantity],
          );
          if (batch.length === 0) break;
          expect(batch.length).toBeLessThanOrEqual(quantity);
          walked.push(...batch);
          after = batch.at(-1) ?? null;
        }
        expect(walked).toEqual(expected);

        const problems = await rowsOf<{ problem: string; user_id: string }>(
          client,
          'select problem, user_id from public.check_user_integrity() order by user_id',
        );
        expect(problems).toEqual(expected.map((id) => ({ problem: 'user_without_profile', user_id: id })));
        const listed = await valueOf<{ id: string }[]>(
          client,
          `select users from public.list_users(status => 'missing')`,
        );
        expect(sorted(listed.map(({ id }) => id))).toEqual(expected);
        expect((await sync(client, true)).missing_profiles).toBe(missing.length);
        const message = await valueOf(client, 'select private.enqueue_sync_on_drift()');
        expect(message !== null).toBe(missing.length > 0);
      },
    ),
  breaks: [
    {
      name: 'anonymous users are left out',
      apply: edit(withoutProfile, ['where (', 'where not account.is_anonymous and (']),
    },
    {
      name: 'deleted users are left out',
      apply: edit(withoutProfile, ['where (', 'where account.deleted_at is null and (']),
    },
    {
      name: 'users without an e-mail address are left out',
      apply: edit(withoutProfile, ['where (', 'where account.email is not null and (']),
    },
    {
      name: 'a batch begins with the last of the one before',
      apply: edit(withoutProfile, ['account.id >', 'account.id >=']),
    },
    {
      name: 'batches come in no order',
      apply: edit(withoutProfile, ['order by account.id', 'order by account.created_at']),
    },
    {
      name: 'everybody counts as missing',
      apply: edit(withoutProfile, ['where profile.user_id = account.id', 'where false']),
    },
    {
      name: 'inactive profiles count as missing, active ones only do not',
      apply: edit(withoutProfile, ['where profile.user_id = account.id', 'where profile.is_active']),
    },
    {
      name: 'the integrity check does not look for it',
      apply: edit('private.check_user_integrity()', [
        'from private.users_without_profile() as missing (id)',
        'from private.users_without_profile(null, 0) as missing (id)',
      ]),
    },
    {
      name: 'the hourly check does not look for it',
      apply: edit('private.enqueue_sync_on_drift()', [
        'exists (select from private.users_without_profile(null, 1))',
        'false',
      ]),
    },
    {
      name: 'the hourly check always finds it',
      apply: edit('private.enqueue_sync_on_drift()', [
        'exists (select from private.users_without_profile(null, 1))',
        'true',
      ]),
    },
  ],
};

export const profileCreation: Property = {
  name: '7 profile creation',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({ some: usersWith(), refused: fc.array(fc.nat(), { maxLength: 2 }) }),
      async ({ some: { all: list, chosen: missing }, refused }) => {
        await insertUsers(client, list);
        const atSignUp = await profiles(client);
        await removeProfiles(client, missing);
        const unlucky = new Set(
          refused.map((at) => missing[at % missing.length]).filter((id) => id !== undefined),
        );
        if (unlucky.size > 0) await refuse(client, [...unlucky]);

        await sync(client);
        expect(await profiles(client)).toEqual(atSignUp.filter(({ user_id }) => !unlucky.has(user_id)));
        const failures = await rowsOf<{ user_id: string }>(
          client,
          `select user_id, source, sqlstate from private.profile_failures where resolved_at is null order by user_id`,
        );
        expect(failures).toEqual(
          sorted([...unlucky]).map((id) => ({ user_id: id, source: 'sync', sqlstate: '23514' })),
        );

        if (unlucky.size > 0) await client.query('alter table public.user_profiles drop constraint refused');
        await sync(client);
        expect(await profiles(client)).toEqual(atSignUp);
        const open = await valueOf(
          client,
          'select count(*)::integer from private.profile_failures where resolved_at is null',
        );
        expect(open).toBe(0);
      },
    ),
  breaks: [
    {
      name: 'the sync makes nothing',
      apply: edit(createMissing, ['created := private.insert_profiles(user_ids);', '']),
    },
    {
      name: 'the sync makes the first profile only',
      apply: edit(createMissing, [
        'private.insert_profiles(user_ids)',
        'private.insert_profiles(user_ids[1:1])',
      ]),
    },
    {
      name: 'the sync leaves deleted users out',
      apply: edit(withoutProfile, ['where (', 'where account.deleted_at is null and (']),
    },
    {
      name: 'the sync names profiles by the id',
      apply: edit(createMissing, [
        'update private.profile_failures as failure',
        `update public.user_profiles set display_name = 'User ' || left(user_id::text, 8) where user_id = any (user_ids);
         update private.profile_failures as failure`,
      ]),
    },
    {
      name: 'the sync does not carry the SSO provider over',
      apply: edit(createMissing, [
        'update private.profile_failures as failure',
        `update public.user_profiles set sso_provider = null, sso_user_id = null where user_id = any (user_ids);
         update private.profile_failures as failure`,
      ]),
    },
    {
      name: 'one row in the way stops the others',
      apply: edit(createMissing, ['foreach one in array chunk loop', 'foreach one in array chunk[1:0] loop']),
    },
    {
      name: 'a failure of the sync is not recorded',
      apply: edit(createMissing, [
        `perform private.record_profile_failure(one, 'sync', state, problem);`,
        '',
      ]),
    },
    {
      name: 'a failure that is mended stays open',
      apply: edit(createMissing, ['set resolved_at = now()', 'set resolved_at = null']),
    },
  ],
};

export const dataPreservation: Property = {
  name: '8 data preservation',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        some: usersWith(),
        written: fc.array(contents, { minLength: 1, maxLength: 4 }),
        refused: fc.option(fc.nat()),
      }),
      async ({ some: { all: list, chosen: missing, others }, written, refused }) => {
        await insertUsers(client, list);
        await removeProfiles(client, missing);
        await writeProfiles(client, others, written);
        if (refused !== null && missing.length > 0)
          await refuse(client, missing.slice(refused % missing.length, (refused % missing.length) + 1));
        const before = await stored(client);

        await sync(client, true);
        expect(await stored(client)).toEqual(before);
        await sync(client);
        await client.query(
          `update auth.users set email = 'new.' || email, raw_user_meta_data = '{"full_name": "New"}',
             raw_app_meta_data = '{"provider": "google"}', last_sign_in_at = now()`,
        );
        await sync(client);
        for (const id of others) {
          expect(await valueOf(client, 'select private.create_profile($1, false)', [id])).toBe(false);
        }
        const after = await stored(client);
        expect(after.filter(({ user_id }) => others.includes(user_id))).toEqual(before);
      },
    ),
  breaks: [
    {
      name: 'the sync overwrites names',
      apply: all(
        edit(withoutProfile, ['where profile.user_id = account.id', 'where false']),
        edit(insertProfiles, ['do nothing', 'do update set display_name = excluded.display_name']),
      ),
    },
    {
      name: 'the sync makes everyone active again',
      apply: edit(createMissing, [
        'update private.profile_failures as failure',
        `update public.user_profiles set is_active = true, deactivated_at = null, deactivation_reason = null
         where not is_active;
         update private.profile_failures as failure`,
      ]),
    },
    {
      name: 'the sync stamps rows that it does not change',
      apply: edit(createMissing, [
        'update private.profile_failures as failure',
        `update public.user_profiles set sso_provider = sso_provider;
         update private.profile_failures as failure`,
      ]),
    },
    {
      name: 'the sync resets preferences',
      apply: edit(createMissing, [
        'update private.profile_failures as failure',
        `update public.user_profiles set preferences = '{}';
         update private.profile_failures as failure`,
      ]),
    },
    {
      name: 'the sync makes all profiles anew',
      apply: edit(doSync, [
        'select count(*) into report.total_auth_users from auth.users;',
        `delete from public.user_profiles; missing := array(select id from auth.users);
         select count(*) into report.total_auth_users from auth.users;`,
      ]),
    },
    {
      name: 'a dry run writes',
      apply: edit(doSync, ['if not dry_run then', 'if true then']),
    },
    {
      name: 'a changed address changes the profile',
      apply: `create function private.tg_break() returns trigger language plpgsql security definer as $$
        begin
          update public.user_profiles set display_name = coalesce(new.raw_user_meta_data ->> 'full_name', display_name)
          where user_id = new.id;
          return null;
        end $$;
        create trigger _900_break after update on auth.users for each row execute function private.tg_break()`,
    },
    {
      name: 'create-profile deactivates whom it finds',
      apply: edit('private.create_profile(uuid,boolean)', [
        'return false;',
        `update public.user_profiles as profile
         set is_active = false, deactivated_at = now(), deactivation_reason = 'again'
         where profile.user_id = create_profile.id;
         return false;`,
      ]),
    },
  ],
};

export const reportAccuracy: Property = {
  name: '9 report accuracy',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        some: usersWith({ minLength: 0, maxLength: 8 }),
        refused: fc.array(fc.nat(), { maxLength: 3 }),
        isDryRun: fc.boolean(),
        batchSize: fc.option(fc.integer({ min: 1, max: 5 })),
      }),
      async ({ some: { all: list, chosen: missing }, refused, isDryRun, batchSize }) => {
        await insertUsers(client, list);
        await removeProfiles(client, missing);
        const unlucky = new Set(
          refused.map((at) => missing[at % missing.length]).filter((id) => id !== undefined),
        );
        if (unlucky.size > 0) await refuse(client, [...unlucky]);
        const before = (await profiles(client)).length;

        const report =
          batchSize === null
            ? await sync(client, isDryRun)
            : await syncProfiles(client, { dryRun: isDryRun, batchSize });
        const expected: Counts = {
          total_auth_users: list.length,
          existing_profiles: list.length - missing.length,
          missing_profiles: missing.length,
          created_profiles: isDryRun ? 0 : missing.length - unlucky.size,
          failed_creations: isDryRun ? 0 : unlucky.size,
        };
        expect(report).toMatchObject(expected);
        expect(report.duration_ms).toBeGreaterThanOrEqual(0);
        expect((await profiles(client)).length - before).toBe(expected.created_profiles);

        const runs = await rowsOf<{ errors: { user_id: string }[] }>(
          client,
          `select source, mode, outcome, total_auth_users::integer, existing_profiles::integer,
             missing_profiles::integer, created_profiles::integer, failed_creations::integer, errors
           from private.sync_runs`,
        );
        expect(runs).toMatchObject([
          {
            ...expected,
            source: batchSize === null ? 'api' : 'command_line',
            mode: isDryRun ? 'dry_run' : 'sync',
            outcome: expected.failed_creations > 0 ? 'failed' : 'done',
          },
        ]);
        const failed = runs[0]?.errors.map(({ user_id }) => user_id) ?? [];
        expect(sorted(failed)).toEqual(isDryRun ? [] : sorted([...unlucky]));
      },
    ),
  breaks: [
    {
      name: 'the total counts profiles',
      apply: edit(doSync, ['from auth.users;', 'from public.user_profiles;']),
    },
    {
      name: 'the total leaves deleted users out',
      apply: edit(doSync, ['from auth.users;', 'from auth.users where deleted_at is null;']),
    },
    {
      name: 'a dry run says created',
      apply: edit(doSync, [
        'if not dry_run then',
        'if dry_run then report.created_profiles := report.missing_profiles; else',
      ]),
    },
    {
      name: 'created counts what was tried',
      apply: edit(doSync, [
        'return private.finish_sync_run',
        'report.created_profiles := case when dry_run then 0 else report.missing_profiles end;\n  return private.finish_sync_run',
      ]),
    },
    { name: 'failures are not counted', apply: edit(createMissing, ['failed := failed + 1;', '']) },
    {
      name: 'a batch of the command line does not count failures',
      apply: edit('private.sync_profile_batch(uuid,integer,boolean)', ['made.failed into', '0 into']),
    },
    {
      name: 'existing is counted after the run',
      apply: edit(doSync, [
        'return private.finish_sync_run',
        'select count(*) into report.existing_profiles from public.user_profiles;\n  return private.finish_sync_run',
      ]),
    },
    {
      name: 'the run that failed is recorded as done',
      apply: edit(doSync, [`then 'failed'`, `then 'done'`]),
    },
    {
      name: 'the record of the run has no errors',
      apply: edit('private.finish_sync_run(uuid,text,public.user_sync_report)', ['limit 100', 'limit 0']),
    },
    {
      name: 'the record of the run is without created profiles',
      apply: edit('private.finish_sync_run(uuid,text,public.user_sync_report)', [
        '(finish_sync_run.report).created_profiles',
        '0',
      ]),
    },
  ],
};

export const idempotence: Property = {
  name: '10 idempotence',
  check: (client, options) =>
    holds(
      client,
      options,
      fc.record({
        some: usersWith(),
        refused: fc.boolean(),
        times: fc.integer({ min: 1, max: 3 }),
        message: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      async ({ some: { all: list, chosen: missing }, refused, times, message }) => {
        await insertUsers(client, list);
        await removeProfiles(client, missing);
        const unlucky = refused ? missing.slice(0, 1) : [];
        if (unlucky.length > 0) await refuse(client, unlucky);
        await sync(client);
        const once = await stored(client);
        for (let time = 0; time < times; time += 1) {
          expect(await sync(client)).toMatchObject({
            missing_profiles: unlucky.length,
            created_profiles: 0,
            failed_creations: unlucky.length,
          });
        }
        const recorded = await rowsOf(client, 'select attempts from private.profile_failures');
        expect(recorded).toEqual(unlucky.map(() => ({ attempts: times + 1 })));
        expect(await stored(client)).toEqual(once);

        const [lucky] = list.filter(({ id }) => !unlucky.includes(id));
        if (lucky === undefined) return;
        const again = `do $$ begin
          if private.create_profile('${lucky.id}') then raise 'created twice'; end if;
          if private.insert_profiles(array['${lucky.id}'::uuid]) > 0 then raise 'inserted twice'; end if;
        end $$`;
        expect(await outcomeOf(client, again)).toBe(null);
        expect(await stored(client)).toEqual(once);

        const runs = () => valueOf<number>(client, 'select count(*)::integer from private.sync_runs');
        const before = await runs();
        expect(await valueOf(client, 'select public.run_user_sync_job($1)', [message])).toBe(true);
        for (let time = 0; time < times; time += 1) {
          expect(await valueOf(client, 'select public.run_user_sync_job($1)', [message])).toBe(false);
        }
        expect(await runs()).toBe(before + 1);

        for (const reason of ['first', 'second']) {
          await client.query('select public.deactivate_user($1, $2)', [lucky.id, reason]);
        }
        const reasons = await rowsOf(
          client,
          'select deactivation_reason from public.user_profiles where user_id = $1',
          [lucky.id],
        );
        expect(reasons).toEqual([{ deactivation_reason: 'first' }]);
        await client.query('select public.reactivate_user($1)', [lucky.id]);
        const active = await stored(client);
        await client.query('select public.reactivate_user($1)', [lucky.id]);
        expect(await stored(client)).toEqual(active);
      },
    ),
  breaks: [
    {
      name: 'a profile that is there is a conflict',
      apply: edit(insertProfiles, ['on conflict (user_id) do nothing', '']),
    },
    {
      name: 'a profile that is there is written again',
      apply: edit(insertProfiles, ['do nothing', 'do update set sso_provider = excluded.sso_provider']),
    },
    {
      name: 'the sync finds everybody each time',
      apply: edit(withoutProfile, ['where profile.user_id = account.id', 'where false']),
    },
    {
      name: 'the sync touches everybody each time',
      apply: edit(createMissing, [
        'update private.profile_failures as failure',
        `update public.user_profiles set sso_provider = sso_provider;
         update private.profile_failures as failure`,
      ]),
    },
    {
      name: 'each failure is a row of its own',
      apply: all(
        'drop index private.profile_failures_open_idx',
        `create or replace function private.record_profile_failure(user_id uuid, source text, state text, message text)
         returns void language sql security definer set search_path = '' as $$
           insert into private.profile_failures (user_id, source, sqlstate, message)
           values (user_id, source, state, message) $$`,
      ),
    },
    {
      name: 'a message has its effect each time it comes',
      apply: edit('private.run_user_sync_job(bigint)', [
        `not private.is_first_effect('user_sync', message_id)`,
        'false',
      ]),
    },
    {
      name: 'a second deactivation writes over the first',
      apply: edit('private.deactivate_user(uuid,text)', [
        'profile.user_id = deactivate_user.id and profile.is_active',
        'profile.user_id = deactivate_user.id',
      ]),
    },
    {
      name: 'a second reactivation writes',
      apply: edit('private.reactivate_user(uuid)', ['and not profile.is_active', '']),
    },
  ],
};
