import type pg from 'pg';
import { withConnection } from '../postgres/connect.ts';
import { requireCurrentSchema } from './release.ts';
import { explainRefusal } from './rollback.ts';
import { findSetAside, type SetAsideOrigin } from './set-aside.ts';
import { inTransaction, withMigrationLock } from './undo.ts';

/** What became of the rows of one set-aside table. */
export interface RestoredTable {
  schema: string;
  table: string;
  /** The table that the rows belong to: `public.user_profiles`. */
  source?: string;
  /** Rows that are in that table again. */
  restored: number;
  /** Rows that stay set aside. */
  kept: number;
  /** Why, as a sentence; absent when all are restored. */
  reason?: string;
}

/** What `restore` did, or would do. */
export interface RestoreReport {
  dry_run: boolean;
  tables: RestoredTable[];
  /** Rows of all tables that were restored. */
  restored: number;
  /** Rows of all tables that stay set aside. */
  kept: number;
}

interface Aside {
  schema: string;
  table: string;
  origin: SetAsideOrigin | undefined;
}

/**
 * Puts the rows that rollbacks have set aside back into the tables of this release, and drops the set-aside tables that
 * are empty then, all in one transaction. Rows that cannot go back stay where they are, and the report says why. Running
 * it again does nothing more.
 *
 * @param url connection string of role `postgres`
 * @param options `dryRun`: do everything, report, and roll it back
 * @throws {Failure} when the database cannot be reached, is not at this release, or refuses (nothing is changed then)
 */
export async function restore(url: string, options: { dryRun?: boolean } = {}): Promise<RestoreReport> {
  const { dryRun = false } = options;
  return withConnection(url, (client) =>
    withMigrationLock(client, async () => {
      await requireCurrentSchema(client);
      try {
        return await inTransaction(client, dryRun ? 'rollback' : 'commit', async () => {
          await client.query('set local search_path = pg_catalog, extensions');
          const tables: RestoredTable[] = [];
          for (const generation of generations(await findSetAside(client))) {
            tables.push(...(await restoreGeneration(client, generation, dryRun)));
          }
          await dropEmptySchemas(client);
          const sum = (key: 'restored' | 'kept') => tables.reduce((total, table) => total + table[key], 0);
          return { dry_run: dryRun, tables, restored: sum('restored'), kept: sum('kept') };
        });
      } catch (error) {
        throw explainRefusal(error, url);
      }
    }),
  );
}

/** What was set aside together, the oldest first: rows of a later rollback are put over those of an earlier one. */
function generations(asides: Aside[]): Aside[][] {
  const byTime = new Map<string, Aside[]>();
  for (const aside of asides) {
    const at = aside.origin?.at ?? '';
    byTime.set(at, [...(byTime.get(at) ?? []), aside]);
  }
  return [...byTime.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, tables]) => tables);
}

async function restoreGeneration(
  client: pg.ClientBase,
  asides: Aside[],
  dryRun: boolean,
): Promise<RestoredTable[]> {
  const shifts = await messageShifts(client, asides);
  const plans: Plan[] = [];
  for (const aside of asides) plans.push(await planOf(client, aside, shifts));
  const restored = plans.map(() => 0);
  await withoutTriggers(client, [...new Set(plans.flatMap(({ target }) => target ?? []))], async () => {
    // A row waits for the one that it refers to, which may be in a table that comes later.
    for (let progress = true; progress;) {
      progress = false;
      for (const [index, { statements }] of plans.entries()) {
        for (const statement of statements) {
          const { rowCount } = await client.query(statement);
          restored[index] = (restored[index] ?? 0) + (rowCount ?? 0);
          progress ||= (rowCount ?? 0) > 0;
        }
      }
    }
  });
  // A sequence is not rolled back.
  if (!dryRun) await advanceMessageIds(client, shifts);

  const tables: RestoredTable[] = [];
  for (const [index, { aside, problem, isOrphan }] of plans.entries()) {
    const { schema, table, origin } = aside;
    const name = nameOf(client, aside);
    const left = await client.query<{ kept: string; orphans: string }>(
      `select count(*) as kept, count(*) filter (where ${isOrphan}) as orphans from ${name} as a`,
    );
    const kept = Number(left.rows[0]?.kept);
    const orphans = Number(left.rows[0]?.orphans);
    if (kept === 0) await client.query(`drop table ${name}`);
    const reasons = [
      ...(orphans > 0 ? [`${orphans} refer to a row that is gone, such as a user who was deleted.`] : []),
      ...(kept > orphans
        ? [`${kept - orphans} differ from the row that the table has now, and which stays.`]
        : []),
    ];
    tables.push({
      schema,
      table,
      ...(origin && { source: origin.source }),
      restored: restored[index] ?? 0,
      kept,
      ...(kept > 0 && { reason: problem ?? reasons.join(' ') }),
    });
  }
  return tables;
}

