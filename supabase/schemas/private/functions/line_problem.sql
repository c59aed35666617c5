create or replace function private.line_problem (
  given jsonb,
  max_length integer
)
  returns text
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
begin
  return case
    when jsonb_typeof(given) not in ('string', 'null') then 'It is a text.'
    -- Before anything looks at each character.
    when length(given #>> '{}') > 4 * max_length or length(private.clean_line(left(given #>> '{}', 5000))) > max_length
      then format('It has at most %s characters.', max_length)
    when private.clean_line(given #>> '{}') ~ '[[:cntrl:]]' then 'It contains a character that cannot be read.'
  end;
end;
$function$;

comment on function private.line_problem(jsonb, integer) is 'Returns what is wrong with a line of text that came as JSON, as a sentence; null when nothing is, as when there is none. Takes the value and how long it may be.';

revoke all on function private.line_problem(jsonb, integer) from public;
