import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { takeSnapshot } from '../../scripts/support/snapshot.ts';
import { loadSnapshot } from '../../src/verify/snapshot.ts';
import { type Finding, verify } from '../../src/verify/verify.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/** A way to break a database, and how verify names it. */
interface Break {
  /** The statements, as role postgres unless `asSuperuser`. */
  break: string;
  asSuperuser?: boolean;
  finding: Partial<Finding> & Pick<Finding, 'kind' | 'name' | 'error' | 'severity'>;
  /** What expected, found and remedy say, in part. */
  expected?: string;
  found?: string;
  remedy: string;
  /** What undoes it where the remedy is a sentence, or takes another role. */
  undo?: string;
  undoAsSuperuser?: boolean;
}

const tamperedRetry = `create or replace function private.retry_delay (attempt integer) returns integer
  language sql set search_path to '' as $$ select 31536000; $$`;

const breaks: Record<string, Break> = {
  'a foreign key that is not enforced': {
    break: `do $$ declare trigger_name text; begin
              for trigger_name in
                select tgname from pg_trigger join pg_constraint on pg_constraint.oid = tgconstraint
                where conname = 'user_profiles_user_id_fkey' and tgrelid = conrelid
              loop execute format('alter table public.user_profiles disable trigger %I', trigger_name); end loop;
            end $$`,
    asSuperuser: true,
    finding: {
      kind: 'constraint',
      name: 'user_profiles_user_id_fkey on public.user_profiles',
      error: 'disabled',
      severity: 'critical',
    },
    remedy: 'alter table public.user_profiles enable trigger all;',
    undo: 'alter table public.user_profiles enable trigger all',
    undoAsSuperuser: true,
  },
  'a dropped index': {
    break: 'drop index private.job_failures_queue_failed_at_idx',
    finding: {
      kind: 'index',
      name: 'private.job_failures_queue_failed_at_idx',
      error: 'missing',
      severity: 'critical',
      found: null,
    },
    expected: 'USING btree (queue, failed_at)',
    remedy: 'CREATE INDEX job_failures_queue_failed_at_idx ON private.job_failures',
  },
  'an index of other columns': {
    break: `drop index private.job_failures_queue_failed_at_idx;
            create index job_failures_queue_failed_at_idx on private.job_failures (queue)`,
    finding: {
      kind: 'index',
      name: 'private.job_failures_queue_failed_at_idx',
      error: 'changed',
      severity: 'critical',
    },
    expected: '(queue, failed_at)',
    found: '(queue)',
    remedy: 'drop index private.job_failures_queue_failed_at_idx; CREATE INDEX',
  },
  'a disabled trigger': {
    break: 'alter table public.user_profiles disable trigger _100_stamp',
    finding: {
      kind: 'trigger',
      name: '_100_stamp on public.user_profiles',
      error: 'disabled',
      severity: 'critical',
      expected: 'O',
      found: 'D',
    },
    remedy: 'create or replace trigger _100_stamp',
  },
  'a disabled trigger of the platform’s table': {
    break: 'alter table auth.users disable trigger _100_create_profile',
    asSuperuser: true,
    finding: {
      kind: 'trigger',
      name: '_100_create_profile on auth.users',
      error: 'disabled',
      severity: 'critical',
    },
    remedy: 'create or replace trigger _100_create_profile',
  },
  'a changed function body': {
    break: tamperedRetry,
    finding: {
      kind: 'function',
      name: 'private.retry_delay(integer)',
      error: 'changed',
      severity: 'critical',
    },
    found: 'select 31536000;',
    remedy: 'Run supabase/schemas/private/functions/retry_delay.sql',
  },
  'a function that runs with other rights': {
    break: 'alter function private.caller_role() security definer',
    finding: { kind: 'function', name: 'private.caller_role()', error: 'changed', severity: 'critical' },
    found: 'SECURITY DEFINER',
    remedy: 'Run supabase/schemas/private/functions/caller_role.sql',
  },
  'a function without its search path': {
    break: 'alter function private.is_superadmin() reset search_path',
    finding: { kind: 'function', name: 'private.is_superadmin()', error: 'changed', severity: 'critical' },
    expected: 'SET search_path',
    remedy: 'Run supabase/schemas/private/functions/is_superadmin.sql',
  },
  'a function of another owner': {
    break:
      'alter function private.is_superadmin() owner to supabase_admin; grant execute on function private.is_superadmin() to postgres',
    asSuperuser: true,
    finding: {
      kind: 'function',
      name: 'private.is_superadmin()',
      error: 'changed',
      severity: 'critical',
      expected: 'postgres',
    },
    remedy: 'alter function private.is_superadmin() owner to postgres;',
    undoAsSuperuser: true,
  },
  'a lost function': {
    break: 'drop function private.retry_delay(integer) cascade',
    finding: {
      kind: 'function',
      name: 'private.retry_delay(integer)',
      error: 'missing',
      severity: 'critical',
    },
    remedy: 'Run supabase/schemas/private/functions/retry_delay.sql',
  },
  'an extra function': {
    break: 'create function public.surprise() returns integer language sql return 1',
    finding: {
      kind: 'function',
      name: 'public.surprise()',
      error: 'unexpected',
      severity: 'warning',
      expected: null,
    },
    remedy: 'drop function public.surprise();',
  },
  'a lost grant': {
    break: 'revoke execute on function public.is_superadmin() from authenticated',
    finding: {
      kind: 'grant',
      name: 'authenticated on function public.is_superadmin()',
      error: 'missing',
      severity: 'critical',
    },
    remedy: 'grant execute on function public.is_superadmin() to authenticated;',
  },
  'a lost grant on a column': {
    break: 'revoke update (preferences) on public.user_profiles from authenticated',
    finding: {
      kind: 'grant',
      name: 'authenticated on table public.user_profiles (preferences)',
      error: 'missing',
      severity: 'critical',
    },
    remedy: 'grant update (preferences) on table public.user_profiles to authenticated;',
  },
  'a grant to everyone': {
    break: 'grant execute on function private.create_profile(uuid, boolean) to public',
    finding: {
      kind: 'grant',
      name: 'PUBLIC on function private.create_profile(uuid, boolean)',
      error: 'unexpected',
      severity: 'critical',
    },
    remedy: 'revoke execute on function private.create_profile(uuid, boolean) from public;',
  },
  'a wider grant': {
    break: 'grant delete on public.user_profiles to authenticated',
    finding: {
      kind: 'grant',
      name: 'authenticated on table public.user_profiles',
      error: 'changed',
      severity: 'critical',
    },
    found: 'DELETE',
    remedy: 'revoke delete on table public.user_profiles from authenticated;',
  },
  'default privileges that hand out tables': {
    break: 'alter default privileges for role postgres in schema public grant select on tables to anon',
    finding: {
      kind: 'default privilege',
      name: 'anon on new tables in public',
      error: 'unexpected',
      severity: 'critical',
    },
    remedy: 'alter default privileges for role postgres in schema public revoke all on tables from anon;',
  },
  'an extra policy': {
    break:
      'create policy "everybody reads everything" on public.user_profiles for select to anon using (true)',
    finding: {
      kind: 'policy',
      name: '"everybody reads everything" on public.user_profiles',
      error: 'unexpected',
      severity: 'critical',
    },
    remedy: 'drop policy "everybody reads everything" on public.user_profiles;',
  },
  'a lost policy': {
    break: 'drop policy "users change their own profile" on public.user_profiles',
    finding: {
      kind: 'policy',
      name: '"users change their own profile" on public.user_profiles',
      error: 'missing',
      severity: 'critical',
    },
    remedy:
      'create policy "users change their own profile" on public.user_profiles for update to authenticated using (',
  },
  'a policy that lets more through': {
    break: 'alter policy "users change their own profile" on public.user_profiles using (true)',
    finding: {
      kind: 'policy',
      name: '"users change their own profile" on public.user_profiles',
      error: 'changed',
      severity: 'critical',
      found: 'true',
    },
    remedy: 'drop policy "users change their own profile" on public.user_profiles; create policy',
  },
  'row-level security that is off': {
    break: 'alter table public.user_profiles disable row level security',
    finding: { kind: 'table', name: 'public.user_profiles', error: 'disabled', severity: 'critical' },
    remedy: 'alter table public.user_profiles enable row level security;',
  },
  'an extra table': {
    break: 'create table public.stray (id integer primary key, note text)',
    finding: { kind: 'table', name: 'public.stray', error: 'unexpected', severity: 'warning' },
    remedy: 'drop table public.stray;',
    undo: 'drop table public.stray',
  },
  'an extra column': {
    break: 'alter table public.user_profiles add column nickname text',
    finding: {
      kind: 'column',
      name: 'public.user_profiles.nickname',
      error: 'unexpected',
      severity: 'warning',
    },
    remedy: 'alter table public.user_profiles drop column nickname;',
    undo: 'alter table public.user_profiles drop column nickname',
  },
  'a column that may be empty': {
    break: 'alter table public.user_profiles alter column display_name drop not null',
    finding: {
      kind: 'column',
      name: 'public.user_profiles.display_name',
      error: 'changed',
      severity: 'critical',
    },
    remedy: 'alter table public.user_profiles alter column display_name set not null;',
  },
  'another default': {
    break: 'alter table public.user_profiles alter column is_active set default false',
    finding: {
      kind: 'default',
      name: 'public.user_profiles.is_active',
      error: 'changed',
      severity: 'critical',
      expected: 'true',
      found: 'false',
    },
    remedy: 'alter table public.user_profiles alter column is_active set default true;',
  },
  'a view in the API': {
    break: 'create view public.peek as select 1 as one',
    finding: { kind: 'view', name: 'public.peek', error: 'unexpected', severity: 'warning' },
    remedy: 'drop view public.peek;',
  },
  'a lost comment': {
    break: 'comment on table public.user_profiles is null',
    finding: { kind: 'comment', name: 'on table public.user_profiles', error: 'missing', severity: 'info' },
    remedy: 'comment on table public.user_profiles is ',
  },
  'a missing cron job': {
    break: `select cron.unschedule('rowhouse-user-integrity')`,
    finding: { kind: 'cron job', name: 'rowhouse-user-integrity', error: 'missing', severity: 'critical' },
    expected: '17 * * * *',
    remedy: `select cron.schedule('rowhouse-user-integrity', '17 * * * *', 'select private.enqueue_sync_on_drift()');`,
  },
  'a cron job at another time': {
    break: `select cron.schedule('rowhouse-user-integrity', '0 0 1 1 *', 'select private.enqueue_sync_on_drift()')`,
    finding: {
      kind: 'cron job',
      name: 'rowhouse-user-integrity',
      error: 'changed',
      severity: 'critical',
      expected: '17 * * * *',
      found: '0 0 1 1 *',
    },
    remedy: `select cron.schedule('rowhouse-user-integrity', '17 * * * *'`,
  },
  'a cron job that is switched off': {
    break: `update cron.job set active = false where jobname = 'rowhouse-user-integrity'`,
    asSuperuser: true,
    finding: { kind: 'cron job', name: 'rowhouse-user-integrity', error: 'disabled', severity: 'critical' },
    remedy: `select cron.unschedule('rowhouse-user-integrity'); select cron.schedule('rowhouse-user-integrity'`,
  },
  'a cron job in Rowhouse’s name': {
    break: `select cron.schedule('rowhouse-surprise', '* * * * *', 'select 1')`,
    finding: { kind: 'cron job', name: 'rowhouse-surprise', error: 'unexpected', severity: 'critical' },
    remedy: `select cron.unschedule('rowhouse-surprise');`,
  },
  'a missing queue': {
    break: `select pgmq.drop_queue('user_sync_dead')`,
    finding: { kind: 'queue', name: 'user_sync_dead', error: 'missing', severity: 'critical' },
    remedy: `select pgmq.create('user_sync_dead');`,
  },
  'a queue of somebody else': {
    break: `select pgmq.create('somebody_elses')`,
    finding: { kind: 'queue', name: 'somebody_elses', error: 'unexpected', severity: 'info' },
    remedy: `drop_queue('somebody_elses')`,
    undo: `select pgmq.drop_queue('somebody_elses')`,
  },
};

