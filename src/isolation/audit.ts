import type pg from 'pg';
import { Failure } from '../failure.ts';
import { withConnection } from '../postgres/connect.ts';
import { type Actor, actorsOf, isThorough } from './actors.ts';
import type { Attempt } from './attempt.ts';
import { callAttempts } from './attempts/functions.ts';
import { ownInsertAttempts, referenceAttempts, sameKeyAttempts } from './attempts/references.ts';
import { embedAttempts, readAttempts, writeAttempts } from './attempts/tables.ts';
import { type Catalog, readCatalog, type Routine } from './catalog.ts';
import { fingerprints } from './fingerprints.ts';
import { buildWorld, type World } from './houses.ts';
import { type IsolationReport, summarize } from './report.ts';
import { prepareRunner } from './runner.ts';
import {
  type Audit,
  everything,
  noteUntried,
  tryAll,
  tryInfluence,
  tryRules,
  tryWithAllGrants,
} from './trying.ts';

export interface AuditOptions {
  /** Only these tables, views and functions (`public.plants`, `public.list_members`). Absent: everything. */
  objects?: string[];
  /** Organizations that {@link makeWorld} made in the same transaction. Absent: made anew. */
  world?: World;
}

/** Whether a function of public has the same name, and the same arguments to hand on. */
function isWrapped({ routines }: Catalog, routine: Routine): boolean {
  const types = (each: Routine) => each.arguments.map(({ type }) => type).join(', ');
  return routines.some(
    (other) => other.schema === 'public' && other.name === routine.name && types(other) === types(routine),
  );
}

/** Everything that an actor tries with the grants that there are. */
function attemptsOf({ catalog, world, relations, routines }: Audit, actor: Actor): Attempt[] {
  const attempts = relations.flatMap((relation) => readAttempts(catalog, relation, actor));
  const called = actor.callsFunctions ? routines : [];
  if (actor.effort === 'read') {
    return [
      ...attempts,
      ...called.flatMap((routine) => callAttempts(catalog, world, routine, actor).slice(0, 1)),
    ];
  }
  const house = relations.filter(
    ({ schema, kind }) => schema === 'public' || (schema === 'private' && kind !== 'v'),
  );
  return [
    ...attempts,
    ...house.flatMap((relation) => [
      ...embedAttempts(catalog, relation, actor),
      ...writeAttempts(catalog, world, relation, actor),
      ...ownInsertAttempts(world, relation, actor),
      ...(actor.home
        ? [...referenceAttempts(catalog, world, relation, actor), ...sameKeyAttempts(world, relation, actor)]
        : []),
    ]),
    ...called
      // Behind most functions of public stands one of private: that it is tried through the first says most of it.
      .filter(({ schema }) => schema === 'public' || isThorough(actor))
      .flatMap((routine) =>
        callAttempts(catalog, world, routine, actor, {
          isBrief: !isThorough(actor) || (routine.schema === 'private' && isWrapped(catalog, routine)),
        }),
      ),
  ];
}

/** Who is refused everything shows nothing: of each table that the API shows, somebody must have seen rows of their own. */
function checkThatSomethingWasSeen({ relations, catalog, world, entries, untried }: Audit): void {
  const seen = new Set(
    entries
      .filter(({ kind, outcome }) => kind === 'count' && outcome === 'own rows')
      .map(({ object }) => object),
  );
  const shown = relations.filter(
    ({ id, schema, grants }) =>
      schema === 'public' &&
      grants.authenticated.select.length > 0 &&
      catalog.tenantTables.some((table) => table.id === id) &&
      !world.unfilled.some(({ table }) => table === id),
  );
  for (const { id } of shown.filter((table) => !seen.has(table.id))) {
    const reason = 'no role of A saw a row of its own, so that seeing none of B proves nothing';
    untried.set(id, { object: id, reason });
  }
}

function chosen<T extends { id: string; qualifiedName?: string }>(
  all: T[],
  objects: string[] | undefined,
): T[] {
  if (objects === undefined) return all;
  return all.filter(({ id, qualifiedName }) => objects.includes(id) || objects.includes(qualifiedName ?? id));
}

