import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { z } from 'zod';
import { timed } from './support/measure.ts';
import { insertUsers, type Place, progress, withPlace } from './support/place.ts';
import { type Bench, comparison, figure } from './support/report.ts';

const command = fileURLToPath(new URL('../bin/rowhouse.js', import.meta.url));

/** What private.insert_profiles writes, for every user, into a table that is equal to public.user_profiles. */
const insertComputed = `
  insert into bench.profiles (user_id, display_name, sso_provider, sso_user_id)
  select
    account.id,
    private.initial_display_name(account.id, account.email, account.raw_user_meta_data),
    private.sso_provider(account.is_sso_user, account.raw_app_meta_data),
    case
      when private.sso_provider(account.is_sso_user, account.raw_app_meta_data) is not null
        and jsonb_typeof(account.raw_app_meta_data -> 'provider_id') = 'string'
        then left(account.raw_app_meta_data ->> 'provider_id', 200)
    end
  from auth.users as account`;

const insertReady = `
  insert into bench.profiles (user_id, display_name, sso_provider, sso_user_id)
  select user_id, display_name, sso_provider, sso_user_id from bench.ready`;

/** Makes bench.profiles: the columns, defaults, checks and indexes of public.user_profiles, and its foreign keys. */
async function makeFloor(client: pg.Client): Promise<void> {
  await client.query(`
    create schema bench;
    create table bench.profiles (
      like public.user_profiles including all,
      foreign key (user_id) references auth.users (id) on delete cascade,
      foreign key (deactivated_by) references auth.users (id) on delete set null
    );`);
}

const syncReport = z.looseObject({ created_profiles: z.number(), duration_ms: z.number() });

/**
 * Runs `rowhouse users sync` as a process of its own.
 *
 * @returns the milliseconds that it reports, and how much memory it had at its peak, in MB
 */
async function runCommand(url: string, expected: number): Promise<{ time: number; memory: number }> {
  const child = spawn(process.execPath, [command, 'users', 'sync', '--json'], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const over = new Promise<number | null>((resolve) => child.once('close', resolve));
  let memory = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const status = await readFile(`/proc/${child.pid ?? 0}/status`, 'utf8').catch(() => '');
    memory = Math.max(memory, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
    await sleep(50);
  }
  const code = await over;
  if (code !== 0) throw new Error(`rowhouse users sync ended with ${code ?? 'a signal'}: ${output}`);
  const report = syncReport.parse(JSON.parse(output));
  if (report.created_profiles !== expected) throw new Error(`Created ${report.created_profiles} profiles.`);
  progress(`sync of ${expected.toLocaleString('en')}: ${report.duration_ms} ms, ${Math.round(memory)} MB`);
  return { time: report.duration_ms, memory };
}

async function measure(place: Place, scale: number) {
  const users = Math.ceil(1_000_000 * scale);
  await insertUsers(place.superuserUrl('bench'), users);
  const client = await place.open('bench');
  await makeFloor(client);
  const superuser = await place.open('bench', 'supabase_admin');

  const clean = async (table: string) => {
    await client.query(`truncate ${table}`);
    await superuser.query('checkpoint');
  };
  const part = Math.ceil(users / 10);
  const ours = async () => {
    await clean('public.user_profiles');
    return runCommand(place.url('bench'), users);
  };
  const bare = async (text: string) => {
    await clean('bench.profiles');
    const time = await timed(async () => {
      const { rowCount } = await client.query(text);
      if (rowCount !== users) throw new Error(`Inserted ${rowCount ?? 0} profiles.`);
    });
    progress(`insert … select: ${Math.round(time)} ms`);
    return time;
  };

  // Floor, ours, ours, floor: a drift of the machine cancels out.
  const firstFloor = await bare(insertComputed);
  const first = await ours();
  const second = await ours();
  const secondFloor = await bare(insertComputed);
  await client.query('create table bench.ready as table bench.profiles');
  const ready = await bare(insertReady);

  await client.query(
    `delete from public.user_profiles where user_id in (select user_id from public.user_profiles limit $1)`,
    [part],
  );
  const partMemory = (await runCommand(place.url('bench'), part)).memory;
  const wholeMemory = Math.max(first.memory, second.memory);

  return {
    comparisons: [
      comparison(
        `${users.toLocaleString('en')} users, over insert … select from auth.users`,
        [
          { ours: first.time, floor: firstFloor },
          { ours: second.time, floor: secondFloor },
        ],
        {
          unit: 'ms',
          target: { atMost: 1.5 },
        },
      ),
      comparison(
        'the same, over insert … select from a table that holds the finished rows',
        [{ ours: second.time, floor: ready }],
        {
          unit: 'ms',
        },
      ),
    ],
    figures: [
      figure(`memory of the command at its peak, ${part.toLocaleString('en')} profiles`, partMemory, 'MB'),
      figure(`memory of the command at its peak, ${users.toLocaleString('en')} profiles`, wholeMemory, 'MB'),
      figure('the second over the first', wholeMemory / partMemory, 'times', { atMost: 1.1 }),
    ],
    notes: [
      'Ours: the command `rowhouse users sync`, in transactions of 10,000, each committed to the disk. Floor: one statement, one transaction, into a table with the same checks, indexes and foreign keys. Each begins with an empty table.',
    ],
  };
}

export const bench: Bench = {
  description: 'profiles for a million users, over the bare insert … select of the same rows',
  run: (scale) => withPlace(['bench'], { autovacuum: 'off' }, (place) => measure(place, scale)),
};
