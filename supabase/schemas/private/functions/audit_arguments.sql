create or replace function private.audit_arguments (
  target regclass
)
  returns text[]
  language sql
  stable
  set search_path to ''
  AS $function$
  with columns as (
    select
      att.attname::text as name,
      coalesce(position_in_key.place, 0) as place_in_key,
      coalesce(col_description(att.attrelid, att.attnum), '') ~ '@secret\M' as is_secret,
      coalesce(col_description(att.attrelid, att.attnum), '') ~ '@unlogged\M' as is_unlogged,
      -- Values with fields of their own, alone or in arrays.
      coalesce(element.typtype, typ.typtype) = 'c'
        or coalesce(element.oid, typ.oid) in ('json'::regtype, 'jsonb'::regtype) as is_nested
    from pg_catalog.pg_attribute as att
      join pg_catalog.pg_type as typ on typ.oid = att.atttypid
      left join pg_catalog.pg_type as element on element.oid = typ.typelem and typ.typcategory = 'A'
      left join pg_catalog.pg_index as idx on idx.indrelid = att.attrelid and idx.indisprimary
      left join unnest(idx.indkey::int2[]) with ordinality as position_in_key (attnum, place)
        on position_in_key.attnum = att.attnum
    where att.attrelid = target and att.attnum > 0 and not att.attisdropped
  ),
  sets as (
    select
      coalesce(
        array_agg(name order by place_in_key) filter (where place_in_key > 0 and name <> 'organization_id'),
        array_agg(name order by place_in_key) filter (where place_in_key > 0)
      ) as keys,
      -- updated_at says what `at` says, and would make every update a change.
      coalesce(
        array_agg(name order by name) filter (where name in ('organization_id', 'updated_at') or is_unlogged), '{}'
      ) as left_out,
      coalesce(array_agg(name order by name) filter (where is_secret and not is_unlogged), '{}') as secrets,
      coalesce(
        array_agg(name order by name) filter (where is_nested and not is_secret and not is_unlogged), '{}'
      ) as nested,
      coalesce(bool_or(name = 'organization_id'), false) as has_organization
    from columns
  )
  select array[
    case when nsp.nspname = 'public' then '' else nsp.nspname || '.' end || rel.relname,
    case
      when target = to_regclass('public.organizations') then 'id'
      when sets.has_organization then 'organization_id'
      else ''
    end,
    sets.left_out::text,
    case when cardinality(sets.keys) = 1 then sets.keys[1] else '' end,
    sets.keys::text,
    sets.secrets::text,
    sets.nested::text
  ]
  from sets, pg_catalog.pg_class as rel
    join pg_catalog.pg_namespace as nsp on nsp.oid = rel.relnamespace
  where rel.oid = target;
$function$;

comment on function private.audit_arguments(regclass) is 'Returns the arguments of a table''s audit triggers, as its catalog entries and comments are: its name; the column of the organization or nothing; the columns that are left out (the organization, updated_at, @unlogged); the primary key without the organization where that is one column, or nothing; the columns of that key, null without a primary key; the columns whose values are redacted (@secret); those that hold JSON or rows.';

revoke all on function private.audit_arguments(regclass) from public;
