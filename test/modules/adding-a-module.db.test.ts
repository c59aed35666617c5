import type pg from 'pg';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { formatSql } from '../../scripts/support/format-sql.ts';
import { lintSql } from '../../scripts/support/sql-rules.ts';
import { auditInTransaction, auditIsolation, makeWorld } from '../../src/isolation/audit.ts';
import { restore } from '../../src/migrations/restore.ts';
import { generalRules } from '../catalog/general-rules.ts';
import { brokenBy } from '../catalog/rules.ts';
import { tenantRules } from '../catalog/tenant-rules.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser, type Caller } from '../support/roles.ts';
import {
  addMember,
  addPlant,
  addRole,
  call,
  found,
  inside,
  type Organization,
} from '../tenancy/organizations.ts';

/** The database that has the module of the page. */
const db = useDatabase();
/** One without it, for what goes wrong. */
const bare = useDatabase();

const page = readFileSync(new URL('../../docs/adding-a-module.md', import.meta.url), 'utf8');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code]) => code ?? '',
  );
}

/** The SQL of the page, by the file that it says it goes to. */
const files = blocks('sql').map((sql) => ({ path: /^-- (\S+\.sql)/.exec(sql)?.[1] ?? '', sql }));
const up = files.filter(({ path }) => !path.includes('rollback')).map(({ sql }) => sql);
const down = files.filter(({ path }) => path.includes('rollback')).map(({ sql }) => sql);

const tables = ['public.tools', 'public.tool_loans'];

beforeAll(async () => {
  // An organization that is there before the module is.
  await found(db.pool, 'Early');
  await db.query(up.join('\n'));
});

/** What the rules of `test/catalog` have against the tables and functions of the module, by rule. */
async function brokenRules(client: pg.ClientBase): Promise<Record<string, string[]>> {
  const broken: Record<string, string[]> = {};
  for (const [name, rule] of Object.entries({ ...generalRules, ...tenantRules })) {
    const objects = (await brokenBy(client, rule)).filter((object) => object.includes('tool'));
    if (objects.length > 0) broken[name] = objects;
  }
  return broken;
}

async function addTool({ id }: Organization, code: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    'insert into public.tools (organization_id, code, name) values ($1, $2, $2) returning id',
    [id, code],
  );
  return rows[0]?.id ?? '';
}

/** One statement as a request of a user, kept: the number of rows that it read or wrote. */
async function rowsFor(user: Caller, text: string, values: unknown[] = []): Promise<number> {
  const { rowCount } = await asUser(db, user, (client) => client.query(text, values), { commit: true });
  return rowCount ?? 0;
}

