create or replace function private.require_role (
  code text
)
  returns public.roles
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  found_role public.roles;
begin
  select * into found_role
  from public.roles as role
  where role.organization_id = current_id and role.code = require_role.code
  for update;
  if not found then
    perform private.refuse(404, 'role_not_found', 'The organization has no such role.');
  end if;
  return found_role;
end;
$function$;

comment on function private.require_role(text) is 'Returns a role of the current organization and locks its row. Takes the code. Raises PT401 not_authenticated; PT403 organization_required; PT404 role_not_found.';

revoke all on function private.require_role(text) from public;
