create or replace function private.tg_template_selections__fit()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  node record;
begin
  select chosen.code, chosen.data_type into node
  from public.attribute_nodes as chosen
  where chosen.organization_id = new.organization_id
    and chosen.manufacturing_type_id = new.manufacturing_type_id
    and chosen.id = new.attribute_node_id;
  -- What is not there is for the foreign key to refuse.
  if found and (
    case
      when node.data_type in ('number', 'dimension') then new.numeric_value is not null
      when node.data_type = 'boolean' then new.boolean_value is not null
      when node.data_type = 'string' then new.string_value is not null
      when node.data_type = 'selection' then exists (
        select
        from public.attribute_nodes as option
        where option.organization_id = new.organization_id
          and option.manufacturing_type_id = new.manufacturing_type_id
          and option.parent_id = new.attribute_node_id
          and option.code = new.string_value
      )
      else false
    end
  ) is not true then
    perform private.refuse(
      400,
      'attribute_invalid',
      case
        when node.data_type is null or node.data_type = 'formula' then format('%s takes no value.', node.code)
        else format('This value does not fit %s, a %s.', node.code, node.data_type)
      end,
      'string_value is for texts and the codes of options, numeric_value for numbers and dimensions, boolean_value for booleans.',
      jsonb_build_object('attribute', node.code)
    );
  end if;
  return new;
end;
$function$;

comment on function private.tg_template_selections__fit() is 'Trigger function of template_selections: raises PT400 attribute_invalid when the value is not one that the attribute takes.';

revoke all on function private.tg_template_selections__fit() from public;
