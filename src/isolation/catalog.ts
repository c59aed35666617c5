import type pg from 'pg';
import { Failure } from '../failure.ts';

/** The roles that a request of the API can run as, but for the one that row-level security does not bind. */
export const apiRoles = ['anon', 'authenticated'] as const;
export type ApiRole = (typeof apiRoles)[number];

export interface Column {
  name: string;
  /** As `format_type` writes it: `character varying(20)`, `text[]`. */
  type: string;
  /** The type without its modifier and without its domain: what values are made for. */
  baseType: string;
  /** `b`ase, `e`num, `c`omposite, `r`ange, `m`ultirange. */
  typeKind: string;
  isArray: boolean;
  /** The most characters that it holds. */
  maxLength: number | null;
  labels: string[];
  /** Checks of its domain, over `VALUE`. */
  domainChecks: string[];
  notNull: boolean;
  hasDefault: boolean;
  defaultExpression: string | null;
  /** Written by PostgreSQL alone: generated, or an identity `always`. */
  isComputed: boolean;
}

export interface ForeignKey {
  name: string;
  columns: string[];
  target: string;
  targetColumns: string[];
}

export interface UniqueIndex {
  name: string;
  /** Every column that it depends on, in expressions and in its condition too; those of the key first. */
  columns: string[];
  isPrimary: boolean;
}

export interface Check {
  name: string;
  columns: string[];
  expression: string;
}

/** Which columns a role may read, insert and update, and what it may do to whole rows. */
export interface Grants {
  select: string[];
  insert: string[];
  update: string[];
  delete: boolean;
}

export interface Relation {
  /** Qualified and quoted as SQL needs it: `public.plants`. */
  id: string;
  schema: string;
  name: string;
  /** `r` table, `p` partitioned table, `v` view, `m` materialized view, `f` foreign table. */
  kind: string;
  isPartition: boolean;
  comment: string | null;
  columns: Column[];
  foreignKeys: ForeignKey[];
  uniqueIndexes: UniqueIndex[];
  checks: Check[];
  grants: Record<ApiRole, Grants>;
}

export interface Argument {
  name: string;
  type: string;
  hasDefault: boolean;
  isVariadic: boolean;
}

export interface Routine {
  /** `public.list_users(text,integer)`. */
  id: string;
  /** Without its arguments, as SQL needs it: `public.list_users`. */
  qualifiedName: string;
  schema: string;
  name: string;
  /** `f` function, `p` procedure, `a` aggregate, `w` window function. */
  kind: string;
  arguments: Argument[];
  /** Called by triggers alone. */
  isTrigger: boolean;
  executableBy: ApiRole[];
}

export interface Catalog {
  relations: Relation[];
  routines: Routine[];
  /** The table of organizations: what the `organization_id` of the others refers to. */
  root: Relation;
  /** Tables of `public` and `private` that belong to organizations: partitions are reached through their parents. */
  tenantTables: Relation[];
}

export const organizationColumn = 'organization_id';

// What belongs to an extension is the extension's, wherever it was installed.
const notOfExtension = (classId: string, oid: string) =>
  `not exists (select from pg_catalog.pg_depend as dep
     where dep.classid = '${classId}'::regclass and dep.objid = ${oid} and dep.deptype = 'e')`;

