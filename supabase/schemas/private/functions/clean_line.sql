create or replace function private.clean_line (
  candidate text
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  -- Not every locale counts the blanks that do not break among the blanks.
  select nullif(btrim(regexp_replace(candidate, '[[:space:]\u00A0\u2007\u202F]+', ' ', 'g')), '');
$function$;

comment on function private.clean_line(text) is 'Returns a text as one line: no blanks around it, and one between words. Null when nothing is left.';

revoke all on function private.clean_line(text) from public;
