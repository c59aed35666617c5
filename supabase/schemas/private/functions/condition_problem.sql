create or replace function private.condition_problem (
  condition jsonb,
  depth integer default 0
)
  returns text
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
declare
  wanted jsonb := condition -> 'value';
  problem text;
begin
  if condition is null or jsonb_typeof(condition) <> 'object' then
    return 'A condition is an object.';
  elsif depth > 10 then
    return 'Conditions nest at most 10 deep.';
  elsif length(condition::text) > 20000 then
    return 'A condition has at most 20,000 characters.';
  end if;

  if condition ?| array['and', 'or', 'not'] then
    if (select count(*) from jsonb_object_keys(condition)) > 1 then
      return 'A group has one key: and, or, not.';
    elsif condition ? 'not' then
      return private.condition_problem(condition -> 'not', depth + 1);
    elsif jsonb_typeof(coalesce(condition -> 'and', condition -> 'or')) <> 'array' then
      return 'and, or take a list of conditions.';
    end if;
    select private.condition_problem(part, depth + 1) into problem
    from jsonb_array_elements(coalesce(condition -> 'and', condition -> 'or')) as part
    where private.condition_problem(part, depth + 1) is not null
    limit 1;
    return problem;
  end if;

  if jsonb_typeof(condition -> 'field') is distinct from 'string' or condition ->> 'field' = '' then
    return 'A test names a field.';
  elsif coalesce(condition ->> 'operator', '') <> all (
    array[
      'equals', 'not_equals', 'greater_than', 'less_than', 'greater_equal', 'less_equal', 'contains', 'starts_with',
      'ends_with', 'matches_pattern', 'in', 'not_in', 'any_of', 'all_of', 'exists', 'not_exists', 'is_empty',
      'is_not_empty'
    ]
  ) then
    return format('There is no operator %s.', coalesce(condition ->> 'operator', 'null'));
  elsif exists (
    select from jsonb_object_keys(condition) as key where key <> all (array['field', 'operator', 'value'])
  ) then
    return 'A test has the keys field, operator, value.';
  end if;

  return case
    when condition ->> 'operator' in ('in', 'not_in', 'any_of', 'all_of')
      and jsonb_typeof(wanted) is distinct from 'array'
      then format('%s takes a list of values.', condition ->> 'operator')
    when condition ->> 'operator' in ('starts_with', 'ends_with', 'matches_pattern')
      and jsonb_typeof(wanted) is distinct from 'string'
      then format('%s takes a text.', condition ->> 'operator')
    when condition ->> 'operator' in ('greater_than', 'less_than', 'greater_equal', 'less_equal')
      and coalesce(jsonb_typeof(wanted), 'null') not in ('number', 'string')
      then format('%s takes a number or a text.', condition ->> 'operator')
    when condition ->> 'operator' in ('equals', 'not_equals', 'contains') and wanted is null
      then format('%s takes a value.', condition ->> 'operator')
  end;
end;
$function$;

comment on function private.condition_problem(jsonb, integer) is 'Returns what is wrong with a condition, as a sentence, or null when it is well formed. Takes {"field", "operator", "value"}, or a group {"and": […]}, {"or": […]}, {"not": …}; depth is for the recursion. Check constraints and the functions that save conditions call it.';

revoke all on function private.condition_problem(jsonb, integer) from public;

grant execute on function private.condition_problem(jsonb, integer) to authenticated, service_role;
