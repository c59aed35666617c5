import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { found, inside, type Organization } from '../tenancy/organizations.ts';
import { addType, type Catalogue, type NodeSpec, windowTree } from './catalogue.ts';
import { addColleague, addCustomer, valueOf } from './documents.ts';

const db = useDatabase();

let here: Organization;
let there: Organization;
beforeAll(async () => {
  [here, there] = [await found(db.pool, 'Here'), await found(db.pool, 'There')];
});

/** A type with a tree, in a transaction that is undone. */
function withTree<T>(
  nodes: NodeSpec[],
  work: (client: pg.PoolClient, catalogue: Catalogue) => Promise<T>,
): Promise<T> {
  return db.inRollback(async (client) => work(client, await addType(client, here, { nodes })));
}

interface Placed {
  code: string;
  path: string;
  tree_order: number;
  evaluation_order: number;
  formula_compiled: string[] | null;
  price_formula_compiled: string[] | null;
}

async function placedIn(client: pg.ClientBase, type: string): Promise<Placed[]> {
  const { rows } = await client.query<Placed>(
    `select code, path::text, tree_order, evaluation_order, formula_compiled, price_formula_compiled
     from public.attribute_nodes where manufacturing_type_id = $1 order by tree_order`,
    [type],
  );
  return rows;
}

const revisionOf = (client: pg.ClientBase, type: string) =>
  valueOf<string>(client, '(select revision from public.manufacturing_types where id = $1)', [type]);

/** What a refusal tells a program. */
async function detailsOf(attempt: Promise<unknown>): Promise<Record<string, unknown>> {
  const error: unknown = await attempt.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return JSON.parse((error as { detail: string }).detail) as Record<string, unknown>;
}

