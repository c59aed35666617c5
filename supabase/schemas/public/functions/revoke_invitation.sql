create or replace function public.revoke_invitation (
  id uuid
)
  returns public.open_invitation
  language sql
  set search_path to ''
  AS $function$
  select private.revoke_invitation(id);
$function$;

comment on function public.revoke_invitation(uuid) is 'Takes back an open invitation of the current organization (members.manage). Takes the id. Returns the invitation. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 invitation_not_found.';

revoke all on function public.revoke_invitation(uuid) from public;

grant execute on function public.revoke_invitation(uuid) to authenticated, service_role;
