create or replace function private.contains_pattern (
  search text
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select '%' || regexp_replace(nullif(btrim(search), ''), '([\\%_])', '\\\1', 'g') || '%';
$function$;

comment on function private.contains_pattern(text) is 'Returns the pattern with which ilike finds a text anywhere, null for nothing to find. What is special in a pattern stands for itself.';

revoke all on function private.contains_pattern(text) from public;