const relationsQuery = `
  select
    format('%I.%I', nsp.nspname, rel.relname) as id,
    nsp.nspname as schema,
    rel.relname as name,
    rel.relkind as kind,
    rel.relispartition as "isPartition",
    obj_description(rel.oid, 'pg_class') as comment,
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', att.attname,
        'type', format_type(att.atttypid, att.atttypmod),
        'baseType', format_type(base.oid, null),
        'typeKind', base.typtype,
        'isArray', base.typcategory = 'A' and base.typelem <> 0,
        'maxLength', case when base.typname in ('varchar', 'bpchar')
          then nullif(greatest(case when typ.typtype = 'd' then typ.typtypmod else att.atttypmod end, 4), 4) - 4 end,
        'labels', array(select enumlabel from pg_catalog.pg_enum where enumtypid = base.oid order by enumsortorder),
        'domainChecks', array(
          select pg_get_expr(con.conbin, 0) from pg_catalog.pg_constraint as con where con.contypid = typ.oid and con.contype = 'c'
        ),
        'notNull', att.attnotnull or typ.typnotnull,
        'hasDefault', att.atthasdef or att.attidentity <> '' or typ.typdefault is not null,
        'defaultExpression', case when att.attgenerated = '' then (
          select pg_get_expr(def.adbin, def.adrelid) from pg_catalog.pg_attrdef as def
          where def.adrelid = att.attrelid and def.adnum = att.attnum
        ) end,
        'isComputed', att.attgenerated <> '' or att.attidentity = 'a'
      ) order by att.attnum)
      from pg_catalog.pg_attribute as att
        join pg_catalog.pg_type as typ on typ.oid = att.atttypid
        join pg_catalog.pg_type as base on base.oid = case typ.typtype when 'd' then typ.typbasetype else typ.oid end
      where att.attrelid = rel.oid and att.attnum > 0 and not att.attisdropped
    ), '[]') as columns,
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', con.conname,
        'columns', (select jsonb_agg(att.attname order by key.position)
          from unnest(con.conkey) with ordinality as key (attnum, position)
            join pg_catalog.pg_attribute as att on att.attrelid = con.conrelid and att.attnum = key.attnum),
        'target', (select format('%I.%I', tnsp.nspname, target.relname) from pg_catalog.pg_class as target
            join pg_catalog.pg_namespace as tnsp on tnsp.oid = target.relnamespace where target.oid = con.confrelid),
        'targetColumns', (select jsonb_agg(att.attname order by key.position)
          from unnest(con.confkey) with ordinality as key (attnum, position)
            join pg_catalog.pg_attribute as att on att.attrelid = con.confrelid and att.attnum = key.attnum)
      ) order by cardinality(con.conkey) desc, con.conname)
      from pg_catalog.pg_constraint as con
        join pg_catalog.pg_class as target on target.oid = con.confrelid
      -- A foreign key to a partitioned table is there once more for each of its partitions.
      where con.contype = 'f' and con.conrelid = rel.oid and not target.relispartition
    ), '[]') as "foreignKeys",
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', index.relname,
        'isPrimary', idx.indisprimary,
        'columns', (
          select jsonb_agg(att.attname order by used.position)
          from (
            select attnum, min(position) as position
            from (
              select key.attnum::integer, key.position
              from unnest(idx.indkey::int2[]) with ordinality as key (attnum, position)
              where key.attnum > 0 and key.position <= idx.indnkeyatts
              union all
              select dep.refobjsubid, 100 + dep.refobjsubid
              from pg_catalog.pg_depend as dep
              where dep.classid = 'pg_class'::regclass and dep.objid = idx.indexrelid
                and dep.refobjid = rel.oid and dep.refobjsubid > 0
            ) as mentioned (attnum, position)
            group by attnum
          ) as used
            join pg_catalog.pg_attribute as att on att.attrelid = rel.oid and att.attnum = used.attnum
        )
      ) order by index.relname)
      from pg_catalog.pg_index as idx join pg_catalog.pg_class as index on index.oid = idx.indexrelid
      where idx.indrelid = rel.oid and (idx.indisunique or idx.indisexclusion)
    ), '[]') as "uniqueIndexes",
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', con.conname,
        'columns', coalesce((select jsonb_agg(att.attname) from pg_catalog.pg_attribute as att
          where att.attrelid = con.conrelid and att.attnum = any (con.conkey)), '[]'),
        'expression', pg_get_expr(con.conbin, con.conrelid)
      ) order by con.conname)
      from pg_catalog.pg_constraint as con
      where con.contype = 'c' and con.conrelid = rel.oid
    ), '[]') as checks,
    (
      select jsonb_object_agg(role, jsonb_build_object(
        'select', columns_with.select, 'insert', columns_with.insert, 'update', columns_with.update,
        'delete', has_table_privilege(role, rel.oid, 'delete')
      ))
      from unnest($1::text[]) as role
        cross join lateral (
          select
            coalesce(jsonb_agg(att.attname) filter (where has_column_privilege(role, rel.oid, att.attnum, 'select')), '[]') as select,
            coalesce(jsonb_agg(att.attname) filter (where has_column_privilege(role, rel.oid, att.attnum, 'insert')), '[]') as insert,
            coalesce(jsonb_agg(att.attname) filter (where has_column_privilege(role, rel.oid, att.attnum, 'update')), '[]') as update
          from pg_catalog.pg_attribute as att
          where att.attrelid = rel.oid and att.attnum > 0 and not att.attisdropped
        ) as columns_with
    ) as grants
  from pg_catalog.pg_class as rel
    join pg_catalog.pg_namespace as nsp on nsp.oid = rel.relnamespace
  where rel.relkind in ('r', 'p', 'v', 'm', 'f')
    and (
      nsp.nspname in ('public', 'private')
      or nsp.nspname !~ '^(pg_|information_schema$)' and has_schema_privilege(nsp.oid, 'usage') and exists (
        select from unnest($1::text[]) as role
        where has_schema_privilege(role, nsp.oid, 'usage') and has_any_column_privilege(role, rel.oid, 'select, insert, update')
      )
    )
    and ${notOfExtension('pg_class', 'rel.oid')}
  order by nsp.nspname desc, rel.relname`;

