import { randomUUID } from 'node:crypto';
import type { Actor } from '../actors.ts';
import { type Attempt, attempt } from '../attempt.ts';
import { type Argument, type Catalog, keyOf, organizationColumn, type Routine } from '../catalog.ts';
import type { House, World } from '../houses.ts';
import { lookalike } from '../lookalike.ts';
import { ident, literal } from '../sql.ts';

/** A value for an argument, with what of it an answer may repeat. */
interface Value {
  /** In PostgreSQL's text form. */
  text: string;
  given: string[];
}

/** How many values of one organization an argument is tried with. */
const valuesPerArgument = 6;

/** How many sets of values of one's own stand around them. */
const setsOfOwn = 3;

const plain = (text: string): Value => ({ text, given: [text] });

function distinct(values: (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value): value is string => value != null && value !== ''))];
}

/** What was found before: the rows of a house stay as they are, and every argument of every function asks for them. */
const valuesOfColumns = new WeakMap<House, Map<string, string[]>>();

/** What the rows of a house hold in the columns of a name, of whichever table. */
function columnValues(house: House, column: string): string[] {
  const found = valuesOfColumns.get(house) ?? new Map<string, string[]>();
  valuesOfColumns.set(house, found);
  const values = found.get(column) ?? distinct([...house.rows.values()].flat().map((row) => row[column]));
  found.set(column, values);
  return values;
}

/** What a function's name says of a table: as many letters as the name of a row of it has, where they occur. */
function kinship(routine: string, table: string): number {
  const row = table.replace(/ies$/, 'y').replace(/s$/, '');
  return routine.includes(row) ? row.length : 0;
}

/** One id of each table, and of users: first of the tables that the name of the function speaks of. */
function idsOf(catalog: Catalog, house: House, routine: string): string[] {
  const kin = [...catalog.tenantTables]
    .map((table) => ({ table, nearness: kinship(routine, table.name) }))
    .sort((one, other) => other.nearness - one.nearness);
  const ids = (some: typeof kin) =>
    some.flatMap(({ table }) => {
      const [row] = house.rows.get(table.id) ?? [];
      return keyOf(table)
        .filter((name) => table.columns.some((column) => column.name === name && column.baseType === 'uuid'))
        .map((name) => row?.[name]);
    });
  const near = kin.filter(({ nearness }) => nearness > 0);
  const far = kin.filter(({ nearness }) => nearness === 0);
  return distinct([...ids(near), ...house.users.slice(-1), house.users[0], ...ids(far)]);
}

function textsOf(world: World, house: House, name: string): string[] {
  const emails = [...house.people.values()].slice(0, 1).map(({ email }) => email);
  // What both houses may have, as the code of a system role, says nothing.
  const named = columnValues(house, name).filter(
    (text) => text.length >= 32 || text.toLowerCase().includes(house.marker),
  );
  const codes = columnValues(house, 'code').filter((code) => code.toLowerCase().includes(house.marker));
  return distinct([
    ...named.slice(0, 2),
    ...(house === world.a ? (world.references.get(name) ?? []) : []),
    house.organization,
    house.slug,
    ...emails,
    ...codes.slice(0, 2),
    ...columnValues(house, 'token_hash').slice(0, 1),
    house.marker,
  ]);
}

function objectOf(house: House): Value {
  const [user] = house.users;
  const fields = {
    [organizationColumn]: house.organization,
    id: house.organization,
    slug: house.slug,
    user_id: user,
    sub: user,
    email: [...house.people.values()][0]?.email,
    claims: { sub: user, [organizationColumn]: house.organization },
  };
  const given = distinct([house.organization, house.slug, user, fields.email]);
  return { text: JSON.stringify(fields), given };
}

