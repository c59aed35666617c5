create or replace function private.search_key (
  parts text[]
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  -- Accents first: where the locale does not know them, lower() leaves capitals that have one as they are.
  select lower(extensions.unaccent('extensions.unaccent'::regdictionary, array_to_string(parts, E'\n', '')));
$function$;

comment on function private.search_key(text[]) is 'Returns texts as they are searched: lower case, without accents, one line each; nothing for null, so that each keeps its line. Takes the texts.';

revoke all on function private.search_key(text[]) from public;

grant execute on function private.search_key(text[]) to authenticated, service_role;
