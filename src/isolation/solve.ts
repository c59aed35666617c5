import type pg from 'pg';
import { type Check, type Column, type Relation, columnOf } from './catalog.ts';
import { ident, literal, type Row } from './sql.ts';
import type { Candidate } from './values.ts';

/** How many values of a column are combined with those of others. */
const combinedValues = 8;
/** How many combinations are tried: most checks agree to one of the first, and to look at all of them takes long. */
const combinationLimits = [4_000, 200_000];

/** Functions of the session, which go with the transaction. */
const helpers = `
  create or replace function pg_temp.isolation_holds(conditions text[])
    returns boolean[] language plpgsql set client_min_messages = error as $$
  declare
    answers boolean[] := '{}';
    answer boolean;
    condition text;
  begin
    foreach condition in array conditions loop
      begin
        execute 'select ' || condition into answer;
      exception when others then
        answer := false;
      end;
      answers := answers || coalesce(answer, false);
    end loop;
    return answers;
  end;
  $$`;

export async function prepareSolver(client: pg.ClientBase): Promise<void> {
  await client.query(helpers);
}

async function holds(client: pg.ClientBase, conditions: string[]): Promise<boolean[]> {
  if (conditions.length === 0) return [];
  const { rows } = await client.query<{ answers: boolean[] }>(
    'select pg_temp.isolation_holds($1) as answers',
    [conditions],
  );
  return rows[0]?.answers ?? [];
}

/** `(values ('x'::text)) as "column" ("column")`: lets an expression of the table's own speak of a value. */
function valuesOf(column: Column, candidates: Candidate[]): string {
  const values = candidates.map((value, rank) => `(${rank}, ${literal(value, column.type)})`);
  return `(values ${values.join(', ')}) as ${ident(`of ${column.name}`)} (${ident(`rank of ${column.name}`)}, ${ident(column.name)})`;
}

const isTight = ({ type, baseType, domainChecks }: Column) =>
  domainChecks.length > 0 ||
  baseType === 'smallint' ||
  type.includes('(') ||
  !/^(text|character|citext|uuid|boolean|integer|bigint|numeric|real|double|date|time|interval|jsonb?|bytea|inet)/.test(
    baseType,
  );

/** Groups of columns that checks tie together. */
function components(columns: string[], checks: Check[]): string[][] {
  const groups = columns.map((column) => new Set([column]));
  for (const check of checks) {
    const touched = groups.filter((group) => check.columns.some((column) => group.has(column)));
    const merged = new Set(touched.flatMap((group) => [...group]));
    for (const group of touched) groups.splice(groups.indexOf(group), 1);
    if (merged.size > 0) groups.push(merged);
  }
  return groups.map((group) => [...group]);
}

/**
 * Chooses a value for each column, so that the checks of the table hold, by letting PostgreSQL try.
 *
 * @param fixed values that are decided already
 * @param candidates what each other column may be, the likeliest first
 * @param checks the checks of the table, and combinations that are taken
 * @returns the row, or the first check that nothing satisfies
 */
