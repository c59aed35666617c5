import type pg from 'pg';
import {
  type Catalog,
  type Check,
  type ForeignKey,
  type Relation,
  columnOf,
  keyOf,
  organizationColumn,
  ownerColumn,
} from './catalog.ts';
import { prepareSolver, solve } from './solve.ts';
import { columnList, ident, literal, type Row, textArray } from './sql.ts';
import { type Candidate, candidatesFor } from './values.ts';

/** Whose rows are made. */
export interface Owner {
  organization: string;
  marker: string;
  /** The first eight digits of the ids that its rows and users are given. */
  idStem: string;
  /** Users who may stand where a row names one. */
  users: string[];
}

/** A table that no row could be made for. */
export interface Unfilled {
  table: string;
  reason: string;
}

export interface Filler {
  /** Inserts a row, whatever columns are missing. Throws with the reason when it cannot. */
  insert(table: string, owner: Owner, preset?: Row): Promise<Row>;
  /** What an insert would say: inserted and undone. */
  draft(table: string, owner: Owner): Promise<Row>;
  /** Puts a row into every tenant table, in the order of their foreign keys. */
  fill(owner: Owner): Promise<Unfilled[]>;
}

const trialLimit = 30;
const turnLimit = 200;

/** What was learnt from the inserts that failed. */
interface Trial {
  serial: number;
  /** Only what must be there. */
  isMinimal: boolean;
  /** Foreign keys that stay empty. */
  empty: Set<string>;
  /** Which of the rows that could be referred to. */
  offsets: Map<string, number>;
  /** Combinations of values that are taken. */
  taken: Check[];
  /** Foreign keys of which a combination was taken: each goes through its rows before the next takes another. */
  wheel: string[];
  turns: number;
}

interface DatabaseError {
  code: string;
  message: string;
  constraint?: string;
  detail?: string;
}

/**
 * Makes rows for any table from what the catalog says of it.
 *
 * @param client a connection in a transaction, as a role that row-level security does not bind
 * @param catalog what there is
 */
