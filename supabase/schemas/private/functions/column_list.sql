create or replace function private.column_list (
  names text[]
)
  returns text
  language sql
  immutable
  set search_path to ''
  AS $function$
  select string_agg(quote_ident(name), ', ' order by position)
  from unnest(names) with ordinality as named (name, position);
$function$;

comment on function private.column_list(text[]) is 'Returns names of columns as SQL, quoted and with commas between.';

revoke all on function private.column_list(text[]) from public;
