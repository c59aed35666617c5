import type pg from 'pg';
import { describe, expect, test } from 'vitest';

/** Connections as role postgres to a database that has schema cron. */
export interface CronDatabase {
  pool: pg.Pool;
}

interface Job {
  jobid: string;
  schedule: string;
  command: string;
  database: string;
  username: string;
  active: boolean;
}

const validSchedules = [
  '* * * * *',
  '*/5 * * * *',
  '0 0 1 1 *',
  '0-10/2 8,12,18 * * *',
  '59 23 31 12 7',
  '0 3 * * sun',
  '0 0 * JAN-mar mon,Wed',
  '15 4 * * mon-fri',
  '  5   4 * * * ',
  '07 08 01 01 *',
];

const invalidSchedules = [
  '',
  'garbage',
  '* * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 0 *',
  '* * * 13 *',
  '* * * * 8',
  '*/0 * * * *',
  '5/10 * * * *',
  '-1 * * * *',
  '1- * * * *',
  '1,,2 * * * *',
  '1, 2 * * * *',
  'jan * * * *',
  '* * * * someday',
  'a b c d e',
  '@sometimes',
  '0 seconds',
  '60 seconds',
];

/**
 * What Rowhouse relies on of pg_cron, told as tests: it holds for the extension and for the stand-in alike. Each test
 * undoes what it did, so that no worker ever runs one of these jobs.
 *
 * @param provider what the database is said to have; the first test checks it
 * @param database filled before the first test runs
 */
