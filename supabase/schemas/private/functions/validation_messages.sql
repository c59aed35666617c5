create or replace function private.validation_messages (
  rules jsonb,
  value jsonb
)
  returns text[]
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  number numeric := case jsonb_typeof(value) when 'number' then value::numeric end;
  problems text[];
  string text := case jsonb_typeof(value) when 'string' then value #>> '{}' end;
begin
  if rules is null or value is null or value = 'null' then
    return '{}'::text[];
  end if;

  problems := array_remove(
    array[
      case
        when number is null
          and (
            rules ?| array['min', 'max', 'range']
            or rules @> '{"positive": true}'
            or rules @> '{"non_negative": true}'
          )
          then 'Must be a number.'
      end,
      case when number < (rules -> 'min')::numeric then format('Must be at least %s.', rules ->> 'min') end,
      case when number > (rules -> 'max')::numeric then format('Must be at most %s.', rules ->> 'max') end,
      case
        when number not between (rules #> '{range,0}')::numeric and (rules #> '{range,1}')::numeric
          then format('Must be between %s and %s.', rules #>> '{range,0}', rules #>> '{range,1}')
      end,
      case when number <= 0 and rules @> '{"positive": true}' then 'Must be greater than 0.' end,
      case when number < 0 and rules @> '{"non_negative": true}' then 'Must not be negative.' end,
      case
        when string is null
          and (
            rules ?| array['pattern', 'min_length', 'max_length']
            or rules @> '{"email": true}'
            or rules @> '{"url": true}'
          )
          then 'Must be a text.'
      end,
      case
        when length(string) < (rules -> 'min_length')::numeric
          then format('Must have at least %s characters.', rules ->> 'min_length')
      end,
      case
        when length(string) > (rules -> 'max_length')::numeric
          then format('Must have at most %s characters.', rules ->> 'max_length')
      end,
      case
        when not private.matches_pattern(string, rules ->> 'pattern')
          then format('Must match the pattern %s.', rules ->> 'pattern')
      end,
      case
        -- The same as private.is_email, which belongs to a module that comes later.
        when rules @> '{"email": true}'
          and string !~ '^[^][:space:][:cntrl:]@<>",;:\\()[]{1,64}@[^][:space:][:cntrl:]@<>",;:\\()[]{1,255}$'
          then 'Must be an e-mail address.'
      end,
      case
        when rules @> '{"url": true}'
          and (
            length(string) > 2000
            or string !~* '^https?://[^][:space:][:cntrl:]<>"\\^`{|}@/?#[]+([/?#][^[:space:][:cntrl:]<>"\\^`{|}]*)?$'
          )
          then 'Must be a web address that starts with http:// or https://.'
      end
    ],
    null
  );
  -- Apart, because a sub-select would make an executor of the whole expression: this runs for every value of a form.
  if jsonb_typeof(rules -> 'choices') = 'array'
    -- A list contains its own sub-lists, and is none of its items.
    and (jsonb_typeof(value) = 'array' or not rules -> 'choices' @> value)
  then
    problems := problems || format(
      'Must be one of: %s.',
      (
        select case when count(*) > 20 then string_agg(choice, ', ') filter (where place <= 20) || ', …'
          else string_agg(choice, ', ') end
        from jsonb_array_elements_text(rules -> 'choices') with ordinality as listed (choice, place)
      )
    );
  end if;
  return problems;
end;
$function$;

comment on function private.validation_messages(jsonb, jsonb) is 'Returns what is wrong with a value by validation rules, as sentences for a person: empty when all hold, and for an absent or null value. Takes well-formed rules (private.validation_rules_problem) and a JSON value; a value of the wrong type gets a message of its own and breaks no other rule of that type.';

revoke all on function private.validation_messages(jsonb, jsonb) from public;
