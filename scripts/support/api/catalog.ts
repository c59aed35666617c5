import type pg from 'pg';

/** A column of a table or view, or a field of a composite type. */
export interface Column {
  name: string;
  type: string;
  isNotNull: boolean;
  default: string | null;
  isComputed: boolean;
  comment: string;
  isReadable: boolean;
  isInsertable: boolean;
  isUpdatable: boolean;
}

/** A reference of a table to another. */
export interface Reference {
  columns: string[];
  /** With its schema, unless that is `public`. */
  target: string;
  targetColumns: string[];
}

/** What a policy opens to whoever is signed in. */
export interface Policy {
  command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  /** The condition on rows that are there, or, for insert, on the new one. */
  condition: string;
}

/** A table, view or composite type of schema `public`. */
export interface Relation {
  name: string;
  kind: 'table' | 'view' | 'type';
  comment: string;
  columns: Column[];
  primaryKey: string[];
  uniques: string[][];
  references: Reference[];
  policies: Policy[];
  /** Whether a restrictive policy keeps it to the current organization. */
  isOfOrganization: boolean;
  isDeletable: boolean;
  isReadableByService: boolean;
}

/** An argument of a function of the API. */
export interface ApiArgument {
  name: string;
  type: string;
  /** The expression; null where there is none. */
  default: string | null;
}

/** A function of schema `public` that the API roles may call. */
export interface ApiFunction {
  name: string;
  comment: string;
  args: ApiArgument[];
  /** The composite type or table that it returns, or the name of a scalar type. */
  returns: string;
  returnsRelation: boolean;
  isSet: boolean;
  /** The columns of `returns table (…)`. */
  columns: { name: string; type: string }[];
  roles: string[];
}

/** What of the catalog the API reference is made of. */
export interface Catalog {
  relations: Relation[];
  functions: ApiFunction[];
  /** The comments on the functions of `private` that policies ask, by name. */
  helpers: Map<string, string>;
  permissions: Set<string>;
}

/** Reads what the API reference is made of. */
export async function readCatalog(client: pg.ClientBase): Promise<Catalog> {
  const { rows: relations } = await client.query<Relation>(relationsQuery);
  const { rows: functions } = await client.query<ApiFunction>(functionsQuery);
  const { rows: helpers } = await client.query<{ name: string; comment: string }>(`
    select fn.proname as name, coalesce(pg_catalog.obj_description(fn.oid, 'pg_proc'), '') as comment
    from pg_catalog.pg_proc as fn
    where fn.pronamespace = 'private'::regnamespace
      and pg_catalog.has_function_privilege('authenticated', fn.oid, 'execute')
  `);
  const { rows: permissions } = await client.query<{ code: string }>('select code from public.permissions');
  return {
    relations,
    functions,
    helpers: new Map(helpers.map(({ name, comment }) => [name, comment])),
    permissions: new Set(permissions.map(({ code }) => code)),
  };
}