/** Constraints by which a value is refused, with the name that the catalog gives today. */
async function checkConstraint(): Promise<string> {
  const { rows } = await db.query<{ name: string }>(
    `select conname as name from pg_constraint
     where conrelid = 'public.user_profiles'::regclass and contype = 'c' order by conname limit 1`,
  );
  return String(rows[0]?.name);
}

/** Breaks that do not touch the same object, so that one look at the database finds all of them. */
function rounds(): [string, Break][][] {
  const made: [string, Break][][] = [];
  for (const entry of Object.entries(breaks)) {
    const name = entry[1].finding.name;
    const round = made.find((each) => each.every(([, { finding }]) => finding.name !== name));
    if (round) round.push(entry);
    else made.push([entry]);
  }
  return made;
}

async function run(statements: string, asSuperuser = false): Promise<void> {
  if (asSuperuser) await (await db.superuser()).query(statements);
  else await db.query(statements);
}

const readSchema = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('the snapshot of this release', () => {
  test('is what the migrations make on this server', async () => {
    const taken = await takeSnapshot(db.url);
    // 16 is compared with what 15 has.
    expect(taken).toEqual({ ...(await loadSnapshot(taken.postgres)), postgres: taken.postgres });
    expect(Object.keys(taken.objects).length).toBeGreaterThan(400);
  });

  test('is there for 15, 16 and 17, and no other version', async () => {
    expect((await loadSnapshot(15)).postgres).toBe(15);
    expect((await loadSnapshot(16)).postgres).toBe(15);
    expect((await loadSnapshot(17)).postgres).toBe(17);
    await expect(loadSnapshot(14)).rejects.toThrow('no snapshot of this release for PostgreSQL 14');
    await expect(loadSnapshot(18)).rejects.toThrow('no snapshot of this release for PostgreSQL 18');
  });
});

