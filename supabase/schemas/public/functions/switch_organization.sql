create or replace function public.switch_organization (
  id text
)
  returns public.organization_membership
  language sql
  set search_path to ''
  AS $function$
  select private.switch_organization(id);
$function$;

comment on function public.switch_organization(text) is 'Chooses the organization that the signed-in user works in: active members among theirs, superadmins anywhere. Recorded in the audit log. It takes effect with the next access token: refresh the session. Takes the id. Returns the organization as the user sees it. Raises PT401 not_authenticated; PT404 organization_not_found, also for one that the user is not an active member of.';

revoke all on function public.switch_organization(text) from public;

grant execute on function public.switch_organization(text) to authenticated, service_role;
