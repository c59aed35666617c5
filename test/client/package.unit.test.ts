import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository } from './compile.ts';

const run = promisify(execFile);
const tsc = join(repository, 'node_modules/typescript/bin/tsc');
let consumer: string;

/** A project that has installed Rowhouse: what `npm run build` emits beside package.json, and the two dependencies. */
beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'rowhouse-consumer-'));
  const modules = join(consumer, 'node_modules');
  await mkdir(join(modules, 'rowhouse'), { recursive: true });
  await copyFile(join(repository, 'package.json'), join(modules, 'rowhouse/package.json'));
  await run(process.execPath, [
    tsc,
    '-p',
    join(repository, 'tsconfig.build.json'),
    '--outDir',
    join(modules, 'rowhouse/dist'),
  ]);
  for (const name of ['zod', '@supabase/supabase-js']) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(repository, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(consumer, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rm(consumer, { recursive: true, force: true }));

test('a plain Node project imports the client', async () => {
  await writeFile(
    join(consumer, 'index.js'),
    `import { createRowhouseClient, InvalidInputError } from 'rowhouse/client';
     const rowhouse = createRowhouseClient('http://127.0.0.1:1', 'sb_publishable_key');
     try {
       await rowhouse.call('get_user', { id: 'nobody' });
     } catch (error) {
       console.log(error instanceof InvalidInputError, error.code);
     }
     process.exit();`,
  );
  const { stdout } = await run(process.execPath, ['index.js'], { cwd: consumer });
  expect(stdout).toBe('true invalid_input\n');
});

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])(
  'a TypeScript project with module %s and resolution %s has its types',
  async (module, moduleResolution) => {
    await writeFile(
      join(consumer, 'index.ts'),
      `import { createRowhouseClient } from 'rowhouse/client';
     const rowhouse = createRowhouseClient('', '');
     const { users } = await rowhouse.call('list_users');
     export const role: 'user' | 'superadmin' | undefined = users[0]?.platform_role;
     // @ts-expect-error not a role
     export const wrong: 'admin' | undefined = users[0]?.platform_role;
     // @ts-expect-error a reason is missing
     await rowhouse.call('deactivate_user', { id: '' });`,
    );
    const options = {
      target: 'es2022',
      lib: ['es2022', 'dom'],
      strict: true,
      noEmit: true,
      types: [],
      skipLibCheck: true,
    };
    await writeFile(
      join(consumer, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, module, moduleResolution }, files: ['index.ts'] }),
    );
    const { stdout } = await run(process.execPath, [tsc, '-p', consumer]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe('');
  },
);

test('nothing else of the package can be imported', async () => {
  await expect(
    run(process.execPath, ['--input-type=module', '-e', `import 'rowhouse/src/settings.ts'`], {
      cwd: consumer,
    }),
  ).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
});
