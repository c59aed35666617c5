import fc from 'fast-check';
import type pg from 'pg';
import { expect } from 'vitest';
import { compare, type Finding } from '../../src/verify/compare.ts';
import type { LiveObjects } from '../../src/verify/read-objects.ts';
import type { Snapshot } from '../../src/verify/snapshot.ts';
import { rowsOf } from './property.ts';

/** The name of a column as verify writes it: quoted only where it could not be read otherwise. */
const plainName = `case when attname ~ '^[a-z_][a-z0-9_]*$' then attname::text else quote_ident(attname) end`;

/** Something done to a database, and the finding that it must lead to. */
export interface Damage {
  sql: string;
  kind: string;
  name: string;
  error: Finding['error'];
  severity: Finding['severity'];
}

/**
 * All the damage that can be done, one object at a time, without taking other objects along: read from the catalog, so
 * that the objects of later migrations are part of it.
 */
export async function possibleDamage(client: pg.ClientBase): Promise<Damage[]> {
  // So that every name is written in full.
  await client.query('set search_path = pg_catalog');
  return rowsOf<Damage & pg.QueryResultRow>(
    client,
    `with functions as (
       select pg_proc.oid, replace(pg_proc.oid::regprocedure::text, ',', ', ') as name, prosecdef, proacl, proowner
       from pg_proc
       where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
         and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')
     ), tables as (
       select oid, oid::regclass::text as name, relname, relrowsecurity
       from pg_class
       where relkind = 'r' and not relispartition and relnamespace in ('public'::regnamespace, 'private'::regnamespace)
     )
     select 'function' as kind, name, 'changed' as error, 'critical' as severity,
       format('alter function %s set work_mem = ''1MB''', name) as sql
     from functions
     union all
     select 'function', name, 'changed', 'critical',
       format('alter function %s security %s', name, case when prosecdef then 'invoker' else 'definer' end)
     from functions
     union all
     select 'function', name, 'missing', 'critical', format('drop function %s', name)
     from functions
     where not exists (select from pg_depend where refclassid = 'pg_proc'::regclass and refobjid = functions.oid)
     union all
     select 'grant', format('%s on function %s', grantee::regrole, name), 'missing', 'critical',
       format('revoke all on function %s from %s', name, grantee::regrole)
     from functions, aclexplode(proacl)
     where grantee <> 0 and grantee <> proowner
     union all
     select 'grant', format('anon on function %s', name), 'unexpected', 'critical',
       format('grant execute on function %s to anon', name)
     from functions
     where not has_function_privilege('anon', oid, 'execute')
     union all
     select 'grant', format('anon on table %s', name), 'unexpected', 'critical', format('grant delete on %s to anon', name)
     from tables
     union all
     select 'table', name, case when relrowsecurity then 'disabled' else 'changed' end, 'critical',
       format('alter table %s %s row level security', name, case when relrowsecurity then 'disable' else 'enable' end)
     from tables
     union all
     select 'trigger', format('%I on %s', tgname, tgrelid::regclass), error, 'critical', format(statement, tgname, tgrelid::regclass)
     from pg_trigger, (values
       ('disabled', 'alter table %2$s disable trigger %1$I'), ('missing', 'drop trigger %1$I on %2$s')
     ) as damage (error, statement)
     where not tgisinternal and tgname ~ '^_[0-9]'
       -- Which parts a table has depends on the day.
       and tgrelid not in (select oid from pg_class where relispartition)
     union all
     select 'policy', format('%I on %s', polname, polrelid::regclass), error, 'critical', format(statement, polname, polrelid::regclass, case polcmd when 'a' then 'with check' else 'using' end)
     from pg_policy join tables on tables.oid = polrelid, (values
       ('changed', 'alter policy %I on %s %s (true)'), ('missing', 'drop policy %I on %s')
     ) as damage (error, statement)
     union all
     select 'index', indexrelid::regclass::text, 'missing', 'critical', format('drop index %s', indexrelid::regclass)
     from pg_index join tables on tables.oid = indrelid
     where not exists (select from pg_constraint where conindid = indexrelid)
     union all
     select 'constraint', format('%I on %s', conname, tables.name), 'missing', 'critical',
       format('alter table %s drop constraint %I', tables.name, conname)
     from pg_constraint join tables on tables.oid = conrelid
     where contype in ('c', 'f')
     union all
     select 'column', tables.name || '.' || ${plainName}, 'changed', 'critical',
       format('alter table %s alter column %I %s not null', tables.name, attname, case when attnotnull then 'drop' else 'set' end)
     from pg_attribute join tables on tables.oid = attrelid
     where attnum > 0 and not attisdropped
       and not exists (select from pg_constraint where contype = 'p' and conrelid = attrelid and attnum = any (conkey))
     union all
     select 'default', tables.name || '.' || ${plainName}, 'missing', 'critical',
       format('alter table %s alter column %I drop default', tables.name, attname)
     from pg_attribute join tables on tables.oid = attrelid
     where atthasdef and attgenerated = ''
     union all
     select 'comment', format('on table %s', name), 'changed', 'info', format('comment on table %s is ''Something else.''', name)
     from tables
     union all
     select 'cron job', jobname, error, 'critical', format(statement, jobname)
     from cron.job, (values
       ('missing', 'select cron.unschedule(%L)'), ('changed', 'select cron.schedule(%L, ''1 2 3 4 5'', ''select 1'')')
     ) as damage (error, statement)
     where jobname like 'rowhouse-%'
     union all
     select 'queue', queue_name, 'missing', 'critical', format('select pgmq.drop_queue(%L)', queue_name)
     from pgmq.list_queues()`,
  );
}

