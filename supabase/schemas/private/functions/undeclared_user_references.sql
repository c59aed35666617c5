create or replace function private.undeclared_user_references()
  returns SETOF public.user_integrity_problem
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select
    'undeclared_reference',
    format('%s.%I', rel.oid::regclass, col.attname),
    null::uuid,
    format('%s.%I looks like a reference to a user, and no foreign key says so.', rel.oid::regclass, col.attname),
    'Declare the foreign key, or write @survives into the comment of a column that must outlive the user.'
  from pg_catalog.pg_attribute as col
    join pg_catalog.pg_class as rel on rel.oid = col.attrelid and rel.relkind in ('r', 'p') and not rel.relispartition
  where rel.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and col.attnum > 0
    and not col.attisdropped
    and col.atttypid = 'uuid'::regtype
    and col.attname ~ '(^|_)user_id$|_by$'
    and coalesce(col_description(rel.oid, col.attnum), '') !~ '@survives\M'
    and not exists (
      select
      from pg_catalog.pg_constraint as con
      where con.contype = 'f' and con.conrelid = rel.oid and col.attnum = any (con.conkey)
    )
  order by 2;
$function$;

comment on function private.undeclared_user_references() is 'Returns a row for each uuid column of public and private that is named like a reference to a user (user_id, …_user_id, …_by) and is part of no foreign key. What must survive the user (audit) carries @survives in its comment.';

revoke all on function private.undeclared_user_references() from public;
