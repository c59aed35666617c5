create or replace function private.customer_references()
  returns table (
    target regclass,
    table_name name,
    organization_column name,
    customer_column name,
    assignments text,
    is_restricting boolean
  )
  language sql
  stable
  set search_path to ''
  AS $function$
  select
    con.conrelid::regclass,
    rel.relname,
    min(here.attname) filter (where there.attname = 'organization_id'),
    min(here.attname) filter (where there.attname = 'id'),
    string_agg(format('%I = kept.%I', here.attname, there.attname), ', ')
      filter (where there.attname <> 'organization_id'),
    con.confdeltype in ('a', 'r')
  from pg_catalog.pg_constraint as con
    join pg_catalog.pg_class as rel on rel.oid = con.conrelid
    cross join unnest(con.conkey, con.confkey) as pair (here, there)
    join pg_catalog.pg_attribute as here on here.attrelid = con.conrelid and here.attnum = pair.here
    join pg_catalog.pg_attribute as there on there.attrelid = con.confrelid and there.attnum = pair.there
  where con.contype = 'f'
    and con.confrelid = 'public.customers'::regclass
    -- Partitions have copies of their table's keys.
    and con.conparentid = 0
  group by con.oid, con.conrelid, rel.relname, con.confdeltype
  having bool_or(there.attname = 'organization_id') and bool_or(there.attname = 'id')
  order by con.conrelid::regclass::text, con.conname;
$function$;

comment on function private.customer_references() is 'Returns the foreign keys that refer to a customer, from the catalog, so that tables of later modules are among them: the table and its name, its columns of the organization and of the customer, what an update sets to make a row refer to the customer "kept", and whether the key keeps a customer from being deleted.';

revoke all on function private.customer_references() from public;