describe('a tree', () => {
  test('has paths, an order of its own, compiled formulas and an order of evaluation, from one statement', async () => {
    await withTree(windowTree, async (client, { type }) => {
      const nodes = await placedIn(client, type);
      expect(nodes.map(({ path }) => path)).toEqual([
        'size',
        'size.width',
        'size.height',
        'size.area',
        'frame',
        'material',
        'material.oak',
        'material.pvc',
        'colour',
        'shutter',
        'motor',
        'u_value',
      ]);
      const place = Object.fromEntries(nodes.map(({ code, evaluation_order }) => [code, evaluation_order]));
      const before = [
        ['size', 'width'],
        ['width', 'area'],
        ['height', 'area'],
        ['area', 'u_value'],
        ['width', 'pvc'],
        ['pvc', 'material'],
        ['material', 'colour'],
        ['shutter', 'motor'],
      ];
      expect(
        before.filter(([first = '', second = '']) => (place[first] ?? 0) >= (place[second] ?? 0)),
      ).toEqual([]);
      expect(nodes.find(({ code }) => code === 'area')?.formula_compiled).toEqual([
        'width',
        'height',
        '*',
        '1000000',
        '/',
      ]);
      expect(nodes.find(({ code }) => code === 'frame')?.price_formula_compiled).toEqual([
        'area',
        '100',
        '*',
      ]);
    });
  });

  test('moves with its paths, and nothing is left of what is deleted', async () => {
    await withTree(
      [
        { code: 'a', node_type: 'category', children: [{ code: 'b', node_type: 'category' }] },
        { code: 'c', node_type: 'category', children: [{ code: 'd', node_type: 'category' }] },
      ],
      async (client, { type, ids }) => {
        await client.query('update public.attribute_nodes set parent_id = $2 where id = $1', [ids.c, ids.b]);
        expect((await placedIn(client, type)).map(({ path }) => path)).toEqual([
          'a',
          'a.b',
          'a.b.c',
          'a.b.c.d',
        ]);
        await client.query('delete from public.attribute_nodes where id = $1', [ids.b]);
        expect((await placedIn(client, type)).map(({ path }) => path)).toEqual(['a']);
        await client.query('delete from public.manufacturing_types where id = $1', [type]);
        expect(await placedIn(client, type)).toEqual([]);
      },
    );
  });

  test('is one revision further for each statement that changes what things cost, and for none that does not', async () => {
    await withTree(windowTree, async (client, { type, ids }) => {
      const start = Number(await revisionOf(client, type));
      const after = async (text: string) => {
        await client.query(text, [type]);
        return Number(await revisionOf(client, type)) - start;
      };
      const nodes = 'public.attribute_nodes';
      expect(
        await after(`update ${nodes} set help_text = 'Measure twice.' where manufacturing_type_id = $1`),
      ).toBe(0);
      expect(
        await after(
          `update ${nodes} set is_required = true where code = 'height' and manufacturing_type_id = $1`,
        ),
      ).toBe(0);
      expect(
        await after(
          `update ${nodes} set price_impact = 51 where code = 'oak' and manufacturing_type_id = $1`,
        ),
      ).toBe(1);
      expect(
        await after(`update ${nodes} set sort_order = sort_order + 1 where manufacturing_type_id = $1`),
      ).toBe(2);
      expect(await after('update public.manufacturing_types set base_price = 210 where id = $1')).toBe(3);
      expect(
        await after(
          'update public.manufacturing_types set base_price = 210, description = null where id = $1',
        ),
      ).toBe(3);
      expect(await after('update public.manufacturing_types set base_weight = 21 where id = $1')).toBe(4);
      expect(await after(`delete from ${nodes} where code = 'motor' and manufacturing_type_id = $1`)).toBe(5);
      expect(Object.keys(ids)).toHaveLength(12);
    });
  });

  test('is ordered along a chain of 300 nodes, of which the last is the first to be known', async () => {
    const nodes = Array.from({ length: 300 }, (_, index): NodeSpec => ({
      code: `n${index}`,
      data_type: 'string',
      sort_order: -index,
      ...(index === 0 ? {} : { display_condition: { field: `n${index - 1}`, operator: 'exists' } }),
    }));
    await withTree(nodes, async (client, { type }) => {
      const placed = await placedIn(client, type);
      expect(placed.map(({ evaluation_order }) => evaluation_order)).toEqual(
        Array.from({ length: 300 }, (_, index) => 300 - index),
      );
    });
  });

  test('has at most 2,000 nodes', async () => {
    await withTree([], async (client, { type }) => {
      const add = (first: number, last: number) =>
        client.query(
          `insert into public.attribute_nodes (organization_id, manufacturing_type_id, code, name, node_type)
           select $1, $2, 'n' || number, 'Node', 'category' from generate_series($3::integer, $4::integer) as number`,
          [here.id, type, first, last],
        );
      await add(1, 2000);
      await expectRefusal(add(2001, 2001), 400, 'attribute_invalid');
    });
  });
});