describe('the page', () => {
  test('names the file that each piece of SQL goes to', () => {
    expect(files.map(({ path }) => path)).toEqual([
      'migrations/current.sql',
      'migrations/current.sql',
      'migrations/fixtures/tools/private/lend_tool.sql',
      'migrations/fixtures/tools/public/lend_tool.sql',
      'migrations/current.sql',
      'migrations/rollback/<number>.sql',
    ]);
    const included = files[4]?.sql.match(/(?<=^--!include ).*$/gm) ?? [];
    expect(included.map((path) => `migrations/fixtures/${path}`)).toEqual([files[2]?.path, files[3]?.path]);
  });

  test('is written as the formatter and the linter want it', async () => {
    for (const { path, sql } of files) {
      expect(await formatSql(sql)).toBe(sql);
      expect(await lintSql(path, sql)).toEqual([]);
    }
  });

  test('shows a test that is one of these', () => {
    const [example = ''] = blocks('ts');
    expect(example).toMatch(/^test\(/);
    expect(readFileSync(fileURLToPath(import.meta.url), 'utf8')).toContain(example);
  });
});

describe('the module', () => {
  let here: Organization;
  let there: Organization;
  let owner: Caller;
  let stranger: Caller;

  beforeAll(async () => {
    here = await found(db.pool, 'Glass');
    there = await found(db.pool, 'Wood');
    owner = inside(here, here.owner);
    stranger = inside(there, there.owner);
  });

  test('gives its permissions to the roles of organizations that were there before, and of new ones', async () => {
    for (const name of ['Early', 'Glass']) {
      const { rows } = await db.query<{ role_code: string; held: string[] }>(
        `select role_code, array_agg(permission order by permission) as held
         from private.role_permissions join public.organizations on id = organization_id
         where name = $1 and permission like 'tools.%' group by role_code order by role_code`,
        [name],
      );
      const all = ['tools.lend', 'tools.manage', 'tools.read'];
      expect(rows).toEqual([
        { role_code: 'admin', held: all },
        { role_code: 'manager', held: all },
        { role_code: 'operator', held: ['tools.read'] },
        { role_code: 'owner', held: all },
        { role_code: 'supervisor', held: ['tools.lend', 'tools.read'] },
      ]);
    }
  });

  test('keeps the rows of two organizations apart, which may use the same code', async () => {
    const add = `insert into public.tools (code, name) values ('S-1', 'Saw')`;
    expect(await rowsFor(owner, add)).toBe(1);
    expect(await rowsFor(stranger, add)).toBe(1);
    await expect(rowsFor(owner, add)).rejects.toMatchObject({ code: '23505', constraint: 'tools_code_key' });

    for (const [caller, organization] of [
      [owner, here],
      [stranger, there],
    ] as const) {
      const { rows } = await asUser(db, caller, (client) =>
        client.query('select distinct organization_id from public.tools'),
      );
      expect(rows).toEqual([{ organization_id: organization.id }]);
    }
    const foreign = await addTool(there, 'S-2');
    expect(await rowsFor(owner, 'select from public.tools where id = $1', [foreign])).toBe(0);
    expect(await rowsFor(owner, `update public.tools set name = 'Mine' where id = $1`, [foreign])).toBe(0);
    expect(await rowsFor(owner, 'delete from public.tools where id = $1', [foreign])).toBe(0);
    expect(await rowsFor(stranger, 'delete from public.tools where id = $1', [foreign])).toBe(1);
  });

  test('takes the organization from the token, and from nothing else', async () => {
    const insert = `insert into public.tools (organization_id, code, name) values ($1, 'X-1', 'X')`;
    await expect(rowsFor(owner, insert, [here.id])).rejects.toMatchObject({ code: '42501' });
    const own = await addTool(here, 'M-1');
    const move = 'update public.tools set organization_id = $1 where id = $2';
    await expect(rowsFor(owner, move, [there.id, own])).rejects.toMatchObject({ code: '42501' });
    const loan = 'insert into public.tool_loans (tool_id, borrower_id) values ($1, $2)';
    await expect(rowsFor(owner, loan, [own, here.owner])).rejects.toMatchObject({ code: '42501' });
  });

  test('refers to rows of its own organization only', async () => {
    const refer = 'update public.tools set plant_id = $1 where code = $2';
    await addTool(here, 'P-1');
    const own = await addPlant(db.pool, here);
    const foreign = await addPlant(db.pool, there);
    expect(await rowsFor(owner, refer, [own, 'P-1'])).toBe(1);
    const attempt = rowsFor(owner, refer, [foreign, 'P-1']);
    await expect(attempt).rejects.toMatchObject({ code: '23503', constraint: 'tools_plant_id_fkey' });
  });

  test.each([
    ['manager', { read: 1, add: 1, change: 1, lend: 'lends', returned: 1, delete: 1 }],
    ['supervisor', { read: 1, add: '42501', change: 0, lend: 'lends', returned: 1, delete: 0 }],
    ['operator', { read: 1, add: '42501', change: 0, lend: 'PT403', returned: 0, delete: 0 }],
    ['viewer', { read: 0, add: '42501', change: 0, lend: 'PT403', returned: 0, delete: 0 }],
  ])('lets a %s do what the role holds, and no more', async (role, expected) => {
    const member = await addMember(db.pool, here, { roles: [role] });
    const tool = await addTool(here, `T-${role}`);
    const lent = await addTool(here, `L-${role}`);
    await db.query(
      'insert into public.tool_loans (organization_id, tool_id, borrower_id) values ($1, $2, $3)',
      [here.id, lent, here.owner],
    );
    const attempt = async (text: string, values: unknown[]) =>
      rowsFor(inside(here, member), text, values).catch((error: unknown) => (error as { code: string }).code);
    const lend = await attempt('select public.lend_tool($1, $2)', [tool, here.owner]);
    expect({
      read: await attempt('select from public.tools where id = $1', [tool]),
      add: await attempt('insert into public.tools (code, name) values ($1, $1)', [`N-${role}`]),
      change: await attempt(`update public.tools set name = 'New' where id = $1`, [tool]),
      lend: lend === 1 ? 'lends' : lend,
      returned: await attempt('update public.tool_loans set returned_at = now() where tool_id = $1', [lent]),
      delete: await attempt('delete from public.tools where id = $1', [tool]),
    }).toEqual(expected);
  });

  test('shows a member without tools.read what they have borrowed, and nothing else', async () => {
    const viewer = await addMember(db.pool, here, { roles: ['viewer'] });
    const [own, other] = [await addTool(here, 'B-1'), await addTool(here, 'B-2')];
    const lend = 'select public.lend_tool($1, $2)';
    await rowsFor(owner, lend, [own, viewer]);
    await rowsFor(owner, lend, [other, here.owner]);
    const { rows } = await asUser(db, inside(here, viewer), (client) =>
      client.query('select tool_id from public.tool_loans'),
    );
    expect(rows).toEqual([{ tool_id: own }]);
  });

  test('refuses a loan of what is broken, and of what somebody has', async () => {
    const tool = await addTool(here, 'R-1');
    const set = (condition: string) =>
      rowsFor(owner, 'update public.tools set condition = $1 where id = $2', [condition, tool]);
    const lend = () =>
      asUser(db, owner, (client) => call(client, 'lend_tool', { tool_id: tool, borrower_id: here.owner }), {
        commit: true,
      });
    await expect(set('lost')).rejects.toMatchObject({ code: '23514', constraint: 'tools_condition_known' });
    await set('broken');
    await expectRefusal(lend(), 409, 'tool_broken');
    await set('worn');
    await lend();
    await expectRefusal(lend(), 409, 'tool_lent');
    await rowsFor(owner, 'update public.tool_loans set returned_at = now() where tool_id = $1', [tool]);
    expect(await lend()).toMatchObject({ tool_id: tool, returned_at: null });
  });

  test('lends a tool to one of many who want it at once', async () => {
    const tool = await addTool(here, 'R-2');
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => rowsFor(owner, 'select public.lend_tool($1, $2)', [tool, here.owner])),
    );
    const refusals = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [(answer.reason as { code: string }).code] : [],
    );
    expect(refusals).toEqual(['PT409', 'PT409', 'PT409', 'PT409']);
  });

  test('has each change in the audit log of its organization', async () => {
    const one = `where code = 'A-1'`;
    await rowsFor(owner, `insert into public.tools (code, name) values ('A-1', 'Awl')`);
    await rowsFor(owner, `update public.tools set name = 'Bradawl' ${one}`);
    await rowsFor(owner, `delete from public.tools ${one}`);
    const logged = (reader: Caller) =>
      asUser(db, reader, async (client) => {
        const { rows } = await client.query(
          `select action, actor_id, before ->> 'name' as before, after ->> 'name' as after, after ? 'updated_at' as stamp
           from public.audit_logs where table_name = 'tools' and coalesce(before, after) ->> 'name' in ('Awl', 'Bradawl')
           order by at, id`,
        );
        return rows as unknown[];
      });
    const by = { actor_id: here.owner };
    expect(await logged(owner)).toEqual([
      { action: 'create', ...by, before: null, after: 'Awl', stamp: false },
      { action: 'update', ...by, before: 'Awl', after: 'Bradawl', stamp: false },
      { action: 'delete', ...by, before: 'Bradawl', after: null, stamp: null },
    ]);
    expect(await logged(stranger)).toEqual([]);
  });

  test('stamps updated_at', async () => {
    const tool = await addTool(here, 'U-1');
    await db.query(`update public.tools set name = 'Newer' where id = $1`, [tool]);
    const { rows } = await db.query(
      'select updated_at > created_at as later from public.tools where id = $1',
      [tool],
    );
    expect(rows).toEqual([{ later: true }]);
  });

  test('has a whole index for each foreign key', async () => {
    const { rows } = await db.query(
      `select con.conname, exists (
         select from pg_index as idx
         where idx.indrelid = con.conrelid and idx.indpred is null
           and (idx.indkey::int2[])[0 : cardinality(con.conkey) - 1] operator(pg_catalog.@>) con.conkey
       ) as is_indexed
       from pg_constraint as con where con.conrelid = any ($1::regclass[]) and con.contype = 'f' order by con.conname`,
      [tables],
    );
    expect(rows).toEqual(
      [
        'tool_loans_borrower_id',
        'tool_loans_organization_id',
        'tool_loans_tool_id',
        'tools_organization_id',
        'tools_plant_id',
      ].map((name) => ({ conname: `${name}_fkey`, is_indexed: true })),
    );
  });

  test('keeps the rules of the catalog', async () => {
    expect(await db.inRollback(brokenRules)).toEqual({});
  });

  test('is tried by the isolation audit, which needs to be told nothing of it', async () => {
    const objects = [...tables, 'public.lend_tool'];
    const report = await auditIsolation(db.url, { objects });
    expect({ leaks: report.leaks, untried: report.untried }).toEqual({ leaks: [], untried: [] });
    expect(report.status).toBe('isolated');
    for (const name of ['tools', 'tool_loans', 'lend_tool']) {
      expect(report.entries.filter(({ object }) => object.includes(name)).length).toBeGreaterThan(0);
    }
  });

  test('would be caught by it without the wall, or without the organization in a key or in a rule', async () => {
    const sabotages: [object: string, statement: string, expected: RegExp][] = [
      [
        'public.tools',
        'drop policy "only rows of the current organization" on public.tools',
        /^public\.tools rule: no restrictive policy/,
      ],
      [
        'public.tool_loans',
        `alter table public.tools add unique (id);
         alter table public.tool_loans drop constraint tool_loans_tool_id_fkey,
           add constraint tool_loans_tool_id_fkey foreign key (tool_id) references public.tools (id) on delete cascade`,
        /^public\.tool_loans rule: tool_loans_tool_id_fkey lets a row refer/,
      ],
      [
        'public.lend_tool',
        `do $do$ begin execute replace(
           pg_get_functiondef('private.lend_tool(uuid, uuid)'::regprocedure), 'tool.organization_id = current_id and', ''); end $do$`,
        /^public\.lend_tool\(uuid,uuid\) call: /,
      ],
    ];
    await db.inRollback(async (client) => {
      const world = await makeWorld(client);
      for (const [object, statement, expected] of sabotages) {
        await client.query('savepoint whole');
        await client.query(statement);
        const { leaks } = await auditInTransaction(client, {
          objects: [object],
          world,
        });
        expect(leaks.map((leak) => `${leak.object} ${leak.kind}: ${leak.detail}`)).toContainEqual(
          expect.stringMatching(expected),
        );
        await client.query('rollback to savepoint whole');
      }
    });
  });

  test('goes with its organization, when that is purged', async () => {
    const gone = await found(db.pool, 'Gone');
    await addTool(gone, 'G-1');
    await db.query('select public.cancel_organization($1, $2)', [gone.id, 'A test.']);
    await db.query('select public.purge_organization($1, $2)', [gone.id, gone.name]);
    expect((await db.query('select from public.tools where organization_id = $1', [gone.id])).rowCount).toBe(
      0,
    );
  });
});

