create or replace function private.revoke_plant_access (
  user_id uuid,
  plant_id uuid
)
  returns public.user_plant_access
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
  revoked public.user_plant_access;
begin
  perform private.require_member(revoke_plant_access.user_id);
  perform private.require_plant_access(present.plant_id, present.access_level)
  from public.user_plant_access as present
  where present.organization_id = current_id
    and present.user_id = revoke_plant_access.user_id
    and present.plant_id = revoke_plant_access.plant_id;
  perform private.require_grantable(array(
    select distinct granted.permission
    from public.user_roles as held
      join private.role_permissions as granted using (organization_id, role_code)
    where held.organization_id = current_id
      and held.user_id = revoke_plant_access.user_id
      and held.plant_id = revoke_plant_access.plant_id
  ));
  delete from public.user_plant_access as access
  where access.organization_id = current_id
    and access.user_id = revoke_plant_access.user_id
    and access.plant_id = revoke_plant_access.plant_id
  returning * into revoked;
  if not found then
    perform private.refuse(404, 'plant_access_not_found', 'The member has no access to such a plant.');
  end if;
  return revoked;
end;
$function$;

comment on function private.revoke_plant_access(uuid, uuid) is 'Takes access to a plant from a member: public.revoke_plant_access with the rights that this takes.';

revoke all on function private.revoke_plant_access(uuid, uuid) from public;

grant execute on function private.revoke_plant_access(uuid, uuid) to authenticated, service_role;
