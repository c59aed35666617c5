import type { Actor } from '../actors.ts';
import { type Attempt, attempt } from '../attempt.ts';
import { type Catalog, columnOf, keyOf, organizationColumn, type Relation } from '../catalog.ts';
import type { World } from '../houses.ts';
import { lookalike } from '../lookalike.ts';
import { columnList, ident, literal, type Row } from '../sql.ts';

/** Columns that name a row of B: a row of A that held these values would refer to it. */
interface Reference {
  key: string;
  target: string;
  values: Row;
  /** The same of a row that does not exist. */
  nonexistent: Row;
}

/** Columns that are not free: a foreign key decides what they may hold. */
const keyColumns = (relation: Relation) => new Set(relation.foreignKeys.flatMap(({ columns }) => columns));

function referencesOf(catalog: Catalog, world: World, relation: Relation): Reference[] {
  return relation.foreignKeys.flatMap((key): Reference[] => {
    if (!catalog.tenantTables.some(({ id }) => id === key.target)) return [];
    const pairs = key.columns
      .map((column, index) => [column, key.targetColumns[index] ?? ''] as const)
      .filter(([column]) => column !== organizationColumn);
    if (pairs.length === 0) return [];
    const pick = (row: Row) =>
      Object.fromEntries(pairs.map(([column, target]) => [column, row[target] ?? null]));
    const isSame = (one: Row, other: Row) => pairs.every(([column]) => one[column] === other[column]);
    const ofA = (world.a.rows.get(key.target) ?? []).map(pick);
    // A code that both have, as that of a system role, says nothing.
    const values = (world.b.rows.get(key.target) ?? [])
      .map(pick)
      .find(
        (row) => Object.values(row).every((value) => value !== null) && !ofA.some((own) => isSame(own, row)),
      );
    if (!values) return [];
    const changed = new Set(
      Object.keys(values).filter((column) => !ofA.some((own) => own[column] === values[column])),
    );
    const nonexistent = Object.fromEntries(
      Object.entries(values).map(([column, value]) => [
        column,
        value !== null && changed.has(column) && isNameable(columnOf(relation, column).baseType)
          ? lookalike(value)
          : value,
      ]),
    );
    return isSame(values, nonexistent) ? [] : [{ key: key.name, target: key.target, values, nonexistent }];
  });
}

/** Types of which any well-formed value may or may not be there. */
const isNameable = (type: string) => /^(uuid|text|character|citext|integer|bigint|smallint)/.test(type);

function insertOf(relation: Relation, row: Row): string {
  const columns = Object.keys(row);
  const values = columns.map((name) => literal(row[name] ?? null, columnOf(relation, name).type));
  return `insert into ${relation.id} (${columnList(columns)}) values (${values.join(', ')})`;
}

const givenIn = (row: Row): string[] => Object.values(row).filter((value) => value !== null);

/** Rows of A that refer to rows of B, inserted and updated, by an actor or, past all policies, by `postgres`. */
export function referenceAttempts(
  catalog: Catalog,
  world: World,
  relation: Relation,
  actor: Actor | 'postgres',
): Attempt[] {
  const draft = world.drafts.get(relation.id);
  const [own] = world.a.rows.get(relation.id) ?? [];
  const granted = actor === 'postgres' ? undefined : relation.grants[actor.role].insert;
  return referencesOf(catalog, world, relation).flatMap(({ key, target, values, nonexistent }): Attempt[] => {
    const about = `${target} by ${key}`;
    const both = { given: givenIn(values), watched: [world.b], allows: 'nothing' as const };
    const attempts: Attempt[] = [];
    if (draft) {
      const columns = Object.keys(draft).filter(
        (name) => granted === undefined || granted.includes(name) || name in values,
      );
      const row = Object.fromEntries(columns.map((name) => [name, draft[name] ?? null]));
      attempts.push(
        attempt({
          actor,
          object: relation.id,
          kind: 'refer to B',
          about: `${about}, in a new row`,
          answers: false,
          sql: insertOf(relation, { ...row, ...values }),
          twin: { sql: insertOf(relation, { ...row, ...nonexistent }), given: givenIn(nonexistent) },
          ...both,
        }),
      );
    }
    if (own && actor !== 'postgres') {
      const set = (to: Row) =>
        Object.entries(to).map(
          ([name, value]) => `${ident(name)} = ${literal(value, columnOf(relation, name).type)}`,
        );
      const where = keyOf(relation).map(
        (name) => `${ident(name)} = ${literal(own[name] ?? null, columnOf(relation, name).type)}`,
      );
      const update = (to: Row) =>
        `update ${relation.id} set ${set(to).join(', ')} where ${where.join(' and ')}`;
      attempts.push(
        attempt({
          actor,
          object: relation.id,
          kind: 'refer to B',
          about: `${about}, in a row that is there`,
          answers: false,
          sql: update(values),
          twin: { sql: update(nonexistent), given: givenIn(nonexistent) },
          ...both,
        }),
      );
    }
    return attempts;
  });
}

