import { describe, expect, test } from 'vitest';
import { functionsIn, readable, waysOf } from '../../scripts/support/api/conditions.ts';
import { argumentRules, exampleInput } from '../../scripts/support/api/examples.ts';
import { prose } from '../../scripts/support/api/markdown.ts';
import { objectModules } from '../../scripts/support/api/modules.ts';
import { inputs } from '../../src/client/inputs.ts';

describe('the condition of a policy', () => {
  test.each([
    [
      "(organization_id = ( SELECT private.organization_with('seats.read'::text) AS organization_with))",
      [{ permissions: ['seats.read'], rows: '' }],
    ],
    [
      "(( SELECT private.has_permission('seats.read'::text) AS has_permission) OR (user_id = ( SELECT private.current_user_id() AS current_user_id)))",
      [
        { permissions: ['seats.read'], rows: '' },
        { permissions: [], rows: 'user_id = current_user_id()' },
      ],
    ],
    [
      "(( SELECT private.has_permission('seats.sell'::text) AS has_permission) AND ((state <> 'sold'::text) AND (id = ANY (( SELECT private.my_seats() AS my_seats)::uuid[]))))",
      [{ permissions: ['seats.sell'], rows: "state <> 'sold' and id = any (my_seats())" }],
    ],
    ['true', [{ permissions: [], rows: '' }]],
  ])('%s is taken apart', (sql, ways) => {
    expect(waysOf(sql)).toEqual(ways);
  });

  test('names the functions that it asks', () => {
    expect(functionsIn("(a = any (my_seats())) and b in (1) and length(c) > 'f()'::text")).toEqual([
      'my_seats',
      'length',
    ]);
  });
});

test.each([
  ['NULL::timestamp with time zone', 'null'],
  ["'{}'::text[]", "'{}'"],
  ["(now() + '7 days'::interval)", "now() + '7 days'"],
  ['private.uuid_v7()', 'uuid_v7()'],
  ["'it''s'::character varying(20)", "'it''s'"],
])('%s reads %s', (sql, text) => {
  expect(readable(sql)).toBe(text);
});

test.each([
  ['a * b <c> [d]', 'a \\* b \\<c> \\[d\\]'],
  [
    'max_users, plants.read and module.*, or call f(). E.g. this.',
    '`max_users`, `plants.read` and `module.*`, or call `f()`. E.g. this.',
  ],
  ['write to ada_b@example.com', 'write to ada_b@example.com'],
])('%s is written %s', (comment, markdown) => {
  expect(prose(comment, new Set(['plants.read'])).replace('\\>', '>')).toBe(markdown);
});

test('a section of a migration says whose its tables are, and a fixture file whose its functions', async () => {
  const { modules, moduleOf } = await objectModules();
  expect(modules.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['platform', 'jobs', 'identity', 'tenancy', 'access', 'audit']),
  );
  expect(modules.filter(({ about }) => about.length < 20)).toEqual([]);
  expect(
    [
      'user_profiles',
      'plants',
      'roles',
      'audit_logs',
      'claim_jobs',
      'grant_role',
      'list_members',
      'nothing',
    ].map(moduleOf),
  ).toEqual(['identity', 'tenancy', 'access', 'audit', 'jobs', 'access', 'tenancy', undefined]);
});

test('every function that the client calls has an example that its schema takes', () => {
  for (const [name, schema] of Object.entries(inputs)) {
    const input = exampleInput(name);
    expect(schema.safeParse(input), name).toMatchObject({ success: true });
    expect(exampleInput(name)).toEqual(input);
  }
});

test('limits are those of the schema', () => {
  expect(Object.fromEntries(argumentRules('list_users'))).toEqual({
    search: 'up to 200 characters',
    status: 'one of `active`, `inactive`, `missing`',
    role: 'one of `user`, `superadmin`',
    page: 'from 1',
    per_page: '1 to 100',
  });
});
