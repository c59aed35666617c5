import { spawnSync } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { root } from '../../scripts/support/sql-files.ts';

const configFile = join(root, 'supabase/config.toml');

describe('supabase/config.toml', () => {
  let folder: string;
  let config: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rowhouse-config-'));
    await mkdir(join(folder, 'supabase'));
    config = await readFile(configFile, 'utf8');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Lets the Supabase CLI read a configuration. It checks all of it before it connects to a database, here to none. */
  async function readByCli(text: string): Promise<string> {
    await writeFile(join(folder, 'supabase/config.toml'), text);
    const { stdout, stderr } = spawnSync(
      join(root, 'node_modules/.bin/supabase'),
      ['gen', 'types', '--remote=postgresql://nobody:none@127.0.0.1:1/none'],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, SUPABASE_TELEMETRY_DISABLED: '1' } },
    );
    return stdout + stderr;
  }

  it('is accepted by the Supabase CLI without a warning', async () => {
    const output = await readByCli(config);
    expect(output).toContain('failed to connect to postgres');
    expect(output).not.toContain('WARN');
  });

  it.each([
    ['major_version = 17', 'major_version = 9', 'Invalid db.major_version'],
    ['pg-functions://', 'ftp://', 'Invalid hook config'],
    ['max_rows', 'max_rowz', 'api.max_rowz'],
  ])('would be refused with %s changed to %s', async (right, wrong, complaint) => {
    expect(await readByCli(config.replace(right, wrong))).toContain(complaint);
  });

  it('names edge functions and import maps that are there', async () => {
    const { functions } = z
      .object({
        functions: z.record(z.string(), z.object({ entrypoint: z.string(), import_map: z.string() })),
      })
      .parse(parse(config));
    for (const { entrypoint, import_map } of Object.values(functions)) {
      await access(join(root, 'supabase', entrypoint));
      await access(join(root, 'supabase', import_map));
    }
  });
});
