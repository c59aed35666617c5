import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { endToEnd } from '../../src/verify/end-to-end.ts';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/** Whether any row tells of a trial. */
async function leftOver(): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select (
       (select count(*) from auth.users) + (select count(*) from public.user_profiles)
       + (select count(*) from private.profile_failures)
     )::integer as count`,
  );
  return rows[0]?.count ?? -1;
}

afterEach(async () => {
  expect(await leftOver()).toBe(0);
});

describe('the trial of a sign-up', () => {
  test('sees the profile come and go, and leaves nothing', async () => {
    const { ok, steps } = await endToEnd(db.url);
    expect(steps.map(({ step, ok: went }) => [step, went])).toEqual([
      ['a user registers', true],
      ['the profile appears', true],
      ['the user is deleted', true],
      ['the profile goes with the user', true],
      ['nothing is left behind', true],
    ]);
    expect(steps[1]?.found).toBe('role user, active, display name "Rowhouse Trial"');
    expect(ok).toBe(true);
  });

  test('says when the trigger does not fire', async () => {
    const superuser = await db.superuser();
    await superuser.query('alter table auth.users disable trigger _100_create_profile');
    const { ok, steps } = await endToEnd(db.url);
    await superuser.query('alter table auth.users enable trigger _100_create_profile');
    expect(ok).toBe(false);
    expect(steps[1]).toMatchObject({ step: 'the profile appears', ok: false });
    expect(steps[1]?.found).toContain('the trigger did not fire');
    expect(steps[1]?.remedy).toContain('rowhouse verify');
  });

  test('says why the profile could not be created', async () => {
    await db.query(
      `alter table public.user_profiles add constraint no_trials check (display_name <> 'Rowhouse Trial')`,
    );
    const { steps } = await endToEnd(db.url);
    await db.query('alter table public.user_profiles drop constraint no_trials');
    expect(steps[1]).toMatchObject({ ok: false });
    expect(steps[1]?.found).toMatch(/no_trials.*23514/);
  });

  test('leaves nothing when it fails half way', async () => {
    await db.query(
      `create function private.refuse_trial() returns trigger language plpgsql as
         $$ begin raise exception 'nobody leaves'; end $$;
       create trigger stop before delete on public.user_profiles for each row execute function private.refuse_trial()`,
    );
    const { ok, steps } = await endToEnd(db.url);
    await db.query('drop function private.refuse_trial() cascade');
    expect(ok).toBe(false);
    expect(steps.map(({ step, ok: went }) => [step, went])).toEqual([
      ['a user registers', true],
      ['the profile appears', true],
      ['the user is deleted', false],
      ['nothing is left behind', true],
    ]);
    expect(steps[2]?.found).toContain('nobody leaves');
  });

  test('leaves nothing when its connection is cut half way', async () => {
    await db.query(
      `create function private.cut() returns trigger language plpgsql security definer as
         $$ begin perform pg_terminate_backend(pg_backend_pid()); return old; end $$;
       create trigger stop before delete on public.user_profiles for each row execute function private.cut()`,
    );
    const { ok, steps } = await endToEnd(db.url);
    await db.query('drop function private.cut() cascade');
    expect(ok).toBe(false);
    expect(steps.find(({ step }) => step === 'the user is deleted')?.ok).toBe(false);
  });
});

describe('the command', () => {
  const verify = (...args: string[]) => runCli(['verify', ...args], { env: { DATABASE_URL: db.url } });

  test('says that all is as it should be, and tries a sign-up', async () => {
    const { code, stdout, stderr } = await verify('--end-to-end');
    expect(stderr).toBe('');
    expect(stdout).toContain('Verified: the database is what this release says');
    expect(stdout).toContain('yes the profile appears');
    expect(code).toBe(0);
  });

  test('exits 1 on something critical, and names it for people and programs', async () => {
    await db.query('alter function private.caller_role() security definer');
    try {
      const forPeople = await verify();
      expect(forPeople.code).toBe(1);
      expect(forPeople.stdout).toContain('critical function private.caller_role() has changed');
      expect(forPeople.stdout).toContain('Run supabase/schemas/private/functions/caller_role.sql');
      const forPrograms = await verify('--json', '--end-to-end');
      expect(forPrograms.code).toBe(1);
      expect(JSON.parse(forPrograms.stdout)).toMatchObject({
        critical: 1,
        findings: [{ kind: 'function', name: 'private.caller_role()', error: 'changed' }],
        end_to_end: { ok: true },
      });
    } finally {
      await db.query('alter function private.caller_role() security invoker');
    }
  });

  test('exits 0 on what is only worth knowing', async () => {
    await db.query('create table public.stray (id integer)');
    const { code, stdout } = await verify();
    await db.query('drop table public.stray');
    expect(code).toBe(0);
    expect(stdout).toContain('warning  table public.stray is not of this release');
    expect(stdout).toContain('0 critical, 1 warnings, 0 for information');
  });

  test('does not compare a database of another release', async () => {
    await db.query(
      `update graphile_migrate.migrations set filename = '999999.sql' where filename = '000001.sql'`,
    );
    const { code, stderr } = await verify();
    await db.query(
      `update graphile_migrate.migrations set filename = '000001.sql' where filename = '999999.sql'`,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('newer than this release');
  });

  test('says that the server cannot be reached', async () => {
    const url = new URL(db.url);
    url.pathname = `/${randomUUID()}`;
    const { code, stderr } = await runCli(['verify'], { env: { DATABASE_URL: url.href } });
    expect(code).toBe(1);
    expect(stderr).toContain('There is no database at');
  });
});
