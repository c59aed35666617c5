import type { Actor } from '../actors.ts';
import { type Attempt, attempt } from '../attempt.ts';
import { type Catalog, columnOf, keyOf, organizationColumn, ownerColumn, type Relation } from '../catalog.ts';
import type { House, World } from '../houses.ts';
import { columnList, ident, literal, type Row, textArray } from '../sql.ts';
import { holdsTrace } from '../traces.ts';

/** Whether grants are those of the database, or everything, so that policies alone have to hold. */
export type Grants = 'as they are' | 'all';

/** How the rows of organizations are found in a relation. */
export interface Ownership {
  column: string;
  /** The value for an organization: its id, or the ids of its users. */
  valuesOf: (house: House) => string[];
}

export function ownershipOf(catalog: Catalog, relation: Relation): Ownership | undefined {
  if (catalog.tenantTables.some(({ id }) => id === relation.id)) {
    return { column: ownerColumn(relation, catalog.root), valuesOf: (house) => [house.organization] };
  }
  if (relation.columns.some(({ name }) => name === organizationColumn)) {
    return { column: organizationColumn, valuesOf: (house) => [house.organization] };
  }
  const person = relation.foreignKeys.find(
    ({ target, columns }) => target === 'auth.users' && columns.length === 1,
  );
  const [key, ...more] = keyOf(relation);
  if (person && key !== undefined && key === person.columns[0] && more.length === 0) {
    return { column: key, valuesOf: (house) => house.users };
  }
  return undefined;
}

const isOf = ({ column, valuesOf }: Ownership, houses: House[]): string =>
  `${ident(column)}::text = any (${textArray(houses.flatMap(valuesOf))})`;

/** Rows by the columns of their key that do not say whose they are: `id in (…)`. */
function byKey(relation: Relation, ownership: Ownership, rows: Row[]): string | undefined {
  const key = keyOf(relation).filter((name) => name !== ownership.column);
  if (key.length === 0 || rows.length === 0) return undefined;
  const values = rows.map(
    (row) => `(${key.map((name) => literal(row[name] ?? null, columnOf(relation, name).type)).join(', ')})`,
  );
  return `(${columnList(key)}) in (${values.join(', ')})`;
}

function ownRow(relation: Relation, world: World): string | undefined {
  const [row] = world.a.rows.get(relation.id) ?? [];
  if (!row) return undefined;
  return keyOf(relation)
    .map((name) => `${ident(name)} = ${literal(row[name] ?? null, columnOf(relation, name).type)}`)
    .join(' and ');
}

/** What an actor reads of a table or view. */
export function readAttempts(
  catalog: Catalog,
  relation: Relation,
  actor: Actor,
  grants: Grants = 'as they are',
): Attempt[] {
  const granted =
    grants === 'all' ? relation.columns.map(({ name }) => name) : relation.grants[actor.role].select;
  const columns = granted.length > 0 ? granted : relation.columns.map(({ name }) => name);
  const how = grants === 'all' ? ', were everything granted' : '';
  const on = (kind: Attempt['kind'], about: string, sql: string, more: Partial<Attempt> = {}): Attempt =>
    attempt({ actor, object: relation.id, kind, about: `${about}${how}`, sql, answers: true, ...more });
  const text = `concat_ws(' ', ${columns.map((name) => `${ident(name)}::text`).join(', ')})`;
  const isTold = (shown: string) => holdsTrace(shown, actor.foreign, actor.own);
  const attempts = [
    on(
      'read',
      'everything',
      `select string_agg(shown, ' | ') from (
         select left(shown, 400) as shown from (select ${text} as shown from ${relation.id}) as seen
         where ${isTold('shown')} limit 3
       ) as leaked`,
      { allows: 'nothing' },
    ),
    on(
      'count',
      'all rows, their number and their sum',
      `select case when count(*) > 0 then count(*) || ' ' || md5(string_agg(shown, ' ' order by shown)) end
       from (select ${text} as shown from ${relation.id}) as seen`,
      { isIndependent: grants === 'as they are' },
    ),
  ];
  if (granted.length === 0) return attempts.slice(0, 1);
  attempts.push(
    on(
      'peek',
      'with a condition that fails on rows of B',
      `select count(*)::text from ${relation.id} where 1 / (case when ${isTold(text)} then 0 else 1 end) = 1`,
      { tellingState: '22012', allows: 'own rows' },
    ),
  );

  const ownership = ownershipOf(catalog, relation);
  if (ownership && columns.includes(ownership.column)) {
    const count = `select count(*)::text from ${relation.id} where`;
    const foreign = isOf(ownership, actor.foreign);
    const nobodysOwn = actor.own
      .map((value) => ` and ${ident(ownership.column)}::text <> ${literal(value)}`)
      .join('');
    attempts.push(
      on('count', 'of other organizations', `${count} ${foreign}${nobodysOwn}`, { allows: 'nothing' }),
    );
    if (catalog.tenantTables.some(({ id }) => id === relation.id)) {
      attempts.push(
        on(
          'count',
          'of all organizations but the own one',
          `${count} ${ident(ownership.column)} is distinct from ${literal(actor.home?.organization ?? null)}`,
          { allows: 'nothing' },
        ),
      );
    }
    const rows = actor.foreign.flatMap((house) => house.rows.get(relation.id) ?? []);
    const named = byKey(relation, ownership, rows);
    if (named !== undefined && keyOf(relation).every((name) => columns.includes(name))) {
      attempts.push(
        on(
          'read by key',
          "of B's rows",
          `select string_agg(${text}, ' | ') from ${relation.id} where ${named} and ${foreign}`,
          { allows: 'nothing' },
        ),
      );
    }
  }
  if (actor.effort === 'utmost') {
    attempts.push(
      on(
        'estimate',
        'by the planner, as count=planned gives it',
        `explain (format json) select from ${relation.id}`,
        {
          foreign: [],
        },
      ),
    );
  }
  return attempts;
}

