import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { type Cluster, type ClusterOptions, startCluster } from '../../src/postgres/cluster.ts';

const running: Cluster[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((cluster) => cluster.stop()));
});

async function start(options: Partial<ClusterOptions> = {}): Promise<Cluster> {
  const cluster = await startCluster({ password: 'p@ss:w/rd', ...options });
  running.push(cluster);
  return cluster;
}

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A directory that only its owner may enter, in which a data directory can be. */
async function privateDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cluster-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A directory that the server's user may enter too. */
async function openDirectory(): Promise<string> {
  const directory = await privateDirectory();
  await chmod(directory, 0o755);
  return directory;
}

const started = z.object({ url: z.string(), dataDirectory: z.string() });

/** Starts a cluster in a process of its own. */
async function startElsewhere(
  options: Partial<ClusterOptions> = {},
): Promise<z.infer<typeof started> & { owner: ChildProcess; server: number }> {
  const script = new URL('./start-cluster.ts', import.meta.url).pathname;
  const owner = spawn(
    process.execPath,
    ['--import', 'tsx', script, JSON.stringify({ password: 'secret', ...options })],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void owner.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  const where = started.parse(JSON.parse(line));
  const lock = readFileSync(join(where.dataDirectory, 'postmaster.pid'), 'utf8');
  return { ...where, owner, server: Number(lock.split('\n')[0]) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '').includes(
      ') Z ',
    );
  } catch {
    return false;
  }
}

test('a temporary cluster answers on 127.0.0.1 alone and is gone after it stops', async () => {
  const cluster = await start();
  const rows = await ask(
    cluster.superuserUrl(),
    `select current_user::text as role, current_setting('listen_addresses') as host, current_setting('unix_socket_directories') as sockets,
            current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone, lower('ÄÖ') as lower`,
  );
  expect(rows).toEqual([
    { role: 'supabase_admin', host: '127.0.0.1', sockets: '', encoding: 'UTF8', zone: 'UTC', lower: 'äö' },
  ]);
  await cluster.stop();
  await cluster.stop();
  expect(existsSync(cluster.dataDirectory)).toBe(false);
  await expect(ask(cluster.superuserUrl(), 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a wrong password is refused', async () => {
  const cluster = await start();
  await expect(ask(cluster.url('supabase_admin', 'wrong'), 'select 1')).rejects.toMatchObject({
    code: '28P01',
  });
});

test('two clusters at once have ports and directories of their own', async () => {
  const [one, other] = await Promise.all([start(), start()]);
  expect(one.port).not.toBe(other.port);
  await ask(one.superuserUrl(), 'create table here ()');
  expect(await ask(other.superuserUrl(), `select to_regclass('here') as found`)).toEqual([{ found: null }]);
});

test('settings reach the server', async () => {
  const cluster = await start({ settings: { work_mem: '7MB', max_connections: '31' } });
  expect(
    await ask(
      cluster.superuserUrl(),
      `select current_setting('work_mem') as a, current_setting('max_connections') as b`,
    ),
  ).toEqual([{ a: '7MB', b: '31' }]);
});

test('a taken port is said to be taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await expect(start({ port })).rejects.toMatchObject({
    name: 'Failure',
    message: `Port ${port} is taken by another program.`,
  });
});

test('a setting that PostgreSQL refuses is said, in its own words', async () => {
  await expect(start({ settings: { work_mem: 'plenty' } })).rejects.toMatchObject({
    name: 'Failure',
    message: expect.stringContaining('invalid value for parameter "work_mem"') as string,
  });
});

test('a kept cluster has its data at the next start, which takes less than two seconds', async () => {
  const dataDirectory = join(await openDirectory(), 'kept', 'data');
  const first = await start({ dataDirectory });
  await ask(first.superuserUrl(), 'create table kept (); ');
  expect(await ask(first.superuserUrl(), `select current_setting('fsync') as fsync`)).toEqual([
    { fsync: 'on' },
  ]);
  await first.stop();

  const second = await start({ dataDirectory });
  expect(await ask(second.superuserUrl(), `select to_regclass('kept')::text as found`)).toEqual([
    { found: 'kept' },
  ]);
});