const nameOf = (client: pg.ClientBase, { schema, table }: Aside) =>
  `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`;

interface Plan {
  aside: Aside;
  /** The table that the rows go to. Absent when they cannot. */
  target: string | undefined;
  /** Each moves some rows of the set-aside table, and says how many. */
  statements: string[];
  /** A condition on a set-aside row `a`: it refers to a row that does not exist. */
  isOrphan: string;
  /** Why no row can go back. */
  problem: string | undefined;
}

/** Works out, from the catalog, how the rows of one set-aside table go back. */
async function planOf(client: pg.ClientBase, aside: Aside, shifts: Map<string, Shift>): Promise<Plan> {
  const stays = (problem: string): Plan => ({
    aside,
    target: undefined,
    statements: [],
    isOrphan: 'false',
    problem,
  });
  const { origin } = aside;
  if (!origin) return stays('Its comment does not say where the rows come from.');
  const target = origin.source;
  const { rows: columns } = await client.query<{ name: string; is_generated: boolean; is_missing: boolean }>(
    `select a.attname as name, coalesce(t.attgenerated <> '', false) as is_generated, t.attname is null as is_missing
     from pg_attribute as a
     left join pg_attribute as t
       on t.attrelid = to_regclass($2) and t.attname = a.attname and t.attnum > 0 and not t.attisdropped
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [nameOf(client, aside), target],
  );
  const missing = columns.filter(({ is_missing }) => is_missing).map(({ name }) => name);
  if (missing.length === columns.length) return stays(`There is no table ${target} any more.`);
  if (missing.length > 0) return stays(`${target} has no column ${missing.join(', ')} any more.`);

  const { rows: keys } = await client.query<{ key: string[] | null }>(
    `select array_agg(attname::text) as key
     from pg_constraint
     join pg_attribute on attrelid = conrelid and attnum = any (conkey)
     where conrelid = $1::regclass and contype = 'p'`,
    [target],
  );
  const { rows: references } = await client.query<Reference>(
    `select con.confrelid::regclass::text as parent, con.confdeltype = 'n' as is_set_null,
            array(select attname::text from unnest(con.conkey) with ordinality as k (num, place)
                  join pg_attribute on attrelid = con.conrelid and attnum = num order by place) as columns,
            array(select attname::text from unnest(con.confkey) with ordinality as k (num, place)
                  join pg_attribute on attrelid = con.confrelid and attnum = num order by place) as parent_columns
     from pg_constraint as con
     where con.conrelid = $1::regclass and con.contype = 'f'`,
    [target],
  );

  const quote = (name: string) => client.escapeIdentifier(name);
  const written = columns.filter(({ is_generated }) => !is_generated).map(({ name }) => name);
  const optional = references.filter(({ is_set_null, columns: own }) => is_set_null && own.length === 1);
  /** What a column of the set-aside row `a` becomes. */
  const valueOf = (name: string): string => {
    const reference = optional.find(({ columns: own }) => own[0] === name);
    // What deleting the other row would have done to this one.
    if (reference) return `case when ${exists(quote, reference)} then a.${quote(name)} end`;
    return shifted(client, origin, name, shifts);
  };
  const isOrphan =
    references
      .filter((reference) => !optional.includes(reference))
      .map((reference) => {
        const isSet = reference.columns.map((name) => `a.${quote(name)} is not null`).join(' and ');
        return `(${isSet} and not ${exists(quote, reference)})`;
      })
      .join(' or ') || 'false';

  const list = written.map(quote).join(', ');
  const values = written.map(valueOf).join(', ');
  const from = nameOf(client, aside);
  const key = keys[0]?.key;
  if (!key) {
    const insert = `insert into ${target} (${list}) overriding system value select ${values} from a returning 1`;
    const statement = `with a as (delete from ${from} as a where not (${isOrphan}) returning a.*) ${insert}`;
    return { aside, target, statements: [statement], isOrphan, problem: undefined };
  }

  const isSame = key.map((name) => `t.${quote(name)} = ${valueOf(name)}`).join(' and ');
  const keyList = key.map((name) => `t.${quote(name)}`).join(', ');
  const others = written.filter((name) => !key.includes(name));
  const move = (change: string) =>
    `with t as (${change} returning ${keyList}) delete from ${from} as a using t where ${isSame}`;
  const statements = [
    move(
      `insert into ${target} as t (${list}) overriding system value
       select ${values} from ${from} as a where not (${isOrphan}) on conflict do nothing`,
    ),
    // What is there already, as it is here, has been restored.
    `delete from ${from} as a using ${target} as t
     where ${isSame} and (${written.map((name) => `t.${quote(name)}`).join(', ')}) is not distinct from (${values})`,
  ];
  if (others.length > 0) {
    const assignments = others.map((name) => `${quote(name)} = ${valueOf(name)}`).join(', ');
    // A change that somebody made wins over a row that nobody has touched, the later change over the earlier one.
    const wins = ['created_at', 'updated_at'].every((name) => written.includes(name))
      ? `case
           when a.updated_at > a.created_at then t.updated_at = t.created_at or a.updated_at > t.updated_at
           else t.updated_at = t.created_at and a.created_at <= t.created_at
         end`
      : 'true';
    statements.push(
      move(
        `update ${target} as t set ${assignments} from ${from} as a where ${isSame} and not (${isOrphan}) and ${wins}`,
      ),
    );
  }
  return { aside, target, statements, isOrphan, problem: undefined };
}

/** A foreign key of the table that rows go back to. */
interface Reference {
  parent: string;
  is_set_null: boolean;
  columns: string[];
  parent_columns: string[];
}

/** A condition on a set-aside row `a`: the row that it refers to is there. */
function exists(quote: (name: string) => string, { parent, columns, parent_columns }: Reference): string {
  const match = columns.map((name, index) => `p.${quote(parent_columns[index] ?? '')} = a.${quote(name)}`);
  return `exists (select from ${parent} as p where ${match.join(' and ')})`;
}

/** How far the ids of a dropped queue's messages move, past those that its successor has given out. */
interface Shift {
  queue: string;
  by: bigint;
}

/** The queue behind a table of pgmq: `pgmq.q_user_sync` and `pgmq.a_user_sync` belong to `user_sync`. */
const queueOf = (source: string) => /^pgmq\.[qa]_(.+)$/.exec(source)?.[1];

async function messageShifts(client: pg.ClientBase, asides: Aside[]): Promise<Map<string, Shift>> {
  const shifts = new Map<string, Shift>();
  const dropped = new Set(asides.flatMap(({ origin }) => origin?.queue ?? []));
  for (const queue of [...dropped].flatMap((name) => [name, `${name}_dead`])) {
    const sequence = await sequenceOf(client, queue);
    if (sequence === undefined) continue;
    await client.query(
      `lock table pgmq.${client.escapeIdentifier(`q_${queue}`)} in share row exclusive mode`,
    );
    const { rows } = await client.query<{ used: string }>(
      `select case when is_called then last_value else 0 end as used from ${sequence}`,
    );
    shifts.set(queue, { queue, by: BigInt(rows[0]?.used ?? 0) });
  }
  return shifts;
}

async function sequenceOf(client: pg.ClientBase, queue: string): Promise<string | undefined> {
  const table = `pgmq.${client.escapeIdentifier(`q_${queue}`)}`;
  const { rows } = await client.query<{ sequence: string | null }>(
    `select case when to_regclass($1) is not null then pg_get_serial_sequence($1, 'msg_id') end as sequence`,
    [table],
  );
  return rows[0]?.sequence ?? undefined;
}

/** A column of a set-aside row `a`; ids of messages are moved, and so is what names them. */
function shifted(
  client: pg.ClientBase,
  { source, queue }: SetAsideOrigin,
  name: string,
  shifts: Map<string, Shift>,
): string {
  const column = `a.${client.escapeIdentifier(name)}`;
  const by = (of: string | undefined) => shifts.get(of ?? '')?.by ?? 0n;
  const own = queueOf(source);
  if (own !== undefined && name === 'msg_id') return `(${column} + ${by(own)})`;
  if (own === undefined && queue !== undefined && name === 'message_id') return `(${column} + ${by(queue)})`;
  if (own !== undefined && own !== queue && name === 'message') {
    // A dead letter says which message it was.
    return `(case when ${column} ? 'message_id'
       then ${column} || jsonb_build_object('message_id', (${column} ->> 'message_id')::bigint + ${by(queue)})
       else ${column} end)`;
  }
  return column;
}

/** Lets queues give out ids after those that came back, and wakes who works on them. */
async function advanceMessageIds(client: pg.ClientBase, shifts: Map<string, Shift>): Promise<void> {
  for (const { queue } of shifts.values()) {
    const sequence = await sequenceOf(client, queue);
    if (sequence === undefined) continue;
    await client.query(
      `select setval($1, highest)
       from (
         select max(id) as highest
         from (
           select max(msg_id) as id from pgmq.${client.escapeIdentifier(`q_${queue}`)}
           union all
           select max(msg_id) from pgmq.${client.escapeIdentifier(`a_${queue}`)}
           union all
           select max(message_id) from private.job_effects where queue = $2
           union all
           select max(message_id) from private.job_failures where queue = $2
         ) as ids
       ) as known
       where highest > (select case when is_called then last_value else 0 end from ${sequence})`,
      [sequence, queue],
    );
    if (!queue.endsWith('_dead')) await client.query(`select pg_notify('rowhouse_jobs', $1)`, [queue]);
  }
}

/** Runs a function while the tables' own triggers rest: rows come back as they were, with the dates that they had. */
async function withoutTriggers(
  client: pg.ClientBase,
  tables: string[],
  use: () => Promise<void>,
): Promise<void> {
  const { rows } = await client.query<{ trigger: string }>(
    `select format('alter table %s %%s trigger %I', tgrelid::regclass, tgname) as trigger
     from pg_trigger
     where tgrelid = any ($1::regclass[]) and not tgisinternal and tgenabled = 'O'`,
    [tables],
  );
  for (const { trigger } of rows) await client.query(trigger.replace('%s', 'disable'));
  await use();
  for (const { trigger } of rows) await client.query(trigger.replace('%s', 'enable'));
}

async function dropEmptySchemas(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ schema: string }>(
    `select nspname as schema
     from pg_namespace
     where nspname ~ '^rollback_[0-9]{6}$'
       and not exists (select from pg_depend where refclassid = 'pg_namespace'::regclass and refobjid = pg_namespace.oid)`,
  );
  for (const { schema } of rows) await client.query(`drop schema ${client.escapeIdentifier(schema)}`);
}
