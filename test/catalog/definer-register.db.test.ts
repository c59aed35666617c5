import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/support/sql-files.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

interface Entry {
  name: string;
  why: string;
  trusts: string;
}

/** The register of docs/security.md. */
async function register(): Promise<Entry[]> {
  const page = await readFile(join(root, 'docs/security.md'), 'utf8');
  return (page.split('\n## Register of `security definer` functions\n')[1] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, name = '', why = '', trusts = ''] = line.split('|').map((cell) => cell.trim());
      return { name: name.replaceAll('`', ''), why, trusts };
    });
}

test('the register of definer functions in docs/security.md is the catalog, in both directions', async () => {
  const { rows } = await db.query<{ name: string }>(
    `select proname as name from pg_proc
     where prosecdef and pronamespace in ('public'::regnamespace, 'private'::regnamespace)`,
  );
  const entries = await register();
  expect(entries.map(({ name }) => name).sort()).toEqual(rows.map(({ name }) => name).sort());
});

test('each entry says why, and what it trusts', async () => {
  const entries = await register();
  expect(entries.length).toBeGreaterThan(50);
  for (const { name, why, trusts } of entries) {
    expect(
      [why, trusts].every((text) => text.length > 2),
      name,
    ).toBe(true);
  }
});

test('what the register says of who may call holds', async () => {
  const { rows } = await db.query<{ name: string; clients: boolean; service: boolean }>(
    `select proname as name, has_function_privilege('authenticated', oid, 'execute') as clients,
       has_function_privilege('service_role', oid, 'execute') as service
     from pg_proc where prosecdef and pronamespace = 'private'::regnamespace`,
  );
  const callable = new Map(rows.map((row) => [row.name, row]));
  for (const { name, trusts } of await register()) {
    const { clients, service } = callable.get(name) ?? { clients: true, service: true };
    if (trusts.startsWith('its callers')) expect([name, clients, service]).toEqual([name, false, false]);
    if (trusts.includes('service role, which alone'))
      expect([name, clients, service]).toEqual([name, false, true]);
    if (trusts.includes('asks for')) expect([name, clients]).toEqual([name, true]);
  }
});

test('every definer function belongs to postgres, and is written in SQL or PL/pgSQL', async () => {
  const { rows } = await db.query(
    `select fn.oid::regprocedure::text as object from pg_proc as fn join pg_language as lang on lang.oid = fn.prolang
     where fn.prosecdef and fn.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
       and (fn.proowner <> 'postgres'::regrole or lang.lanname not in ('sql', 'plpgsql'))`,
  );
  expect(rows).toEqual([]);
});
