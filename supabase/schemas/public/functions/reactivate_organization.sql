create or replace function public.reactivate_organization (
  id text
)
  returns public.organizations
  language sql
  set search_path to ''
  AS $function$
  select private.set_organization_status(id, 'active', null);
$function$;

comment on function public.reactivate_organization(text) is 'Lets the members of a suspended or cancelled organization in again (superadmins). Takes the id. Returns the organization. Raises PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_status_conflict.';

revoke all on function public.reactivate_organization(text) from public;

grant execute on function public.reactivate_organization(text) to authenticated, service_role;
