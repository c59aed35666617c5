create or replace function private.revoke_role (
  id uuid
)
  returns public.user_roles
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
  revoked public.user_roles;
begin
  perform private.lock_organization(current_id);
  select * into revoked
  from public.user_roles as held
  where held.organization_id = current_id and held.id = revoke_role.id
  for update;
  if not found then
    perform private.refuse(404, 'role_grant_not_found', 'The organization has no such grant of a role.');
  end if;
  perform private.require_grantable((private.require_role(revoked.role_code)).permissions);
  delete from public.user_roles as held where held.organization_id = current_id and held.id = revoke_role.id;
  return revoked;
end;
$function$;

comment on function private.revoke_role(uuid) is 'Takes a role from a member: public.revoke_role with the rights that this takes.';

revoke all on function private.revoke_role(uuid) from public;

grant execute on function private.revoke_role(uuid) to authenticated, service_role;
