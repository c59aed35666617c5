create or replace function private.formula_names (
  compiled text[]
)
  returns text[]
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select coalesce(array_agg(distinct part order by part), '{}') from unnest(compiled) as part where part ~ '^[a-z]';
$function$;

comment on function private.formula_names(text[]) is 'Returns the names that a compiled formula uses, each once, in alphabetical order. Empty for null.';

revoke all on function private.formula_names(text[]) from public;
