create or replace function public.delete_role (
  code text
)
  returns public.roles
  language sql
  set search_path to ''
  AS $function$
  select private.delete_role(code);
$function$;

comment on function public.delete_role(text) is 'Deletes a role of the current organization that nobody has (members.manage, and every permission in it). Takes the code. Returns the role as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 role_not_found; PT409 system_role, role_in_use.';

revoke all on function public.delete_role(text) from public;

grant execute on function public.delete_role(text) to authenticated, service_role;
