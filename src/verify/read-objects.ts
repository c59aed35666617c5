import { encodeId, type Fact, type StableId } from '@supabase/pg-delta/core';
import { extract } from '@supabase/pg-delta/extract';
import pg from 'pg';
import { explainConnectionError } from '../postgres/connect.ts';
import type { KnownObject, Objects, State } from './snapshot.ts';

/** A part of the database that the role may not see. */
export interface Unreadable {
  kind: string;
  name: string;
  /** What PostgreSQL said. */
  reason: string;
  /** The keys that begin with this are unknown, which is not to say that they are missing. */
  hides?: string;
}

/** What a database holds of Rowhouse. */
export interface LiveObjects {
  objects: Objects;
  unreadable: Unreadable[];
}

/** The schemas that are Rowhouse's alone. */
const schemas = new Set(['public', 'private']);

/**
 * Whether a name is that of a part of a table that maintenance makes for a month, or of what hangs on one: which there are
 * depends on the day, so they are no part of a release.
 *
 * @param name of an object, or a key or path that holds it
 */
export function isMonthlyPart(name: string): boolean {
  return /\baudit_logs_\d{4}_\d{2}(?!\d)/.test(name);
}

/** Whom default privileges must not hand anything to. */
const apiGrantees = new Set(['PUBLIC', 'anon', 'authenticated', 'service_role']);

