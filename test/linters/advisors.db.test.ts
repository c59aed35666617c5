import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();
const command = fileURLToPath(new URL('../../node_modules/.bin/supabase', import.meta.url));

const report = z.object({
  results: z.array(z.object({ name: z.string(), level: z.string(), detail: z.string() })),
});

/** About traffic, of which a test's database has none. */
const exempt = new Set(['unused_index', 'table_bloat']);

/** What the advisors of the Supabase dashboard say of the database, at every level. */
async function advice(): Promise<string[]> {
  // The command leaves files where it runs.
  const folder = await mkdtemp(join(tmpdir(), 'rowhouse-advisors-'));
  try {
    const { stdout } = await promisify(execFile)(
      command,
      ['db', 'advisors', '--remote', db.url, '--type', 'all', '--level', 'info', '--output-format', 'json'],
      {
        cwd: folder,
        env: { ...process.env, HOME: folder, PGSSLMODE: 'disable', SUPABASE_TELEMETRY_DISABLED: '1' },
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    const { results } = report.parse(JSON.parse(stdout));
    expect(
      results.map(({ name }) => name),
      'the advisors looked at nothing',
    ).toContain('unused_index');
    return results.filter(({ name }) => !exempt.has(name)).map(({ name, detail }) => `${name}: ${detail}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("Supabase's advisors find nothing, in security and performance, at any level", async () => {
  expect(await advice()).toEqual([]);
});

test('and they do find what is wrong: a table without row-level security, a foreign key without an index', async () => {
  await db.query(
    `create table public.pets (id uuid primary key, owner_id uuid references public.user_profiles);
     grant select on public.pets to anon`,
  );
  const found = await advice();
  await db.query('drop table public.pets');
  expect(found.join('\n')).toMatch(/rls_disabled_in_public/);
  expect(found.join('\n')).toMatch(/unindexed_foreign_keys/);
});
