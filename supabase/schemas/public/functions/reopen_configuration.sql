create or replace function public.reopen_configuration (
  id uuid
)
  returns public.configurations
  language sql
  set search_path to ''
  AS $function$
  select private.reopen_configuration(id);
$function$;

comment on function public.reopen_configuration(uuid) is 'Makes a saved configuration a draft again, to change it (whoever acts for its customer; sales.assigned for customers that are assigned to the caller; sales.write for any). A draft stays one. Takes the configuration. Returns it. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 transition_not_allowed when it is quoted or ordered.';

revoke all on function public.reopen_configuration(uuid) from public;

grant execute on function public.reopen_configuration(uuid) to authenticated, service_role;
