import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/migrations/migrate.ts';
import { restore } from '../../src/migrations/restore.ts';
import { connect, withConnection } from '../../src/postgres/connect.ts';
import { contents, fillEveryTable } from '../migrations/rows.ts';
import { runCli, startCli } from '../support/cli.ts';
import { startCrashingServer, type CrashingServer } from './crashing-server.ts';

let server: CrashingServer;
let databases = 0;
let database: string;

beforeAll(async () => {
  server = await startCrashingServer();
});
afterAll(() => server.remove());

const run = (...args: string[]) => runCli(args, { env: { DATABASE_URL: server.url(database) } });
const start = (...args: string[]) => startCli(args, { env: { DATABASE_URL: server.url(database) } });
const query = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
  withConnection(server.superuserUrl(database), (client) => client.query<Row>(sql, values));

async function newDatabase(): Promise<void> {
  databases += 1;
  database = `crash_${databases}`;
  await server.createDatabase(database);
}

/** Users who have no profile, as if they had been there before Rowhouse. */
async function addUsersWithoutProfiles(count: number): Promise<void> {
  await query(`alter table auth.users disable trigger user`);
  await query(
    `insert into auth.users (id, aud, role, email, created_at)
     select gen_random_uuid(), 'authenticated', 'authenticated', format('old-%s@example.com', number), now()
     from generate_series(1, $1) as number`,
    [count],
  );
  await query(`alter table auth.users enable trigger user`);
}

async function count(sql: string): Promise<number> {
  const { rows } = await query<{ count: string }>(`select count(*) from ${sql}`);
  return Number(rows[0]?.count);
}

/** Keeps a lock that migrating and undoing need, so that they stop in the middle, until the server is gone. */
async function holdUsers(): Promise<pg.Client> {
  const client = await connect(server.superuserUrl(database));
  await client.query('begin; lock table auth.users in share mode');
  return client;
}

function expectSentence({ code, stderr }: { code: number | null; stderr: string }): void {
  expect(code).toBe(1);
  expect(stderr).toMatch(/error: \S/);
  expect(stderr).not.toMatch(/^\s+at .+:\d+/m);
}

describe('a server that is killed', () => {
  beforeEach(newDatabase);

  test('in the middle of migrate has whole migrations; migrate goes on', async () => {
    const holder = await holdUsers();
    const migrating = start('migrate');
    await server.untilBlocked(database);
    await server.kill();
    expectSentence(await migrating.ended);
    await holder.end().catch(() => undefined);
    await server.start();

    const { rows } = await query(
      `select to_regclass('private.job_queues')::text as jobs, to_regclass('public.user_profiles')::text as profiles`,
    );
    expect(rows).toEqual([{ jobs: 'private.job_queues', profiles: null }]);
    expect(await run('migrate')).toMatchObject({
      code: 0,
      stdout:
        'applied 000003-identity\napplied 000004-tenancy\napplied 000005-customers\napplied 000006-sales\n' +
        'applied 000007-bookings\nThe database is at 000007.\n',
    });
  });

  test('in the middle of a rollback has undone nothing; the same rollback works, and loses no row', async () => {
    await migrate(server.url(database));
    const before = await withConnection(server.url(database), async (client) => {
      await fillEveryTable(client);
      return contents(client);
    });
    const holder = await holdUsers();
    const undoing = start('rollback', '--to', '000000', '--yes');
    await server.untilBlocked(database);
    await server.kill();
    expectSentence(await undoing.ended);
    await holder.end().catch(() => undefined);
    await server.start();

    expect(await withConnection(server.url(database), contents)).toEqual(before);
    expect(await count(`pg_namespace where nspname like 'rollback%'`)).toBe(0);
    expect(await run('rollback', '--to', '000000', '--yes')).toMatchObject({ code: 0 });
    expect(await run('migrate')).toMatchObject({ code: 0 });
    await restore(server.url(database));
    expect(await withConnection(server.url(database), contents)).toEqual(before);
  });

  test.each(['the server', 'one of its processes'])(
    'in the middle of a sync (%s) has whole batches; the next sync goes on',
    async (victim) => {
      await migrate(server.url(database));
      await addUsersWithoutProfiles(20_000);
      const syncing = start('users', 'sync', '--verbose', '--batch-size', '200');
      await syncing.output(/\d+ of 20000/);
      if (victim === 'the server') {
        await server.kill();
        expectSentence(await syncing.ended);
        await server.start();
      } else {
        const { rows } = await query<{ pid: number }>(
          `select pid from pg_stat_activity where application_name = 'rowhouse' and usename = 'postgres'`,
        );
        const bystander = await connect(server.superuserUrl(database));
        const cutOff = new Promise<void>((resolve) => bystander.once('end', resolve));
        process.kill(Number(rows[0]?.pid), 'SIGKILL');
        expectSentence(await syncing.ended);
        await cutOff;
        // The server takes its other processes down and recovers by itself.
        await expect.poll(() => count('auth.users').catch(() => 0), { timeout: 20_000 }).toBe(20_000);
      }
      const created = await count('public.user_profiles');
      expect(created).toBeGreaterThan(0);
      expect(created).toBeLessThan(20_000);
      expect(created % 200).toBe(0);
      const again = await run('users', 'sync', '--json');
      expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'done', created_profiles: 20_000 - created });
      expect(await run('users', 'status')).toMatchObject({ code: 0 });
    },
  );
});

