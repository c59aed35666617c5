import fc from 'fast-check';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { type Break, edit } from '../properties/property.ts';
import { useDatabase } from '../support/database.ts';
import {
  evaluated,
  type Facts,
  facts,
  formula,
  type Formula,
  names,
  namesIn,
  written,
} from './formula-tree.ts';

const db = useDatabase();

interface Case {
  tree: Formula;
  given: Facts;
  gap: string;
}

const drawnCase: fc.Arbitrary<Case> = fc.record({
  tree: formula,
  given: facts,
  gap: fc.constantFrom('', '', ' ', '\n\t '),
});

/** With the text of each number as it was drawn. */
const json = (given: Facts) =>
  `{${Object.entries(given)
    .map(([name, value]) => `"${name}": ${value}`)
    .join(', ')}}`;

/** What the database makes of formulas, in one statement: a number as text, null, or the code of a refusal. */
async function answers(client: pg.ClientBase, cases: Case[]) {
  const { rows } = await client.query<{ names: string[] | null; outcome: string | null }>(
    `select answer.* from unnest($1::text[], $2::jsonb[]) with ordinality as drawn (source, facts, place),
       pg_temp.answer(drawn.source, $3, drawn.facts) as answer
     order by drawn.place`,
    [cases.map(({ tree, gap }) => written(tree, gap)), cases.map(({ given }) => json(given)), names],
  );
  return rows;
}

/** The formulas whose worth or names the database sees otherwise than the evaluation here. */
async function differences(client: pg.ClientBase, cases: Case[]) {
  const found = await answers(client, cases);
  return cases.flatMap(({ tree, given, gap }, index) => {
    const expected = { names: namesIn(tree), outcome: evaluated(tree, given) };
    const { names: used, outcome } = found[index] ?? {};
    return JSON.stringify(expected) === JSON.stringify({ names: used, outcome })
      ? []
      : [{ formula: written(tree, gap), given, expected, names: used, outcome }];
  });
}

/** In a transaction that is undone, with what turns a refusal into its code; and an end for whatever would hang. */
async function inTrial<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return db.inRollback(async (client) => {
    await client.query(`set local statement_timeout = '20s'`);
    await client.query(`
      create function pg_temp.answer(source text, known text[], facts jsonb, out names text[], out outcome text)
      language plpgsql as $$
      declare
        compiled text[];
        detail text;
      begin
        compiled := private.compile_formula(source, known);
        names := private.formula_names(compiled);
        outcome := private.evaluate_formula(compiled, facts);
        if outcome is distinct from private.evaluate_formula(compiled, facts, false)::text then
          outcome := 'otherwise when it does not refuse';
        end if;
      exception when others then
        get stacked diagnostics detail = pg_exception_detail;
        outcome := case when sqlstate like 'PT%' then detail::jsonb ->> 'code' else sqlstate end;
        if sqlstate like 'PT%' and private.evaluate_formula(compiled, facts, false) is distinct from 'NaN' then
          outcome := 'otherwise when it does not refuse';
        end if;
      end $$`);
    return work(client);
  });
}

test('2,000 generated formulas are worth what an independent evaluation says', async () => {
  await inTrial((client) =>
    fc.assert(
      fc.asyncProperty(fc.array(drawnCase, { minLength: 100, maxLength: 100 }), async (cases) => {
        expect(await differences(client, cases)).toEqual([]);
      }),
      { numRuns: 20 },
    ),
  );
});

/** The same formulas for each break, so that which one notices it is no matter of luck. */
const sample = fc.sample(drawnCase, { numRuns: 1000, seed: 5 });

test('these formulas have values, none, and every refusal', async () => {
  const outcomes = sample.map(({ tree, given }) => evaluated(tree, given));
  const kinds = outcomes.map((outcome) =>
    outcome === null ? 'null' : /^-?[0-9]/.test(outcome) ? 'value' : outcome,
  );
  expect([...new Set(kinds)].sort()).toEqual([
    'formula_division_by_zero',
    'formula_out_of_range',
    'formula_undefined',
    'null',
    'value',
  ]);
  expect(kinds.filter((kind) => kind === 'value').length).toBeGreaterThan(500);
  expect(await inTrial((client) => differences(client, sample))).toEqual([]);
});