const routinesQuery = `
  select
    fn.oid::regprocedure::text as id,
    format('%I.%I', nsp.nspname, fn.proname) as "qualifiedName",
    nsp.nspname as schema,
    fn.proname as name,
    fn.prokind as kind,
    fn.prorettype in ('trigger'::regtype, 'event_trigger'::regtype) as "isTrigger",
    array(
      select role from unnest($1::text[]) as role
      where has_function_privilege(role, fn.oid, 'execute') and has_schema_privilege(role, nsp.oid, 'usage')
    ) as "executableBy",
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', coalesce(fn.proargnames[input.position], ''),
        'type', format_type(input.type, null),
        'hasDefault', input.rank > fn.pronargs - fn.pronargdefaults,
        'isVariadic', fn.provariadic <> 0 and input.rank = fn.pronargs
      ) order by input.rank)
      from (
        select type, position, row_number() over (order by position) as rank
        from unnest(coalesce(fn.proallargtypes, fn.proargtypes::oid[])) with ordinality as argument (type, position)
        where fn.proargmodes is null or fn.proargmodes[position] in ('i', 'b', 'v')
      ) as input
    ), '[]') as arguments
  from pg_catalog.pg_proc as fn
    join pg_catalog.pg_namespace as nsp on nsp.oid = fn.pronamespace
  where nsp.nspname in ('public', 'private')
    and ${notOfExtension('pg_proc', 'fn.oid')}
  order by nsp.nspname desc, 1`;

/**
 * Reads what there is to be tried: the relations and functions of `public` and `private`, and the relations of other
 * schemas that an API role has any right to.
 *
 * @throws {Failure} when no table is the one that `organization_id` refers to
 */
export async function readCatalog(client: pg.ClientBase): Promise<Catalog> {
  const { rows: relations } = await client.query<Relation>(relationsQuery, [apiRoles]);
  const { rows: routines } = await client.query<Routine>(routinesQuery, [apiRoles]);
  const root = rootOf(relations);
  return {
    relations,
    routines,
    root,
    tenantTables: relations.filter((relation) => isTenantTable(relation, root)),
  };
}

const isTable = ({ kind }: Relation) => kind === 'r' || kind === 'p';

function rootOf(relations: Relation[]): Relation {
  const target = relations
    .flatMap(({ foreignKeys }) => foreignKeys)
    .find(({ columns }) => columns.length === 1 && columns[0] === organizationColumn)?.target;
  const root = relations.find(({ id }) => id === target);
  if (root) return root;
  throw new Failure('This database has no organizations: no organization_id refers to a table.', {
    hint: 'Run `rowhouse migrate`.',
  });
}

function isTenantTable(relation: Relation, root: Relation): boolean {
  return (
    isTable(relation) &&
    !relation.isPartition &&
    (relation.schema === 'public' || relation.schema === 'private') &&
    (relation === root || relation.columns.some(({ name }) => name === organizationColumn))
  );
}

/** The column that says whose a row of a tenant table is. */
export function ownerColumn(relation: Relation, root: Relation): string {
  if (relation !== root && relation.id !== root.id) return organizationColumn;
  return relation.uniqueIndexes.find(({ isPrimary }) => isPrimary)?.columns[0] ?? 'id';
}

/** The columns of the primary key; of a table without one, all columns. */
export function keyOf(relation: Relation): string[] {
  return (
    relation.uniqueIndexes.find(({ isPrimary }) => isPrimary)?.columns ??
    relation.columns.map(({ name }) => name)
  );
}

export function columnOf(relation: Relation, name: string): Column {
  const column = relation.columns.find((each) => each.name === name);
  if (!column) throw new Error(`${relation.id} has no column ${name}`);
  return column;
}