describe('a disk that is full', () => {
  const missing = 2000;
  const disks: Record<'migrate' | 'rollback' | 'sync', string> = { migrate: '', rollback: '', sync: '' };

  /** Repeats a statement until there is no room for what it writes. */
  async function fill(sql: string, attempts: number): Promise<void> {
    await withConnection(server.superuserUrl(database), async (client) => {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        try {
          await client.query(sql);
        } catch (error) {
          expect((error as Error).message).toContain('could not extend file');
          return;
        }
      }
      throw new Error(`the disk did not get full: ${sql}`);
    });
  }

  beforeAll(async () => {
    for (const command of ['migrate', 'rollback', 'sync'] as const) {
      await newDatabase();
      disks[command] = database;
      if (command !== 'migrate') await migrate(server.url(database));
    }
    database = disks.rollback;
    await query(
      `select private.enqueue_batch('user_sync', 'test', array_agg(jsonb_build_object('n', n, 'filler', repeat('x', 1800))))
       from generate_series(1, 10000) as n`,
    );
    await query('vacuum freeze');
    database = disks.sync;
    await addUsersWithoutProfiles(9000);
    await query(`select private.create_missing_profiles(array(select id from auth.users))`);
    await query(`update auth.users set email = 'first-' || email`);
    await addUsersWithoutProfiles(missing);
    // 9,000 profiles in full pages: the table is as large as the disk allows.
    await query(
      `update public.user_profiles set preferences = jsonb_build_object('filler', repeat('x', 1800))`,
    );
    await query('vacuum freeze');
    await query('vacuum full public.user_profiles');
    await query('checkpoint');
    await server.kill();
    await server.start({ isFull: true });
  });

  test('in the middle of migrate, rollback and sync: each says so, and finishes when there is room', async () => {
    database = disks.migrate;
    // A migration writes descriptions; these take the room for them. Four rows of this length fill a page.
    for (const rows of [300, 20, 1]) {
      await fill(
        `do $$
         declare
           made oid;
         begin
           for n in 1..${rows} loop
             made := lo_create(0);
             execute format('comment on large object %s is %L', made, repeat('x', 1990));
           end loop;
         end $$`,
        400,
      );
    }
    const migrating = await run('migrate');
    expectSentence(migrating);
    expect(migrating.stderr).toMatch(/rolled back: could not extend file[\s\S]*Check free disk space/);

    database = disks.rollback;
    const messages = await count('pgmq.q_user_sync');
    const undoing = await run('rollback', '--to', '000002', '--yes');
    expectSentence(undoing);
    expect(undoing.stderr).toMatch(/Nothing was changed: could not extend file/);
    expect(await count('pgmq.q_user_sync')).toBe(messages);

    database = disks.sync;
    const syncing = await run('users', 'sync');
    expectSentence(syncing);
    expect(syncing.stderr).toMatch(/profiles could not be created/);
    const created = (await count('public.user_profiles')) - 9000;
    expect(created).toBeLessThan(missing);

    await server.kill();
    await server.start();
    database = disks.migrate;
    expect(await run('migrate')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('at 000007') as string,
    });

    database = disks.rollback;
    expect(await run('rollback', '--to', '000002', '--yes')).toMatchObject({ code: 0 });
    expect(await count('rollback_000003.q_user_sync')).toBe(messages);

    database = disks.sync;
    const again = await run('users', 'sync', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'done', created_profiles: missing - created });
    expect(await run('users', 'status')).toMatchObject({ code: 0 });
  });
});