export async function createFiller(client: pg.ClientBase, catalog: Catalog): Promise<Filler> {
  await prepareSolver(client);
  const tables = new Map(catalog.relations.map((relation) => [relation.id, relation]));
  const tenantIds = new Set(catalog.tenantTables.map(({ id }) => id));
  let serial = 100;

  function tableOf(id: string): Relation {
    const table = tables.get(id);
    if (!table) throw new Error(`There is no table ${id}.`);
    return table;
  }

  /** The column that names the user, of auth.users and of the tables that are one to one with it. */
  function userKey(target: string): string | undefined {
    if (target === 'auth.users') return 'id';
    const table = tables.get(target);
    const primary = table?.uniqueIndexes.find(({ isPrimary }) => isPrimary)?.columns ?? [];
    const isPerson =
      primary.length === 1 &&
      table?.foreignKeys.some((key) => key.target === 'auth.users' && key.columns[0] === primary[0]);
    return isPerson ? primary[0] : undefined;
  }

  async function referredRow(
    key: ForeignKey,
    bound: Row,
    owner: Owner,
    offset: number,
  ): Promise<Row | undefined> {
    const target = tables.get(key.target);
    const user = userKey(key.target);
    const conditions = key.columns.flatMap((column, index) => {
      const value = bound[column];
      const targetColumn = key.targetColumns[index] ?? '';
      return value == null ? [] : [`${ident(targetColumn)}::text = ${literal(value)}`];
    });
    if (target && tenantIds.has(target.id)) {
      conditions.push(`${ident(ownerColumn(target, catalog.root))} = ${literal(owner.organization)}`);
    } else if (user !== undefined) {
      conditions.push(`${ident(user)}::text = any (${textArray(owner.users)})`);
    }
    const chosen = key.targetColumns.map(
      (column, index) => `${ident(column)}::text as ${ident(key.columns[index] ?? '')}`,
    );
    const { rows } = await client.query<Row>(
      `select ${chosen.join(', ')} from ${key.target} as target where ${conditions.join(' and ') || 'true'}
       order by target::text ~* ${literal(owner.marker)} desc, 1 limit 1 offset ${offset}`,
    );
    return rows[0];
  }

  /**
   * Goes on to another combination of rows that the foreign keys on the wheel refer to, where one of them finds none.
   *
   * @returns whether there may be one
   */
  function turn(trial: Trial, name: string): boolean {
    const place = trial.wheel.indexOf(name);
    const offset = trial.offsets.get(name) ?? 0;
    // At its first row already, it is another that stands in its way.
    const next = offset > 0 ? trial.wheel[place + 1] : place > 0 ? trial.wheel[0] : undefined;
    trial.turns += 1;
    if (place < 0 || next === undefined || trial.turns > turnLimit) return false;
    trial.offsets.set(name, 0);
    trial.offsets.set(next, (trial.offsets.get(next) ?? 0) + 1);
    return true;
  }

  async function bindForeignKeys(
    table: Relation,
    given: Row,
    owner: Owner,
    trial: Trial,
  ): Promise<{ row: Row } | { unsatisfied: string }> {
    const row = { ...given };
    for (const key of table.foreignKeys) {
      const unbound = key.columns.filter((column) => !(column in row));
      if (unbound.length === 0) continue;
      const nullable = unbound.filter((column) => !columnOf(table, column).notNull);
      if (!trial.empty.has(key.name) || nullable.length === 0) {
        const found = await referredRow(key, row, owner, trial.offsets.get(key.name) ?? 0);
        if (found) {
          for (const column of unbound) row[column] = found[column] ?? null;
          continue;
        }
        if (turn(trial, key.name)) return bindForeignKeys(table, given, owner, trial);
      }
      if (nullable.length === 0) {
        return { unsatisfied: `there is no row of ${key.target} for it to refer to (${key.name})` };
      }
      for (const column of nullable) row[column] = null;
    }
    return { row };
  }

  async function defaultsOf(table: Relation, names: string[]): Promise<Row> {
    const columns = names
      .map((name) => columnOf(table, name))
      .filter(({ defaultExpression }) => defaultExpression !== null);
    if (columns.length === 0) return {};
    const chosen = columns.map(
      ({ name, type, defaultExpression }) =>
        `(${defaultExpression ?? 'null'})::${type}::text as ${ident(name)}`,
    );
    const { rows } = await client.query<Row>(`select ${chosen.join(', ')}`);
    return rows[0] ?? {};
  }

  async function proposal(
    table: Relation,
    owner: Owner,
    preset: Row,
    trial: Trial,
  ): Promise<{ row: Row } | { unsatisfied: string }> {
    const ownedBy = ownerColumn(table, catalog.root);
    const given = tenantIds.has(table.id) ? { [ownedBy]: owner.organization, ...preset } : preset;
    const bound = await bindForeignKeys(table, given, owner, trial);
    if ('unsatisfied' in bound) return bound;
    const { row } = bound;

    const names = table.columns
      .filter((column) => !column.isComputed && !(column.name in row))
      .filter(({ hasDefault, defaultExpression }) => !hasDefault || defaultExpression !== null)
      .map(({ name }) => name);
    const standards = await defaultsOf(table, names);
    const candidates = new Map<string, Candidate[]>();
    for (const name of names) {
      const column = columnOf(table, name);
      const standard = standards[name] ?? null;
      const checks = table.checks.filter(({ columns }) => columns.includes(name));
      const all = candidatesFor(
        column,
        checks,
        { marker: owner.marker, idStem: owner.idStem, serial: trial.serial },
        standard,
      );
      const least = standard !== null ? [standard, ...all] : column.notNull ? all : [null, ...all];
      candidates.set(name, trial.isMinimal ? least : all);
    }
    return solve(client, table, row, candidates, [...table.checks, ...trial.taken]);
  }

  async function insertRow(table: Relation, row: Row): Promise<Row> {
    const columns = Object.keys(row);
    const values = columns.map((name) => literal(row[name] ?? null, columnOf(table, name).type));
    const returned = table.columns.map(({ name }) => `${ident(name)}::text as ${ident(name)}`);
    const { rows } = await client.query<Row>(
      `insert into ${table.id} (${columnList(columns)}) values (${values.join(', ')}) returning ${returned.join(', ')}`,
    );
    return rows[0] ?? {};
  }

  function learn(table: Relation, row: Row, error: DatabaseError, trial: Trial): void {
    serial += 1;
    trial.serial = serial;
    if (error.code === '23505' || error.code === '23P01') {
      // What a partition reports carries the partition's own name.
      const columns =
        table.uniqueIndexes.find(({ name }) => name === error.constraint)?.columns ??
        table.uniqueIndexes.find(({ isPrimary }) => isPrimary)?.columns ??
        [];
      trial.wheel = table.foreignKeys
        .filter((key) =>
          key.columns.some((column) => column !== organizationColumn && columns.includes(column)),
        )
        .map(({ name }) => name);
      const [first] = trial.wheel;
      if (first !== undefined) trial.offsets.set(first, (trial.offsets.get(first) ?? 0) + 1);
      const same = columns
        .filter((column) => column in row)
        .map(
          (name) =>
            `${ident(name)} is not distinct from ${literal(row[name] ?? null, columnOf(table, name).type)}`,
        );
      if (same.length > 0) {
        trial.taken.push({
          name: `${error.constraint ?? ''} (taken)`,
          columns,
          expression: `not (${same.join(' and ')})`,
        });
      }
      return;
    }
    const broken = table.foreignKeys.find(({ name }) => error.code === '23503' && name === error.constraint);
    if (broken) {
      trial.offsets.set(broken.name, (trial.offsets.get(broken.name) ?? 0) + 1);
      trial.empty.add(broken.name);
    } else if (!trial.isMinimal) {
      // What a trigger wants cannot be read in the catalog; a row with little in it is the likeliest to please.
      trial.isMinimal = true;
    } else {
      for (const { name } of table.foreignKeys) trial.empty.add(name);
    }
  }

  async function attempt(
    table: Relation,
    owner: Owner,
    preset: Row,
    isKept: boolean,
  ): Promise<{ said: Row; row: Row }> {
    serial += 1;
    const trial: Trial = {
      serial,
      isMinimal: false,
      empty: new Set(),
      offsets: new Map(),
      taken: [],
      wheel: [],
      turns: 0,
    };
    const given = { ...exampleOf(table, owner, serial), ...preset };
    let reason = '';
    for (let count = 0; count < trialLimit; count += 1) {
      await client.query('savepoint isolation_fill');
      let proposed: Row = {};
      try {
        const answer = await proposal(table, owner, given, trial);
        if ('unsatisfied' in answer) {
          await client.query('rollback to savepoint isolation_fill; release savepoint isolation_fill');
          reason ||= answer.unsatisfied;
          const isSame = trial.isMinimal && trial.empty.size === table.foreignKeys.length;
          if (isSame) break;
          learn(table, {}, { code: '', message: answer.unsatisfied }, trial);
          continue;
        }
        proposed = answer.row;
        const row = await insertRow(table, proposed);
        if (!isKept) await client.query('rollback to savepoint isolation_fill');
        await client.query('release savepoint isolation_fill');
        return { said: proposed, row };
      } catch (error) {
        const failure = error as DatabaseError;
        if (typeof failure.code !== 'string' || failure.code.length !== 5) throw error;
        await client.query('rollback to savepoint isolation_fill; release savepoint isolation_fill');
        reason = `${failure.message} (${failure.code})`;
        learn(table, proposed, failure, trial);
      }
    }
    throw new Error(reason);
  }

  /** Tenant tables and the reference tables that they need, each after what it refers to. */
  function fillOrder(): Relation[] {
    const waiting = new Set(catalog.tenantTables.filter(({ id }) => id !== catalog.root.id));
    for (const table of waiting) {
      for (const { target } of table.foreignKeys) {
        const reference = tables.get(target);
        if (reference && reference.id !== catalog.root.id && userKey(target) === undefined)
          waiting.add(reference);
      }
    }
    const order: Relation[] = [];
    const isDone = (table: Relation, keys: ForeignKey[]) =>
      keys.every(({ target }) => target === table.id || ![...waiting].some(({ id }) => id === target));
    const must = (table: Relation) =>
      table.foreignKeys.filter(({ columns }) =>
        columns.every((column) => column === organizationColumn || columnOf(table, column).notNull),
      );
    while (waiting.size > 0) {
      const next =
        [...waiting].find((table) => isDone(table, table.foreignKeys)) ??
        [...waiting].find((table) => isDone(table, must(table))) ??
        [...waiting][0];
      if (!next) break;
      waiting.delete(next);
      order.push(next);
    }
    return order;
  }

  return {
    insert: async (table, owner, preset = {}) => (await attempt(tableOf(table), owner, preset, true)).row,
    draft: async (table, owner) => (await attempt(tableOf(table), owner, {}, false)).said,
    fill: async (owner) => {
      const unfilled: Unfilled[] = [];
      for (const table of fillOrder()) {
        const isShared = !tenantIds.has(table.id);
        const ownedBy = ident(ownerColumn(table, catalog.root));
        // What all share, and what there is one of for each organization, needs no more than one row.
        if (isShared || keyOf(table).length === 1) {
          const where = isShared ? 'true' : `${ownedBy} = ${literal(owner.organization)}`;
          const { rowCount } = await client.query(`select from ${table.id} where ${where} limit 1`);
          if (rowCount) continue;
        }
        try {
          await attempt(table, owner, {}, true);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          unfilled.push({ table: table.id, reason });
        }
      }
      return unfilled;
    },
  };
}

/** `@example {"code": "{marker}-{serial}"}` in the comment of a table: what the audit could not guess. */
function exampleOf(table: Relation, owner: Owner, serial: number): Row {
  const written = /@example\s+(\{.*\})/s.exec(table.comment ?? '')?.[1];
  if (written === undefined) return {};
  const filled = written.replaceAll('{marker}', owner.marker).replaceAll('{serial}', String(serial));
  const parsed = JSON.parse(filled) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(parsed).map(([column, value]) => [
      column,
      value === null || value === undefined
        ? null
        : typeof value === 'string'
          ? value
          : JSON.stringify(value),
    ]),
  );
}