describe('verify', () => {
  test('finds nothing in a migrated database', async () => {
    const report = await verify(db.url);
    expect(report).toMatchObject({ findings: [], critical: 0, warning: 0, info: 0 });
  });

  describe.each(rounds())('names what is broken: round %#', (...entries) => {
    const named = new Map<string, Finding>();

    beforeAll(async () => {
      for (const [, { asSuperuser, break: statements }] of entries) await run(statements, asSuperuser);
      for (const finding of (await verify(db.url)).findings) {
        named.set(`${finding.kind} ${finding.name}`, finding);
      }
    });

    test.each(entries)(
      '%s, and what to do',
      (_name, { finding: wanted, expected = '', found = '', remedy }) => {
        const finding = named.get(`${wanted.kind} ${wanted.name}`);
        expect(finding).toMatchObject(wanted);
        expect(finding?.expected ?? '').toContain(expected);
        expect(finding?.found ?? '').toContain(found);
        expect(finding?.remedy).toContain(remedy);
      },
    );

    test('nothing else is named, and what it says to do, done, mends all of it', async () => {
      expect([...named.keys()].sort()).toEqual(
        entries.map(([, { finding }]) => `${finding.kind} ${finding.name}`).sort(),
      );
      for (const [, { finding, undo, undoAsSuperuser }] of entries) {
        const { remedy = '' } = named.get(`${finding.kind} ${finding.name}`) ?? {};
        const file = /^Run (supabase\/\S+\.sql)/.exec(remedy)?.[1];
        await run(file === undefined ? (undo ?? remedy) : await readSchema(file), undoAsSuperuser);
      }
      expect((await verify(db.url)).findings).toEqual([]);
    });
  });

  test('names a lost constraint, and the statement that restores it does', async () => {
    const constraint = await checkConstraint();
    await db.query(`alter table public.user_profiles drop constraint ${constraint}`);
    const [finding, ...others] = (await verify(db.url)).findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'constraint',
      name: `${constraint} on public.user_profiles`,
      error: 'missing',
      severity: 'critical',
    });
    await db.query(String(finding?.remedy));
    expect((await verify(db.url)).findings).toEqual([]);
  });

  test('names a lost table once, and not all that was in it', async () => {
    await db.query('alter table private.job_effects rename to elsewhere');
    const { findings } = await verify(db.url);
    expect(findings.map(({ kind, name, error }) => [kind, name, error])).toEqual([
      ['table', 'private.job_effects', 'missing'],
      ['table', 'private.elsewhere', 'unexpected'],
    ]);
    expect(findings[0]?.remedy).toContain('restore it from a backup');
    await db.query('alter table private.elsewhere rename to job_effects');
  });

  test('leaves other people’s triggers and jobs alone', async () => {
    const superuser = await db.superuser();
    await superuser.query(
      `create schema theirs;
       create function theirs.nothing() returns trigger language plpgsql as 'begin return new; end';
       create trigger theirs after insert on auth.users for each row execute function theirs.nothing()`,
    );
    await db.query(`select cron.schedule('theirs', '0 0 1 1 *', 'select 1')`);
    expect((await verify(db.url)).findings).toEqual([]);
  });

  test('says what a role may not see, and does not call it missing', async () => {
    const role = `rowhouse_blind_${randomUUID().slice(0, 8)}`;
    const superuser = await db.superuser();
    const password = randomUUID();
    await superuser.query(`create role ${role} login password '${password}'`);
    try {
      const url = new URL(db.url);
      url.username = role;
      url.password = password;
      const { findings, critical } = await verify(url.href);
      expect(findings.every(({ error }) => error === 'access_denied')).toBe(true);
      expect(findings.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
        expect.arrayContaining([
          'schema auth',
          'schema private',
          'table cron.job',
          'function pgmq.list_queues()',
        ]),
      );
      expect(findings.find(({ name }) => name === 'private')).toMatchObject({
        severity: 'critical',
        found: `role ${role} may not use it`,
      });
      expect(findings[0]?.remedy).toContain('Connect as role postgres');
      expect(critical).toBe(findings.length);
    } finally {
      await superuser.query(`drop role ${role}`);
    }
  });

  test('says that postgres may not ask for the queues', async () => {
    const superuser = await db.superuser();
    const { rows } = await superuser.query<{ acl: string | null }>(
      `select proacl::text as acl from pg_proc where oid = 'pgmq.list_queues()'::regprocedure`,
    );
    expect(rows).toHaveLength(1);
    await superuser.query(
      `alter function pgmq.list_queues() owner to supabase_admin;
       revoke execute on function pgmq.list_queues() from public, postgres`,
    );
    const { findings } = await verify(db.url);
    expect(findings).toMatchObject([
      { kind: 'function', name: 'pgmq.list_queues()', error: 'access_denied', severity: 'critical' },
    ]);
    expect(findings[0]?.remedy).toContain('grant execute on function pgmq.list_queues() to postgres;');
    await superuser.query('grant execute on function pgmq.list_queues() to postgres');
  });
});
