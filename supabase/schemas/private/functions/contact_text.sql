create or replace function private.contact_text (
  stated jsonb,
  longest integer
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  -- Also what would turn the direction of the text around it.
  select nullif(
    btrim(
      left(
        btrim(
          regexp_replace(
            stated #>> '{}',
            '[[:space:][:cntrl:]\u0080-\u00A0\u2007\u2028-\u202F\u2066-\u2069]+',
            ' ',
            'g'
          )
        ),
        longest
      )
    ),
    ''
  )
  where jsonb_typeof(stated) in ('string', 'number');
$function$;

comment on function private.contact_text(jsonb, integer) is 'Returns a text that the details of an older booking state, as a customer can have it: one line without control characters, cut to a length. Null for what is no text, and for nothing. Takes the value and the length.';

revoke all on function private.contact_text(jsonb, integer) from public;

grant execute on function private.contact_text(jsonb, integer) to authenticated, service_role;