/** What an actor reads by following a foreign key, in both directions. */
export function embedAttempts(catalog: Catalog, relation: Relation, actor: Actor): Attempt[] {
  return relation.foreignKeys.flatMap((key): Attempt[] => {
    const target = catalog.relations.find(({ id }) => id === key.target);
    if (target?.schema !== 'public') return [];
    const here = relation.grants[actor.role].select;
    const there = target.grants[actor.role].select;
    if (here.length === 0 || there.length === 0) return [];
    const shown = (alias: string, columns: string[]) =>
      columns.map((name) => `${alias}.${ident(name)}::text`).join(', ');
    const pairs = key.columns.map(
      (column, index) => `here.${ident(column)} = there.${ident(key.targetColumns[index] ?? '')}`,
    );
    // By the key alone too: the organization in it must not be what keeps the rows apart.
    const loose = pairs.filter((_, index) => key.columns[index] !== organizationColumn);
    return [pairs, loose]
      .filter(
        (conditions, index, all) =>
          conditions.length > 0 && (index === 0 || conditions.length < (all[0]?.length ?? 0)),
      )
      .map((conditions, index) =>
        attempt({
          actor,
          object: relation.id,
          kind: 'embed',
          about: `${target.id} by ${key.name}${index === 1 ? ', the organization left out' : ''}`,
          answers: true,
          allows: 'nothing',
          sql: `select string_agg(shown, ' | ') from (
            select left(shown, 400) as shown from (
              select concat_ws(' ', ${shown('here', here)}, ${shown('there', there)}) as shown
              from ${relation.id} as here full join ${target.id} as there on ${conditions.join(' and ')}
            ) as seen where ${holdsTrace('shown', actor.foreign, actor.own)} limit 3
          ) as leaked`,
        }),
      );
  });
}