export async function solve(
  client: pg.ClientBase,
  relation: Relation,
  fixed: Row,
  candidates: Map<string, Candidate[]>,
  checks: Check[],
): Promise<{ row: Row } | { unsatisfied: string }> {
  const known = new Set([...Object.keys(fixed), ...candidates.keys()]);
  const usable = checks.filter(({ columns }) => columns.every((column) => known.has(column)));
  const from = (columns: string[]) =>
    columns
      .filter((column) => column in fixed)
      .map((column) => valuesOf(columnOf(relation, column), [fixed[column] ?? null]));

  const possible = new Map<string, Candidate[]>();
  const questions: { column: string; value: Candidate; condition: string }[] = [];
  for (const [name, values] of candidates) {
    const column = columnOf(relation, name);
    const own = usable.filter(
      ({ columns }) => columns.includes(name) && columns.every((each) => each === name || each in fixed),
    );
    if (own.length === 0 && !isTight(column)) {
      possible.set(name, values);
      continue;
    }
    possible.set(name, []);
    const conditions = [
      ...own.map(({ expression }) => `(${expression}) is not false`),
      ...column.domainChecks.map((check) => `(${check.replaceAll(/\bVALUE\b/g, ident(name))}) is not false`),
      // Only what is asked for is computed: a number that its type cannot hold must fail here.
      `coalesce(${ident(name)}::text, '') is not null`,
    ].join(' and ');
    for (const value of values) {
      const sources = [
        valuesOf(column, [value]),
        ...from([...new Set(own.flatMap(({ columns }) => columns))]),
      ];
      questions.push({
        column: name,
        value,
        condition: `(${conditions}) from ${sources.join(' cross join ')}`,
      });
    }
  }
  const answers = await holds(
    client,
    questions.map(({ condition }) => condition),
  );
  for (const [index, { column, value }] of questions.entries()) {
    if (answers[index]) possible.get(column)?.push(value);
  }
  const row: Row = { ...fixed };
  for (const [name, values] of possible) {
    const [first] = values;
    if (first === undefined) return { unsatisfied: `no value was found for its column ${name}` };
    row[name] = first;
  }

  const free = [...candidates.keys()];
  const tying = usable.filter(({ columns }) => columns.filter((column) => candidates.has(column)).length > 1);
  for (const group of components(free, tying).filter((each) => each.length > 1)) {
    const involved = usable.filter(({ columns }) => columns.some((column) => group.includes(column)));
    let found: Row | undefined;
    for (const limit of combinationLimits) {
      found ??= await combine(client, relation, group, involved, limit, possible, from);
    }
    if (found) Object.assign(row, found);
    else return { unsatisfied: `nothing satisfies ${involved.map(({ name }) => name).join(', ')} together` };
  }
  return { row };
}

/** The likeliest combination of values for which the checks that tie the columns together hold. */
async function combine(
  client: pg.ClientBase,
  relation: Relation,
  group: string[],
  involved: Check[],
  limit: number,
  possible: Map<string, Candidate[]>,
  from: (columns: string[]) => string[],
): Promise<Row | undefined> {
  const lists = new Map(group.map((name) => [name, withNull(possible.get(name) ?? [])]));
  while ([...lists.values()].reduce((product, { length }) => product * length, 1) > limit) {
    const [longest] = [...lists].sort(([, one], [, other]) => other.length - one.length);
    longest?.[1].pop();
  }
  const sources = [
    ...[...lists].map(([name, values]) => valuesOf(columnOf(relation, name), values)),
    ...from([...new Set(involved.flatMap(({ columns }) => columns))]),
  ];
  const chosen = group.map((name) => `${ident(name)}::text as ${ident(name)}`);
  const ranks = group.map((name) => ident(`rank of ${name}`));
  const found = await tried(client, () =>
    client.query<Row>(
      `select ${chosen.join(', ')} from ${sources.join(' cross join ')}
       where ${involved.map(({ expression }) => `(${expression}) is not false`).join(' and ')}
       order by ${[ranks.join(' + '), ...ranks].join(', ')} limit 1`,
    ),
  );
  return found?.rows[0];
}

/** The first few, and no value where that is possible. */
function withNull(values: Candidate[]): Candidate[] {
  const few = values.slice(0, combinedValues);
  return values.includes(null) && !few.includes(null) ? [...few, null] : few;
}

/** Runs something that may fail without failing the transaction. */
export async function tried<T>(client: pg.ClientBase, run: () => Promise<T>): Promise<T | undefined> {
  await client.query('savepoint isolation_try');
  try {
    const result = await run();
    await client.query('release savepoint isolation_try');
    return result;
  } catch (error) {
    await client.query('rollback to savepoint isolation_try; release savepoint isolation_try');
    if (error instanceof Error && 'severity' in error) return undefined;
    throw error;
  }
}
