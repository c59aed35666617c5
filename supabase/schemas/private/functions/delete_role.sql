create or replace function private.delete_role (
  code text
)
  returns public.roles
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
  deleted public.roles := private.require_role(delete_role.code);
begin
  perform private.require_grantable(deleted.permissions);
  if deleted.is_system then
    perform private.refuse(409, 'system_role', 'A system role cannot be deleted.', 'Take its permissions away, or grant it to nobody.');
  elsif exists (
    select from public.user_roles as held where held.organization_id = current_id and held.role_code = delete_role.code
  ) then
    perform private.refuse(409, 'role_in_use', 'Members have this role.', 'Take it from them first: revoke_role.');
  end if;
  delete from public.roles as role where role.organization_id = current_id and role.code = delete_role.code;
  return deleted;
end;
$function$;

comment on function private.delete_role(text) is 'Deletes a role: public.delete_role with the rights that this takes.';

revoke all on function private.delete_role(text) from public;

grant execute on function private.delete_role(text) to authenticated, service_role;
