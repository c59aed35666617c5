create or replace function public.delete_configuration (
  id uuid
)
  returns public.configurations
  language sql
  set search_path to ''
  AS $function$
  select private.delete_configuration(id);
$function$;

comment on function public.delete_configuration(uuid) is 'Deletes a draft that was never saved (whoever acts for its customer; sales.assigned for customers that are assigned to the caller; sales.write for any). Takes the configuration. Returns it as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 configuration_not_draft, configuration_snapshotted.';

revoke all on function public.delete_configuration(uuid) from public;

grant execute on function public.delete_configuration(uuid) to authenticated, service_role;
