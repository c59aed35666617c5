create or replace function private.dangling_user_references()
  returns SETOF public.user_integrity_problem
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  reference record;
begin
  for reference in
    select
      format('%s.%I', con.conrelid::regclass, col.attname) as name,
      con.conrelid::regclass as referencing,
      col.attname as referencing_column,
      con.confrelid::regclass as referenced,
      target.attname as referenced_column,
      con.conname,
      con.convalidated
    from pg_catalog.pg_constraint as con
      join pg_catalog.pg_attribute as col on col.attrelid = con.conrelid and col.attnum = con.conkey[1]
      join pg_catalog.pg_attribute as target on target.attrelid = con.confrelid and target.attnum = con.confkey[1]
    where con.contype = 'f'
      and con.confrelid in ('auth.users'::regclass, 'public.user_profiles'::regclass)
      and cardinality(con.conkey) = 1
      and con.conparentid = 0
      and con.conrelid <> 'public.user_profiles'::regclass
      and has_table_privilege(con.conrelid, 'select')
    union all
    select 'public.user_profiles.deactivated_by', 'public.user_profiles', 'deactivated_by', 'auth.users', 'id',
      'user_profiles_deactivated_by_fkey', true
    order by 1
  loop
    if not reference.convalidated then
      return query select
        'reference_not_validated',
        reference.name,
        null::uuid,
        format('Foreign key %I was never checked against the rows that were there.', reference.conname),
        format('alter table %s validate constraint %I;', reference.referencing, reference.conname);
    end if;
    return query execute format(
      $dangling$
        select distinct
          'dangling_reference', %1$L, pointing.%2$I, %3$L,
          'Delete or correct the row, then check the constraint and its triggers.'
        from %4$s as pointing
        where pointing.%2$I is not null
          and not exists (select from %5$s as target where target.%6$I = pointing.%2$I)
      $dangling$,
      reference.name,
      reference.referencing_column,
      format('%s points to a user who does not exist.', reference.name),
      reference.referencing,
      reference.referenced,
      reference.referenced_column
    );
  end loop;
end;
$function$;

comment on function private.dangling_user_references() is 'Returns a row for each declared foreign key to a user, found in the catalog, that points nowhere or was never validated.';

revoke all on function private.dangling_user_references() from public;
