create or replace function private.drop_duplicates (
  target regclass,
  organization_column name,
  customer_column name,
  organization_id text,
  keep uuid,
  remove uuid
)
  returns bigint
  language plpgsql
  set search_path to ''
  AS $function$
declare
  duplicated record;
  affected bigint;
  total bigint := 0;
begin
  for duplicated in
    select
      coalesce(pg_get_expr(idx.indpred, idx.indrelid), 'true') as condition,
      coalesce(
        string_agg(
          format(
            'kept.%1$I ' || case when idx.indnullsnotdistinct then 'is not distinct from' else '=' end || ' gone.%1$I',
            col.attname
          ),
          ' and '
        ) filter (where col.attname not in (organization_column, customer_column)),
        'true'
      ) as is_same
    from pg_catalog.pg_index as idx
      cross join unnest((idx.indkey::smallint[])[0 : idx.indnkeyatts - 1]) as part (attnum)
      join pg_catalog.pg_attribute as col on col.attrelid = idx.indrelid and col.attnum = part.attnum
    where idx.indrelid = target and idx.indisunique and idx.indexprs is null
    group by idx.indexrelid, idx.indpred, idx.indrelid
    having bool_or(col.attname = customer_column)
  loop
    execute format(
      'delete from %1$s as gone where gone.%2$I = $1 and gone.%3$I = $3 and (%4$s) and exists ('
        'select from (select * from %1$s where %2$I = $1 and %3$I = $2 and (%4$s)) as kept where %5$s)',
      target, organization_column, customer_column, duplicated.condition, duplicated.is_same
    )
    using organization_id, keep, remove;
    get diagnostics affected = row_count;
    total := total + affected;
  end loop;
  return total;
end;
$function$;

comment on function private.drop_duplicates(regclass, name, name, text, uuid, uuid) is
  'Deletes the rows of one customer that another has as well, by the table''s unique keys, so that the rest can be moved to it. Takes the table, its columns of the organization and of the customer, the organization, the customer that stays and the one that goes; who asks is checked by who calls. Returns how many there were.';

revoke all on function private.drop_duplicates(regclass, name, name, text, uuid, uuid) from public;
