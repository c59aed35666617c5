import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { schemaState } from '../migrations/release.ts';
import { withConnection } from '../postgres/connect.ts';
import { dueBetween } from '../stack/schedule.ts';
import { userStatus } from '../users/status.ts';
import { verify } from '../verify/verify.ts';

/** One thing that the doctor looked at. */
export interface Check {
  /** `server`, `migrations`, `extensions`, `cron jobs`, `queues`, `users`, `verify`. */
  name: string;
  status: 'ok' | 'wrong' | 'access_denied';
  /** What was seen, one line each. */
  notes: string[];
  /** What is wrong with it, and what to do. Empty when it is well. */
  problems: { problem: string; remedy: string }[];
}

/** How a database is. */
export interface DoctorReport {
  status: 'ok' | 'degraded';
  /** The version of Rowhouse. */
  version: string;
  checks: Check[];
}

/** What a check finds. */
type Findings = Pick<Check, 'notes' | 'problems'>;

/** How late a cron job may be before that is a problem. */
const cronGraceMilliseconds = 5 * 60_000;

/** How long a message may wait before that is a problem. */
const longestWaitSeconds = 15 * 60;

/** What Rowhouse uses where it is there, and what does the work where it is not. */
const extensions: { name: string; standIn: string }[] = [
  { name: 'pgmq', standIn: "Rowhouse's stand-in" },
  { name: 'pg_cron', standIn: "Rowhouse's stand-in; the embedded stack runs the jobs" },
  { name: 'pg_net', standIn: 'notifications, which the embedded stack listens to' },
  { name: 'timescaledb', standIn: 'plain PostgreSQL (range partitions)' },
  { name: 'pg_search', standIn: 'plain PostgreSQL (tsvector, pg_trgm)' },
  { name: 'pg_duckdb', standIn: 'plain PostgreSQL (rollup tables)' },
];

async function rowhouseVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

