import fc from 'fast-check';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { type Break, edit } from '../properties/property.ts';
import { useDatabase } from '../support/database.ts';
import { found } from '../tenancy/organizations.ts';
import { addTypes } from './catalogue.ts';
import { addCustomer } from './documents.ts';
import { type Case, drawnCase, type Outcome, outcomeOf, typeOf, valuesOf } from './price-tree.ts';

const db = useDatabase();

/**
 * What the database makes of the cases: one statement inserts all types, one all trees, one all configurations, one all
 * their values, whose trigger prices them.
 */
async function outcomes(client: pg.ClientBase, cases: Case[]): Promise<Outcome[]> {
  const organization = await found(client, 'Acme');
  const customer = await addCustomer(client, organization);
  const types = await addTypes(client, organization, cases.map(typeOf));
  await client.query(
    `insert into public.configurations
       (organization_id, manufacturing_type_id, customer_id, name, reference_code)
     select $1, type, $2, 'Drawn', type from unnest($3::uuid[]) as type`,
    [organization.id, customer, types.map(({ type }) => type)],
  );
  await client.query(
    `insert into public.configuration_selections (
       organization_id, configuration_id, manufacturing_type_id, attribute_node_id,
       string_value, numeric_value, boolean_value
     )
     select
       configuration.organization_id, configuration.id, configuration.manufacturing_type_id, node.id,
       case jsonb_typeof(value) when 'string' then value #>> '{}' end,
       case jsonb_typeof(value) when 'number' then value::numeric end,
       case jsonb_typeof(value) when 'boolean' then value::boolean end
     from unnest($2::uuid[], $3::jsonb[]) as drawn (type, list)
       join public.configurations as configuration on configuration.manufacturing_type_id = drawn.type
       cross join lateral jsonb_each(drawn.list) as sent (code, value)
       join public.attribute_nodes as node on node.manufacturing_type_id = drawn.type and node.code = sent.code
     where configuration.organization_id = $1`,
    [organization.id, types.map(({ type }) => type), cases.map(valuesOf)],
  );
  await client.query('select private.price_configurations($1, array(select id from public.configurations))', [
    organization.id,
  ]);
  const { rows } = await client.query<Outcome>(
    `select
       trim_scale(configuration.total_price)::text as price,
       trim_scale(configuration.total_weight)::text as weight,
       (
         select coalesce(jsonb_object_agg(spec.key, trim_scale(spec.value::numeric)::text), '{}')
         from jsonb_each(configuration.technical_data) as spec
       ) as technical,
       entry.visible,
       entry.values
     from unnest($1::uuid[], $2::jsonb[]) with ordinality as drawn (type, list, place)
       join public.configurations as configuration on configuration.manufacturing_type_id = drawn.type
       cross join lateral (
         select
           coalesce(array_agg(node.code order by node.code collate "C") filter (where node.is_visible), '{}') as visible,
           coalesce(
             jsonb_object_agg(
               node.code,
               case jsonb_typeof(node.value) when 'number' then trim_scale(node.value::numeric)::text
               else node.value::text end
             ) filter (where node.value is not null),
             '{}'
           ) as values
         from private.evaluate_entry(configuration.organization_id, drawn.type, drawn.list) as node
         where node.node_type <> 'option'
       ) as entry
     order by drawn.place`,
    [types.map(({ type }) => type), cases.map(valuesOf)],
  );
  return rows;
}

/** The cases that the database sees otherwise than the evaluation here. */
async function differences(client: pg.ClientBase, cases: Case[]) {
  const answers = await outcomes(client, cases);
  return cases.flatMap((drawn, index) => {
    const [expected, actual] = [outcomeOf(drawn), answers[index]];
    return JSON.stringify(sorted(expected)) === JSON.stringify(sorted(actual))
      ? []
      : [{ type: typeOf(drawn), values: valuesOf(drawn), expected, actual }];
  });
}

