create or replace function private.check_permission (
  code text,
  plant_id uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.current_organization_id();
begin
  if current_id is null or code is null then
    return false;
  elsif plant_id is null then
    return private.has_permission(code);
  end if;
  return exists (
    select
    from public.plants as plant
    where plant.organization_id = current_id and plant.id = check_permission.plant_id
  ) and (
    private.has_permission(code)
    or exists (
      select
      from public.user_roles as held
        join private.role_permissions as granted using (organization_id, role_code)
      where held.organization_id = current_id
        and held.user_id = auth.uid()
        and held.plant_id = check_permission.plant_id
        and (held.expires_at is null or held.expires_at > now())
        and granted.permission = check_permission.code
    )
  );
end;
$function$;

comment on function private.check_permission(text, uuid) is 'Says whether the caller may: public.check_permission with the rights that this takes.';

revoke all on function private.check_permission(text, uuid) from public;

grant execute on function private.check_permission(text, uuid) to authenticated, service_role;
