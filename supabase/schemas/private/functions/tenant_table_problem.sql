create or replace function private.tenant_table_problem (
  target regclass
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  organization_attnum smallint;
  column_default text;
  is_required boolean;
  culprit text;
begin
  select col.attnum, col.attnotnull, pg_get_expr(def.adbin, def.adrelid)
  into organization_attnum, is_required, column_default
  from pg_catalog.pg_attribute as col
    left join pg_catalog.pg_attrdef as def on def.adrelid = col.attrelid and def.adnum = col.attnum
  where col.attrelid = target and col.attname = 'organization_id' and not col.attisdropped;
  if organization_attnum is null then
    return 'it has no column organization_id';
  elsif not is_required or column_default is distinct from 'private.current_organization_id()' then
    return 'organization_id is not "not null default private.current_organization_id()"';
  end if;

  select rel.relname into culprit
  from pg_catalog.pg_index as idx
    join pg_catalog.pg_class as rel on rel.oid = idx.indexrelid
  where idx.indrelid = target and idx.indisunique and idx.indkey[0] <> organization_attnum
  limit 1;
  if culprit is not null then
    return format('what is unique starts with the organization, and %s does not', culprit);
  elsif not exists (select from pg_catalog.pg_index as idx where idx.indrelid = target and idx.indisprimary) then
    return 'it has no primary key';
  end if;

  select con.conname into culprit
  from pg_catalog.pg_constraint as con
    join pg_catalog.pg_attribute as referenced on referenced.attrelid = con.confrelid
  where con.conrelid = target
    and con.contype = 'f'
    and referenced.attname = 'organization_id'
    and not referenced.attisdropped
    and not exists (
      select
      from unnest(con.conkey, con.confkey) as pair (here, there)
      where pair.here = organization_attnum and pair.there = referenced.attnum
    )
  limit 1;
  if culprit is not null then
    return format('a row could refer to a row of another organization by %s', culprit);
  elsif not exists (
    select
    from pg_catalog.pg_constraint as con
    where con.conrelid = target and con.contype = 'f' and con.confdeltype = 'c' and con.conkey[1] = organization_attnum
  ) then
    return 'no foreign key of its organization_id deletes it with the organization';
  end if;
  return null;
end;
$function$;

comment on function private.tenant_table_problem(regclass) is 'Returns what keeps a table from being a tenant table, as half a sentence, null when nothing does: organization_id not null with its default; everything unique starts with it; foreign keys to tenant tables carry it; it goes with its organization.';

revoke all on function private.tenant_table_problem(regclass) from public;