/** With the keys of its objects in order. */
const sorted = (outcome: Outcome | undefined) =>
  outcome && {
    ...outcome,
    technical: Object.entries(outcome.technical).sort(),
    values: Object.entries(outcome.values).sort(),
  };

test('the price of a configuration equals an independent evaluation of the same tree, for generated trees and values', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(drawnCase, { minLength: 50, maxLength: 50 }), async (cases) => {
      expect(await db.inRollback((client) => differences(client, cases))).toEqual([]);
    }),
    // Many at once: what differs is shown as it is, and not shrunk.
    { numRuns: 4, endOnFailure: true },
  );
});

/** The same trees for each break, so that which one notices it is no matter of luck. */
const sample = fc.sample(drawnCase, { numRuns: 60, seed: 8 });

test('these trees have all that counts: what is hidden, computed, refused and chosen', async () => {
  const answers = sample.map(outcomeOf);
  const nodes = sample.reduce((sum, drawn) => sum + drawn.nodes.length, 0);
  const visible = answers.reduce((sum, answer) => sum + answer.visible.length, 0);
  expect(visible).toBeLessThan(nodes * 0.9);
  expect(visible).toBeGreaterThan(nodes * 0.4);
  expect(
    answers.filter((answer, index) => answer.price !== sample[index]?.base_price).length,
  ).toBeGreaterThan(40);
  expect(answers.filter(({ technical }) => Object.keys(technical).length > 0).length).toBeGreaterThan(10);
  expect(await db.inRollback((client) => differences(client, sample))).toEqual([]);
});

const evaluate = 'private.evaluate_entry(text, uuid, jsonb)';

const breaks: Break[] = [
  {
    name: 'a percentage is of the running total',
    apply: edit(evaluate, [
      'base_price * here.price_impact * 0.01',
      `(
        base_price + coalesce(
          (
            select sum(earlier.price_impact)
            from public.attribute_nodes as earlier
            where earlier.organization_id = here.organization_id
              and earlier.manufacturing_type_id = here.manufacturing_type_id
              and earlier.price_impact_type = 'fixed'
              and earlier.tree_order < here.tree_order
          ),
          0
        )
      ) * here.price_impact * 0.01`,
    ]),
  },
  {
    name: 'what is hidden counts',
    apply: edit(evaluate, ['when not state.is_visible then false', 'when false then false']),
  },
  {
    name: 'prices are not rounded line by line',
    apply: edit(evaluate, ['round(impact.price, 2)', 'impact.price']),
  },
  {
    name: 'weights are rounded like prices',
    apply: edit(evaluate, ['round(impact.weight, 3)', 'round(impact.weight, 2)']),
  },
  {
    name: 'a parent that is hidden hides nothing',
    apply: edit(evaluate, ['when not shown[node.place_above] then false', 'when false then false']),
  },
  {
    name: 'nodes are evaluated in the order of the tree',
    apply: edit(evaluate, ['order by here.evaluation_order', 'order by here.tree_order']),
  },
  {
    name: 'an option is chosen whatever its condition says',
    apply: edit(evaluate, [`when chosen -> node.code = 'false'`, 'when false']),
  },
  {
    name: 'a boolean that is false counts',
    apply: edit(evaluate, [`when here.data_type = 'boolean' then state.value = 'true'`, '']),
  },
  {
    name: 'every option of a selection counts',
    apply: edit(evaluate, ['facts ->> selection.code = here.code', 'facts ? selection.code']),
  },
  {
    name: 'the value of what is hidden stays known',
    apply: edit(evaluate, ['facts := facts - node.code;', 'null;']),
  },
];

describe('the property notices when', () => {
  test.each(breaks)('$name', async ({ apply }) => {
    const different = await db.inRollback(async (client) => {
      await (typeof apply === 'string' ? client.query(apply) : apply(client));
      return differences(client, sample);
    });
    expect(different).not.toEqual([]);
  });
});