describe('a tree is refused', () => {
  const number = (code: string): NodeSpec => ({ code, data_type: 'number' });
  const formula = (code: string, text: string): NodeSpec => ({ code, data_type: 'formula', formula: text });
  const shownBy = (code: string, field: string): NodeSpec => ({
    code,
    data_type: 'number',
    display_condition: {
      or: [{ field, operator: 'exists' }, { not: { field, operator: 'equals', value: 1 } }],
    },
  });

  test.each<[string, NodeSpec[], number, string, Record<string, unknown>]>([
    [
      'for a formula that is none, with attribute, field and position',
      [number('width'), formula('area', 'width * * 2')],
      400,
      'formula_invalid',
      { attribute: 'area', field: 'formula', position: 9 },
    ],
    [
      'for a price formula that names what is not there',
      [{ ...number('width'), price_impact_type: 'formula', price_formula: '2 * depth' }],
      400,
      'formula_unknown_name',
      { attribute: 'width', field: 'price_formula', position: 5, name: 'depth' },
    ],
    [
      'for a formula that names a text',
      [{ code: 'colour', data_type: 'string' }, formula('area', 'colour + 1')],
      400,
      'formula_unknown_name',
      { attribute: 'area', name: 'colour' },
    ],
    [
      'for a condition on what is not there',
      [shownBy('width', 'depth')],
      400,
      'condition_field_unknown',
      { attribute: 'width', field: 'depth' },
    ],
    [
      'for a condition on what has no value',
      [{ code: 'size', node_type: 'category' }, shownBy('width', 'size')],
      400,
      'condition_field_unknown',
      { attribute: 'width', field: 'size' },
    ],
    [
      'for an option that is not under a selection',
      [{ ...number('width'), children: [{ code: 'oak', node_type: 'option' }] }],
      400,
      'option_misplaced',
      { attribute: 'oak' },
    ],
    [
      'for anything under an option',
      [
        {
          code: 'material',
          data_type: 'selection',
          children: [{ code: 'oak', node_type: 'option', children: [number('thickness')] }],
        },
      ],
      400,
      'option_misplaced',
      { attribute: 'thickness' },
    ],
    [
      'for a code that formulas use otherwise',
      [number('base_price')],
      400,
      'attribute_invalid',
      { attribute: 'base_price' },
    ],
    [
      'for a code that messages use otherwise',
      [number('selections')],
      400,
      'attribute_invalid',
      { attribute: 'selections' },
    ],
    [
      'for a default value of another type',
      [{ ...number('width'), default_value: 'wide' }],
      400,
      'attribute_invalid',
      { attribute: 'width' },
    ],
    [
      'for a default value that its own rules refuse',
      [{ ...number('width'), default_value: 5, validation_rules: { min: 10 } }],
      400,
      'attribute_invalid',
      { attribute: 'width' },
    ],
    [
      'for a pattern that could hang the database',
      [
        { code: 'a', data_type: 'string' },
        {
          ...number('b'),
          display_condition: { not: { field: 'a', operator: 'matches_pattern', value: '(a+)+$' } },
        },
      ],
      400,
      'pattern_not_allowed',
      {},
    ],
    [
      'for two formulas that need each other',
      [formula('a', 'b + 1'), formula('b', 'a')],
      409,
      'attribute_cycle',
      { attributes: ['a', 'b'] },
    ],
    [
      'for a formula that needs itself',
      [formula('a', 'a + 1')],
      409,
      'attribute_cycle',
      { attributes: ['a'] },
    ],
    [
      'for conditions in a circle of three',
      [shownBy('a', 'c'), shownBy('b', 'a'), shownBy('c', 'b')],
      409,
      'attribute_cycle',
      { attributes: ['a', 'c', 'b'] },
    ],
    [
      'for an option that is there by the value of its own selection',
      [
        {
          code: 'material',
          data_type: 'selection',
          children: [
            {
              code: 'oak',
              node_type: 'option',
              display_condition: { field: 'material', operator: 'exists' },
            },
          ],
        },
      ],
      409,
      'attribute_cycle',
      { attributes: ['material', 'oak'] },
    ],
    [
      'for a parent that is shown by what is under it',
      [
        {
          code: 'size',
          node_type: 'category',
          display_condition: { field: 'width', operator: 'exists' },
          children: [number('width')],
        },
      ],
      409,
      'attribute_cycle',
      { attributes: ['size', 'width'] },
    ],
  ])('%s', async (_, nodes, status, code, details) => {
    const attempt = withTree(nodes, () => Promise.resolve());
    const known = attempt.catch((error: unknown) => error);
    await expectRefusal(attempt, status, code);
    expect(JSON.parse(((await known) as { detail: string }).detail)).toMatchObject(details);
  });

  test('for a level too many, and taken for ten', async () => {
    const nested = (levels: number): NodeSpec => ({
      code: `l${levels}`,
      node_type: 'category',
      ...(levels > 1 ? { children: [nested(levels - 1)] } : {}),
    });
    await withTree([nested(10)], async (client, { type }) => {
      expect(await placedIn(client, type)).toHaveLength(10);
    });
    const attempt = withTree([nested(11)], () => Promise.resolve());
    await expectRefusal(attempt, 400, 'attribute_invalid');
  });

  test('for a node that becomes its own ancestor', async () => {
    const tree: NodeSpec[] = [
      { code: 'a', node_type: 'category', children: [{ code: 'b', node_type: 'category' }] },
    ];
    await withTree(tree, async (client, { ids }) => {
      const attempt = client.query('update public.attribute_nodes set parent_id = $2 where id = $1', [
        ids.a,
        ids.b,
      ]);
      await expectRefusal(attempt, 409, 'attribute_cycle');
    });
  });

  test('though prices may name what is shown by their own attribute', async () => {
    await withTree(
      [
        { ...number('width'), price_impact_type: 'formula', price_formula: 'width * height' },
        shownBy('height', 'width'),
      ],
      async (client, { type }) => {
        expect(await placedIn(client, type)).toHaveLength(2);
      },
    );
  });
});