const relationsQuery = `
  select
    relation.relname as name,
    case relation.relkind when 'c' then 'type' when 'v' then 'view' when 'm' then 'view' else 'table' end as kind,
    coalesce(
      pg_catalog.obj_description(relation.oid, 'pg_class'),
      pg_catalog.obj_description(relation.reltype, 'pg_type'),
      ''
    ) as comment,
    (
      select json_agg(
        json_build_object(
          'name', attribute.attname,
          'type', pg_catalog.format_type(attribute.atttypid, attribute.atttypmod),
          'isNotNull', attribute.attnotnull,
          'default', case when attribute.attgenerated = '' then pg_catalog.pg_get_expr(standard.adbin, standard.adrelid) end,
          'isComputed', attribute.attgenerated <> '',
          'comment', coalesce(pg_catalog.col_description(relation.oid, attribute.attnum), ''),
          'isReadable', ${mayOn('select')},
          'isInsertable', ${mayOn('insert')},
          'isUpdatable', ${mayOn('update')}
        )
        order by attribute.attnum
      )
      from pg_catalog.pg_attribute as attribute
        left join pg_catalog.pg_attrdef as standard
          on standard.adrelid = attribute.attrelid and standard.adnum = attribute.attnum
      where attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
    ) as columns,
    coalesce((${keys("key.contype = 'p'")} limit 1), '[]') as "primaryKey",
    coalesce((select json_agg(names) from (${keys("key.contype = 'u'")} order by key.conname) as listed (names)), '[]') as uniques,
    coalesce(
      (
        select json_agg(
          json_build_object(
            'columns', ${names('key.conrelid', 'key.conkey')},
            'target', case target.relnamespace when 'public'::regnamespace then '' else target.relnamespace::regnamespace::text || '.' end
              || target.relname,
            'targetColumns', ${names('key.confrelid', 'key.confkey')}
          )
          order by key.conname
        )
        from pg_catalog.pg_constraint as key
          join pg_catalog.pg_class as target on target.oid = key.confrelid
        where key.conrelid = relation.oid and key.contype = 'f' and key.conparentid = 0
      ),
      '[]'
    ) as references,
    coalesce(
      (
        select json_agg(
          json_build_object('command', policy.cmd, 'condition', coalesce(policy.qual, policy.with_check, 'true'))
          order by policy.policyname
        )
        from pg_catalog.pg_policies as policy
        where policy.schemaname = 'public'
          and policy.tablename = relation.relname
          and policy.permissive = 'PERMISSIVE'
          and policy.roles && array['authenticated', 'public']::name[]
      ),
      '[]'
    ) as policies,
    exists (
      select
      from pg_catalog.pg_policies as policy
      where policy.schemaname = 'public'
        and policy.tablename = relation.relname
        and policy.permissive = 'RESTRICTIVE'
        and policy.qual ~ '(organization_with|current_organization_id)'
    ) as "isOfOrganization",
    relation.relkind <> 'c' and has_table_privilege('authenticated', relation.oid, 'delete') as "isDeletable",
    relation.relkind <> 'c' and has_any_column_privilege('service_role', relation.oid, 'select') as "isReadableByService"
  from pg_catalog.pg_class as relation
  where relation.relnamespace = 'public'::regnamespace
    and relation.relkind in ('r', 'p', 'v', 'm', 'c')
    and not relation.relispartition
  order by relation.relname collate "C"
`;

/** Whether who is signed in has a privilege on the column. */
function mayOn(privilege: string): string {
  return `relation.relkind <> 'c' and has_column_privilege('authenticated', relation.oid, attribute.attnum, '${privilege}')`;
}

/** The names of columns by their numbers, in the order of a key. */
function names(table: string, numbers: string): string {
  return `(
    select json_agg(col.attname order by place.position)
    from unnest(${numbers}) with ordinality as place (attnum, position)
      join pg_catalog.pg_attribute as col on col.attrelid = ${table} and col.attnum = place.attnum
  )`;
}

function keys(condition: string): string {
  return `
    select ${names('key.conrelid', 'key.conkey')}
    from pg_catalog.pg_constraint as key
    where key.conrelid = relation.oid and ${condition}`;
}

const functionsQuery = `
  select
    fn.proname as name,
    coalesce(pg_catalog.obj_description(fn.oid, 'pg_proc'), '') as comment,
    coalesce(
      (
        select json_agg(
          json_build_object(
            'name', fn.proargnames[place],
            'type', pg_catalog.format_type(fn.proargtypes[place - 1], null),
            'default', pg_catalog.pg_get_function_arg_default(fn.oid, place)
          )
          order by place
        )
        from generate_series(1, fn.pronargs) as place
      ),
      '[]'
    ) as args,
    case when result.typrelid <> 0 then result.typname::text else pg_catalog.format_type(fn.prorettype, null) end as returns,
    result.typrelid <> 0 as "returnsRelation",
    fn.proretset as "isSet",
    coalesce(
      (
        select json_agg(
          json_build_object(
            'name', fn.proargnames[place], 'type', pg_catalog.format_type(fn.proallargtypes[place], null)
          )
          order by place
        )
        from generate_subscripts(fn.proallargtypes, 1) as place
        where fn.proargmodes[place] = 't'
      ),
      '[]'
    ) as columns,
    array(
      select role
      from unnest(array['anon', 'authenticated', 'service_role']) as role
      where has_function_privilege(role, fn.oid, 'execute')
    ) as roles
  from pg_catalog.pg_proc as fn
    join pg_catalog.pg_type as result on result.oid = fn.prorettype
  where fn.pronamespace = 'public'::regnamespace
    and fn.prokind = 'f'
    and (
      has_function_privilege('anon', fn.oid, 'execute')
      or has_function_privilege('authenticated', fn.oid, 'execute')
      or has_function_privilege('service_role', fn.oid, 'execute')
    )
  order by fn.proname collate "C"
`;
