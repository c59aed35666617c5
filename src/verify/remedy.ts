import { existsSync } from 'node:fs';
import type { StableId } from '@supabase/pg-delta/core';
import { literal, objectTypes, quoted, sqlName, sqlTarget, tableOf, type Named } from './names.ts';
import type { State } from './snapshot.ts';

/** A difference, as far as it decides what to do about it. */
export interface Difference {
  object: Named;
  /** What the release says; absent when it knows no such object. */
  expected: State | undefined;
  /** What the database has; absent when it has no such object. */
  found: State | undefined;
}

/** What belongs to a table and has a name of its own: a column, a policy, a trigger, … */
type InTable = Extract<StableId, { table: string; name: string }>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const folders: Partial<Record<string, string>> = {
  function: 'functions',
  table: 'tables',
  type: 'types',
  view: 'views',
};

/** The file of supabase/schemas that makes an object, if there is one. */
function schemaFile(id: StableId): string | undefined {
  const folder = folders[id.kind];
  if (folder === undefined || !('schema' in id) || !('name' in id)) return undefined;
  const path = `supabase/schemas/${id.schema}/${folder}/${id.name}.sql`;
  return existsSync(new URL(`../../${path}`, import.meta.url)) ? path : undefined;
}

/** `grant` or `revoke` of what one side has and the other has not. */
function grantRemedy(id: StableId & { kind: 'acl' }, expected?: State, found?: State): string {
  const wanted = texts(expected?.privileges);
  const present = texts(found?.privileges);
  const column = id.column === undefined ? '' : ` (${quoted(id.column)})`;
  const target =
    id.target.kind === 'table' || id.target.kind === 'view'
      ? `table ${sqlName(id.target)}`
      : sqlTarget(id.target);
  const grantee = id.grantee === 'PUBLIC' ? 'public' : quoted(id.grantee);
  const list = (privileges: string[]) =>
    privileges.map((privilege) => `${privilege.toLowerCase()}${column}`).join(', ');
  const lost = wanted.filter((privilege) => !present.includes(privilege));
  const extra = present.filter((privilege) => !wanted.includes(privilege));
  const delegable = texts(found?.grantable).filter(
    (privilege) => wanted.includes(privilege) && !texts(expected?.grantable).includes(privilege),
  );
  return [
    ...(lost.length > 0 ? [`grant ${list(lost)} on ${target} to ${grantee};`] : []),
    ...(extra.length > 0 ? [`revoke ${list(extra)} on ${target} from ${grantee};`] : []),
    ...(delegable.length > 0
      ? [`revoke grant option for ${list(delegable)} on ${target} from ${grantee};`]
      : []),
  ].join(' ');
}

const commands: Partial<Record<string, string>> = {
  r: 'select',
  a: 'insert',
  w: 'update',
  d: 'delete',
  '*': 'all',
};

function createPolicy(id: InTable, expected: State): string {
  const parts = [
    `create policy ${quoted(id.name)} on ${tableOf(id)}`,
    expected.permissive === false ? ' as restrictive' : '',
    ` for ${commands[text(expected.cmd)] ?? 'all'} to ${texts(expected.roles).join(', ').replace('PUBLIC', 'public')}`,
    expected.usingExpr ? ` using (${text(expected.usingExpr)})` : '',
    expected.checkExpr ? ` with check (${text(expected.checkExpr)})` : '',
  ];
  return `${parts.join('')};`;
}

function createColumn(id: InTable, expected: State): string {
  const generated = expected.generatedExpr
    ? ` generated always as (${text(expected.generatedExpr)}) stored`
    : '';
  return `alter table ${tableOf(id)} add column ${quoted(id.name)} ${text(expected.type)}${generated}${expected.notNull ? ' not null' : ''};`;
}

function columnRemedy(id: InTable, expected: State, found: State): string {
  const column = `alter table ${tableOf(id)} alter column ${quoted(id.name)}`;
  return [
    ...(expected.type === found.type ? [] : [`${column} type ${text(expected.type)};`]),
    ...(expected.notNull === found.notNull
      ? []
      : [`${column} ${expected.notNull ? 'set' : 'drop'} not null;`]),
  ].join(' ');
}

/** What switches something on again that is there and does nothing; undefined when that is not the difference. */
function enabling(id: StableId, expected: State, found: State): string | undefined {
  if (id.kind === 'trigger' && expected.enabled !== found.enabled && expected.def === found.def) {
    // Only a table's owner may enable its triggers; whoever may create one may replace it, which enables it.
    return `${text(expected.def).replace('CREATE TRIGGER', 'create or replace trigger')};`;
  }
  if (id.kind === 'constraint' && found.enforced === false) {
    return `alter table ${tableOf(id)} enable trigger all; -- as a superuser; then look for rows that break it`;
  }
  if (id.kind === 'table' && expected.rowSecurity === true && found.rowSecurity === false) {
    return `alter table ${sqlName(id)} enable row level security;`;
  }
  if (id.kind === 'index' && found.valid === false) return `reindex index ${sqlName(id)};`;
  return undefined;
}