/** Reads what a function returns, and turns missing rights into `undefined`, missing objects into none. */
async function readable<T>(read: () => Promise<T[]>): Promise<{ rows: T[] } | { reason: string }> {
  try {
    return { rows: await read() };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === '42501') return { reason: message };
    // No such schema, table or function: then what is looked for in it is missing as well.
    if (code === '3F000' || code === '42P01' || code === '42883') return { rows: [] };
    throw error;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function isRowhouse(id: StableId, state: State): boolean {
  switch (id.kind) {
    case 'schema':
      return id.name === 'private';
    case 'trigger':
      return schemas.has(id.schema) || textOf(state.def).includes(' EXECUTE FUNCTION private.');
    case 'policy':
      // On storage.objects there are other people's policies as well; Rowhouse's ask its functions.
      return (
        schemas.has(id.schema) || `${textOf(state.usingExpr)} ${textOf(state.checkExpr)}`.includes('private.')
      );
    case 'defaultPrivilege':
      return (
        id.role === 'postgres' &&
        (id.schema === null || id.schema === 'public') &&
        apiGrantees.has(id.grantee)
      );
    case 'acl':
      return !(id.target.kind === 'schema' && id.target.name === 'public') && isRowhouseTarget(id.target);
    case 'comment':
      return !(id.target.kind === 'schema' && id.target.name === 'public') && isRowhouseTarget(id.target);
    default:
      return 'schema' in id && schemas.has(id.schema);
  }
}

function isRowhouseTarget(target: StableId): boolean {
  if (target.kind === 'schema') return target.name === 'private';
  return 'schema' in target && target.schema !== null && schemas.has(target.schema);
}

/** The fact's attributes. Those that begin with an underscore are hints for planners, but for revoked defaults. */
function stateOf(fact: Fact, owner: string | undefined): State {
  const entries = Object.entries(fact.payload).filter(
    ([name]) => !name.startsWith('_') || name === '_revokedDefault',
  );
  const plain = entries.map(([name, value]) => [
    name.replace(/^_/, ''),
    typeof value === 'bigint' ? value.toString() : value,
  ]);
  return { ...(Object.fromEntries(plain) as State), ...(owner === undefined ? {} : { owner }) };
}

async function catalog(pool: pg.Pool): Promise<Objects> {
  const { factBase } = await extract(pool);
  const owners = new Map<string, string>();
  const members = new Set<string>();
  for (const edge of factBase.edges) {
    if (edge.kind === 'owner' && edge.to.kind === 'role') owners.set(encodeId(edge.from), edge.to.name);
    if (edge.kind === 'memberOfExtension') members.add(encodeId(edge.from));
  }
  const objects: Objects = {};
  for (const fact of factBase.facts()) {
    const key = encodeId(fact.id);
    const parent = fact.parent === undefined ? undefined : encodeId(fact.parent);
    const state = stateOf(fact, owners.get(key));
    if (members.has(key) || (parent !== undefined && members.has(parent)) || !isRowhouse(fact.id, state))
      continue;
    if (isMonthlyPart(key)) continue;
    if (fact.id.kind === 'acl') {
      // A grant of nothing: what is missing from PUBLIC is seen by its absence.
      if (Array.isArray(state.privileges) && state.privileges.length === 0) continue;
      // What comes with owning it: that it has another owner is said of the object.
      if (fact.id.grantee !== 'postgres' && owners.get(encodeId(fact.id.target)) === fact.id.grantee)
        continue;
    }
    objects[key] = { ...(parent === undefined ? {} : { parent }), state };
  }
  return objects;
}

/** Marks foreign keys as enforced or not: when their triggers are off, the catalog shows the constraint all the same. */
async function markEnforced(pool: pg.Pool, objects: Objects): Promise<void> {
  const { rows } = await pool.query<{ key: string }>(
    `select distinct format('constraint:%I.%I.%I', nspname, relname, conname) as key
     from pg_catalog.pg_trigger
       join pg_catalog.pg_constraint on pg_constraint.oid = tgconstraint
       join pg_catalog.pg_class on pg_class.oid = conrelid
       join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
     where tgisinternal and tgenabled not in ('O', 'A')`,
  );
  const switchedOff = new Set(rows.map(({ key }) => key));
  for (const [key, object] of Object.entries(objects)) {
    if (key.startsWith('constraint:') && object.state.type === 'f') {
      object.state = { ...object.state, enforced: !switchedOff.has(key) };
    }
  }
}

async function jobs(pool: pg.Pool): Promise<{ objects: Objects; unreadable: Unreadable[] }> {
  const found = await readable(async () => {
    const { rows } = await pool.query<{
      jobname: string;
      schedule: string;
      command: string;
      active: boolean;
    }>(`select jobname, schedule, command, active from cron.job where jobname like 'rowhouse-%'`);
    return rows;
  });
  if ('reason' in found) {
    return {
      objects: {},
      unreadable: [{ kind: 'table', name: 'cron.job', reason: found.reason, hides: 'cron job:' }],
    };
  }
  const entries = found.rows.map(({ jobname, schedule, command, active }): [string, KnownObject] => [
    `cron job:${jobname}`,
    { state: { schedule, command, active } },
  ]);
  return { objects: Object.fromEntries(entries), unreadable: [] };
}

async function queues(pool: pg.Pool): Promise<{ objects: Objects; unreadable: Unreadable[] }> {
  const found = await readable(async () => {
    const { rows } = await pool.query<{ queue_name: string; is_unlogged: boolean }>(
      'select queue_name, is_unlogged from pgmq.list_queues()',
    );
    return rows;
  });
  if ('reason' in found) {
    return {
      objects: {},
      unreadable: [{ kind: 'function', name: 'pgmq.list_queues()', reason: found.reason, hides: 'queue:' }],
    };
  }
  const entries = found.rows.map(({ queue_name, is_unlogged }): [string, KnownObject] => [
    `queue:${queue_name}`,
    { state: { unlogged: is_unlogged } },
  ]);
  return { objects: Object.fromEntries(entries), unreadable: [] };
}

/** Schemas that are there and closed to the role: what Rowhouse does in them fails. */
async function closedSchemas(pool: pg.Pool): Promise<Unreadable[]> {
  const { rows } = await pool.query<{ name: string; role: string }>(
    `select nspname as name, current_user as role
     from pg_catalog.pg_namespace
     where nspname in ('public', 'private', 'auth', 'pgmq', 'cron', 'graphile_migrate')
       and not has_schema_privilege(oid, 'usage')
     order by nspname`,
  );
  return rows.map(({ name, role }) => ({
    kind: 'schema',
    name,
    reason: `role ${role} may not use it`,
  }));
}

/**
 * Reads what a database holds of Rowhouse: the objects of `public` and `private`, its triggers and policies elsewhere,
 * its cron jobs, and the queues. Needs no more rights than to connect; what it may not see it says.
 *
 * @param url a PostgreSQL connection string
 * @throws {Failure} when the server cannot be reached
 */
export async function readObjects(url: string): Promise<LiveObjects> {
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: 'rowhouse verify' });
  pool.on('error', () => undefined);
  try {
    const unreadable = await closedSchemas(pool);
    const objects = await catalog(pool);
    await markEnforced(pool, objects);
    const parts = [await jobs(pool), await queues(pool)];
    return {
      objects: Object.assign(objects, ...parts.map((part) => part.objects)) as Objects,
      unreadable: [...unreadable, ...parts.flatMap((part) => part.unreadable)],
    };
  } catch (error) {
    throw explainConnectionError(error, url);
  } finally {
    await pool.end();
  }
}
