import type pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/postgres/connect.ts';
import { preservationReport } from '../../src/users/preservation.ts';
import { syncProfiles } from '../../src/users/sync.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
let superuser: pg.Client;

/** Users without profiles, as if they had been there before Rowhouse. */
async function addUsersWithoutProfiles(count: number): Promise<void> {
  await superuser.query('alter table auth.users disable trigger user');
  await superuser.query(
    `insert into auth.users (id, instance_id, aud, role, email, created_at)
     select gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated',
            format('old-%s@example.com', number), now()
     from generate_series(1, $1) as number`,
    [count],
  );
  await superuser.query('alter table auth.users enable trigger user');
}

async function sync(dryRun = false): Promise<Record<string, number>> {
  const { rows } = await db.query('select * from public.sync_user_profiles($1)', [dryRun]);
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([key, value]) => [key, Number(value)]));
}

async function profileCount(): Promise<number> {
  const { rows } = await db.query<{ count: string }>('select count(*) from public.user_profiles');
  return Number(rows[0]?.count);
}

beforeAll(async () => {
  superuser = await db.superuser();
});
beforeEach(async () => {
  await db.query('delete from auth.users');
  await db.query('delete from private.sync_runs');
});

describe('sync_user_profiles()', () => {
  test('says what it would create in a dry run, creates it, and has nothing to do the second time', async () => {
    await insertAuthUser(db.pool);
    await addUsersWithoutProfiles(120);
    const counts = {
      total_auth_users: 121,
      existing_profiles: 1,
      missing_profiles: 120,
      failed_creations: 0,
    };
    expect(await sync(true)).toMatchObject({ ...counts, created_profiles: 0 });
    expect(await profileCount()).toBe(1);
    expect(await sync()).toMatchObject({ ...counts, created_profiles: 120 });
    expect(await profileCount()).toBe(121);
    expect(await sync()).toMatchObject({ existing_profiles: 121, missing_profiles: 0, created_profiles: 0 });
    const { rows } = await db.query(
      'select mode, source, outcome, created_profiles, invoked_as from private.sync_runs order by id',
    );
    expect(rows).toEqual([
      { mode: 'dry_run', source: 'api', outcome: 'done', created_profiles: '0', invoked_as: 'postgres' },
      { mode: 'sync', source: 'api', outcome: 'done', created_profiles: '120', invoked_as: 'postgres' },
      { mode: 'sync', source: 'api', outcome: 'done', created_profiles: '0', invoked_as: 'postgres' },
    ]);
  });

  test('leaves every existing profile as it is, to the last column', async () => {
    const id = await insertAuthUser(db.pool);
    await db.query(
      `update public.user_profiles
       set display_name = 'Chosen', platform_role = 'superadmin', preferences = '{"theme":"dark"}', last_seen_at = now()
       where user_id = $1`,
      [id],
    );
    const before = await db.query('select * from public.user_profiles');
    await addUsersWithoutProfiles(10);
    await sync();
    const after = await db.query('select * from public.user_profiles where user_id = $1', [id]);
    expect(after.rows).toEqual(before.rows);
  });

  test('a row that cannot be created fails alone, is recorded, and is repaired when the cause is gone', async () => {
    await addUsersWithoutProfiles(2500);
    await db.query(
      `alter table public.user_profiles add constraint broken check (display_name not in ('old-7', 'old-2000'))`,
    );
    try {
      expect(await sync()).toMatchObject({
        missing_profiles: 2500,
        created_profiles: 2498,
        failed_creations: 2,
      });
      expect(await sync()).toMatchObject({ missing_profiles: 2, created_profiles: 0, failed_creations: 2 });
    } finally {
      await db.query('alter table public.user_profiles drop constraint broken');
    }
    const failures = await db.query(
      'select source, sqlstate, attempts from private.profile_failures where resolved_at is null',
    );
    expect(failures.rows).toEqual(Array(2).fill({ source: 'sync', sqlstate: '23514', attempts: 2 }));
    const run = await db.query<{ outcome: string; errors: { sqlstate: string }[] }>(
      'select outcome, errors from private.sync_runs order by id limit 1',
    );
    expect(run.rows[0]?.outcome).toBe('failed');
    expect(run.rows[0]?.errors.map(({ sqlstate }) => sqlstate)).toEqual(['23514', '23514']);

    expect(await sync()).toMatchObject({ created_profiles: 2, failed_creations: 0 });
    const open = await db.query('select from private.profile_failures where resolved_at is null');
    expect(open.rowCount).toBe(0);
    expect((await db.query('select from private.profile_failures')).rowCount).toBe(2);
  });

  test('eight at once create each profile once', async () => {
    await addUsersWithoutProfiles(3000);
    const reports = await Promise.all(Array.from({ length: 8 }, () => sync()));
    expect(reports.reduce((sum, report) => sum + (report.created_profiles ?? 0), 0)).toBe(3000);
    expect(reports.every((report) => report.failed_creations === 0)).toBe(true);
    expect(await profileCount()).toBe(3000);
  });

  test('is for superadmins and the service role', async () => {
    const superadmin = await insertAuthUser(db.pool);
    const user = await insertAuthUser(db.pool);
    await db.query(`select public.update_user($1, platform_role => 'superadmin')`, [superadmin]);
    const call = (client: pg.ClientBase) => client.query('select * from public.sync_user_profiles()');
    expect((await asUser(db, superadmin, call)).rows).toHaveLength(1);
    expect((await asService(db, call)).rows).toHaveLength(1);
    await expectRefusal(asUser(db, user, call), 403, 'superadmin_required');
    await expect(asAnon(db, call)).rejects.toMatchObject({ code: '42501' });
  });

  test('records the superadmin who ran it, also after that user is gone', async () => {
    const superadmin = await insertAuthUser(db.pool);
    await db.query(`select public.update_user($1, platform_role => 'superadmin')`, [superadmin]);
    await asUser(db, superadmin, (client) => client.query('select public.sync_user_profiles()'), {
      commit: true,
    });
    await db.query('select public.delete_user($1)', [superadmin]);
    const { rows } = await db.query('select invoked_by, invoked_as from private.sync_runs');
    expect(rows).toEqual([{ invoked_by: superadmin, invoked_as: 'authenticated' }]);
  });
});

