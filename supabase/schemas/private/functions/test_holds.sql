create or replace function private.test_holds (
  operator text,
  actual jsonb,
  wanted jsonb
)
  returns boolean
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
declare
  actual_text text := case jsonb_typeof(actual) when 'string' then actual #>> '{}' end;
  wanted_text text := case jsonb_typeof(wanted) when 'string' then wanted #>> '{}' end;
  actual_list jsonb := case jsonb_typeof(actual) when 'array' then actual else jsonb_build_array(actual) end;
begin
  return coalesce(
    case operator
      when 'equals' then actual is not distinct from wanted
      when 'not_equals' then actual is distinct from wanted
      when 'greater_than' then private.compare_values(actual, wanted) > 0
      when 'less_than' then private.compare_values(actual, wanted) < 0
      when 'greater_equal' then private.compare_values(actual, wanted) >= 0
      when 'less_equal' then private.compare_values(actual, wanted) <= 0
      when 'contains' then
        case jsonb_typeof(actual)
          when 'array' then exists (select from jsonb_array_elements(actual) as item where item = wanted)
          else strpos(actual_text, wanted_text) > 0
        end
      when 'starts_with' then starts_with(actual_text, wanted_text)
      when 'ends_with' then right(actual_text, length(wanted_text)) = wanted_text
      when 'matches_pattern' then private.matches_pattern(actual_text, wanted_text)
      when 'in' then exists (select from jsonb_array_elements(wanted) as item where item = actual)
      when 'not_in' then not exists (select from jsonb_array_elements(wanted) as item where item = actual)
      when 'any_of' then
        actual is not null
        and exists (
          select from jsonb_array_elements(wanted) as item
          where exists (select from jsonb_array_elements(actual_list) as candidate where candidate = item)
        )
      when 'all_of' then
        actual is not null
        and not exists (
          select from jsonb_array_elements(wanted) as item
          where not exists (select from jsonb_array_elements(actual_list) as candidate where candidate = item)
        )
      when 'exists' then actual is not null
      when 'not_exists' then actual is null
      when 'is_empty' then actual is null or actual in ('""', '[]', '{}')
      when 'is_not_empty' then actual is not null and actual not in ('""', '[]', '{}')
    end,
    false
  );
end;
$function$;

comment on function private.test_holds(text, jsonb, jsonb) is 'Returns whether one test of a condition holds. Takes the operator, the value that was found (null when the field is absent) and the value that is wanted. A test between values that cannot be compared does not hold. Operators: equals, not_equals, greater_than, less_than, greater_equal, less_equal, contains, starts_with, ends_with, matches_pattern, in, not_in, any_of, all_of, exists, not_exists, is_empty, is_not_empty.';

revoke all on function private.test_holds(text, jsonb, jsonb) from public;