/**
 * Tries, as everyone who has no business there, to get at the rows of an organization; all of it in the transaction that
 * the connection is in, of which nothing stays.
 *
 * @param client a connection of `postgres` (or another role that row-level security does not bind) in a transaction
 * @param options what to look at
 * @throws {Failure} when the database has no organizations, or the role may not switch to the API's roles
 */
export async function auditInTransaction(
  client: pg.ClientBase,
  options: AuditOptions = {},
): Promise<IsolationReport> {
  const started = performance.now();
  await client.query('savepoint isolation_audit');
  try {
    await prepareSession(client);
    const catalog = await readCatalog(client);
    const world = options.world ?? (await buildWorld(client, catalog));
    await prepareRunner(client, fingerprints(catalog, world));
    const audit: Audit = {
      client,
      catalog,
      world,
      relations: chosen(catalog.relations, options.objects),
      routines: chosen(catalog.routines, options.objects),
      isWhole: options.objects === undefined,
      entries: [],
      leaks: [],
      untried: new Map(),
      notes: new Set(),
      independent: [],
    };
    for (const name of options.objects ?? []) {
      const isThere = [...audit.relations, ...audit.routines].some(
        (each) => each.id === name || ('qualifiedName' in each && each.qualifiedName === name),
      );
      if (!isThere) throw new Failure(`There is no table, view or function ${name}.`, { exitCode: 2 });
    }
    const lookedAt = new Set(audit.relations.map(({ id }) => id));
    for (const { table, reason } of world.unfilled.filter((each) => lookedAt.has(each.table))) {
      noteUntried(audit, table, `no row could be made for it: ${reason}`);
    }
    await tryRules(audit);
    const actors = actorsOf(world);
    for (const actor of actors) await tryAll(audit, attemptsOf(audit, actor));
    await tryAll(
      audit,
      audit.relations.flatMap((relation) => [
        ...referenceAttempts(catalog, world, relation, 'postgres'),
        ...sameKeyAttempts(world, relation, 'postgres'),
      ]),
    );
    await tryInfluence(audit);
    await tryWithAllGrants(audit, actors);
    checkThatSomethingWasSeen(audit);
    const { entries, leaks, untried, notes } = audit;
    return {
      status: leaks.length > 0 ? 'leaking' : untried.size > 0 ? 'incomplete' : 'isolated',
      attempts: entries.length,
      objects: new Set(entries.map(({ object }) => object).filter((object) => object !== everything)).size,
      actors: actors.length,
      leaks,
      untried: [...untried.values()],
      notes: [...notes],
      summary: summarize(entries),
      entries,
      duration_ms: Math.round(performance.now() - started),
    };
  } finally {
    await client.query('rollback to savepoint isolation_audit').catch(() => undefined);
  }
}

/**
 * Makes the organizations that an audit works with. Several audits of one transaction may share them.
 *
 * @param client a connection of `postgres` in a transaction
 */
export async function makeWorld(client: pg.ClientBase): Promise<World> {
  await prepareSession(client);
  return buildWorld(client, await readCatalog(client));
}

async function prepareSession(client: pg.ClientBase): Promise<void> {
  await requireRights(client);
  // Nobody is to wait for an audit for long. Without a search path, the catalog names everything in full.
  await client.query(
    `set local lock_timeout = '5s'; set local statement_timeout = '60s'; set local jit = off; set local search_path = ''`,
  );
}

async function requireRights(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ ok: boolean }>(
    `select (rolbypassrls or rolsuper)
       and pg_has_role(current_user, 'anon', 'member') and pg_has_role(current_user, 'authenticated', 'member') as ok
     from pg_catalog.pg_roles where rolname = current_user`,
  );
  if (rows[0]?.ok) return;
  throw new Failure(
    'The audit makes rows in every table and takes on the roles of the API: this role may not.',
    {
      hint: 'Connect as role postgres, as migrations do.',
    },
  );
}

/**
 * Tries the isolation of the organizations of a database, and leaves nothing behind.
 *
 * @param url connection string of role `postgres`
 * @throws {Failure} as {@link auditInTransaction}, and when the database cannot be reached
 */
export async function auditIsolation(url: string, options: AuditOptions = {}): Promise<IsolationReport> {
  return withConnection(url, async (client) => {
    await client.query('begin');
    try {
      return await auditInTransaction(client, options);
    } finally {
      await client.query('rollback').catch(() => undefined);
    }
  });
}