describe("the command line's sync", () => {
  test('works in batches, reports each, and records one run', async () => {
    await addUsersWithoutProfiles(1050);
    const client = await connect(db.url);
    const seen: number[] = [];
    try {
      const report = await syncProfiles(client, { batchSize: 500, onBatch: ({ done }) => seen.push(done) });
      expect(report).toMatchObject({
        outcome: 'done',
        missing_profiles: 1050,
        created_profiles: 1050,
        failed_creations: 0,
      });
    } finally {
      await client.end();
    }
    expect(seen).toEqual([500, 1000, 1050]);
    const { rows } = await db.query('select source, mode, outcome, created_profiles from private.sync_runs');
    expect(rows).toEqual([
      { source: 'command_line', mode: 'sync', outcome: 'done', created_profiles: '1050' },
    ]);
  });

  test('interrupted, it leaves whole batches; the next run goes on', async () => {
    await addUsersWithoutProfiles(1000);
    const client = await connect(db.url);
    const interruption = new AbortController();
    try {
      const broken = await syncProfiles(client, {
        batchSize: 300,
        signal: interruption.signal,
        onBatch: ({ done }) => {
          if (done >= 600) interruption.abort();
        },
      });
      expect(broken).toMatchObject({ outcome: 'interrupted', created_profiles: 600 });
      expect(await profileCount()).toBe(600);
      expect(await syncProfiles(client, { batchSize: 300 })).toMatchObject({
        outcome: 'done',
        missing_profiles: 400,
        created_profiles: 400,
      });
    } finally {
      await client.end();
    }
    const { rows } = await db.query('select outcome, created_profiles from private.sync_runs order by id');
    expect(rows).toEqual([
      { outcome: 'interrupted', created_profiles: '600' },
      { outcome: 'done', created_profiles: '400' },
    ]);
  });

  test('cut off from the server, it leaves whole batches and says so', async () => {
    await addUsersWithoutProfiles(500);
    const client = await connect(db.url);
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const run = syncProfiles(client, {
      batchSize: 100,
      onBatch: ({ done }) => {
        if (done === 200) void superuser.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      },
    });
    await expect(run).rejects.toThrow(/terminat/);
    const profiles = await profileCount();
    expect(profiles % 100).toBe(0);
    expect(profiles).toBeGreaterThanOrEqual(200);
    expect(await sync()).toMatchObject({
      missing_profiles: 500 - profiles,
      created_profiles: 500 - profiles,
    });
  });
});

describe('preservation report', () => {
  test('finds every profile preserved, changes nothing, and knows who has none', async () => {
    const id = await insertAuthUser(db.pool);
    await addUsersWithoutProfiles(3);
    const unknown = '00000000-0000-4000-8000-00000000dead';
    const client = await connect(db.url);
    try {
      const report = await preservationReport(client, [id.toUpperCase(), unknown]);
      expect(report).toMatchObject({
        checked: 1,
        preserved: 1,
        would_create: 3,
        changed: [],
        unknown: [unknown],
      });
      expect(report.requested).toMatchObject([{ user_id: id, outcome: 'preserved', changed_columns: [] }]);
    } finally {
      await client.end();
    }
    expect(await profileCount()).toBe(1);
  });

  test('names the profile and the column that a broken sync would change', async () => {
    const id = await insertAuthUser(db.pool, { email: 'ada@example.com' });
    await db.query(
      `create function private.tg_broken() returns trigger language plpgsql security definer set search_path = '' as $$
       begin update public.user_profiles set display_name = 'Overwritten' where user_id <> new.user_id; return null; end $$;
       create trigger broken after insert on public.user_profiles for each row execute function private.tg_broken()`,
    );
    await addUsersWithoutProfiles(1);
    const client = await connect(db.url);
    try {
      const report = await preservationReport(client);
      expect(report.changed).toMatchObject([{ user_id: id, outcome: 'changed' }]);
      expect(report.changed[0]?.changed_columns).toContain('display_name');
    } finally {
      await client.end();
      await db.query('drop function private.tg_broken() cascade');
    }
    expect((await db.query('select display_name from public.user_profiles')).rows).toEqual([
      { display_name: 'ada' },
    ]);
  });
});

test('hourly, drift puts one message on the queue, and soundness none', async () => {
  const { rows: sound } = await db.query<{ id: string | null }>(
    'select private.enqueue_sync_on_drift() as id',
  );
  expect(sound[0]?.id).toBeNull();
  await addUsersWithoutProfiles(1);
  const { rows: drift } = await db.query<{ id: string }>('select private.enqueue_sync_on_drift() as id');
  const { rows } = await asService(db, (client) =>
    client.query(`select * from public.claim_jobs('user_sync')`),
  );
  expect(rows).toMatchObject([{ message_id: drift[0]?.id, kind: 'identity.sync_profiles', attempt: 1 }]);
  const { rows: jobs } = await db.query(
    `select schedule, command from cron.job where jobname = 'rowhouse-user-integrity'`,
  );
  expect(jobs).toEqual([{ schedule: '17 * * * *', command: 'select private.enqueue_sync_on_drift()' }]);
});
