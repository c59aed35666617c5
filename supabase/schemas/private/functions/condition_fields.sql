create or replace function private.condition_fields (
  condition jsonb
)
  returns text[]
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  with recursive parts as (
    select condition as part
    union all
    select child
    from parts,
      lateral jsonb_array_elements(
        case
          when part ? 'not' then jsonb_build_array(part -> 'not')
          when jsonb_typeof(coalesce(part -> 'and', part -> 'or')) = 'array' then coalesce(part -> 'and', part -> 'or')
        end
      ) as child
  )
  select coalesce(array_agg(distinct part ->> 'field' order by part ->> 'field'), '{}')
  from parts
  where not part ?| array['and', 'or', 'not'] and part ->> 'field' is not null;
$function$;

comment on function private.condition_fields(jsonb) is 'Returns the fields that a condition reads, as it names them (a path with dots stays one), each once, in alphabetical order. Empty for null. What is not a well-formed condition (private.condition_problem) has the fields that can be found in it.';

revoke all on function private.condition_fields(jsonb) from public;
