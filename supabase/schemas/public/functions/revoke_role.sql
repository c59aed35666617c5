create or replace function public.revoke_role (
  id uuid
)
  returns public.user_roles
  language sql
  set search_path to ''
  AS $function$
  select private.revoke_role(id);
$function$;

comment on function public.revoke_role(uuid) is 'Takes a role from a member of the current organization (members.manage, and every permission of the role). Takes the id of the grant, a row of user_roles. Returns the grant as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 role_grant_not_found; PT409 last_owner.';

revoke all on function public.revoke_role(uuid) from public;

grant execute on function public.revoke_role(uuid) to authenticated, service_role;
