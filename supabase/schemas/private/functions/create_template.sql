create or replace function private.create_template (
  configuration_id uuid,
  name text,
  template_type text,
  is_public boolean
)
  returns public.configuration_templates
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('sales.catalog');
  model constant public.configurations := private.require_configuration(configuration_id, false);
  clean_name constant text := private.clean_display_name(create_template.name);
  created public.configuration_templates;
begin
  if clean_name is null then
    perform private.refuse(400, 'name_invalid', 'A name is one line of 1 to 200 characters.');
  elsif (create_template.template_type in ('standard', 'premium', 'economy', 'custom')) is not true then
    perform private.refuse(400, 'template_type_invalid', 'template_type is standard, premium, economy or custom.');
  end if;
  insert into public.configuration_templates (organization_id, manufacturing_type_id, name, template_type, is_public)
  values (
    current_id, model.manufacturing_type_id, clean_name, create_template.template_type,
    coalesce(create_template.is_public, false)
  )
  on conflict on constraint configuration_templates_name_key do nothing
  returning * into created;
  if created.id is null then
    perform private.refuse(
      409, 'template_exists', 'There is a template of this name for this type.', 'Choose another.'
    );
  end if;
  -- Without values of attributes that are something else by now.
  insert into public.template_selections (
    organization_id, template_id, manufacturing_type_id, attribute_node_id, string_value, numeric_value, boolean_value
  )
  select
    chosen.organization_id, created.id, chosen.manufacturing_type_id, chosen.attribute_node_id,
    chosen.string_value, chosen.numeric_value, chosen.boolean_value
  from public.configuration_selections as chosen
    join private.evaluate_entry(
        current_id, model.manufacturing_type_id, private.configuration_values(current_id, model.id)
      ) as node
      on node.node_id = chosen.attribute_node_id and node.value is not null and node.data_type <> 'formula'
  where chosen.organization_id = current_id and chosen.configuration_id = model.id;
  return created;
end;
$function$;

comment on function private.create_template(uuid, text, text, boolean) is 'Makes a template of a configuration: public.create_template with the rights that this takes.';

revoke all on function private.create_template(uuid, text, text, boolean) from public;

grant execute
  on function private.create_template(uuid, text, text, boolean)
  to authenticated, service_role;