describe('a rename', () => {
  test('is refused while a formula means the old name, with the formula, and goes through together with it', async () => {
    await withTree(
      [
        { code: 'width', data_type: 'number' },
        { code: 'area', data_type: 'formula', formula: 'width * 2' },
      ],
      async (client, { type, ids }) => {
        await client.query('savepoint whole');
        const rename = client.query(`update public.attribute_nodes set code = 'breadth' where id = $1`, [
          ids.width,
        ]);
        expect(await detailsOf(rename)).toMatchObject({
          code: 'formula_unknown_name',
          attribute: 'area',
          name: 'width',
          position: 1,
        });
        await client.query('rollback to savepoint whole');
        await client.query(
          `update public.attribute_nodes
           set code = case id when $1 then 'breadth' else code end,
             formula = case id when $2 then 'breadth * 3' else formula end
           where manufacturing_type_id = $3`,
          [ids.width, ids.area, type],
        );
        expect(
          (await placedIn(client, type)).map(({ path, formula_compiled }) => [path, formula_compiled]),
        ).toEqual([
          ['breadth', null],
          ['area', ['breadth', '3', '*']],
        ]);
      },
    );
  });

  test('is refused while a condition means the old name, and so is deleting what one reads', async () => {
    await withTree(windowTree, async (client, { ids }) => {
      await client.query('savepoint whole');
      await expectRefusal(
        client.query(`update public.attribute_nodes set code = 'blind' where id = $1`, [ids.shutter]),
        400,
        'condition_field_unknown',
      );
      await client.query('rollback to savepoint whole');
      const attempt = client.query('delete from public.attribute_nodes where id = $1', [ids.shutter]);
      await expectRefusal(attempt, 400, 'condition_field_unknown');
    });
  });
});