test('a kept cluster works in a directory that only its owner may enter', async () => {
  const dataDirectory = join(await privateDirectory(), 'data');
  const first = await start({ dataDirectory });
  onTestFinished(() => rm(first.dataDirectory, { recursive: true, force: true }));
  await ask(first.superuserUrl(), 'create table kept ()');
  await first.stop();
  const second = await start({ dataDirectory });
  expect(await ask(second.superuserUrl(), `select to_regclass('kept')::text as found`)).toEqual([
    { found: 'kept' },
  ]);
});

test('a data directory that is in use is refused, with the port of who uses it', async () => {
  const dataDirectory = join(await openDirectory(), 'data');
  const cluster = await start({ dataDirectory });
  await expect(start({ dataDirectory })).rejects.toMatchObject({
    name: 'Failure',
    message: expect.stringContaining(`already running in ${dataDirectory}, port ${cluster.port}`) as string,
  });
  expect(await ask(cluster.superuserUrl(), 'select 1 as alive')).toEqual([{ alive: 1 }]);
});

test('a directory that holds something else, or data of another version, is refused and left alone', async () => {
  const dataDirectory = join(await openDirectory(), 'data');
  await mkdir(dataDirectory);
  await writeFile(join(dataDirectory, 'letter.txt'), 'dear');
  await expect(start({ dataDirectory })).rejects.toMatchObject({
    name: 'Failure',
    message: /no PostgreSQL data/,
  });
  await writeFile(join(dataDirectory, 'PG_VERSION'), '12\n');
  await expect(start({ dataDirectory })).rejects.toMatchObject({
    name: 'Failure',
    message: /made by PostgreSQL 12/,
  });
  expect(existsSync(join(dataDirectory, 'letter.txt'))).toBe(true);
});

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a temporary cluster vanishes when its owner gets %s',
  async (signal) => {
    const { owner, server, dataDirectory } = await startElsewhere();
    expect(isAlive(server)).toBe(true);
    owner.kill(signal);
    await vi.waitFor(
      () =>
        expect({ server: isAlive(server), data: existsSync(dataDirectory) }).toEqual({
          server: false,
          data: false,
        }),
      { timeout: 10_000, interval: 50 },
    );
  },
);

test('a kept cluster is shut down when its owner is killed, and starts again without recovery', async () => {
  const dataDirectory = join(await openDirectory(), 'data');
  const { owner, url } = await startElsewhere({ dataDirectory });
  await ask(url, 'create table kept ()');
  owner.kill('SIGKILL');
  await vi.waitFor(() => expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(false), {
    timeout: 10_000,
  });

  const again = await start({ dataDirectory, password: 'secret' });
  expect(readFileSync(join(dataDirectory, 'server.log'), 'utf8')).not.toContain('not properly shut down');
  expect(await ask(again.superuserUrl(), `select to_regclass('kept')::text as found`)).toEqual([
    { found: 'kept' },
  ]);
});

test('a kept cluster recovers when the server itself was killed and left its lock behind', async () => {
  const dataDirectory = join(await openDirectory(), 'data');
  const { owner, url, server } = await startElsewhere({ dataDirectory });
  await ask(url, 'create table kept ()');
  process.kill(server, 'SIGKILL');
  owner.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(server)).toBe(false), { timeout: 10_000 });
  expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(true);

  // The process id in the lock may be somebody else's by now: here, this test's.
  const lock = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8');
  await writeFile(join(dataDirectory, 'postmaster.pid'), lock.replace(String(server), String(process.pid)));
  const again = await start({ dataDirectory, password: 'secret' });
  expect(await ask(again.superuserUrl(), `select to_regclass('kept')::text as found`)).toEqual([
    { found: 'kept' },
  ]);
});
