import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { callerIn, callsOf, makeOrders, memberships, rowId, rowsPerOrganization } from './orders.ts';
import { onceCalled, planOf, planProblems } from './plans.ts';

const db = useDatabase();
beforeAll(() => makeOrders(db));

/** What lists ask for, and what their plan must be. The parameters are an id and a status. */
const lists = {
  'newest 50': {
    text: 'select * from public.visits order by id desc limit 50',
    indexes: ['visits_pkey'],
  },
  'the 50 after those': {
    text: 'select * from public.visits where id < $1 order by id desc limit 50',
    indexes: ['visits_pkey'],
    conditions: ['id < '],
  },
  'oldest 50': {
    text: 'select * from public.visits order by id limit 50',
    indexes: ['visits_pkey'],
  },
  'newest 50 of a status': {
    text: 'select * from public.visits where status = $2 order by id desc limit 50',
    indexes: ['visits_status_idx'],
    conditions: ['status = '],
  },
  'the 50 of a status after those': {
    text: 'select * from public.visits where status = $2 and id < $1 order by id desc limit 50',
    indexes: ['visits_status_idx'],
    conditions: ['status = ', 'id < '],
  },
  'in the order of status and id': {
    text: 'select * from public.visits order by status, id limit 50',
    indexes: ['visits_status_idx'],
  },
  count: {
    text: 'select count(*) from public.visits',
    indexes: ['visits_pkey', 'visits_status_idx'],
    isIndexOnly: true,
  },
  'count of a status': {
    text: 'select count(*) from public.visits where status = $2',
    indexes: ['visits_status_idx'],
    isIndexOnly: true,
    conditions: ['status = '],
  },
  'one row': {
    text: 'select * from public.visits where id = $1',
    indexes: ['visits_pkey'],
    conditions: ['id = '],
  },
} satisfies Record<string, { text: string } & Parameters<typeof planProblems>[1]>;

const literals = (text: string) =>
  text.replaceAll('$1', `'${rowId(500)}'::uuid`).replaceAll('$2', `'sent'::text`);

describe.each(memberships)('for a user in %i organizations', (count) => {
  test.each(Object.entries(lists))('%s walks along an index, from the organization on', async (_, list) => {
    const plan = await asUser(db, callerIn(count), (client) => planOf(client, literals(list.text)));
    expect(planProblems(plan, list)).toEqual([]);
  });

  test.each(Object.entries(lists))('%s does so in a prepared statement', async (_, list) => {
    await asUser(db, callerIn(count), async (client) => {
      await client.query(`prepare list (uuid, text) as ${list.text}`);
      const execute = `execute list ('${rowId(500)}', 'sent')`;
      try {
        for (let time = 1; time <= 5; time += 1) await client.query(execute);
        expect(planProblems(await planOf(client, execute), list)).toEqual([]);
        await client.query('set local plan_cache_mode = force_generic_plan');
        const generic = await planOf(client, execute);
        expect(planProblems(generic, list)).toEqual([]);
        // It is the generic plan: the parameters are still parameters.
        expect(JSON.stringify(generic).includes('$1') || JSON.stringify(generic).includes('$2')).toBe(
          list.text.includes('$'),
        );
      } finally {
        await client.query('deallocate list');
      }
    });
  });

  test('a list shows the rows of the one organization that the token names', async () => {
    const { rows } = await asUser(db, callerIn(count), (client) =>
      client.query('select organization_id, count(*)::integer from public.visits group by 1'),
    );
    expect(rows).toEqual([{ organization_id: 'PLAN0000', count: rowsPerOrganization }]);
  });
});

/** Counts what a statement calls, as the user in two organizations. */
async function countCalls(statement: string): Promise<Record<string, number>> {
  const client = await db.superuser();
  await client.query(`set track_functions = 'all'`);
  await client.query('begin');
  try {
    return await asUser(client, callerIn(2), async (caller) => {
      await caller.query(statement);
      return callsOf(caller);
    });
  } finally {
    await client.query('rollback');
  }
}

describe('what the policies call', () => {
  test('is called as often for a thousand rows as for one', async () => {
    const one = await countCalls(`select * from public.visits where id = '${rowId(500)}'`);
    const all = await countCalls('select * from public.visits');
    expect(Object.keys(one)).not.toEqual([]);
    expect(all).toEqual(one);
    expect(Math.max(...Object.values(one))).toBe(1);
  });

  test('is called as often to change a thousand rows as to change one', async () => {
    const change = `update public.visits set title = 'changed' where id`;
    const one = await countCalls(`${change} = '${rowId(500)}'`);
    const all = await countCalls(`${change} <> '${rowId(500)}'`);
    expect(policyCalls(one)).not.toEqual({});
    expect(policyCalls(all)).toEqual(policyCalls(one));
  });

  test('is one sub-select for a read, because the wall and who may read are the same condition', async () => {
    const plan = await asUser(db, callerIn(2), (client) => planOf(client, literals(lists['newest 50'].text)));
    expect(onceCalled(plan)).toEqual(['private.organization_with']);
  });
});

/** Without the triggers, which the audit's own tests count. */
const policyCalls = (calls: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(calls).filter(([name]) =>
      /^(current_organization_id|has_permission|organization_with)$/.test(name),
    ),
  );

/** Rewrites both policies of a read, keeps that for one explanation, and undoes it. */
async function problemsWith(conditions: { wall: string; read: string }): Promise<string[]> {
  const list = lists['newest 50'];
  return db.inRollback(async (client) => {
    await client.query(
      `alter policy "only rows of the current organization" on public.visits using (${conditions.wall});
       alter policy "who may read" on public.visits using (${conditions.read})`,
    );
    return asUser(client, callerIn(2), async (caller) => planProblems(await planOf(caller, list.text), list));
  });
}

const one = `organization_id = (select private.organization_with('visits.read'))`;
const organization = 'organization_id = (select private.current_organization_id())';

/** Conditions that read well, answer right, and cost the index or a call per row. */
const worseForms: Record<string, { wall: string; read: string }> = {
  'organization_id = any (…)': sameTwice(
    `organization_id = any ((select array[private.organization_with('visits.read')])::text[])`,
  ),
  'organization_id in (select …)': sameTwice(
    `organization_id in (select private.organization_with('visits.read'))`,
  ),
  'something of organization_id': sameTwice(
    `coalesce(organization_id, '') = (select private.organization_with('visits.read'))`,
  ),
  'a call without a sub-select': { wall: organization, read: `private.has_permission('visits.read')` },
  'a code in the set of all': {
    wall: `organization_id = any ((select array[private.current_organization_id()])::text[])`,
    read: `'visits.read' = any ((select private.current_permissions())::text[])`,
  },
};

function sameTwice(condition: string) {
  return { wall: condition, read: condition };
}

describe('this test notices policies of the form', () => {
  test.each(Object.entries(worseForms))('%s', async (_, conditions) => {
    expect(await problemsWith(conditions)).not.toEqual([]);
  });
});

test('a table whose rows others may read as well keeps its walk along the index', async () => {
  const read = `(select private.has_permission('visits.read')) or title = (select auth.uid()::text)`;
  expect(await problemsWith({ wall: organization, read })).toEqual([]);
});

test('the twin of the forms that are noticed: the same policies in the form that secure_table gives them', async () => {
  expect(await problemsWith(sameTwice(one))).toEqual([]);
});