export function describeCronContract(provider: 'extension' | 'stand-in', database: CronDatabase): void {
  async function inRollback(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      await work(client);
    } finally {
      await client.query('rollback').catch(() => undefined);
      client.release();
    }
  }
  async function valueOf(client: pg.PoolClient, sql: string, values: unknown[] = []): Promise<unknown> {
    return (await client.query<{ value: unknown }>(`select ${sql} as value`, values)).rows[0]?.value;
  }
  async function jobs(client: pg.PoolClient, name: string): Promise<Job[]> {
    return (
      await client.query<Job>(
        'select jobid, schedule, command, database, username, active from cron.job where jobname = $1',
        [name],
      )
    ).rows;
  }
  /** Expects a statement to fail, and goes on in the same transaction. */
  async function refused(
    client: pg.PoolClient,
    sql: string,
    values: unknown[],
    expected: unknown,
  ): Promise<void> {
    await client.query('savepoint attempt');
    await expect(client.query(sql, values)).rejects.toMatchObject(expected as object);
    await client.query('rollback to savepoint attempt');
  }

  describe(`cron (${provider})`, () => {
    test('is what the title says, used as a role that is no superuser', () =>
      inRollback(async (client) => {
        const { rows } = await client.query(
          `select
             exists (select from pg_extension where extname = 'pg_cron') as extension,
             (select rolsuper from pg_roles where rolname = current_user) as superuser`,
        );
        expect(rows).toEqual([{ extension: provider === 'extension', superuser: false }]);
      }));

    test('a scheduled job is on record for its user and database', () =>
      inRollback(async (client) => {
        const id = await valueOf(client, 'cron.schedule($1, $2, $3)', [
          'nightly',
          '0 3 * * *',
          `select 'a''b'`,
        ]);
        expect(await jobs(client, 'nightly')).toEqual([
          {
            jobid: id,
            schedule: '0 3 * * *',
            command: `select 'a''b'`,
            database: await valueOf(client, 'current_database()'),
            username: 'postgres',
            active: true,
          },
        ]);
      }));

    test('scheduling a name again replaces the job and keeps its id', () =>
      inRollback(async (client) => {
        const schedule = 'cron.schedule($1, $2, $3)';
        const id = await valueOf(client, schedule, ['nightly', '0 3 * * *', 'select 1']);
        expect(await valueOf(client, schedule, ['nightly', '30 4 * * 1', 'select 2'])).toBe(id);
        expect(await jobs(client, 'nightly')).toMatchObject([
          { jobid: id, schedule: '30 4 * * 1', command: 'select 2' },
        ]);
      }));

    test('a job without a name is a new one each time', () =>
      inRollback(async (client) => {
        const schedule = 'cron.schedule($1, $2)';
        const first = await valueOf(client, schedule, ['0 3 * * *', 'select 1']);
        const second = await valueOf(client, schedule, ['0 3 * * *', 'select 1']);
        expect(second).not.toBe(first);
        expect(await valueOf(client, 'cron.unschedule($1::bigint)', [first])).toBe(true);
        const { rows } = await client.query('select jobid from cron.job where jobid = any($1)', [
          [first, second],
        ]);
        expect(rows).toEqual([{ jobid: second }]);
      }));

    test('a job is unscheduled by its name', () =>
      inRollback(async (client) => {
        await client.query(`select cron.schedule('nightly', '0 3 * * *', 'select 1')`);
        expect(await valueOf(client, 'cron.unschedule($1)', ['nightly'])).toBe(true);
        expect(await jobs(client, 'nightly')).toEqual([]);
      }));

    test('unscheduling what is not there is an error', () =>
      inRollback(async (client) => {
        const expected = { message: expect.stringContaining('could not find valid entry') as string };
        await refused(client, `select cron.unschedule('no such job')`, [], expected);
        await refused(client, 'select cron.unschedule(987654321)', [], expected);
      }));

    test.for(validSchedules)('%j is a schedule', (schedule) =>
      inRollback(async (client) => {
        await client.query('select cron.schedule($1, $2, $3)', ['nightly', schedule, 'select 1']);
        expect(await jobs(client, 'nightly')).toMatchObject([{ schedule }]);
      }),
    );

    test.for(invalidSchedules)('%j is refused as a schedule, named or not', (schedule) =>
      inRollback(async (client) => {
        const expected = { message: expect.stringContaining('invalid schedule') as string, code: '22023' };
        await refused(
          client,
          'select cron.schedule($1, $2, $3)',
          ['nightly', schedule, 'select 1'],
          expected,
        );
        await refused(client, 'select cron.schedule($1, $2)', [schedule, 'select 1'], expected);
        expect(await jobs(client, 'nightly')).toEqual([]);
      }),
    );

    test('a job needs a name, a schedule and a command', () =>
      inRollback(async (client) => {
        for (const values of [
          [null, '* * * * *', 'select 1'],
          ['nightly', null, 'select 1'],
          ['nightly', '* * * * *', null],
        ]) {
          await refused(client, 'select cron.schedule($1, $2, $3)', values, {});
        }
      }));

    test('jobs change through the functions alone', () =>
      inRollback(async (client) => {
        for (const statement of [
          `insert into cron.job (schedule, command) values ('* * * * *', 'select 1')`,
          'update cron.job set active = false',
          'delete from cron.job',
        ]) {
          await refused(client, statement, [], { code: '42501' });
        }
      }));

    test('a user sees its own jobs and runs, and replaces nobody else’s', () =>
      inRollback(async (client) => {
        await client.query(`select cron.schedule('nightly', '0 3 * * *', 'select 1')`);
        await client.query('grant usage on schema cron to authenticated; set local role authenticated');
        expect(await jobs(client, 'nightly')).toEqual([]);
        expect((await client.query('select * from cron.job_run_details')).rows).toEqual([]);
        await refused(client, `select cron.unschedule('nightly')`, [], {});
        await client.query(`select cron.schedule('nightly', '0 4 * * *', 'select 2')`);
        expect(await jobs(client, 'nightly')).toMatchObject([
          { username: 'authenticated', command: 'select 2' },
        ]);
        await client.query('reset role');
        expect((await jobs(client, 'nightly')).map((job) => job.username).sort()).toEqual([
          'authenticated',
          'postgres',
        ]);
      }));

    test('nobody but postgres may use the schema', () =>
      inRollback(async (client) => {
        for (const role of ['anon', 'authenticated', 'service_role']) {
          await client.query(`set local role ${role}`);
          await refused(client, 'select * from cron.job', [], { code: '42501' });
          await refused(client, `select cron.schedule('x', '* * * * *', 'select 1')`, [], { code: '42501' });
        }
      }));

    test('the runs of jobs can be read and cleared by postgres', () =>
      inRollback(async (client) => {
        await client.query(
          `select jobid, runid, job_pid, database, username, command, status, return_message, start_time, end_time
           from cron.job_run_details`,
        );
        await client.query('delete from cron.job_run_details where end_time < now()');
      }));
  });
}