async function checkServer(client: pg.ClientBase): Promise<Findings> {
  const { rows } = await client.query<{ version: string; number: number; role: string; database: string }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::integer as number,
       current_user as role, current_database() as database`,
  );
  const { version = '', number = 0, role = '', database = '' } = rows[0] ?? {};
  return {
    notes: [`PostgreSQL ${version}, database ${database}, role ${role}`],
    problems:
      number >= 150_000
        ? []
        : [{ problem: `PostgreSQL ${version} is older than 15.`, remedy: 'Upgrade the server.' }],
  };
}

async function checkMigrations(client: pg.ClientBase): Promise<Findings> {
  const { state, applied, release, pending } = await schemaState(client);
  const notes = [`database ${applied ?? 'none'}, release ${release}`];
  if (state === 'current') return { notes, problems: [] };
  if (state === 'newer') {
    return {
      notes,
      problems: [
        {
          problem: `The database is at migration ${applied ?? '?'}, newer than this release (${release}).`,
          remedy: 'Use the release of Rowhouse that migrated it, or a later one.',
        },
      ],
    };
  }
  return {
    notes,
    problems: [{ problem: `Not applied: ${pending.join(', ')}.`, remedy: 'Run `rowhouse migrate`.' }],
  };
}

async function checkExtensions(client: pg.ClientBase): Promise<Findings> {
  const { rows } = await client.query<{ name: string; version: string }>(
    'select extname as name, extversion as version from pg_catalog.pg_extension',
  );
  const schemas = await client.query<{ name: string }>(
    `select nspname as name from pg_catalog.pg_namespace where nspname in ('pgmq', 'cron')`,
  );
  const present = new Set(schemas.rows.map(({ name }) => name));
  const schemaOf: Partial<Record<string, string>> = { pgmq: 'pgmq', pg_cron: 'cron' };
  const problems: Findings['problems'] = [];
  const notes = extensions.map(({ name, standIn }) => {
    const installed = rows.find((row) => row.name === name);
    if (installed) return `${name} ${installed.version}`;
    const schema = schemaOf[name];
    if (schema !== undefined && !present.has(schema)) {
      problems.push({
        problem: `There is neither the extension ${name} nor a stand-in for it.`,
        remedy: `create extension ${name}; (on Supabase: Database, Extensions)`,
      });
      return `${name}: missing`;
    }
    return `${name}: ${standIn}`;
  });
  return { notes, problems };
}

interface JobRow {
  jobname: string;
  schedule: string;
  active: boolean;
  since: Date;
  started: Date | null;
  status: string | null;
  message: string | null;
}

async function checkCronJobs(client: pg.ClientBase, now: Date): Promise<Findings> {
  const { rows } = await client.query<JobRow>(
    `select
       job.jobname, job.schedule, job.active, run.start_time as started, run.status, run.return_message as message,
       -- A job cannot have run before it was there, nor while the server was down.
       greatest(
         pg_postmaster_start_time(),
         (select max(date) from graphile_migrate.migrations),
         run.start_time
       ) as since
     from cron.job
     left join lateral (
       select * from cron.job_run_details as each where each.jobid = job.jobid and each.status in ('succeeded', 'failed')
       order by each.start_time desc
       limit 1
     ) as run on true
     where job.jobname like 'rowhouse-%'
     order by job.jobname`,
  );
  const problems: Findings['problems'] = [];
  const notes = rows.map(({ jobname, schedule, active, since, started, status, message }) => {
    if (!active) {
      problems.push({
        problem: `Job ${jobname} is switched off.`,
        remedy: 'Run `rowhouse verify`: it has the statement that switches it on.',
      });
    } else if (dueBetween(schedule, since, new Date(now.getTime() - cronGraceMilliseconds))) {
      problems.push({
        problem: `Job ${jobname} (${schedule}) is late: ${started ? `it last ran at ${started.toISOString()}` : 'it has not run yet'}.`,
        remedy:
          'Is pg_cron running, with this database as cron.database_name? Where it is a stand-in, the stack runs the jobs: `npm start`.',
      });
    }
    if (status === 'failed') {
      problems.push({
        problem: `Job ${jobname} failed: ${message ?? 'no reason was given'}.`,
        remedy: `select * from cron.job_run_details where status = 'failed' order by start_time desc;`,
      });
    }
    return `${jobname} (${schedule}): ${started ? `${status ?? ''} at ${started.toISOString()}` : 'not run yet'}`;
  });
  if (rows.length === 0) {
    problems.push({
      problem: "None of Rowhouse's jobs is scheduled.",
      remedy: 'Run `rowhouse verify`: it has the statements that schedule them.',
    });
  }
  return { notes, problems };
}

interface QueueRow {
  queue: string;
  waiting: number;
  failing: number;
  dead_letters: number;
  oldest: number;
  last_error: string | null;
}

async function checkQueues(client: pg.ClientBase): Promise<Findings> {
  const { rows } = await client.query<QueueRow>(
    `select queue, waiting::integer, failing::integer, dead_letters::integer, oldest_waiting_seconds::integer as oldest,
       last_error
     from public.jobs_overview()`,
  );
  const problems = rows.flatMap(({ queue, waiting, dead_letters, oldest, last_error }) => [
    ...(dead_letters > 0
      ? [
          {
            problem: `Queue ${queue} has ${dead_letters} dead letters${last_error === null ? '' : `; the last error: ${last_error}`}.`,
            remedy: `Mend the cause, then: select public.replay_dead_letters('${queue}');`,
          },
        ]
      : []),
    ...(oldest > longestWaitSeconds
      ? [
          {
            problem: `On queue ${queue}, ${waiting} messages wait, the oldest for ${Math.floor(oldest / 60)} minutes.`,
            remedy: 'Is the worker deployed, and woken? docs/jobs.md says how.',
          },
        ]
      : []),
  ]);
  return {
    notes: rows.map(
      ({ queue, waiting, failing, dead_letters }) =>
        `${queue}: ${waiting} waiting, ${failing} failing, ${dead_letters} dead`,
    ),
    problems,
  };
}

async function checkUsers(client: pg.ClientBase): Promise<Findings> {
  const status = await userStatus(client);
  const counted = new Map<string, { count: number; detail: string; remedy: string }>();
  for (const { problem, detail, remedy } of status.problems) {
    const known = counted.get(problem);
    if (known) known.count += 1;
    else counted.set(problem, { count: 1, detail, remedy });
  }
  return {
    notes: [
      `${status.total_auth_users} users, ${status.profiles} profiles, ${status.missing_profiles} missing, ${status.open_failures} open failures`,
    ],
    problems: [...counted].map(([problem, { count, detail, remedy }]) => ({
      problem: count === 1 ? `${problem}: ${detail}` : `${problem}, ${count} times; the first: ${detail}`,
      remedy,
    })),
  };
}

async function checkVerify(url: string): Promise<Findings> {
  const { critical, warning, info, objects, findings } = await verify(url);
  const worst = findings.filter(({ severity }) => severity === 'critical');
  return {
    notes: [`${objects} objects: ${critical} critical, ${warning} warnings, ${info} for information`],
    problems: worst.slice(0, 10).map(({ kind, name, error, remedy }) => ({
      problem: `${kind} ${name}: ${error}`,
      remedy: remedy.includes('\n') ? 'Run `rowhouse verify`.' : remedy,
    })),
  };
}

/** What may not be seen is unknown, which is a finding of its own; anything else that goes wrong is a problem. */
async function run(name: string, check: () => Promise<Findings>): Promise<Check> {
  try {
    const { notes, problems } = await check();
    return { name, status: problems.length === 0 ? 'ok' : 'wrong', notes, problems };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const isDenied = ['42501', 'PT401', 'PT403'].includes(code ?? '');
    return {
      name,
      status: isDenied ? 'access_denied' : 'wrong',
      notes: [],
      problems: [
        {
          problem: message,
          remedy: isDenied
            ? 'Connect as role postgres, as migrations do.'
            : ((error instanceof Failure ? error.hint : undefined) ??
              'Run `rowhouse verify`: it names what differs from the release.'),
        },
      ],
    };
  }
}

/**
 * Looks at everything that can be wrong with a database of Rowhouse, and changes nothing.
 *
 * @param url connection string of role `postgres`
 * @param options `now`: the moment at which cron jobs are late or not
 * @returns each check with what it saw; `degraded` when one is not ok
 * @throws {Failure} when the database cannot be reached
 */
export async function doctor(url: string, options: { now?: Date } = {}): Promise<DoctorReport> {
  const now = options.now ?? new Date();
  return withConnection(url, async (client) => {
    const checks = [
      await run('server', () => checkServer(client)),
      await run('migrations', () => checkMigrations(client)),
      await run('extensions', () => checkExtensions(client)),
      await run('cron jobs', () => checkCronJobs(client, now)),
      await run('queues', () => checkQueues(client)),
      await run('users', () => checkUsers(client)),
      await run('verify', () => checkVerify(url)),
    ];
    return {
      status: checks.every(({ status }) => status === 'ok') ? 'ok' : 'degraded',
      version: await rowhouseVersion(),
      checks,
    };
  });
}
