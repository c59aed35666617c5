create or replace function public.update_entry (
  configuration_id uuid,
  selections jsonb,
  name text default null::text
)
  returns public.configurations
  language sql
  set search_path to ''
  AS $function$
  select private.update_entry(configuration_id, selections, name);
$function$;

comment on function public.update_entry(uuid, jsonb, text) is 'Replaces all values of a draft, and prices it again (whoever acts for its customer; sales.assigned for customers that are assigned to the caller; sales.write for any). Takes the configuration, an object of values by code, and a name, null to keep it. A draft may lack required values; wrong ones are refused. Returns it. Raises PT400 values_invalid with what is wrong by code in details.fields, name_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 configuration_not_draft.';

revoke all on function public.update_entry(uuid, jsonb, text) from public;

grant execute on function public.update_entry(uuid, jsonb, text) to authenticated, service_role;
