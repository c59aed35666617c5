import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createRowhouseClient } from '../../src/client/index.ts';
import { freePort } from '../../src/postgres/ports.ts';
import { eventually } from '../stack/clients.ts';
import { descendants, isAlive, processesWith } from '../stack/processes.ts';
import { type RunningCli, runCli, startCli } from '../support/cli.ts';

const entry = fileURLToPath(new URL('../../bin/rowhouse.js', import.meta.url));
const password = 'correct horse battery';

/** What `--json` prints, no more and no less. */
const announcement = z.strictObject({
  db_url: z.url({ protocol: /^postgresql$/ }),
  api_url: z.url(),
  functions_url: z.url(),
  publishable_key: z.string().startsWith('sb_publishable_'),
  secret_key: z.string().startsWith('sb_secret_'),
  jwt_secret: z.string().min(32),
});
type Announcement = z.infer<typeof announcement>;

const running: RunningCli[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  for (const directory of directories.splice(0)) {
    await eventually(() => processesWith(directory).length === 0, 20_000);
    rmSync(directory, { recursive: true, force: true });
  }
});

/** A directory of its own, which PostgreSQL may enter where it runs as another user. */
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'rowhouse-start-'));
  chmodSync(directory, 0o755);
  directories.push(directory);
  return directory;
}

function begin(args: string[], env: Record<string, string> = {}): RunningCli {
  const cli = startCli(['start', ...args], { env, timeoutMs: 120_000 });
  // The tests that wait for its end look at it; the others need not.
  cli.ended.catch(() => undefined);
  running.push(cli);
  return cli;
}

async function beginEphemeral(): Promise<{ cli: RunningCli; stack: Announcement; directory: string }> {
  const directory = temporaryDirectory();
  const cli = begin(['--ephemeral', '--json'], { TMPDIR: directory });
  const [line] = await cli.output(/^\{.*\}\n/);
  return { cli, stack: announcement.parse(JSON.parse(line)), directory };
}

/** Everything that a stack consists of: its processes, its data, its addresses. */
async function expectNothingLeft(stack: Announcement, directory: string, processes: number[]): Promise<void> {
  await eventually(() => processes.every((pid) => !isAlive(pid)), 30_000);
  await eventually(() => processesWith(directory).length === 0, 30_000);
  await eventually(() => dataIn(directory).length === 0, 30_000);
  await expect(fetch(`${stack.api_url}/health`)).rejects.toThrow();
  await expect(ask(stack, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
}

/** What a command keeps in its temporary directory; the compiler of our sources has a cache there. */
const dataIn = (directory: string) => readdirSync(directory).filter((name) => !name.startsWith('tsx-'));

async function ask(stack: Announcement, statement: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: stack.db_url });
  await client.connect();
  try {
    return (await client.query<pg.QueryResultRow>(statement)).rows;
  } finally {
    await client.end();
  }
}

const clientOf = (stack: Pick<Announcement, 'api_url'>, key: string) =>
  createRowhouseClient(stack.api_url, key, { auth: { persistSession: false, autoRefreshToken: false } });

/** Starts a function, so that a Deno runs as well. */
async function callFunction(stack: Announcement): Promise<number> {
  const response = await fetch(`${stack.functions_url}/invite-user`, {
    method: 'POST',
    headers: { apikey: stack.publishable_key },
  });
  await response.text();
  return response.status;
}