/** The values of a house that an argument may take, the likeliest first; none for a type that names nothing. */
function valuesOf(
  catalog: Catalog,
  world: World,
  house: House,
  routine: Routine,
  { name, type }: Argument,
): Value[] {
  const bare = type.replace(/\[\]$/, '');
  const asList = (values: string[]) =>
    type.endsWith('[]')
      ? values.map((text) => ({ text: `{${JSON.stringify(text)}}`, given: [text] }))
      : values.map(plain);
  switch (bare) {
    case 'uuid': {
      const named = columnValues(house, name.replace(/_ids$/, '_id'));
      const users = /user|owner|member|actor|manager/.test(name) ? house.users.slice(0, 2) : [];
      const chosen =
        name !== 'id' && named.length + users.length > 0 ? distinct([...named.slice(0, 3), ...users]) : [];
      // An id may be anything's, and must be tried as everything's.
      return asList(
        chosen.length > 0 ? chosen.slice(0, valuesPerArgument) : idsOf(catalog, house, routine.name),
      );
    }
    case 'text':
    case 'character varying':
    case 'character':
    case 'citext':
    case 'extensions.citext':
    case 'name':
      return asList(textsOf(world, house, name).slice(0, valuesPerArgument));
    case 'json':
    case 'jsonb':
      return type === bare ? [objectOf(house)] : [];
    case 'smallint':
    case 'integer':
    case 'bigint': {
      const found = columnValues(house, name).filter((value) => /^\d+$/.test(value));
      return asList(found.slice(0, 2));
    }
    default:
      return [];
  }
}

/** A value for an argument that names nothing, so that the rest of the call has its effect. */
function neutral(type: string): string {
  if (type.endsWith('[]')) return '{}';
  if (/^(smallint|integer|bigint|numeric|real|double)/.test(type)) return '1';
  if (/^timestamp|^date/.test(type)) return 'tomorrow';
  if (type.startsWith('time')) return '08:00';
  if (type === 'interval') return '1 day';
  if (type === 'boolean') return 'true';
  if (/^jsonb?$/.test(type)) return '{}';
  if (type === 'uuid') return '00000000-0000-4000-8000-000000000000';
  if (type === 'inet' || type === 'cidr') return '127.0.0.1/32';
  if (type === 'bytea') return '\\x00';
  if (type === 'regclass') return 'public.organizations';
  if (type.endsWith('range')) return 'empty';
  return '1';
}

const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** Values that nobody has, in the place of those that B has: what is the same in two of them stays the same. */
function lookalikesOf(chosen: Map<number, Value>): Map<number, Value> {
  const known = new Map<string, string>();
  const otherThan = (part: string) => {
    const other = known.get(part) ?? lookalike(part);
    known.set(part, other);
    return other;
  };
  const isId = (text: string) => /^[0-9a-f-]{16,}$/.test(text);
  // An address stays at its domain: that of two addresses is the same for both sides then.
  const domain = /(?<=^[^\s@]+)@[^\s@]+$/;
  const like = (text: string) =>
    isId(text)
      ? otherThan(text)
      : text.replace(domain, '').replaceAll(/[a-z]+|[A-Z]+|[0-9]+/g, otherThan) +
        (domain.exec(text)?.[0] ?? '');
  return new Map(
    [...chosen].map(([index, { text, given }]) => [
      index,
      {
        text: given.reduce((changed, part) => changed.replaceAll(part, like(part)), text),
        given: given.map(like),
      },
    ]),
  );
}

function statement(routine: Routine, values: (string | undefined)[]): string {
  const isNamed = routine.arguments.every(({ name }) => name !== '');
  const passed = routine.arguments.flatMap(({ name, type, isVariadic }, index) => {
    const value = values[index];
    if (value === undefined) return [];
    const written = /^(anyelement|anynonarray|anycompatible|"any")$/.test(type)
      ? `${literal(value)}::text`
      : literal(value, type);
    const prefix = isVariadic ? 'variadic ' : '';
    return [isNamed && !isVariadic ? `${ident(name)} => ${written}` : `${prefix}${written}`];
  });
  const call = `${routine.qualifiedName}(${passed.join(', ')})`;
  if (routine.kind === 'p') return `call ${call}`;
  if (routine.kind === 'a') return `select ${call}::text`;
  if (routine.kind === 'w') return `select ${call.replace(/\)$/, '')}) over ()::text`;
  return `select string_agg(answer::text, ' | ') from ${call} as answer`;
}

/**
 * Calls of a function with what is B's in each argument, the others A's or B's, each beside the same call with what does
 * not exist; and calls with what is the actor's own. Brief: with one value of B for each argument.
 */
