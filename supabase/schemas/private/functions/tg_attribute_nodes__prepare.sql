create or replace function private.tg_attribute_nodes__prepare()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  problem text;
  broken text[];
begin
  if new.code in ('base_price', 'base_weight', 'selections') then
    problem := format('The code %s means something else in formulas and messages.', new.code);
  elsif jsonb_typeof(new.default_value) <> (
    case
      when new.data_type = 'boolean' then 'boolean'
      when new.data_type in ('number', 'dimension') then 'number'
      else 'string'
    end
  ) then
    problem := format('The default_value of %s does not fit its data type, %s.', new.code, new.data_type);
  else
    broken := private.validation_messages(new.validation_rules, new.default_value);
    if broken <> '{}' then
      problem := format(
        'The default_value of %s breaks its validation_rules: %s', new.code, array_to_string(broken, ' ')
      );
    end if;
  end if;
  if problem is not null then
    perform private.refuse(400, 'attribute_invalid', problem, null, jsonb_build_object('attribute', new.code));
  end if;

  -- Refuses patterns that no condition may use, before one is met while somebody fills in a form.
  perform private.matches_pattern('', pattern #>> '{}')
  from jsonb_path_query(new.display_condition, 'strict $.** ? (@.operator == "matches_pattern").value') as pattern;

  -- Compiled with the whole tree in sight, when the statement is through.
  if tg_op = 'INSERT' or new.formula is distinct from old.formula then
    new.formula_compiled := null;
  end if;
  if tg_op = 'INSERT' or new.price_formula is distinct from old.price_formula then
    new.price_formula_compiled := null;
  end if;
  if tg_op = 'INSERT' or new.weight_formula is distinct from old.weight_formula then
    new.weight_formula_compiled := null;
  end if;
  return new;
end;
$function$;

comment on function private.tg_attribute_nodes__prepare() is 'Trigger function of attribute_nodes: refuses codes that are reserved, default values that do not fit and patterns that nobody may use, and forgets what was compiled from a formula that changes. Raises PT400 attribute_invalid, pattern_invalid, pattern_not_allowed.';

revoke all on function private.tg_attribute_nodes__prepare() from public;
