import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type pg from 'pg';
import { migrate } from '../../src/migrations/migrate.ts';
import { connect, withConnection } from '../../src/postgres/connect.ts';
import { type PlatformReport, applyPlatform } from '../../src/postgres/platform.ts';
import { startDebianCluster } from '../support/places/debian.ts';

const password = 'real run';
const closing: (() => Promise<void>)[] = [];
let platform: PlatformReport;
let db: pg.Client;

beforeAll(async () => {
  const cluster = await startDebianCluster('operations');
  closing.unshift(() => cluster.stop());
  await withConnection(cluster.superuserUrl(), (client) => client.query('create database operations'));
  platform = await withConnection(cluster.superuserUrl('operations'), async (client) => {
    const report = await applyPlatform(client, { password });
    await client.query('alter database operations owner to postgres');
    return report;
  });
  await migrate(cluster.url('postgres', password, 'operations'));
  db = await connect(cluster.url('postgres', password, 'operations'));
  closing.unshift(() => db.end());
}, 60_000);

afterAll(async () => {
  for (const close of closing) await close();
});

test('pg_cron itself runs a job that role postgres schedules, in the minute that it is due', async () => {
  expect(platform.cron).toBe('extension');
  await db.query(
    'create table public.ticks (ticked_by text not null, ticked_at timestamptz not null default now())',
  );
  const { rows } = await db.query<{ id: string }>(
    `select cron.schedule('tick', '* * * * *', 'insert into public.ticks values (current_user)') as id`,
  );

  await vi.waitFor(
    async () => {
      const runs = await db.query(
        'select status, username, database from cron.job_run_details where jobid = $1',
        [rows[0]?.id],
      );
      expect(runs.rows).toContainEqual({ status: 'succeeded', username: 'postgres', database: 'operations' });
    },
    { timeout: 130_000, interval: 500 },
  );
  expect((await db.query('select ticked_by from public.ticks')).rows).toContainEqual({
    ticked_by: 'postgres',
  });
});

test("Rowhouse's own jobs are scheduled with it", async () => {
  const { rows } = await db.query<{ jobname: string }>(
    `select jobname from cron.job where active and jobname <> 'tick'`,
  );
  expect(rows.length).toBeGreaterThan(0);
});
