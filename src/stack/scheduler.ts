import type pg from 'pg';
import { connect } from '../postgres/connect.ts';
import type { Running } from './listen.ts';
import { dueBetween } from './schedule.ts';

/** A row of `cron.job`. */
interface Job {
  jobid: string;
  schedule: string;
  command: string;
  database: string;
  username: string;
}

/** What {@link startScheduler} needs. */
export interface SchedulerOptions {
  /** A superuser's connection string of the database that holds `cron.job`. */
  url: string;
  /** The connection string of a role, under which its jobs run. */
  urlOf: (role: string) => string;
  log: (line: string) => void;
}

const tickMilliseconds = 1000;

/** First key of the advisory locks that say "this job runs"; the second is the job's number. */
const lockClass = 0x63726f6e;

/** The tag that PostgreSQL gives the last statement of a command: `SELECT 1`, `INSERT 0 1`. */
function commandTag(result: pg.QueryResult | pg.QueryResult[]): string {
  const last = Array.isArray(result) ? result.at(-1) : result;
  if (!last?.command) return '';
  const prefix = last.command === 'INSERT' ? 'INSERT 0' : last.command;
  return last.rowCount === null ? prefix : `${prefix} ${last.rowCount}`;
}

/** Runs that a stack left behind when it was killed: nobody holds their lock. */
async function closeAbandonedRuns(client: pg.Client): Promise<void> {
  await client.query(
    `with abandoned as materialized (
       select jobid from cron.job_run_details where status in ('starting', 'running') group by jobid
     ), free as materialized (
       select jobid from abandoned where pg_try_advisory_lock($1, jobid::integer)
     ), closed as (
       update cron.job_run_details as d set status = 'failed', return_message = 'server restarted', end_time = now()
       from free where d.jobid = free.jobid and d.status in ('starting', 'running')
       returning d.jobid
     )
     select pg_advisory_unlock($1, jobid::integer) from free`,
    [lockClass],
  );
}

async function run(job: Job, urlOf: SchedulerOptions['urlOf'], started: (pid: number) => Promise<void>) {
  let client: pg.Client | undefined;
  try {
    client = await connect(urlOf(job.username), { applicationName: 'pg_cron' });
    const backend = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    await started(backend.rows[0]?.pid ?? 0);
    return { status: 'succeeded', message: commandTag(await client.query(job.command)) };
  } catch (error) {
    return { status: 'failed', message: `ERROR: ${(error as Error).message}` };
  } finally {
    await client?.end().catch(() => undefined);
  }
}

/**
 * Runs the jobs of `cron.job` where a stand-in takes the place of pg_cron: each due moment once, however many
 * schedulers look at the database; no job beside itself; as the job's role on a connection of its own. Changed jobs
 * count from the next second on.
 *
 * @param options connections
 * @throws {Failure} when the database cannot be reached
 */
export async function startScheduler(options: SchedulerOptions): Promise<Running> {
  const { url, urlOf, log } = options;
  let client = await connect(url, { applicationName: 'rowhouse scheduler' });
  await closeAbandonedRuns(client);
  const running = new Map<string, Promise<void>>();
  let isStopping = false;
  let isConnected = true;
  let seenUntil = new Date();

  /** Takes the lock and writes the run in one statement each; both tell whether another scheduler was first. */
  const claim = async (job: Job, due: Date): Promise<string | undefined> => {
    const lock = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1, $2::integer) as locked',
      [lockClass, job.jobid],
    );
    if (!lock.rows[0]?.locked) return undefined;
    const { rows } = await client.query<{ runid: string }>(
      `insert into cron.job_run_details (jobid, database, username, command, status, start_time)
       select $1, $2, $3, $4, 'running', greatest(clock_timestamp(), $5)
       where not exists (select from cron.job_run_details where jobid = $1 and start_time >= $5)
       returning runid`,
      [job.jobid, job.database, job.username, job.command, due],
    );
    if (!rows[0]) await release(job);
    return rows[0]?.runid;
  };

  const release = (job: Job) =>
    client.query('select pg_advisory_unlock($1, $2::integer)', [lockClass, job.jobid]);

  const perform = async (job: Job, runId: string) => {
    const result = await run(job, urlOf, async (pid) => {
      await client.query('update cron.job_run_details set job_pid = $2 where runid = $1', [runId, pid]);
    });
    await client.query(
      `update cron.job_run_details set status = $2, return_message = $3, end_time = clock_timestamp()
       where runid = $1`,
      [runId, result.status, result.message],
    );
    await release(job);
    if (result.status === 'failed') log(`cron: job ${job.jobid}: ${result.message}`);
  };

  const look = async () => {
    if (!isConnected) {
      client = await connect(url, { applicationName: 'rowhouse scheduler' });
      watch();
    }
    const until = new Date();
    const { rows } = await client.query<Job>(
      `select jobid, schedule, command, database, username from cron.job
       where active and database = current_database() order by jobid`,
    );
    for (const job of rows) {
      const due = running.has(job.jobid) ? undefined : dueBetween(job.schedule, seenUntil, until);
      if (!due) continue;
      const runId = await claim(job, due);
      if (runId === undefined) continue;
      running.set(
        job.jobid,
        perform(job, runId)
          .catch((error: unknown) => log(`cron: job ${job.jobid}: ${(error as Error).message}`))
          .finally(() => running.delete(job.jobid)),
      );
    }
    seenUntil = until;
  };

  const watch = () => {
    isConnected = true;
    client.once('end', () => (isConnected = false));
  };
  watch();

  let ticking = Promise.resolve();
  let timer: NodeJS.Timeout;
  const tick = () => {
    ticking = look()
      .catch((error: unknown) => {
        if (!isStopping) log(`cron: ${(error as Error).message}`);
      })
      .finally(() => {
        if (!isStopping) timer = setTimeout(tick, tickMilliseconds - (Date.now() % tickMilliseconds));
      });
  };
  timer = setTimeout(tick, tickMilliseconds - (Date.now() % tickMilliseconds));

  return {
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await ticking;
      // A job that takes long is cut off with its server; the others finish.
      await Promise.race([
        Promise.all(running.values()),
        new Promise((resolve) => setTimeout(resolve, 2000).unref()),
      ]);
      await client.end().catch(() => undefined);
    },
  };
}
