create or replace function private.condition_holds (
  condition jsonb,
  facts jsonb
)
  returns boolean
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
declare
  part jsonb;
begin
  if condition ? 'and' then
    for part in select item from jsonb_array_elements(condition -> 'and') as item loop
      if not private.condition_holds(part, facts) then
        return false;
      end if;
    end loop;
    return true;
  elsif condition ? 'or' then
    for part in select item from jsonb_array_elements(condition -> 'or') as item loop
      if private.condition_holds(part, facts) then
        return true;
      end if;
    end loop;
    return false;
  elsif condition ? 'not' then
    return not private.condition_holds(condition -> 'not', facts);
  end if;
  return private.test_holds(
    condition ->> 'operator',
    -- A JSON null is an absent value: what a form leaves blank must not differ from what it does not send.
    nullif(facts #> string_to_array(condition ->> 'field', '.'), 'null'),
    nullif(condition -> 'value', 'null')
  );
end;
$function$;

comment on function private.condition_holds(jsonb, jsonb) is 'Returns whether a condition holds for a set of facts. Takes a well-formed condition (private.condition_problem) and an object; a field is a path with dots ("address.city"). An empty "and" holds, an empty "or" does not. Never null.';

revoke all on function private.condition_holds(jsonb, jsonb) from public;
