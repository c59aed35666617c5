import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Check, doctor, type DoctorReport } from '../../src/doctor/doctor.ts';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
const hours = 3_600_000;

// The template may be older than a job may be late.
beforeAll(() => db.query('update graphile_migrate.migrations set date = now()'));

function check(report: DoctorReport, name: string): Check {
  const found = report.checks.find((each) => each.name === name);
  if (!found) throw new Error(`There is no check ${name}.`);
  return found;
}

/** The one problem that the doctor sees. */
function onlyProblem(report: DoctorReport, name: string): Check['problems'][number] {
  expect(report.status).toBe('degraded');
  expect(report.checks.filter(({ status }) => status !== 'ok').map((each) => each.name)).toEqual([name]);
  const { problems } = check(report, name);
  expect(problems).toHaveLength(1);
  return problems[0] ?? { problem: '', remedy: '' };
}

/** Writes that a job has run. */
async function ran(job: string, status: 'succeeded' | 'failed', at: Date, message = ''): Promise<void> {
  const superuser = await db.superuser();
  await superuser.query(
    `insert into cron.job_run_details (jobid, runid, status, return_message, start_time, end_time)
     select jobid, nextval('cron.runid_seq'), $2, $4, $3, $3 from cron.job where jobname = $1`,
    [job, status, at, message],
  );
}

describe('the doctor', () => {
  test('finds a migrated database well, and says what it is made of', async () => {
    const report = await doctor(db.url);
    expect(report.checks.flatMap(({ problems }) => problems)).toEqual([]);
    expect(report.status).toBe('ok');
    expect(report.checks.map(({ name }) => name)).toEqual([
      'server',
      'migrations',
      'extensions',
      'cron jobs',
      'queues',
      'users',
      'verify',
    ]);
    expect(check(report, 'server').notes[0]).toMatch(/^PostgreSQL 1\d\.\d+.*role postgres$/);
    expect(check(report, 'extensions').notes).toContain('timescaledb: plain PostgreSQL (range partitions)');
    expect(check(report, 'extensions').notes.find((note) => note.startsWith('pgmq'))).toMatch(
      /stand-in|^pgmq \d/,
    );
    expect(check(report, 'queues').notes).toEqual([
      'bookings: 0 waiting, 0 failing, 0 dead',
      'notifications: 0 waiting, 0 failing, 0 dead',
      'payments: 0 waiting, 0 failing, 0 dead',
      'user_sync: 0 waiting, 0 failing, 0 dead',
    ]);
    expect(check(report, 'verify').notes[0]).toContain('0 critical');
  });

  test('says that jobs are late which should have run', async () => {
    const { problems } = check(await doctor(db.url, { now: new Date(Date.now() + 2 * hours) }), 'cron jobs');
    expect(problems.map(({ problem }) => problem)).toEqual(
      expect.arrayContaining([
        'Job rowhouse-user-integrity (17 * * * *) is late: it has not run yet.',
        'Job rowhouse-wake-worker (* * * * *) is late: it has not run yet.',
      ]),
    );
    expect(problems[0]?.remedy).toContain('Is pg_cron running');
  });

  test('says which job failed and why, until it succeeds', async () => {
    await ran('rowhouse-user-integrity', 'failed', new Date(), 'ERROR: out of luck');
    const { problem, remedy } = onlyProblem(await doctor(db.url), 'cron jobs');
    expect(problem).toBe('Job rowhouse-user-integrity failed: ERROR: out of luck.');
    expect(remedy).toContain('cron.job_run_details');
    await ran('rowhouse-user-integrity', 'succeeded', new Date(Date.now() + 1000));
    expect((await doctor(db.url)).status).toBe('ok');
  });

  test('says how many dead letters wait, and how to replay them', async () => {
    await db.query(`select private.enqueue('user_sync', 'test.job', '{}')`);
    const { rows } = await db.query<{ id: string }>(
      `select message_id as id from private.claim_jobs('user_sync', 1, 60)`,
    );
    await db.query(`select private.fail_job('user_sync', $1, 'It is broken', true, 1)`, [rows[0]?.id]);
    const { problem, remedy } = onlyProblem(await doctor(db.url), 'queues');
    expect(problem).toMatch(/^Queue user_sync has 1 dead letters; the last error: It is broken/);
    expect(remedy).toContain(`public.replay_dead_letters('user_sync')`);
    await db.query(`select public.replay_dead_letters('user_sync')`);
    expect((await doctor(db.url)).status).toBe('ok');
    await db.query(`update pgmq.q_user_sync set enqueued_at = now() - interval '1 hour'`);
    expect(onlyProblem(await doctor(db.url), 'queues').problem).toContain('the oldest for 60 minutes');
    await db.query('delete from pgmq.q_user_sync');
  });

  test('says how many users have no profile, once', async () => {
    const superuser = await db.superuser();
    await superuser.query('alter table auth.users disable trigger _100_create_profile');
    const ids = [await insertAuthUser(db.pool), await insertAuthUser(db.pool)];
    await superuser.query('alter table auth.users enable trigger _100_create_profile');
    const { problem, remedy } = onlyProblem(await doctor(db.url), 'users');
    expect(problem).toMatch(/^user_without_profile, 2 times; /);
    expect(remedy).toContain('rowhouse users sync');
    await db.query('delete from auth.users where id = any ($1)', [ids]);
  });

  test('names what verify finds critical', async () => {
    await db.query('grant delete on public.user_profiles to authenticated');
    const { problem, remedy } = onlyProblem(await doctor(db.url), 'verify');
    expect(problem).toBe('grant authenticated on table public.user_profiles: changed');
    expect(remedy).toBe('revoke delete on table public.user_profiles from authenticated;');
    await db.query(remedy);
  });

  test('says which migrations are not applied', async () => {
    const { rows } = await db.query<{ filename: string }>(
      `delete from graphile_migrate.migrations where filename = '000007.sql' returning filename, hash, previous_hash, date`,
    );
    const report = await doctor(db.url);
    await db.query(
      `insert into graphile_migrate.migrations (hash, previous_hash, filename, date)
       select r.hash, r.previous_hash, r.filename, r.date from json_populate_record(null::graphile_migrate.migrations, $1) as r`,
      [JSON.stringify(rows[0])],
    );
    expect(check(report, 'migrations').problems).toEqual([
      { problem: 'Not applied: 000007-bookings.', remedy: 'Run `rowhouse migrate`.' },
    ]);
  });
});