export function callAttempts(
  catalog: Catalog,
  world: World,
  routine: Routine,
  actor: Actor,
  { isBrief }: { isBrief: boolean } = { isBrief: false },
): Attempt[] {
  if (routine.isTrigger) return [];
  const on = (about: string, sql: string, more: Partial<Attempt> = {}): Attempt =>
    attempt({
      actor,
      object: routine.id,
      kind: 'call',
      about,
      sql,
      answers: routine.kind !== 'p',
      foreign: actor.foreignInFunctions,
      watched: actor.foreignInFunctions,
      ...more,
    });
  const ownValues = routine.arguments.map((argument) => {
    const values = argument.type.endsWith('[]') ? [] : valuesOf(catalog, world, world.a, routine, argument);
    return values.length > 0 ? values : [plain(neutral(argument.type))];
  });
  const foreign = routine.arguments.map((argument) => {
    const values = valuesOf(catalog, world, world.b, routine, argument);
    // Who holds every permission gets furthest with what is not theirs.
    if (isBrief) return values.slice(0, 1);
    return actor.effort === 'utmost' ? values : values.slice(0, valuesPerArgument);
  });
  /** The n-th set of what is the actor's own, as far as arguments have so many. */
  const ownSet = (number: number) => ownValues.map((values) => values[number % values.length] ?? plain('1'));
  const without = (set: Value[]) =>
    set.map(({ text }, index) => (routine.arguments[index]?.hasDefault ? undefined : text));
  const own = ownSet(0);
  const least = without(own);
  const all = own.map(({ text }) => text);
  const ownGiven = ownValues.flat().flatMap(({ given }) => given);

  const attempts = [
    on('with what is its own', statement(routine, least), { given: ownGiven, isIndependent: true }),
  ];
  if (!routine.executableBy.includes(actor.role)) return attempts;
  if (routine.arguments.some(({ hasDefault }) => hasDefault)) {
    attempts.push(
      on('with all arguments', statement(routine, all), { given: ownGiven, isIndependent: true }),
    );
  }
  /** Ids that nobody has: whatever an argument is tried with, what does not exist is one and the same. */
  const unknownIds = ownValues.map(() => plain(randomUUID()));
  const nobodys = (chosen: Map<number, Value>): Map<number, Value> => {
    const [[index, value] = [], ...more] = [...chosen];
    const id = index === undefined ? undefined : unknownIds[index];
    const isOne = more.length === 0 && value !== undefined && isUuid(value.text);
    return isOne && index !== undefined && id !== undefined ? new Map([[index, id]]) : lookalikesOf(chosen);
  };
  const twinned = (about: string, base: (string | undefined)[], chosen: Map<number, Value>): Attempt => {
    const others = nobodys(chosen);
    const withValues = (values: Map<number, Value>) =>
      statement(
        routine,
        base.map((value, index) => values.get(index)?.text ?? value),
      );
    const givenOf = (values: Map<number, Value>) => [...values.values()].flatMap(({ given }) => given);
    return on(about, withValues(chosen), {
      given: [...givenOf(chosen), ...ownGiven],
      // Who belongs to B may be told that it exists.
      ...(actor.foreignInFunctions.includes(world.b)
        ? { twin: { sql: withValues(others), given: [...givenOf(others), ...ownGiven] } }
        : {}),
    });
  };
  for (const [index, argument] of routine.arguments.entries()) {
    const others = ownValues.filter((_, other) => other !== index && !routine.arguments[other]?.hasDefault);
    // Whoever holds every permission gets furthest, so that what surrounds the argument has a say.
    const isFar = actor.effort === 'utmost' && !isBrief;
    const sets = isFar ? Math.max(1, ...others.map(({ length }) => Math.min(length, setsOfOwn))) : 1;
    for (const [number, value] of (foreign[index] ?? []).entries()) {
      // What surrounds it matters for the first two; the rest is for what the argument itself is taken for.
      for (let set = 0; set < (number < 2 ? sets : 1); set += 1) {
        const about = `${argument.name || `$${index + 1}`} => ${value.text.slice(0, 60)} (B's)`;
        attempts.push(twinned(about, without(ownSet(set)), new Map([[index, value]])));
      }
    }
  }
  const everything = new Map(
    foreign.flatMap((values, index) => (values[0] ? [[index, values[0]] as const] : [])),
  );
  if (everything.size > 1) attempts.push(twinned("everything B's", all, everything));
  return attempts;
}
