import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { asSuperuser, clientOf, eventually } from './clients.ts';
import { descendants, isAlive } from './processes.ts';
import type { Stack } from '../../src/stack/start.ts';

const script = fileURLToPath(new URL('run-stack.ts', import.meta.url));
const tsx = fileURLToPath(import.meta.resolve('tsx'));

type Line = Stack & { pid: number; milliseconds: number; failure?: string; hint?: string };

interface Started {
  child: ChildProcess;
  line: Line;
  /** What the process said last, and its exit code. */
  ended: Promise<{ last: string; code: number | null }>;
}

const children: ChildProcess[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rowhouse-kept-'));
  // PostgreSQL runs as another user where the tests run as root, and has to get through.
  await chmod(directory, 0o755);
  directories.push(directory);
  return directory;
}

async function run(options: object = {}, ...more: string[]): Promise<Started> {
  return follow(
    spawn(process.execPath, ['--import', tsx, script, JSON.stringify(options), ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
}

async function follow(child: ChildProcess): Promise<Started> {
  children.push(child);
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const first = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(line);
      resolve(line);
    });
    child.once('exit', () => reject(new Error('The stack ended before it was ready.')));
  });
  const ended = new Promise<{ last: string; code: number | null }>((resolve) =>
    child.once('close', (code) => resolve({ last: said.at(-1) ?? '', code })),
  );
  return { child, line: JSON.parse(await first) as Line, ended };
}

async function dataDirectory(line: Line): Promise<string> {
  const [row] = await asSuperuser<{ data_directory: string }>(line, 'show data_directory');
  return row?.data_directory ?? '';
}

/** Starts one function, so that a Deno runs as well. */
async function withFunction(): Promise<string> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'hello'));
  await writeFile(join(directory, 'hello', 'index.ts'), `Deno.serve(() => new Response(String(Deno.pid)));`);
  return directory;
}

async function expectNothingLeft(line: Line, processes: number[], data: string): Promise<void> {
  await eventually(() => processes.every((pid) => !isAlive(pid)), 20_000);
  await eventually(() => !existsSync(data), 20_000);
  await expect(fetch(`${line.apiUrl}/health`)).rejects.toThrow();
}

describe('an ephemeral stack', () => {
  test('two run at once, each with its own users', async () => {
    const [one, two] = await Promise.all([run(), run()]);
    const email = 'ada@example.com';
    for (const { line } of [one, two]) {
      const { error } = await clientOf(line).auth.signUp({ email, password: 'correct horse battery' });
      expect(error).toBeNull();
    }
    expect(one.line.publishableKey).not.toBe(two.line.publishableKey);
    expect(
      (await fetch(`${two.line.apiUrl}/rest/v1/rpc/x`, { headers: { apikey: one.line.secretKey } })).status,
    ).toBe(401);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('leaves nothing behind after %s', async (signal) => {
    const { child, line, ended } = await run({ functionsDirectory: await withFunction() });
    const answer = await fetch(`${line.functionsUrl}/hello`, { headers: { apikey: line.publishableKey } });
    const deno = Number(await answer.text());
    const data = await dataDirectory(line);
    const processes = descendants(line.pid);
    expect(processes).toContain(deno);
    child.kill(signal);
    const { last, code } = await ended;
    if (signal !== 'SIGKILL') expect({ last, code }).toEqual({ last: signal, code: 0 });
    await expectNothingLeft(line, processes, data);
  });

  test('survives a connection that the server cuts in the middle of a request', async () => {
    const { child, line, ended } = await run();
    await asSuperuser(
      line,
      `create function public.slow() returns integer language sql set search_path = '' as 'select 1 from pg_sleep(30)';
       grant execute on function public.slow() to service_role; notify pgrst, 'reload schema'`,
    );
    const call = (name: string) =>
      fetch(`${line.apiUrl}/rest/v1/rpc/${name}`, { method: 'POST', headers: { apikey: line.secretKey } });
    const cut = async () => {
      const rows = await asSuperuser(
        line,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'rowhouse rest' and state = 'active' and wait_event = 'PgSleep'`,
      );
      return rows.length > 0;
    };
    const ask = async () => {
      // The function is there once the schema has been read again.
      void call('slow').catch(() => undefined);
      return cut();
    };
    await eventually(ask, 30_000);
    await eventually(async () => (await call('jobs_overview')).status === 200);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('ends with the process that started it, also behind a shell', async () => {
    const command = [process.execPath, '--import', tsx, script, '{}', 'with-parent']
      .map((part) => `'${part}'`)
      .join(' ');
    const parent = `const { spawn } = require('node:child_process');
      spawn('sh', ['-c', ${JSON.stringify(`${command}; true`)}], { stdio: ['ignore', 'inherit', 'inherit'] });
      setInterval(() => {}, 1000);`;
    const { child, line } = await follow(
      spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    const data = await dataDirectory(line);
    const processes = [line.pid, ...descendants(line.pid)];
    child.kill('SIGKILL');
    await expectNothingLeft(line, processes, data);
  });
});

describe('a kept stack', () => {
  test('keeps its users and keys, tells others where it is', async () => {
    const directory = join(await temporaryDirectory(), '.rowhouse');
    const first = await run({ directory, port: 0 });
    const email = 'ada@example.com';
    const password = 'correct horse battery';
    await clientOf(first.line).auth.signUp({ email, password });
    const state = JSON.parse(readFileSync(join(directory, 'stack.json'), 'utf8')) as Record<string, unknown>;
    expect(state).toEqual({
      pid: first.line.pid,
      db_url: first.line.dbUrl,
      api_url: first.line.apiUrl,
      functions_url: first.line.functionsUrl,
      publishable_key: first.line.publishableKey,
      secret_key: first.line.secretKey,
      jwt_secret: first.line.jwtSecret,
    });
    for (const file of ['stack.json', 'secrets.json']) {
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    }
    first.child.kill('SIGTERM');
    await first.ended;
    expect(existsSync(join(directory, 'stack.json'))).toBe(false);

    const second = await run({ directory, port: 0 });
    expect(second.line).toMatchObject({
      publishableKey: first.line.publishableKey,
      jwtSecret: first.line.jwtSecret,
    });
    expect((await clientOf(second.line).auth.signInWithPassword({ email, password })).error).toBeNull();
  });

  test('starts again after it was killed', async () => {
    const directory = join(await temporaryDirectory(), '.rowhouse');
    const first = await run({ directory, port: 0 });
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await run({ directory, port: 0 })).line.failure).toBeUndefined();
  });

  test('refuses a second start, and says who runs it', async () => {
    const directory = join(await temporaryDirectory(), '.rowhouse');
    const first = await run({ directory, port: 0 });
    const second = await run({ directory, port: 0 });
    expect(second.line.failure).toBe(
      `A stack already runs in ${directory} (process ${first.line.pid}) at ${first.line.apiUrl}.`,
    );
    expect((await fetch(`${first.line.apiUrl}/health`)).status).toBe(200);
    expect(existsSync(join(directory, 'stack.json'))).toBe(true);
  });

  test('refuses a port that is taken, and leaves nothing running', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const directory = join(await temporaryDirectory(), '.rowhouse');
    const { line } = await run({ directory, port });
    server.close();
    expect(line.failure).toBe(`Port ${port} is taken: stop what uses it or pass --port.`);
    expect(readdirSync(directory)).toEqual(['secrets.json']);
  });

  test('says so when its secrets are damaged', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'secrets.json'), '{');
    expect((await run({ directory, port: 0 })).line.failure).toBe(`${directory}/secrets.json is damaged.`);
  });
});
