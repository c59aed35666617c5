import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { edgeFunctions } from '../../src/stack/functions.ts';
import { useStack } from '../support/stack.ts';
import { asSuperuser, clientOf, eventually } from './clients.ts';

const directory = await mkdtemp(join(tmpdir(), 'rowhouse-functions-'));
const lines: string[] = [];
const stack = useStack({ functionsDirectory: directory, quiet: false, log: (line) => lines.push(line) });
// Functions find their imports from where they lie.
await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(directory, 'node_modules'));
afterAll(() => rm(directory, { recursive: true, force: true }));

async function write(name: string, code: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, 'index.ts'), code);
}

await write(
  'echo',
  `import { z } from 'zod';
   import { createClient } from '@supabase/supabase-js';
   const body = z.object({ name: z.string() });
   Deno.serve(async (request) => {
     const url = new URL(request.url);
     if (url.searchParams.has('crash')) Deno.exit(3);
     if (url.searchParams.has('throw')) throw new Error('a secret of the function');
     if (url.searchParams.has('query')) {
       const client = createClient(Deno.env.get('SUPABASE_URL')!, Deno.env.get('SUPABASE_SERVICE_ROLE_KEY')!);
       const { error, data } = await client.auth.admin.listUsers();
       return Response.json({ error, users: data.users.length });
     }
     const answer = { path: url.pathname, search: url.search, method: request.method, pid: Deno.pid,
       type: request.headers.get('x-mine'), environment: Object.keys(Deno.env.toObject()).sort() };
     if (request.method !== 'POST') return Response.json(answer, { status: 201, headers: { 'x-answer': '42' } });
     return Response.json({ ...answer, ...body.parse(await request.json()) });
   });`,
);
await write(
  'curious',
  `Deno.serve(async (request) => {
     const attempts: Record<string, () => unknown> = {
       read: () => Deno.readTextFileSync('/etc/passwd'),
       write: () => Deno.writeTextFileSync(new URL('./made.txt', import.meta.url), 'x'),
       run: () => new Deno.Command('/usr/bin/env').outputSync(),
       net: () => Deno.connect({ hostname: '192.0.2.1', port: 80 }),
       import: () => import('https://example.com/x.ts'),
     };
     try { await attempts[new URL(request.url).searchParams.get('try')!]!(); return new Response('done'); }
     catch (error) { return new Response((error as Error).name + ': ' + (error as Error).message, { status: 500 }); }
   });`,
);
await write('stream', `Deno.serve((request) => new Response(request.body));`);
await write('hang', `Deno.serve(() => new Promise(() => undefined));`);
await write('broken', `this is no code`);
await write(
  'worker',
  `let calls = 0; let running = 0; let most = 0;
  Deno.serve(async (request) => {
    if (request.method === 'GET') return Response.json({ calls, most });
    calls++; running++; most = Math.max(most, running);
    const { queue } = await request.json();
    console.log('woken for', queue, request.headers.get('apikey') === Deno.env.get('SUPABASE_SERVICE_ROLE_KEY'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    running--;
    return Response.json({});
  });`,
);
await mkdir(join(directory, '_shared'), { recursive: true });
await cp(join(directory, 'echo', 'index.ts'), join(directory, '_shared', 'index.ts'));

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${stack.functionsUrl}/${path}`, {
    ...init,
    headers: { apikey: stack.publishableKey, ...(init.headers as Record<string, string>) },
  });

describe('edge functions', () => {
  test('answer supabase-js, with imports from node_modules and the environment of Supabase', async () => {
    const answer: { data: unknown; error: unknown } = await clientOf(stack).functions.invoke('echo', {
      body: { name: 'Ada' },
    });
    const { data, error } = answer;
    expect(error).toBeNull();
    expect(data).toMatchObject({ name: 'Ada', method: 'POST', path: '/echo' });
    expect(
      (data as { environment: string[] }).environment.filter((name) => name.startsWith('SUPABASE')),
    ).toEqual([
      'SUPABASE_ANON_KEY',
      'SUPABASE_PUBLISHABLE_KEY',
      'SUPABASE_SECRET_KEY',
      'SUPABASE_SERVICE_ROLE_KEY',
      'SUPABASE_URL',
    ]);
  });

  test('get method, path, query and headers, and their status and headers reach the caller', async () => {
    const response = await call('echo/some/path?a=1', { headers: { 'x-mine': 'yes' } });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-answer')).toBe('42');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({
      path: '/echo/some/path',
      search: '?a=1',
      method: 'GET',
      type: 'yes',
    });
  });

  test('reach the API with the secret key', async () => {
    expect(await (await call('echo?query')).json()).toEqual({ error: null, users: 0 });
  });

  test('bodies pass through unchanged', async () => {
    const body = Buffer.alloc(3_000_000, 'rowhouse ');
    const response = await call('stream', { method: 'POST', body });
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  test('run in one process each, which is started anew after a crash', async () => {
    const pid = async () => ((await (await call('echo')).json()) as { pid: number }).pid;
    const first = await pid();
    expect(await Promise.all([pid(), pid()])).toEqual([first, first]);
    const crashed = await call('echo?crash');
    expect(crashed.status).toBe(503);
    expect(await crashed.json()).toEqual({
      code: 503,
      message: 'The function "echo" ended before it answered.',
    });
    await eventually(async () => (await call('echo')).status === 201);
    expect(await pid()).not.toBe(first);
  });

  test('an error tells the caller nothing of what is inside', async () => {
    const response = await call('echo?throw');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });

  test('what does not start is unavailable', async () => {
    expect((await call('broken')).status).toBe(503);
  });

  test('what takes too long is given up, and what is open needs no key', async () => {
    const impatient = edgeFunctions({
      directory,
      cacheDirectory: join(directory, '.deno'),
      keys: stack,
      open: new Set(['hang']),
      apiUrl: () => stack.apiUrl,
      log: () => undefined,
      timeout: 200,
    });
    const response = await impatient.fetch(new Request('http://127.0.0.1/functions/v1/hang'));
    expect(response.status).toBe(504);
    await impatient.stop();
  });

  test('unknown names, hidden folders and paths that lead elsewhere are not found', async () => {
    for (const name of ['nothing', '_shared', 'Echo', '..%2fecho', '%2e%2e/echo', '', 'echo%00']) {
      const response = await call(name);
      expect(response.status, name).toBe(404);
      expect(await response.json()).toHaveProperty('message');
    }
  });

  test('need a valid key or token', async () => {
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${stack.functionsUrl}/echo`, { headers })).status;
    expect(await ask({})).toBe(401);
    expect(await ask({ apikey: 'sb_publishable_wrong' })).toBe(401);
    expect(await ask({ authorization: 'Bearer a.b.c' })).toBe(401);
    expect(await ask({ authorization: `Bearer ${stack.publishableKey}` })).toBe(201);
  });

  test('may not read, write, run or reach what is none of their business', async () => {
    for (const attempt of ['read', 'write', 'run', 'net', 'import']) {
      const response = await call(`curious?try=${attempt}`);
      expect(response.status, attempt).toBe(500);
      expect(await response.text()).toMatch(/NotCapable|TypeError/);
    }
  });

  test('the worker is woken by the database, one call at a time for each queue', async () => {
    await asSuperuser(stack, `select pg_notify('rowhouse_jobs', 'a queue')`);
    await eventually(() => lines.includes('[worker] woken for a queue true'));
    await asSuperuser(stack, `select pg_notify('rowhouse_jobs', 'a queue') from generate_series(1, 20)`);
    await asSuperuser(stack, `select pg_notify('rowhouse_jobs', 'a queue')`);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { calls, most } = (await (await call('worker')).json()) as { calls: number; most: number };
    expect(most).toBe(1);
    expect(calls).toBeGreaterThanOrEqual(2);
    expect(calls).toBeLessThanOrEqual(4);
  });
});
