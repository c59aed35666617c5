create or replace function public.suspend_organization (
  id text,
  reason text
)
  returns public.organizations
  language sql
  set search_path to ''
  AS $function$
  select private.set_organization_status(id, 'suspended', reason);
$function$;

comment on function public.suspend_organization(text, text) is 'Suspends an organization (superadmins): from this moment its members read and write nothing; superadmins still can. Takes the id and the reason, up to 1,000 characters. Returns the organization. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_status_conflict.';

revoke all on function public.suspend_organization(text, text) from public;

grant execute on function public.suspend_organization(text, text) to authenticated, service_role;