/** What an actor writes to the rows of others, or writes for others. */
export function writeAttempts(
  catalog: Catalog,
  world: World,
  relation: Relation,
  actor: Actor,
  grants: Grants = 'as they are',
): Attempt[] {
  const ownership = ownershipOf(catalog, relation);
  if (!ownership) return [];
  const how = grants === 'all' ? ', were everything granted' : '';
  const writable = relation.columns.filter(({ isComputed }) => !isComputed).map(({ name }) => name);
  const updatable = grants === 'all' ? writable : relation.grants[actor.role].update;
  const on = (kind: Attempt['kind'], about: string, sql: string, more: Partial<Attempt> = {}): Attempt =>
    attempt({
      actor,
      object: relation.id,
      kind,
      about: `${about}${how}`,
      sql,
      answers: false,
      watched: actor.foreign,
      ...more,
    });
  const value = (name: string, row: Row) => literal(row[name] ?? null, columnOf(relation, name).type);
  const isUnique = (name: string) => relation.uniqueIndexes.some(({ columns }) => columns.includes(name));
  const isKey = (name: string) => relation.foreignKeys.some(({ columns }) => columns.includes(name));
  const foreignRows = actor.foreign.flatMap((house) => house.rows.get(relation.id) ?? []);
  const [foreignRow] = world.b.rows.get(relation.id) ?? [];
  const foreign = isOf(ownership, actor.foreign);
  const named = byKey(relation, ownership, foreignRows);

  // A column that may be set to the same value in every row, so that nothing but a policy can object.
  const [changed] = [...updatable, ...writable].filter(
    (name) => name !== ownership.column && !isUnique(name) && !isKey(name),
  );
  const attempts: Attempt[] = [];
  if (changed !== undefined) {
    const same = `${ident(changed)} = ${foreignRow ? value(changed, foreignRow) : ident(changed)}`;
    attempts.push(
      on('update', "B's rows", `update ${relation.id} set ${same} where ${foreign}`, { allows: 'nothing' }),
      on('update', 'every row, blindly', `update ${relation.id} set ${same}`),
    );
    if (named !== undefined) {
      attempts.push(
        on(
          'update',
          "B's rows by their keys",
          `update ${relation.id} set ${same} where ${named} and ${foreign}`,
          {
            allows: 'nothing',
          },
        ),
      );
    }
  }
  attempts.push(
    on('delete', "B's rows", `delete from ${relation.id} where ${foreign}`, { allows: 'nothing' }),
    on('delete', 'every row, blindly', `delete from ${relation.id}`),
  );
  if (grants === 'as they are' && ['r', 'p'].includes(relation.kind)) {
    attempts.push(on('delete', 'by truncating', `truncate ${relation.id} cascade`));
  }
  if (!catalog.tenantTables.some(({ id }) => id === relation.id)) return attempts;

  if (actor.home) {
    attempts.push(
      // Without a condition nothing is read, and so no policy for reading has a say.
      on(
        'move to B',
        'every row, blindly',
        `update ${relation.id} set ${ident(ownership.column)} = ${literal(world.b.organization)}`,
        { allows: 'nothing', mustMeetPolicy: true },
      ),
    );
    const own = ownRow(relation, world);
    if (own !== undefined) {
      attempts.push(
        on(
          'move to B',
          'by its organization',
          `update ${relation.id} set ${ident(ownership.column)} = ${literal(world.b.organization)} where ${own}`,
          { allows: 'nothing', mustMeetPolicy: true },
        ),
      );
      const key = keyOf(relation).filter((name) => !columnOf(relation, name).isComputed);
      if (foreignRow && key.length > 1) {
        attempts.push(
          on(
            'move to B',
            'by its whole key',
            `update ${relation.id} set ${key.map((name) => `${ident(name)} = ${value(name, foreignRow)}`).join(', ')} where ${own}`,
            { allows: 'nothing', mustMeetPolicy: true },
          ),
        );
      }
    }
  }

  const draft = world.foreignDrafts.get(relation.id);
  if (draft) {
    const columns = Object.keys(draft);
    const values = columns.map((name) => value(name, draft));
    const insert = `insert into ${relation.id} (${columnList(columns)}) values (${values.join(', ')})`;
    attempts.push(
      on('insert for B', 'a row that is complete', insert, { allows: 'nothing', mustMeetPolicy: true }),
    );
    if (foreignRow) {
      const key = keyOf(relation);
      const clash = { ...draft, ...Object.fromEntries(key.map((name) => [name, foreignRow[name] ?? null])) };
      const all = Object.keys(clash).filter((name) => !columnOf(relation, name).isComputed);
      const upsert = `insert into ${relation.id} (${columnList(all)}) values (${all.map((name) => value(name, clash)).join(', ')})`;
      const target = `on conflict (${columnList(key)})`;
      attempts.push(
        on('upsert', "of B's row, do nothing", `${upsert} on conflict do nothing`, {
          allows: 'refusal',
          mustMeetPolicy: true,
        }),
      );
      if (changed !== undefined) {
        const excluded = `${ident(changed)} = excluded.${ident(changed)}`;
        attempts.push(
          on('upsert', "of B's row, do update", `${upsert} ${target} do update set ${excluded}`, {
            allows: 'nothing',
            mustMeetPolicy: true,
          }),
        );
      }
    }
  }
  return attempts;
}