describe('a role that may not see much', () => {
  const role = `rowhouse_guest_${randomUUID().slice(0, 8)}`;
  afterAll(async () => {
    await (await db.superuser()).query(`drop role if exists ${role}`);
  });

  test('is told what it may not see, and the rest', async () => {
    const password = randomUUID();
    await (await db.superuser()).query(`create role ${role} login password '${password}'`);
    const url = new URL(db.url);
    url.username = role;
    url.password = password;
    const report = await doctor(url.href);
    expect(report.status).toBe('degraded');
    expect(Object.fromEntries(report.checks.map(({ name, status }) => [name, status]))).toMatchObject({
      server: 'ok',
      migrations: 'access_denied',
      extensions: 'ok',
      'cron jobs': 'access_denied',
      queues: 'access_denied',
      users: 'access_denied',
    });
  });
});

describe('the command', () => {
  const run = (...args: string[]) => runCli(['doctor', ...args], { env: { DATABASE_URL: db.url } });

  test('exits 0 when all is well', async () => {
    const { code, stdout, stderr } = await run();
    expect(stderr).toBe('');
    expect(stdout).toContain('All is well.');
    expect(code).toBe(0);
  });

  test('exits 1 when something is wrong, with what to do', async () => {
    await db.query(`select cron.unschedule('rowhouse-wake-worker')`);
    const [forPeople, forPrograms] = await Promise.all([run(), run('--json')]);
    await db.query(
      `select cron.schedule('rowhouse-wake-worker', '* * * * *', 'select private.wake_worker()')`,
    );
    expect([forPeople.code, forPrograms.code]).toEqual([1, 1]);
    expect(forPeople.stdout).toContain('cron job rowhouse-wake-worker: missing');
    expect(forPeople.stdout).toContain(`do: select cron.schedule('rowhouse-wake-worker'`);
    expect(JSON.parse(forPrograms.stdout)).toMatchObject({
      status: 'degraded',
      version: expect.any(String) as string,
    });
  });
});
