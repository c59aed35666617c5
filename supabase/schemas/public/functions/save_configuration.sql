create or replace function public.save_configuration (
  id uuid
)
  returns public.configurations
  language sql
  set search_path to ''
  AS $function$
  select private.save_configuration(id);
$function$;

comment on function public.save_configuration(uuid) is 'Declares a draft complete (whoever acts for its customer; sales.assigned for customers that are assigned to the caller; sales.write for any): its status becomes saved, and a snapshot of it is taken. Takes the configuration. Drops values of attributes that are not shown, and prices it by the tree of this moment. Returns it. Raises PT400 values_invalid with what is wrong by code in details.fields, price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 configuration_not_draft.';

revoke all on function public.save_configuration(uuid) from public;

grant execute on function public.save_configuration(uuid) to authenticated, service_role;
