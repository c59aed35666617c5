create or replace function private.secure_table (
  target regclass,
  read text,
  write text default null::text,
  insertable text[] default '{}'::text[],
  updatable text[] default '{}'::text[],
  is_deletable boolean default false,
  hidden text[] default '{}'::text[],
  read_also text default null::text,
  write_also text default null::text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- Who may read is a matter of the organization and one permission: then wall and policy are the same look, which
  -- PostgreSQL makes once. Where others may as well, the wall is the organization, and the policy says who.
  wall constant text := format(
    case when read_also is null then 'organization_id = (select private.organization_with(%L))'
    else 'organization_id = (select private.current_organization_id())' end,
    read
  );
  readers constant text := case when read_also is null then wall
    else format('(select private.has_permission(%L)) or %s', read, read_also) end;
  writers constant text := case when write_also is null then format('organization_id = (select private.organization_with(%L))', write)
    else format('(select private.has_permission(%L)) or %s', write, write_also) end;
  problem text;
  missing record;
begin
  problem := private.tenant_table_problem(target);
  if problem is not null then
    raise exception using
      errcode = 'invalid_table_definition',
      message = format('%s is not a tenant table: %s', target, problem),
      hint = 'docs/adding-a-module.md shows the shape.';
  end if;

  select wanted into problem
  from unnest(array[read, write]) as wanted
  where wanted is not null
    and not exists (select from public.permissions as permission where permission.code = wanted)
  order by wanted
  fetch first row only;
  if problem is not null then
    raise exception using
      errcode = 'undefined_object',
      message = format('permission %s is not defined', problem),
      hint = 'Define it first, with private.define_permissions.';
  end if;

  execute format('alter table %s enable row level security', target);
  execute format('drop policy if exists "only rows of the current organization" on %s', target);
  execute format(
    'create policy "only rows of the current organization" on %s as restrictive to authenticated using (%s) with check (%s)',
    target, wall, wall
  );
  execute format('drop policy if exists "who may read" on %s', target);
  execute format('create policy "who may read" on %s for select to authenticated using (%s)', target, readers);

  execute format('revoke all on %s from anon, authenticated, service_role', target);
  execute format(
    'grant select (%s) on %s to authenticated',
    (
      select string_agg(quote_ident(col.attname), ', ' order by col.attnum)
      from pg_catalog.pg_attribute as col
      where col.attrelid = target and col.attnum > 0 and not col.attisdropped and col.attname <> all (hidden)
    ),
    target
  );
  execute format('grant select on %s to service_role', target);

  execute format('drop policy if exists "who may add" on %s', target);
  execute format('drop policy if exists "who may change" on %s', target);
  execute format('drop policy if exists "who may delete" on %s', target);
  if insertable <> '{}' then
    execute format('create policy "who may add" on %s for insert to authenticated with check (%s)', target, writers);
    execute format('grant insert (%s) on %s to authenticated', private.column_list(insertable), target);
  end if;
  if updatable <> '{}' then
    execute format(
      'create policy "who may change" on %s for update to authenticated using (%s) with check (%s)', target, writers, writers
    );
    execute format('grant update (%s) on %s to authenticated', private.column_list(updatable), target);
  end if;
  if is_deletable then
    execute format('create policy "who may delete" on %s for delete to authenticated using (%s)', target, writers);
    execute format('grant delete on %s to authenticated', target);
  end if;

  for missing in
    select con.conname, array_agg(col.attname order by key.position) as columns
    from pg_catalog.pg_constraint as con, unnest(con.conkey) with ordinality as key (attnum, position)
      join pg_catalog.pg_attribute as col on col.attnum = key.attnum
    where con.conrelid = target
      and con.contype = 'f'
      and col.attrelid = target
      and not exists (
        select
        from pg_catalog.pg_index as idx
        where idx.indrelid = target
          -- An index of some rows serves when those are all that refer to something.
          and (
            idx.indpred is null
            or pg_get_expr(idx.indpred, idx.indrelid) = (
              select format('(%I IS NOT NULL)', last_column.attname)
              from pg_catalog.pg_attribute as last_column
              where last_column.attrelid = target and last_column.attnum = con.conkey[cardinality(con.conkey)]
            )
          )
          and (idx.indkey::smallint[])[0 : cardinality(con.conkey) - 1] operator(pg_catalog.@>) con.conkey
      )
    group by con.conname
  loop
    execute format(
      'create index %I on %s (%s)',
      regexp_replace(missing.conname, '_fkey$', '') || '_idx', target, private.column_list(missing.columns)
    );
  end loop;

  if exists (
    select
    from pg_catalog.pg_attribute as col
    where col.attrelid = target and col.attname = 'updated_at' and not col.attisdropped
  ) then
    execute format(
      'create or replace trigger _100_stamp before update on %s for each row execute function private.tg__stamp_updated_at()',
      target
    );
  end if;
  perform private.audit_table(target);
end;
$function$;

comment on function
  private.secure_table(regclass, text, text, text[], text[], boolean, text[], text, text) is
  'Makes a table of public a tenant table, for migrations; may be repeated. Takes the table; the permission to read and the one to write; the columns that clients may insert and update (nothing else is granted; organization_id fills itself); whether they may delete rows; columns that they do not see; and conditions under which somebody without the permission may, for rows of their own, written with sub-selects. Who may not read a row cannot write it. Adds the restrictive policy of the organization and one permissive policy per command, the grants by column, the indexes that foreign keys lack, the stamp of updated_at, the audit trigger. Raises 42P16 when the table has not the shape, 42704 for a permission that is not in the catalog.';

revoke all
  on function private.secure_table(regclass, text, text, text[], text[], boolean, text[], text, text)
  from public;
