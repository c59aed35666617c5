import { parseId, type StableId } from '@supabase/pg-delta/core';

/** What an object is, and how SQL and people name it. */
export interface Named {
  kind: string;
  /** As findings name it: `public.user_profiles`, `service_role on function public.dead_letters(text)`. */
  name: string;
  /** Its identity in the catalog; none for what is a row of another extension. */
  id?: StableId;
}

const kinds: Partial<Record<string, string>> = {
  acl: 'grant',
  defaultPrivilege: 'default privilege',
  typeAttribute: 'attribute',
  materializedView: 'materialized view',
  foreignTable: 'foreign table',
};

/** A name as SQL takes it. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL takes it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** What an object is called in SQL after its kind: `public.user_profiles`, `private.refuse(integer, text)`. */
export function sqlName(id: StableId): string {
  if ('args' in id) return `${quoted(id.schema)}.${quoted(id.name)}(${id.args.join(', ')})`;
  if ('table' in id && 'name' in id) return quoted(id.name);
  if ('schema' in id && 'name' in id && !('type' in id)) return `${quoted(id.schema)}.${quoted(id.name)}`;
  return 'name' in id ? quoted(id.name) : '';
}

/** The table that an object belongs to, in SQL. */
export function tableOf(id: StableId): string {
  return 'table' in id ? `${quoted(id.schema)}.${quoted(id.table)}` : '';
}

/** An object as `comment on` and `grant … on` name it: `function private.refuse(integer, text)`. */
export function sqlTarget(id: StableId): string {
  switch (id.kind) {
    case 'column':
      return `column ${tableOf(id)}.${quoted(id.name)}`;
    case 'constraint':
    case 'trigger':
    case 'policy':
    case 'rule':
      return `${id.kind} ${quoted(id.name)} on ${tableOf(id)}`;
    case 'typeAttribute':
      return `column ${quoted(id.schema)}.${quoted(id.type)}.${quoted(id.name)}`;
    case 'materializedView':
      return `materialized view ${sqlName(id)}`;
    default:
      return `${id.kind} ${sqlName(id)}`;
  }
}

function nameOf(id: StableId): string {
  switch (id.kind) {
    case 'acl':
      return `${id.grantee} on ${sqlTarget(id.target)}${id.column === undefined ? '' : ` (${quoted(id.column)})`}`;
    case 'comment':
      return `on ${sqlTarget(id.target)}`;
    case 'defaultPrivilege':
      return `${id.grantee} on new ${objectTypes[id.objtype] ?? id.objtype}${id.schema === null ? '' : ` in ${id.schema}`}`;
    case 'column':
    case 'default':
      return `${tableOf(id)}.${quoted(id.name)}`;
    case 'constraint':
    case 'trigger':
    case 'policy':
    case 'rule':
      return `${quoted(id.name)} on ${tableOf(id)}`;
    case 'typeAttribute':
      return `${quoted(id.schema)}.${quoted(id.type)}.${quoted(id.name)}`;
    default:
      return sqlName(id);
  }
}

/** What default privileges are about, by the catalog's letters. */
export const objectTypes: Partial<Record<string, string>> = {
  r: 'tables',
  S: 'sequences',
  f: 'functions',
  T: 'types',
  n: 'schemas',
};

/** What a key of a snapshot stands for. */
export function named(key: string): Named {
  const row = /^(cron job|queue):(.*)$/s.exec(key);
  if (row) return { kind: String(row[1]), name: String(row[2]) };
  const id = parseId(key);
  return { kind: kinds[id.kind] ?? id.kind, name: nameOf(id), id };
}