const compile = 'private.compile_formula(text, text[])';
const evaluate = 'private.evaluate_formula(text[], jsonb, boolean)';
const power = 'private.formula_power(numeric, numeric)';

const breaks: Break[] = [
  { name: 'the minus binds tighter than ^', apply: edit(compile, ['"NEG": 3', '"NEG": 5']) },
  { name: 'the minus binds no tighter than +', apply: edit(compile, ['"NEG": 3', '"NEG": 0']) },
  { name: '* binds like +', apply: edit(compile, ['"*": 2', '"*": 1']) },
  { name: '/ binds like +', apply: edit(compile, ['"/": 2', '"/": 1']) },
  { name: '^ associates to the left', apply: edit(compile, [`when '^' then 5`, `when '^' then 4`]) },
  { name: '- associates to the right', apply: edit(compile, [`>= case token`, `> case token`]) },
  { name: 'min of three is min of two', apply: edit(compile, ['arguments[top] > 1', 'arguments[top] = 2']) },
  {
    name: 'round without digits takes what is there',
    apply: edit(compile, [`|| '0'::text`, `|| '1'::text`]),
  },
  {
    name: 'products are not rounded',
    apply: edit(evaluate, ['x := round(stack[top] * x, 20)', 'x := stack[top] * x']),
  },
  { name: 'quotients are truncated', apply: edit(evaluate, ['round(div(', 'trunc(div(']) },
  {
    name: 'quotients are rounded twice',
    apply: edit(evaluate, [
      'div(stack[top] * 1000000000000000000000, x) * 0.000000000000000000001',
      'stack[top] / x',
    ]),
  },
  { name: 'division by zero is not looked for', apply: edit(evaluate, ['if x = 0 then', 'if false then']) },
  { name: 'values are not bounded', apply: edit(evaluate, ['abs(x) > 10000000000', 'abs(x) > 1e100']) },
  {
    name: 'values are bounded too early',
    apply: edit(evaluate, ['abs(x) > 10000000000', 'abs(x) >= 10000000000']),
  },
  {
    name: 'facts keep all their decimals',
    apply: edit(evaluate, ['round((facts -> part)::numeric, 20)', '(facts -> part)::numeric']),
  },
  {
    name: 'a boolean has no value',
    apply: edit(evaluate, [`when 'boolean' then (facts -> part)::boolean::integer`, '']),
  },
  {
    name: 'a failure comes before a name without a value',
    apply: edit(evaluate, ['from unnest(compiled) as name', `from unnest('{}'::text[]) as name`]),
  },
  { name: 'min and max are mixed up', apply: edit(evaluate, ['least(', 'greatest(']) },
  { name: 'any digits are rounded to', apply: edit(evaluate, ['or x not between -10 and 20', '']) },
  {
    name: '0 may be raised to a negative power',
    apply: edit(evaluate, ['if stack[top] = 0 and x < 0', 'if false']),
  },
  {
    name: 'roots of negative numbers are drawn',
    apply: edit(evaluate, ['elsif stack[top] < 0 and x <> trunc(x)', 'elsif false']),
  },
  {
    name: 'powers have few decimals',
    apply: edit(power, ['power(round(abs(base), 40), exponent)', 'power(abs(base), exponent)']),
  },
  { name: 'powers lose their sign', apply: edit(power, ['mod(exponent, 2) <> 0', 'false']) },
  { name: 'the size of a power is not judged', apply: edit(power, ['size > 23.1', 'size > 20']) },
];

describe('a break is noticed:', () => {
  test.each(breaks)('$name', async ({ apply }) => {
    const found = await inTrial(async (client) => {
      await (typeof apply === 'string' ? client.query(apply) : apply(client));
      return differences(client, sample);
    });
    expect(found).not.toEqual([]);
  });
});
