import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/support/sql-files.ts';

describe('committing a migration', () => {
  let copy: string;

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'rowhouse-commit-'));
    for (const part of [
      '.gmrc',
      'package.json',
      'tsconfig.json',
      'migrations',
      'scripts',
      'src',
      'supabase',
    ]) {
      await cp(join(root, part), join(copy, part), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await mkdir(join(copy, 'migrations/fixtures/probe/private'), { recursive: true });
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  function commit(...flags: string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, ['--import', 'tsx', 'scripts/commit-migration.ts', ...flags], {
      cwd: copy,
      encoding: 'utf8',
    });
  }
  const current = (sql: string) => writeFile(join(copy, 'migrations/current.sql'), sql);
  const committed = () => readdir(join(copy, 'migrations/committed'));

  it('writes it, with its includes, under the next number and empties the current one', async () => {
    const before = await committed();
    await writeFile(
      join(copy, 'migrations/fixtures/probe/private/probe.sql'),
      `create function private.probe() returns integer language sql set search_path = '' as 'select 1';\n`,
    );
    await current('create table public.probes (id uuid primary key);\n--!include probe/private/probe.sql\n');

    const { status, stdout } = commit('--message', 'probe');

    const file = `${String(before.length + 1).padStart(6, '0')}-probe.sql`;
    expect(stdout).toContain(`migrations/committed/${file}`);
    expect(status).toBe(0);
    expect(await committed()).toEqual([...before, file].sort());
    const text = await readFile(join(copy, 'migrations/committed', file), 'utf8');
    expect(text).toContain('create table public.probes');
    expect(text).toContain('create function private.probe()');
    expect(await readFile(join(copy, 'migrations/current.sql'), 'utf8')).not.toContain('probes');
  });

  it('writes nothing when the migration needs a superuser or is wrong', async () => {
    const before = await committed();
    await current('alter system set work_mem = 1;\n');

    const { status, stderr } = commit('--message', 'probe');

    expect(stderr).toContain('ALTER SYSTEM');
    expect(status).toBe(1);
    expect(await committed()).toEqual(before);
    expect(await readFile(join(copy, 'migrations/current.sql'), 'utf8')).toContain('alter system');
  });

  it('asks for a message', () => {
    const { status, stderr } = commit();
    expect(stderr).toContain('--message');
    expect(status).toBe(2);
  });
});