function dropping(id: StableId): string {
  switch (id.kind) {
    case 'column':
      return `alter table ${tableOf(id)} drop column ${quoted(id.name)};`;
    case 'default':
      return `alter table ${tableOf(id)} alter column ${quoted(id.name)} drop default;`;
    case 'constraint':
      return `alter table ${tableOf(id)} drop constraint ${quoted(id.name)};`;
    case 'comment':
      return `comment on ${sqlTarget(id.target)} is null;`;
    case 'typeAttribute':
      return `alter type ${quoted(id.schema)}.${quoted(id.type)} drop attribute ${quoted(id.name)};`;
    default:
      return `drop ${sqlTarget(id)};`;
  }
}

function defaultPrivilege(
  id: StableId & { kind: 'defaultPrivilege' },
  expected?: State,
  found?: State,
): string {
  const where = id.schema === null ? '' : ` in schema ${quoted(id.schema)}`;
  const what = objectTypes[id.objtype] ?? id.objtype;
  const grantee = id.grantee === 'PUBLIC' ? 'public' : quoted(id.grantee);
  if (texts(found?.privileges).length > 0 || texts(expected?.revokedDefault).length > 0) {
    return `alter default privileges for role postgres${where} revoke all on ${what} from ${grantee};`;
  }
  return `alter default privileges for role postgres${where} grant ${texts(expected?.privileges).join(', ').toLowerCase()} on ${what} to ${grantee};`;
}

function creating(id: StableId, expected: State): string {
  const file = schemaFile(id);
  const definition = text(expected.def);
  switch (id.kind) {
    case 'function':
    case 'procedure':
      if (file === undefined) return `${definition.trim()};`;
      return `Run ${file}: it makes the function, its comment and its grants.`;
    case 'index':
      return `${definition};`;
    case 'trigger':
      return `${definition.replace('CREATE TRIGGER', 'create or replace trigger')};`;
    case 'constraint':
      return `alter table ${tableOf(id)} add constraint ${quoted(id.name)} ${definition};`;
    case 'policy':
      return createPolicy(id, expected);
    case 'column':
      return createColumn(id, expected);
    case 'default':
      return `alter table ${tableOf(id)} alter column ${quoted(id.name)} set default ${text(expected.expr)};`;
    case 'comment':
      return `comment on ${sqlTarget(id.target)} is ${literal(text(expected.text))};`;
    case 'typeAttribute':
      return `alter type ${quoted(id.schema)}.${quoted(id.type)} add attribute ${quoted(id.name)} ${text(expected.type)};`;
    case 'table':
      return `Its rows are gone with it: restore it from a backup. ${file ?? 'Its migration'} shows how it is made.`;
    case 'schema':
      return 'Restore the database from a backup.';
    default:
      if (file === undefined) return 'The migration that makes it shows how.';
      return `Run ${file}.`;
  }
}

/** The statement or the sentence that makes a cron job or a queue what the release says. */
function rowRemedy({ object: { kind, name }, expected, found }: Difference): string {
  if (kind === 'cron job') {
    const unschedule = `select cron.unschedule(${literal(name)});`;
    if (expected === undefined) return unschedule;
    const schedule = `select cron.schedule(${[name, text(expected.schedule), text(expected.command)].map(literal).join(', ')});`;
    // A job that is switched off stays so when it is only scheduled again.
    return found === undefined ? schedule : `${unschedule} ${schedule}`;
  }
  if (expected === undefined) {
    return `If nothing uses it: select ${name.endsWith('_dead') ? 'pgmq' : 'private'}.drop_queue(${literal(name)});`;
  }
  if (found === undefined) return `select pgmq.create(${literal(name)});`;
  return `alter table pgmq.${quoted(`q_${name}`)} set ${expected.unlogged ? 'unlogged' : 'logged'};`;
}

/**
 * Says what to do about a difference between a database and its release.
 *
 * @returns SQL statements that undo the difference, or a sentence where no statement can
 */
export function remedy(difference: Difference): string {
  const { object, expected, found } = difference;
  const { id } = object;
  if (id === undefined) return rowRemedy(difference);
  if (id.kind === 'acl') return grantRemedy(id, expected, found);
  if (id.kind === 'defaultPrivilege') return defaultPrivilege(id, expected, found);
  if (expected === undefined) {
    const isData = id.kind === 'table' || id.kind === 'column';
    return `${isData ? 'Another application may own it. If nothing uses it: ' : ''}${dropping(id)}`;
  }
  if (found === undefined) return creating(id, expected);

  const steps: string[] = [];
  const enabled = enabling(id, expected, found);
  if (enabled !== undefined) steps.push(enabled);
  else if (id.kind === 'column') steps.push(columnRemedy(id, expected, found));
  else if (id.kind === 'function' && expected.def !== found.def) steps.push(creating(id, expected));
  else if (['index', 'constraint', 'policy'].includes(id.kind))
    steps.push(dropping(id), creating(id, expected));
  else if (['trigger', 'default', 'comment'].includes(id.kind)) steps.push(creating(id, expected));
  if (expected.owner !== found.owner && expected.owner !== undefined) {
    steps.push(`alter ${sqlTarget(id)} owner to ${quoted(text(expected.owner))};`);
  }
  const said = steps.filter(Boolean).join(' ');
  return (
    said || `Compare it with ${schemaFile(id) ?? 'the migration that makes it'}, and alter what differs.`
  );
}