/**
 * Rows of A that have, in the columns of a unique index, what a row of B has: they must be accepted or refused exactly as
 * with values that nobody has.
 */
export function sameKeyAttempts(world: World, relation: Relation, actor: Actor | 'postgres'): Attempt[] {
  const draft = world.drafts.get(relation.id);
  const [row] = world.b.rows.get(relation.id) ?? [];
  if (!draft || !row) return [];
  // Its keys are of the whole platform: docs/isolation.md.
  if (relation.id.startsWith('private.') && /@global\b/.test(relation.comment ?? '')) return [];
  const bound = keyColumns(relation);
  const granted = actor === 'postgres' ? Object.keys(draft) : relation.grants[actor.role].insert;
  return relation.uniqueIndexes.flatMap(({ name, columns }): Attempt[] => {
    const free = columns.filter(
      (column) =>
        column !== organizationColumn &&
        !bound.has(column) &&
        !columnOf(relation, column).isComputed &&
        row[column] != null,
    );
    if (free.length === 0) return [];
    const written = Object.keys(draft).filter((column) => granted.includes(column) || free.includes(column));
    const withKey = (valueOf: (column: string) => string | null): Row => ({
      ...Object.fromEntries(written.map((column) => [column, draft[column] ?? null])),
      ...Object.fromEntries(free.map((column) => [column, valueOf(column)])),
    });
    const taken = withKey((column) => row[column] ?? null);
    // An id that nobody has, with all else the same: what else is unique refuses both. A text keeps what its checks accept.
    const fresh = withKey((column) => {
      const value = row[column] ?? null;
      const isId = columnOf(relation, column).baseType === 'uuid';
      return isId && value !== null ? lookalike(value) : (draft[column] ?? null);
    });
    return ['', ' on conflict do nothing'].map((conflict) =>
      attempt({
        actor,
        object: relation.id,
        kind: 'same key as B',
        about: `${free.join(', ')} of ${name}${conflict}`,
        answers: false,
        watched: [world.b],
        sql: insertOf(relation, taken) + conflict,
        given: givenIn(taken),
        twin: { sql: insertOf(relation, fresh) + conflict, given: givenIn(fresh) },
      }),
    );
  });
}

/** A row of one's own, as the API would insert it: what is allowed shows that refusals are not for another reason. */
export function ownInsertAttempts(world: World, relation: Relation, actor: Actor): Attempt[] {
  const draft = world.drafts.get(relation.id);
  const granted = relation.grants[actor.role].insert;
  if (!draft || !actor.home || granted.length === 0) return [];
  const row = Object.fromEntries(Object.entries(draft).filter(([name]) => granted.includes(name)));
  return [
    attempt({
      actor,
      object: relation.id,
      kind: 'insert',
      about: 'a row of its own',
      answers: false,
      watched: actor.foreign,
      sql: insertOf(relation, row),
    }),
  ];
}
