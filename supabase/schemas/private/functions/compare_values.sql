create or replace function private.compare_values (
  actual jsonb,
  wanted jsonb
)
  returns integer
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select case
    when jsonb_typeof(actual) = 'number' and jsonb_typeof(wanted) = 'number'
      then sign(actual::numeric - wanted::numeric)::integer
    when jsonb_typeof(actual) = 'string' and jsonb_typeof(wanted) = 'string'
      then case
        when actual #>> '{}' = wanted #>> '{}' then 0
        when (actual #>> '{}') collate "C" < (wanted #>> '{}') collate "C" then -1
        else 1
      end
  end;
$function$;

comment on function private.compare_values(jsonb, jsonb) is 'Compares two JSON values: -1, 0 or 1 as the first is less than, equal to or greater than the second. Numbers compare as exact numerics, strings by code point, so that ISO dates compare as dates. Null when they are not two numbers or two strings.';

revoke all on function private.compare_values(jsonb, jsonb) from public;