test('a supervisor lends a tool of their own organization, and none of another', async () => {
  const [here, there] = [await found(db.pool, 'Here'), await found(db.pool, 'There')];
  const supervisor = await addMember(db.pool, here, { roles: ['supervisor'] });
  const operator = await addMember(db.pool, here, { roles: ['operator'] });
  const stranger = await addMember(db.pool, there, { roles: ['supervisor'] });
  const drill = await addTool(here, 'D-1');
  const lend = (lender: Caller, borrower: string) =>
    asUser(db, lender, (client) => call(client, 'lend_tool', { tool_id: drill, borrower_id: borrower }));

  expect(await lend(inside(here, supervisor), operator)).toMatchObject({ borrower_id: operator });
  await expectRefusal(lend(inside(here, operator), operator), 403, 'permission_required');
  await expectRefusal(lend(inside(there, stranger), stranger), 404, 'tool_not_found');
  await expectRefusal(lend(inside(here, supervisor), stranger), 404, 'member_not_found');
});

describe('what the page says of what is missing', () => {
  /** Each row of the page's last table: what is left out, and what comes of it. */
  const rows = [
    ...page.slice(page.indexOf('## When something is missing')).matchAll(/^\| (.*?) +\| (.*?) +\|$/gm),
  ]
    .slice(2)
    .map(([, without = '', consequence = '']) => ({ without, consequence }));

  /** How to leave it out. */
  const omissions: Record<string, [from: string | RegExp, to: string]> = {
    'the default of `organization_id`': [' default private.current_organization_id()', ''],
    '`organization_id` in a foreign key': [
      /\(organization_id, tool_id\)\s+references public.tools \(organization_id, id\)/,
      '(tool_id) references public.tools (id)',
    ],
    '`organization_id` in a unique constraint': ['unique (organization_id, code)', 'unique (code)'],
    '`on delete cascade` on the key to `organizations`': [
      /(references public.organizations \(id\))\s+on delete cascade/,
      '$1',
    ],
    'the permission in the catalog': [/"tools.manage": .*\n/, ''],
    '`secure_table`': [/select private\.secure_table\([^;]*;/g, ''],
    'a comment': [/comment on table public.tools is .*\n/, ''],
  };

  /** The SQL of the page without something. */
  function without(name: string): string {
    const [from, to] = omissions[name] ?? ['', ''];
    const sql = up.join('\n').replace(from, to);
    expect(sql, `the page has no ${String(from)}`).not.toBe(up.join('\n'));
    return sql;
  }

  test('is shown here, row by row', () => {
    expect(rows.map((row) => row.without)).toEqual(Object.keys(omissions));
  });

  const refused = rows.flatMap(({ without: name, consequence }) =>
    [...consequence.matchAll(/refuses: (.*?)(?=\. |$)/g)].map(([, sentence = '']) => ({ name, sentence })),
  );

  test.each(refused)('without $name, it is refused: $sentence', async ({ name, sentence }) => {
    // What a foreign key without the organization needs, and what a table that is secured may not have.
    const uniqueId = [
      ['create table public.tool_loans', 'alter table public.tools add unique (id);\n$&'],
      [/select private\.secure_table\(\s+'public\.tools',[^;]*;/, ''],
    ] as const;
    await bare.inRollback(async (client) => {
      let sql = without(name);
      if (sentence.includes('tool_loans_tool_id_fkey')) {
        for (const [from, to] of uniqueId) sql = sql.replace(from, to);
      }
      await expect(client.query(sql)).rejects.toThrow(sentence);
    });
  });

  test('is needed: with all of it, nothing is refused', async () => {
    await bare.inRollback((client) => client.query(up.join('\n')));
  });

  test('without secure_table, nobody may do anything with the table, and the rules of the catalog are broken', async () => {
    await bare.inRollback(async (client) => {
      await client.query(without('`secure_table`'));
      const { id, owner } = await found(client, 'Bare');
      const read = asUser(client, inside({ id }, owner), (inner) => inner.query('select from public.tools'));
      await expect(read).rejects.toMatchObject({ code: '42501' });
      expect(await brokenRules(client)).toMatchObject({
        'every table of public has row-level security': expect.arrayContaining([
          'tools',
          'tool_loans',
        ]) as unknown,
      });
    });
  });

  test('without a comment, the rules of the catalog are broken', async () => {
    await bare.inRollback(async (client) => {
      await client.query(without('a comment'));
      expect(await brokenRules(client)).toEqual({
        'every table, view and type has a comment': ['tools'],
      });
    });
  });
});

test('undoing it keeps the rows, and takes all of it from everybody; made again, they have it back', async () => {
  const organization = await found(bare.pool, 'Undone');
  await bare.query(up.join('\n'));
  await addRole(bare.pool, organization, 'keeper', ['plants.read', 'tools.*', 'tools.read']);
  await bare.query(`insert into public.tools (organization_id, code, name) values ($1, 'D-1', 'Drill')`, [
    organization.id,
  ]);

  const setAside = readFileSync(new URL('../../src/migrations/set-aside.sql', import.meta.url), 'utf8');
  const client = await bare.pool.connect();
  try {
    await client.query(
      `begin; set local search_path = pg_catalog; set local rowhouse.keep_rows = true; set local rowhouse.undoing = '000099'; ${setAside}`,
    );
    await client.query(`${down.join('\n')}; commit`);
  } finally {
    client.release(true);
  }
  const left = await bare.query(
    `select code from public.permissions where module = 'tools'
     union all select code from private.system_roles where permissions::text ~ 'tools'
     union all select permission from private.role_permissions where permission ~ 'tools'
     union all select proname from pg_proc where proname = 'lend_tool'
     union all select relname from pg_class where relname ~ '^tool' and relnamespace in ('public'::regnamespace, 'private'::regnamespace)`,
  );
  expect(left.rows).toEqual([]);
  const held = `select permission from private.role_permissions where role_code = 'keeper' order by 1`;
  expect((await bare.query(held)).rows).toEqual([{ permission: 'plants.read' }]);

  await bare.query(up.join('\n'));
  expect(await restore(bare.url)).toMatchObject({ restored: 1, kept: 0 });
  expect((await bare.query('select code from public.tools')).rows).toEqual([{ code: 'D-1' }]);
  const again = await bare.query<{ permission: string }>(held);
  expect(again.rows.map(({ permission }) => permission)).toEqual(
    expect.arrayContaining(['plants.read', 'tools.read']),
  );
});