/** Things that nobody asked for, by any name. */
export const unexpected: fc.Arbitrary<Damage> = fc
  .record({
    word: fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/).map((word) => `own_${word}`),
    schema: fc.constantFrom('public', 'private'),
    what: fc.constantFrom(
      'table' as const,
      'function' as const,
      'column' as const,
      'index' as const,
      'view' as const,
      'policy' as const,
      'trigger' as const,
      'cron job' as const,
      'queue' as const,
    ),
  })
  .map(({ word, schema, what }) => {
    const on = 'public.user_profiles';
    const made: Record<typeof what, [name: string, severity: Finding['severity'], sql: string]> = {
      table: [`${schema}.${word}`, 'warning', `create table ${schema}.${word} (id integer)`],
      view: [`${schema}.${word}`, 'warning', `create view ${schema}.${word} as select 1 as one`],
      function: [
        `${schema}.${word}(integer)`,
        'warning',
        `create function ${schema}.${word}(integer) returns integer language sql as 'select 1'`,
      ],
      column: [`${on}.${word}`, 'warning', `alter table ${on} add column ${word} text`],
      index: [`public.${word}`, 'warning', `create index ${word} on ${on} (created_at)`],
      policy: [`${word} on ${on}`, 'critical', `create policy ${word} on ${on} using (true)`],
      trigger: [
        `${word} on ${on}`,
        'critical',
        `create trigger ${word} before update on ${on} for each row execute function private.tg__stamp_updated_at()`,
      ],
      'cron job': [
        `rowhouse-${word}`,
        'critical',
        `select cron.schedule('rowhouse-${word}', '1 2 3 4 5', 'select 1')`,
      ],
      queue: [word, 'info', `select pgmq.create('${word}')`],
    };
    const [name, severity, sql] = made[what];
    return { kind: what, name, error: 'unexpected', severity, sql };
  });

/** What a damage is done to: two of one object cannot be told apart afterwards. */
export const objectOf = ({ kind, name }: Damage) =>
  kind === 'grant' ? name.replace(/^\S+ on (function|table) /, '') : name;