describe('the catalogue', () => {
  test('is written by who has sales.catalog, level by level, and by nobody else of the organization', async () => {
    const manager = await addColleague(db.pool, here, 'manager');
    const clerk = await addColleague(db.pool, here, 'data_entry');
    const enter = async (client: pg.ClientBase) => {
      const { rows } = await client.query<{ id: string }>(
        `insert into public.manufacturing_types (name, base_price) values ('Door', 400) returning id`,
      );
      const door = rows[0]?.id;
      const level = await client.query<{ id: string }>(
        `insert into public.attribute_nodes (manufacturing_type_id, code, name, node_type, data_type) values
           ($1, 'size', 'Size', 'category', null), ($1, 'lock', 'Lock', 'attribute', 'boolean') returning id`,
        [door],
      );
      await client.query(
        `insert into public.attribute_nodes (manufacturing_type_id, parent_id, code, name, node_type, data_type)
         values ($1, $2, 'width', 'Width', 'attribute', 'dimension')`,
        [door, level.rows[0]?.id],
      );
      const paths = await client.query<{ path: string }>(
        'select path::text from public.attribute_nodes where manufacturing_type_id = $1 order by path::text',
        [door],
      );
      return paths.rows.map(({ path }) => path);
    };
    expect(await asUser(db, manager, enter)).toEqual(['lock', 'size', 'size.width']);
    await expect(asUser(db, clerk, enter)).rejects.toMatchObject({ code: '42501' });
  });

  test('lets nobody write what the database keeps, or into another organization', async () => {
    const manager = inside(here, here.owner);
    const abroad = await addType(db.pool, there, { nodes: [{ code: 'width', data_type: 'number' }] });
    const own = await addType(db.pool, here, { nodes: [{ code: 'width', data_type: 'number' }] });
    const attempts: [string, unknown[]][] = [
      [`update public.attribute_nodes set path = 'x'::extensions.ltree where id = $1`, [own.ids.width]],
      [`update public.attribute_nodes set formula_compiled = '{1}' where id = $1`, [own.ids.width]],
      [`update public.manufacturing_types set revision = 7 where id = $1`, [own.type]],
    ];
    for (const [text, values] of attempts) {
      await expect(asUser(db, manager, (client) => client.query(text, values))).rejects.toMatchObject({
        code: '42501',
      });
    }
    const insert = asUser(db, manager, (client) =>
      client.query(
        `insert into public.attribute_nodes (manufacturing_type_id, code, name, node_type, data_type)
         values ($1, 'height', 'Height', 'attribute', 'number')`,
        [abroad.type],
      ),
    );
    await expect(insert).rejects.toMatchObject({ code: '23503' });
    const changed = await asUser(db, manager, (client) =>
      client.query(`update public.attribute_nodes set name = 'Mine' where id = $1`, [abroad.ids.width]),
    );
    expect(changed.rowCount).toBe(0);
  });
});

test('two who change one tree at once come one after the other: they cannot make a circle together', async () => {
  const { type, ids } = await addType(db.pool, here, {
    nodes: [
      { code: 'a', data_type: 'number' },
      { code: 'b', data_type: 'number' },
    ],
  });
  const show = (client: pg.ClientBase, node: string | undefined, field: string) =>
    client.query(
      `update public.attribute_nodes set display_condition = jsonb_build_object('field', $2::text, 'operator', 'exists')
       where id = $1`,
      [node, field],
    );
  const [first, second] = [await db.pool.connect(), await db.pool.connect()];
  try {
    await first.query('begin');
    await second.query('begin');
    await show(first, ids.a, 'b');
    const waiting = show(second, ids.b, 'a');
    const known = waiting.catch((error: unknown) => error);
    await first.query('commit');
    await known;
    await expectRefusal(waiting, 409, 'attribute_cycle');
  } finally {
    await first.query('rollback');
    await second.query('rollback');
    first.release();
    second.release();
  }
  const { rows } = await db.query(
    'select code from public.attribute_nodes where manufacturing_type_id = $1 and display_condition is not null',
    [type],
  );
  expect(rows).toEqual([{ code: 'a' }]);
});

test('what configurations have a value for stays in the tree', async () => {
  await withTree(windowTree, async (client, { type, ids }) => {
    const customer = await addCustomer(client, here);
    await client.query(
      `with made as (
         insert into public.configurations (organization_id, manufacturing_type_id, customer_id, name, reference_code)
         values ($1, $2, $3, 'Kitchen', 'C-1')
         returning organization_id, id, manufacturing_type_id
       )
       insert into public.configuration_selections
         (organization_id, configuration_id, manufacturing_type_id, attribute_node_id, boolean_value)
       select made.*, $4, true from made`,
      [here.id, type, customer, ids.motor],
    );
    await client.query('savepoint used');
    const node = client.query('delete from public.attribute_nodes where id = $1', [ids.motor]);
    await expect(node).rejects.toMatchObject({ code: '23503' });
    await client.query('rollback to savepoint used');
    const whole = client.query('delete from public.manufacturing_types where id = $1', [type]);
    await expect(whole).rejects.toMatchObject({ code: '23503' });
  });
});
