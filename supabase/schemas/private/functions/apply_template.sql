create or replace function private.apply_template (
  template_id uuid,
  name text,
  customer_id uuid,
  is_quick_quote boolean
)
  returns public.configurations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  is_staff constant boolean := private.has_permission('sales.read') or private.has_permission('sales.assigned');
  template public.configuration_templates;
  buyer_id uuid;
  created_id uuid;
  draft public.configurations;
begin
  select * into template
  from public.configuration_templates as listed
  where listed.organization_id = current_id
    and listed.id = apply_template.template_id
    and listed.is_active
    and (listed.is_public or is_staff);
  if not found then
    perform private.refuse(404, 'template_not_found', 'There is no such template.');
  end if;
  perform private.require_manufacturing_type(template.manufacturing_type_id, true);
  buyer_id := case
    when apply_template.customer_id is null then (private.get_or_create_customer()).id
    else private.require_sales_customer(apply_template.customer_id)
  end;

  created_id := private.insert_configuration(current_id, template.manufacturing_type_id, buyer_id, name, template.id);
  insert into public.configuration_selections (
    organization_id, configuration_id, manufacturing_type_id, attribute_node_id,
    string_value, numeric_value, boolean_value
  )
  select
    chosen.organization_id, created_id, chosen.manufacturing_type_id, chosen.attribute_node_id,
    chosen.string_value, chosen.numeric_value, chosen.boolean_value
  from public.template_selections as chosen
  where chosen.organization_id = current_id and chosen.template_id = template.id;
  if not found then
    perform private.price_configurations(current_id, array[created_id]);
  end if;
  insert into public.template_usage (organization_id, template_id, configuration_id, usage_type)
  values (
    current_id,
    template.id,
    created_id,
    case
      when buyer_id = any (private.own_customer_ids()) then 'customer_start'
      when is_quick_quote then 'quick_quote'
      else 'sales_assist'
    end
  );

  select * into draft
  from public.configurations as configuration
  where configuration.organization_id = current_id and configuration.id = created_id;
  return draft;
end;
$function$;

comment on function private.apply_template(uuid, text, uuid, boolean) is 'Begins a configuration with a template: public.apply_template with the rights that this takes.';

revoke all on function private.apply_template(uuid, text, uuid, boolean) from public;

grant execute
  on function private.apply_template(uuid, text, uuid, boolean)
  to authenticated, service_role;
