import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { denoPath } from '../../src/stack/deno.ts';
import { useStack } from '../support/stack.ts';
import { clientSource, repository } from './compile.ts';

const stack = useStack();
const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowhouse-client-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A front end in one function: signs up, reads, calls, is refused by the server and by the client itself. */
const frontEnd = (client: string) => `
  import { createRowhouseClient, ForbiddenError, InvalidInputError } from ${JSON.stringify(client)};

  export async function visit(url, key, email) {
    const rowhouse = createRowhouseClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
    const { error } = await rowhouse.auth.signUp({
      email, password: 'correct horse battery', options: { data: { full_name: 'Ada Lovelace' } },
    });
    if (error) throw error;
    const { data: profile } = await rowhouse.from('user_profiles').select('display_name, platform_role').single();
    const refusals = [];
    for (const attempt of [() => rowhouse.call('list_users'), () => rowhouse.call('get_user', { id: 'nobody' })]) {
      try {
        await attempt();
      } catch (error) {
        const kind = error instanceof ForbiddenError ? 'forbidden' : error instanceof InvalidInputError ? 'invalid' : '?';
        refusals.push([kind, error.name, error.code, error.status]);
      }
    }
    return { profile, isSuperadmin: await rowhouse.call('is_superadmin'), refusals };
  }
`;

const expected = {
  profile: { display_name: 'Ada Lovelace', platform_role: 'user' },
  isSuperadmin: false,
  refusals: [
    ['forbidden', 'ForbiddenError', 'superadmin_required', 403],
    ['invalid', 'InvalidInputError', 'invalid_input', 400],
  ],
};

test('the client works in Deno', async () => {
  const script = join(folder, 'visit.ts');
  const call = 'console.log(JSON.stringify(await visit(Deno.args[0], Deno.args[1], Deno.args[2])));';
  await writeFile(script, `// @ts-nocheck\n${frontEnd(pathToFileURL(clientSource).href)}\n${call}\n`);
  const { stdout } = await run(
    denoPath(),
    [
      'run',
      '--quiet',
      '--no-prompt',
      '--no-remote',
      '--cached-only',
      '--no-check',
      `--config=${join(repository, 'edge-functions/deno.json')}`,
      '--allow-net=127.0.0.1',
      '--allow-env',
      `--allow-read=${folder},${repository}`,
      script,
      stack.apiUrl,
      stack.publishableKey,
      'deno@example.com',
    ],
    { cwd: folder, env: { DENO_DIR: join(folder, 'deno'), NO_COLOR: '1' }, timeout: 50_000 },
  );
  expect(JSON.parse(stdout)).toEqual(expected);
});

test('the client works as a browser bundle, which takes nothing from Node', async () => {
  // esbuild fails on an import of Node's own modules when it builds for browsers.
  const { outputFiles, metafile } = await build({
    stdin: { contents: frontEnd(clientSource), resolveDir: repository, loader: 'ts' },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'frontEnd',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const packages = new Set(
    Object.keys(metafile.inputs).map(
      (path) => /node_modules\/((@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'rowhouse',
    ),
  );
  expect([...packages].filter((name) => /^(ws|pg|deno|hono|@supabase\/lite)$/.test(name))).toEqual([]);

  // What a browser's window has and the client may use: no process, no Buffer, no require.
  const window = createContext({
    fetch,
    Headers,
    Request,
    Response,
    URL,
    URLSearchParams,
    AbortController,
    AbortSignal,
    TextEncoder,
    TextDecoder,
    Blob,
    FormData,
    ReadableStream,
    crypto,
    atob,
    btoa,
    console,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
  });
  const text = outputFiles[0]?.text ?? '';
  // Most of it is supabase-js. Importing zod as `{ z }` would double it: bundlers keep all that z could reach.
  expect(text.length).toBeLessThan(400_000);
  const visit = new Script(`${text}; (...args) => frontEnd.visit(...args)`).runInContext(window) as (
    ...args: string[]
  ) => Promise<unknown>;
  const result = await visit(stack.apiUrl, stack.publishableKey, 'browser@example.com');
  expect(JSON.parse(JSON.stringify(result))).toEqual(expected);
});
