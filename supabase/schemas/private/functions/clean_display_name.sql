create or replace function private.clean_display_name (
  candidate text
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  -- What a name must not hold: control characters, and the invisible and bidirectional ones that make one name look
  -- like another (the joiners U+200C and U+200D stay: Persian and emoji are spelt with them). Only the first 1,000
  -- characters are looked at: a name of ten megabytes must not cost a second.
  select nullif(
    btrim(
      left(
        btrim(
          regexp_replace(
            regexp_replace(left(candidate, 1000), '[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]', '', 'g'),
            '[[:cntrl:][:space:]]+', ' ', 'g'
          )
        ),
        200
      )
    ),
    ''
  );
$function$;

comment on function private.clean_display_name(text) is 'Returns a name that is safe to show: one line, at most 200 characters, without control, invisible and bidirectional characters. Null when nothing is left.';

revoke all on function private.clean_display_name(text) from public;

grant execute on function private.clean_display_name(text) to authenticated, service_role;
