import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { startScheduler } from '../../src/stack/scheduler.ts';
import { useStack } from '../support/stack.ts';
import { asSuperuser, eventually } from './clients.ts';

const stack = useStack();

const urlOf = (role: string) => {
  const url = new URL(stack.dbUrl);
  url.username = role;
  return url.href;
};

/** Jobs belong to who makes them, and migrations make them as `postgres`. */
async function asPostgres(statement: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  await client.query(statement, values).finally(() => client.end());
}

interface Run {
  status: string;
  return_message: string;
  username: string;
  job_pid: number;
  start_time: Date;
  end_time: Date | null;
}

const runsOf = (name: string) =>
  asSuperuser<Run & pg.QueryResultRow>(
    stack,
    `select d.* from cron.job_run_details as d where d.jobid in (select jobid from cron.job where jobname = $1)
     order by d.runid`,
    [name],
  );

describe('the scheduler', () => {
  test('runs a job as its role, each moment once though two look, and no more once it is removed', async () => {
    const second = await startScheduler({ url: stack.dbUrl, urlOf, log: () => undefined });
    try {
      await asPostgres(
        `create table public.ticks (at timestamptz default clock_timestamp(), by text default current_user)`,
      );
      await asPostgres(
        `select cron.schedule('tick', '1 seconds', 'insert into public.ticks default values')`,
      );
      await eventually(
        async () => (await runsOf('tick')).filter((run) => run.status === 'succeeded').length >= 4,
      );
    } finally {
      await second.stop();
    }
    const runs = await runsOf('tick');
    const moments = runs.map((run) => Math.floor(run.start_time.getTime() / 1000));
    expect(new Set(moments).size).toBe(moments.length);
    expect(runs[0]).toMatchObject({
      status: 'succeeded',
      return_message: 'INSERT 0 1',
      username: 'postgres',
    });
    expect(runs[0]?.job_pid).toBeGreaterThan(0);
    expect(runs[0]?.end_time?.getTime()).toBeGreaterThanOrEqual(runs[0]?.start_time.getTime() ?? Infinity);
    expect(await asSuperuser(stack, 'select distinct by from public.ticks')).toEqual([{ by: 'postgres' }]);

    await asPostgres(`select cron.unschedule('tick')`);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const count = async () =>
      (await asSuperuser(stack, 'select count(*) as ticks from public.ticks'))[0]?.ticks as string;
    const before = await count();
    await new Promise((resolve) => setTimeout(resolve, 2200));
    expect(await count()).toBe(before);
  });

  test('writes down what went wrong', async () => {
    await asPostgres(`select cron.schedule('bad', '1 seconds', 'select 1 / 0')`);
    await eventually(async () => (await runsOf('bad')).some((run) => run.status === 'failed'));
    expect((await runsOf('bad'))[0]).toMatchObject({ return_message: 'ERROR: division by zero' });
    await asPostgres(`select cron.unschedule('bad')`);
  });

  test('does not run a job beside itself', async () => {
    await asPostgres(`select cron.schedule('slow', '1 seconds', 'select pg_sleep(2.5)')`);
    await eventually(
      async () => (await runsOf('slow')).filter((run) => run.status === 'succeeded').length >= 2,
    );
    const runs = (await runsOf('slow')).filter((run) => run.end_time !== null);
    await asPostgres(`select cron.unschedule('slow')`);
    expect(runs[0]).toMatchObject({ return_message: 'SELECT 1' });
    expect(runs[1]?.start_time.getTime()).toBeGreaterThanOrEqual(runs[0]?.end_time?.getTime() ?? Infinity);
  });

  test('gives a job no more rights than its role has', async () => {
    await asPostgres(`select cron.schedule('evil', '1 seconds', $$
      reset session authorization; reset role; alter role postgres superuser $$)`);
    await eventually(async () => (await runsOf('evil')).some((run) => run.status === 'failed'));
    await asPostgres(`select cron.unschedule('evil')`);
    const roles = await asSuperuser(stack, `select rolsuper from pg_roles where rolname = 'postgres'`);
    expect(roles).toEqual([{ rolsuper: false }]);
  });

  test('closes the runs that a killed stack left open', async () => {
    await asSuperuser(
      stack,
      `insert into cron.job_run_details (jobid, status, start_time) values (4711, 'running', now() - interval '1 hour')`,
    );
    await (await startScheduler({ url: stack.dbUrl, urlOf, log: () => undefined })).stop();
    expect(
      await asSuperuser(stack, 'select status, return_message from cron.job_run_details where jobid = 4711'),
    ).toEqual([{ status: 'failed', return_message: 'server restarted' }]);
  });
});
