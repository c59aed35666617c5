create or replace function private.validation_rules_problem (
  rules jsonb
)
  returns text
  language plpgsql
  immutable
  security definer
  set search_path to ''
  AS $function$
declare
  unknown text;
  wrong text;
begin
  if rules is null then
    return null;
  elsif jsonb_typeof(rules) <> 'object' then
    return 'Validation rules are an object.';
  elsif length(rules::text) > 20000 then
    return 'Validation rules have at most 20,000 characters.';
  end if;

  select min(key) into unknown
  from jsonb_object_keys(rules) as key
  where key <> all (
    array[
      'min', 'max', 'range', 'positive', 'non_negative', 'pattern', 'min_length', 'max_length', 'email', 'url',
      'choices'
    ]
  );
  if unknown is not null then
    return format('There is no rule %s.', left(unknown, 50));
  end if;

  select min(key) into wrong
  from jsonb_each(rules) as rule (key, wanted)
  where case
    when key in ('min', 'max') then jsonb_typeof(wanted) <> 'number'
    when key in ('positive', 'non_negative', 'email', 'url') then jsonb_typeof(wanted) <> 'boolean'
    when key = 'pattern' then jsonb_typeof(wanted) <> 'string'
    when key in ('min_length', 'max_length')
      then case jsonb_typeof(wanted)
        when 'number' then wanted::numeric <> trunc(wanted::numeric) or wanted::numeric not between 0 and 10000
        else true
      end
    when key = 'range' then
      not jsonb_path_exists(wanted, 'strict $ ? (@.size() == 2 && @[0].type() == "number" && @[1].type() == "number")')
    when key = 'choices' then
      case jsonb_typeof(wanted)
        when 'array' then
          jsonb_array_length(wanted) not between 1 and 200
          or exists (
            select
            from jsonb_array_elements(wanted) as choice
            where jsonb_typeof(choice) not in ('string', 'number', 'boolean')
          )
        else true
      end
  end;
  if wrong is not null then
    return format(
      '%s takes %s.',
      wrong,
      case
        when wrong in ('min', 'max') then 'a number'
        when wrong in ('min_length', 'max_length') then 'a whole number from 0 to 10,000'
        when wrong = 'pattern' then 'a text'
        when wrong = 'range' then 'a list of two numbers'
        when wrong = 'choices' then 'a list of 1 to 200 texts, numbers or booleans'
        else 'true or false'
      end
    );
  elsif (rules -> 'min')::numeric > (rules -> 'max')::numeric then
    return 'min is not greater than max.';
  elsif (rules -> 'min_length')::numeric > (rules -> 'max_length')::numeric then
    return 'min_length is not greater than max_length.';
  elsif (rules #> '{range,0}')::numeric > (rules #> '{range,1}')::numeric then
    return 'range has the lower number first.';
  end if;

  perform private.matches_pattern('', rules ->> 'pattern');
  return null;
exception
  -- pattern_not_allowed, pattern_invalid
  when sqlstate 'PT400' then
    return sqlerrm;
end;
$function$;

comment on function private.validation_rules_problem(jsonb) is 'Returns what is wrong with validation rules, as a sentence, or null when they are well formed or null. Takes an object of min, max, range, positive, non_negative (for numbers), pattern, min_length, max_length, email, url (for texts), choices. Check constraints and the functions that save rules call it.';

revoke all on function private.validation_rules_problem(jsonb) from public;

grant execute on function private.validation_rules_problem(jsonb) to authenticated, service_role;