/** Does the damage: as role postgres what it may do, as the superuser what only the owner of auth.users may. */
export async function damage(superuser: pg.ClientBase, all: Damage[]): Promise<void> {
  for (const { sql } of all) {
    const isTheirs = sql.includes('auth.users');
    await superuser.query(isTheirs ? 'reset role' : 'set role postgres');
    await superuser.query(sql);
  }
  await superuser.query('reset role');
}

const labelled = (findings: Pick<Finding, 'kind' | 'name' | 'error' | 'severity'>[]) =>
  findings.map(({ kind, name, error, severity }) => `${severity}: ${kind} ${name} ${error}`).sort();

/** Throws unless the findings are those of the damage, each with all its detail. */
export function expectDetail(findings: Finding[], all: Damage[]): void {
  expect(labelled(findings)).toEqual(labelled(all));
  for (const finding of findings) {
    const { error, expected, found, remedy } = finding;
    const says = JSON.stringify(finding);
    expect(expected === null, says).toBe(error === 'unexpected');
    expect(found === null, says).toBe(error === 'missing');
    expect(expected, says).not.toBe(found);
    // Of a queue there is nothing to say but its name.
    if (finding.kind !== 'queue') expect((expected ?? found ?? '').trim(), says).not.toBe('');
    expect(remedy.trim(), says).not.toBe('');
    // A sentence or a statement.
    expect(remedy, says).toMatch(/[.;]( --.*)?$/);
  }
}

/** Deliberate breaks of the comparison. */
export const breaks: { name: string; verify: (snapshot: Snapshot, live: LiveObjects) => Finding[] }[] = [
  {
    name: 'the database is compared with itself',
    verify: (snapshot, live) => compare({ ...snapshot, ...live }, live),
  },
  { name: 'nothing is ever found', verify: () => [] },
  ...[
    'function',
    'trigger',
    'policy',
    'acl',
    'index',
    'constraint',
    'column',
    'default',
    'cron job',
    'queue',
  ].map((kind) => ({
    name: `no object is looked at that is a ${kind}`,
    verify: (snapshot: Snapshot, live: LiveObjects) =>
      compare(
        { ...snapshot, objects: without(snapshot.objects, kind) },
        { ...live, objects: without(live.objects, kind) },
      ),
  })),
  {
    name: 'only what is missing or not expected is found',
    verify: (snapshot, live) => compare(snapshot, live).filter(({ error }) => error !== 'changed'),
  },
  {
    name: 'what is disabled counts as changed',
    verify: edited((finding) => ({
      ...finding,
      error: finding.error === 'disabled' ? 'changed' : finding.error,
    })),
  },
  { name: 'everything is a warning', verify: edited((finding) => ({ ...finding, severity: 'warning' })) },
  { name: 'no finding says what to do', verify: edited((finding) => ({ ...finding, remedy: '' })) },
  {
    name: 'no finding says what was expected',
    verify: edited((finding) => ({ ...finding, expected: null })),
  },
  { name: 'no finding says what was found', verify: edited((finding) => ({ ...finding, found: null })) },
  {
    name: 'functions are named without their arguments',
    verify: edited((finding) => ({ ...finding, name: finding.name.replace(/\(.*\)/, '') })),
  },
  {
    name: 'what went with an object is named as well',
    verify: (snapshot, live) =>
      compare(
        {
          ...snapshot,
          objects: Object.fromEntries(
            Object.entries(snapshot.objects).map(([key, { state }]) => [key, { state }]),
          ),
        },
        live,
      ),
  },
];

function without<T>(objects: Record<string, T>, kind: string): Record<string, T> {
  return Object.fromEntries(Object.entries(objects).filter(([key]) => !key.startsWith(`${kind}:`)));
}

function edited(change: (finding: Finding) => Finding) {
  return (snapshot: Snapshot, live: LiveObjects) => compare(snapshot, live).map(change);
}