describe('rowhouse start --ephemeral --json', () => {
  test('prints one line with six fields, and everything in it works at that moment', async () => {
    const { cli, stack } = await beginEphemeral();
    expect(
      await ask(stack, `select rolsuper, current_database() from pg_roles where rolname = current_user`),
    ).toEqual([{ rolsuper: true, current_database: 'postgres' }]);
    const health = await fetch(`${stack.api_url}/health`);
    expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok' }]);

    expect(stack.functions_url).toBe(`${stack.api_url}/functions/v1`);
    expect(await callFunction(stack)).toBe(401);

    const client = clientOf(stack, stack.publishable_key);
    const { error } = await client.auth.signUp({ email: 'ada@example.com', password });
    expect(error).toBeNull();
    await expect(client.call('list_users')).rejects.toMatchObject({ status: 403 });
    const operator = clientOf(stack, stack.secret_key);
    expect(await operator.call('list_users')).toMatchObject({ total: 1 });
    const token = await new SignJWT({ role: 'service_role' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(stack.jwt_secret));
    expect(await clientOf(stack, token).call('list_users')).toMatchObject({ total: 1 });

    cli.child.kill('SIGTERM');
    const result = await cli.ended;
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  test('two at once have their own ports, keys and data', async () => {
    const both = await Promise.all([beginEphemeral(), beginEphemeral()]);
    const [one, two] = both.map(({ stack }) => stack) as [Announcement, Announcement];
    for (const name of announcement.keyof().options) expect(one[name]).not.toBe(two[name]);
    expect(new URL(one.db_url).port).not.toBe(new URL(two.db_url).port);
    await clientOf(one, one.publishable_key).auth.signUp({ email: 'ada@example.com', password });
    expect(await clientOf(one, one.secret_key).call('list_users')).toMatchObject({ total: 1 });
    expect(await clientOf(two, two.secret_key).call('list_users')).toMatchObject({ total: 0 });
  });

  test.each([
    ['SIGTERM', { code: 0, signal: null }],
    ['SIGINT', { code: 130, signal: null }],
    ['SIGKILL', { code: null, signal: 'SIGKILL' }],
  ] as const)('%s removes everything', async (signal, end) => {
    const { cli, stack, directory } = await beginEphemeral();
    await callFunction(stack);
    const processes = descendants(cli.child.pid ?? 0);
    expect(processesWith(directory).some((line) => line.includes('postgres'))).toBe(true);
    expect(dataIn(directory)).toHaveLength(1);
    cli.child.kill(signal);
    expect(await cli.ended).toMatchObject(end);
    await expectNothingLeft(stack, directory, processes);
  });

  test('the death of its parent removes everything', async () => {
    const directory = temporaryDirectory();
    const program = `require('node:child_process').spawn(process.execPath, [${JSON.stringify(entry)}, 'start', '--ephemeral',
      '--json'], { stdio: ['ignore', 'inherit', 'inherit'] }); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: directory },
    });
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: parent.stdout }).once('line', resolve),
    );
    const stack = announcement.parse(JSON.parse(line));
    const processes = descendants(parent.pid ?? 0);
    parent.kill('SIGKILL');
    await expectNothingLeft(stack, directory, processes);
  });
});

describe('a signal while it starts', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('%s ends it with its exit code and leaves nothing behind', async (signal, code) => {
    for (const milliseconds of [0, 500, 1000]) {
      const directory = temporaryDirectory();
      const cli = begin(['--ephemeral'], { TMPDIR: directory });
      await cli.output(/Starting/);
      await sleep(milliseconds);
      cli.child.kill(signal);
      const result = await cli.ended;
      expect(result.code).toBe(code);
      expect(result.stderr).not.toMatch(/^\s+at .+:\d+/m);
      expect(dataIn(directory)).toEqual([]);
      expect(processesWith(directory)).toEqual([]);
    }
  });

  test.each([300, 900, 1500])(
    'SIGINT %d ms after it was called leaves nothing behind',
    async (milliseconds) => {
      const directory = temporaryDirectory();
      const kept = join(directory, 'kept');
      const cli = begin(['--port', String(await freePort())], {
        TMPDIR: directory,
        ROWHOUSE_DIRECTORY: kept,
      });
      await sleep(milliseconds);
      cli.child.kill('SIGINT');
      const { code, signal } = await cli.ended;
      // Before our code runs, the signal itself ends the process.
      expect([code, signal]).toContainEqual(signal === null ? 130 : 'SIGINT');
      await eventually(() => processesWith(directory).length === 0, 30_000);
      if (existsSync(kept))
        expect(readdirSync(kept).filter((name) => !/^(secrets\.json|data)$/.test(name))).toEqual([]);
    },
  );
});

describe('rowhouse start', () => {
  const environment = () => ({ ROWHOUSE_DIRECTORY: join(temporaryDirectory(), '.rowhouse') });

  /** Starts a kept stack and reads what it tells a person. */
  async function beginKept(env: Record<string, string>, port: number) {
    const cli = begin(['--port', String(port)], env);
    await cli.output(/Rowhouse is ready \(\d+\.\d s\)/);
    const label = async (name: string) => (await cli.output(new RegExp(`^ +${name} +(\\S+)$`, 'm')))[1] ?? '';
    return {
      cli,
      api_url: await label('API'),
      publishable: await label('publishable key'),
      secret: await label('secret key'),
      database: await label('database'),
      data: await label('data'),
    };
  }

  test('keeps its data and keys', async () => {
    const env = environment();
    const port = await freePort();
    const first = await beginKept(env, port);
    expect(first).toMatchObject({ api_url: `http://127.0.0.1:${port}`, data: env.ROWHOUSE_DIRECTORY });
    const { error } = await clientOf(first, first.publishable).auth.signUp({
      email: 'ada@example.com',
      password,
    });
    expect(error).toBeNull();
    first.cli.child.kill('SIGTERM');
    expect(await first.cli.ended).toMatchObject({ code: 0 });

    const second = await beginKept(env, port);
    expect([second.publishable, second.secret]).toEqual([first.publishable, first.secret]);
    const client = clientOf(second, second.publishable);
    expect((await client.auth.signInWithPassword({ email: 'ada@example.com', password })).error).toBeNull();
    expect((await client.from('user_profiles').select('display_name')).data).toEqual([
      { display_name: 'ada' },
    ]);
    second.cli.child.kill('SIGINT');
    expect(await second.cli.ended).toMatchObject({ code: 130 });
    expect(statSync(env.ROWHOUSE_DIRECTORY).isDirectory()).toBe(true);
  });

  test('other commands work on it, and reset does so without --yes while the API goes on', async () => {
    const env = environment();
    const stack = await beginKept(env, await freePort());
    const client = clientOf(stack, stack.publishable);
    await client.auth.signUp({ email: 'ada@example.com', password });

    const status = await runCli(['users', 'status'], { env });
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout).toMatch(/profiles\s+1\n/);

    const reset = await runCli(['reset'], { env });
    expect(reset).toMatchObject({ code: 0, stderr: '' });
    expect(reset.stdout).toMatch(/is empty and at /);
    expect(await client.from('user_profiles').select()).toMatchObject({ status: 200, data: [] });
    expect(await runCli(['users', 'sync'], { env })).toMatchObject({ code: 0 });
    expect((await client.from('user_profiles').select('display_name')).data).toEqual([
      { display_name: 'ada' },
    ]);
    expect(await clientOf(stack, stack.secret).call('list_users')).toMatchObject({ total: 1 });
  });

  test('a second start in its directory, and one on its port, fail with a sentence', async () => {
    const env = environment();
    const port = await freePort();
    const stack = await beginKept(env, port);
    const again = await runCli(['start', '--port', String(await freePort())], { env });
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain(
      `A stack already runs in ${env.ROWHOUSE_DIRECTORY} (process ${stack.cli.child.pid}) at `,
    );
    const taken = await runCli(['start', '--port', String(port)], { env: environment() });
    expect(taken).toMatchObject({ code: 1, stdout: '' });
    expect(taken.stderr).toContain(`Port ${port} is taken: stop what uses it or pass --port.`);
    for (const { stderr } of [again, taken]) expect(stderr).not.toMatch(/^\s+at .+:\d+/m);
    expect((await fetch(`${stack.api_url}/health`)).status).toBe(200);
  });

  test('a port that another program has fails with a sentence and leaves nothing running', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = z.object({ port: z.number() }).parse(server.address());
    const env = environment();
    try {
      const result = await runCli(['start', '--json', '--port', String(port)], { env });
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toContain(`Port ${port} is taken`);
      expect(processesWith(env.ROWHOUSE_DIRECTORY)).toEqual([]);
    } finally {
      server.close();
    }
  });

  test('killed, it leaves no server behind, and its data can be used again', async () => {
    const env = environment();
    const port = await freePort();
    const first = await beginKept(env, port);
    await clientOf(first, first.publishable).auth.signUp({ email: 'ada@example.com', password });
    const processes = descendants(first.cli.child.pid ?? 0);
    first.cli.child.kill('SIGKILL');
    await first.cli.ended;
    await eventually(() => processes.every((pid) => !isAlive(pid)), 30_000);
    const status = await runCli(['users', 'status'], { env });
    expect(status.code).toBe(2);
    expect(status.stderr).toContain('no stack runs in this folder');

    const second = await beginKept(env, port);
    expect(await clientOf(second, second.secret).call('list_users')).toMatchObject({ total: 1 });
  });
});
