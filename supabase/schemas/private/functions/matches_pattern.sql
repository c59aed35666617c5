create or replace function private.matches_pattern (
  subject text,
  pattern text
)
  returns boolean
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
begin
  -- What makes a regular expression run away: back references (matching becomes exponential), repetition counts (the
  -- automaton grows with them), nested repetition, length. What is left is matched in time linear in the subject.
  if length(pattern) > 200
    or pattern ~ '\\[0-9mMyYAZ]'
    or pattern ~ '\(\?'
    or pattern ~ '\{[^}]*[0-9]{3}'
    or pattern ~ '[*+}]\)*[*+{]'
    or pattern ~ '^\*\*\*'
    or length(pattern) - length(replace(pattern, '{', '')) > 5
  then
    perform private.refuse(
      400,
      'pattern_not_allowed',
      'This pattern is too complex to be matched safely.',
      'Use at most 200 characters, no back references, no look-around, no nested repetition and no count over 99.'
    );
  end if;
  return left(subject, 10000) ~ pattern;
exception
  when invalid_regular_expression then
    perform private.refuse(400, 'pattern_invalid', format('This is not a regular expression: %s.', sqlerrm));
end;
$function$;

comment on function private.matches_pattern(text, text) is 'Returns whether a text matches a regular expression that a tenant wrote (null when either is null). Takes POSIX syntax without back references, look-around and nested repetition, up to 200 characters; looks at the first 10,000 characters of the subject, so that no pattern can hang the database. Raises PT400 pattern_not_allowed or pattern_invalid.';

revoke all on function private.matches_pattern(text, text) from public;
