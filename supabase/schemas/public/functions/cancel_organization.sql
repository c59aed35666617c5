create or replace function public.cancel_organization (
  id text,
  reason text
)
  returns public.organizations
  language sql
  set search_path to ''
  AS $function$
  select private.set_organization_status(id, 'cancelled', reason);
$function$;

comment on function public.cancel_organization(text, text) is 'Cancels an organization (superadmins): nothing is deleted, and its members read and write nothing. Takes the id and the reason, up to 1,000 characters. Returns the organization. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_status_conflict.';

revoke all on function public.cancel_organization(text, text) from public;

grant execute on function public.cancel_organization(text, text) to authenticated, service_role;
