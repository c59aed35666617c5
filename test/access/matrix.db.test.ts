import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateAccess, readMatrix } from '../../scripts/support/generate-access.ts';
import { staleFiles } from '../../scripts/support/generated.ts';
import { root } from '../../scripts/support/sql-files.ts';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import {
  addMember,
  addPlant,
  addRole,
  call,
  found,
  inside,
  type Organization,
} from '../tenancy/organizations.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
/** A member for owners to make one of. */
let heir: string;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  for (const organization of [acme, beta]) await addPlant(db.pool, organization);
  heir = await addMember(db.pool, acme);
});

/**
 * What each permission allows, done: returns whether something was. A permission that comes with a module brings its
 * probe along.
 */
const probes: Record<string, (session: pg.ClientBase) => Promise<boolean>> = {
  'audit.read': (session) => sees(session, 'public.audit_logs'),
  'members.manage': async (session) =>
    Boolean(await call(session, 'create_role', { code: 'probe', name: 'Probe' })),
  'members.read': async (session) => Boolean(await call(session, 'list_members')),
  'organization.manage': async (session) =>
    (await session.query(`update public.organizations set industry = 'Probing'`)).rowCount === 1,
  'organization.own': async (session) =>
    Boolean(await call(session, 'grant_role', { user_id: heir, role_code: 'owner' })),
  'organization.read': (session) => sees(session, 'public.organizations'),
  'plants.manage': async (session) =>
    (await session.query(`insert into public.plants (code, name) values ('PROBE', 'Probe')`)).rowCount === 1,
  'plants.read': (session) => sees(session, 'public.plants'),
  'roles.read': (session) => sees(session, 'public.roles'),
};

async function sees(session: pg.ClientBase, table: string): Promise<boolean> {
  return ((await session.query(`select from ${table}`)).rowCount ?? 0) > 0;
}

/** Whether a user gets done what a permission allows. Nothing of it stays. */
async function works(client: pg.ClientBase, user: string, permission: string): Promise<boolean> {
  const probe = probes[permission];
  if (!probe) throw new Error(`${permission} has no probe: add one that does what it allows.`);
  return asUser(client, inside(acme, user), probe).catch((error: unknown) => {
    // Refused by a function, or by a policy. What is wrong otherwise is no answer.
    if (error instanceof Error && 'code' in error && (error.code === 'PT403' || error.code === '42501'))
      return false;
    throw error;
  });
}

async function checks(client: pg.ClientBase, user: string, code: string): Promise<unknown> {
  return asUser(client, inside(acme, user), (session) => call(session, 'check_permission', { code }));
}

/** The ticks of the table in docs/access.md: the roles of each permission. */
async function documented(): Promise<Map<string, Set<string>>> {
  const page = await readFile(join(root, 'docs/access.md'), 'utf8');
  const text = page.slice(page.indexOf('<!-- generated: matrix -->'), page.indexOf('<!-- end: matrix -->'));
  const [head = [], , ...rows] = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  return new Map(
    rows.map(([permission = '', ...cells]) => [
      permission,
      new Set(head.slice(1).filter((_, index) => cells[index] === '✓')),
    ]),
  );
}

test('docs/access.md says what the migrations say', async () => {
  expect(await staleFiles(await generateAccess(db.url))).toEqual([]);
});

test('every permission has a probe, and every probe a permission', async () => {
  const { permissions } = await readMatrix(db.url);
  expect(Object.keys(probes).sort()).toEqual(permissions.map(({ code }) => code));
});

test('every role and permission is as documented: what has a tick works, and what has none is refused', async () => {
  const matrix = await documented();
  const { roles, permissions } = await readMatrix(db.url);
  expect([...matrix.keys()]).toEqual(permissions.map(({ code }) => code));
  await db.inRollback(async (client) => {
    for (const { code: role } of roles) {
      const user = await addMember(client, acme, { roles: [role] });
      // In the neighbour's house they are the owner; it must not help.
      await addMember(client, beta, { user, roles: ['owner'] });
      for (const [permission, holders] of matrix) {
        const expected = holders.has(role);
        expect(await checks(client, user, permission), `${role} ${permission}: check_permission`).toBe(
          expected,
        );
        expect(await works(client, user, permission), `${role} ${permission}: done`).toBe(expected);
      }
    }
  });
});

/**
 * Who may not read a row cannot write it: what is written in a table takes its permission to read as well. And who makes
 * an owner gives away everything.
 */
const presupposed: Record<string, string[]> = {
  'organization.manage': ['organization.read'],
  'organization.own': ['audit.*', 'members.*', 'organization.*', 'plants.*', 'roles.*'],
  'plants.manage': ['plants.read'],
};

describe('a permission is what it takes, and all that it takes', () => {
  test.each(Object.keys(probes))('%s', async (permission) => {
    await db.inRollback(async (client) => {
      const needed = [permission, ...(presupposed[permission] ?? [])];
      const others = Object.keys(probes).filter((each) => each !== permission);
      const alone = await addMember(client, acme, { roles: [await addRole(client, acme, 'alone', needed)] });
      const rest = await addMember(client, acme, { roles: [await addRole(client, acme, 'rest', others)] });
      expect(await works(client, alone, permission), 'with it alone').toBe(true);
      expect(await works(client, rest, permission), 'with all others').toBe(false);
    });
  });
});
