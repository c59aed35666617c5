create or replace function private.unassigned_permissions()
  returns text[]
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.current_organization_id();
begin
  if current_id is null then
    return array[]::text[];
  elsif private.is_superadmin() then
    return array(select permission.code from public.permissions as permission order by permission.code);
  elsif exists (
    select
    from public.user_roles as held
    where held.organization_id = current_id
      and held.user_id = auth.uid()
      and (held.expires_at is null or held.expires_at > now())
  ) then
    return array[]::text[];
  end if;
  return array(
    select granted.permission
    from private.role_permissions as granted
    where granted.organization_id = current_id and granted.role_code = 'customer'
    order by granted.permission
  );
end;
$function$;

comment on function private.unassigned_permissions() is 'Returns the permissions that the caller has in the current organization without a role of their own: a superadmin, all; a member without any role, those of the role customer; everybody else, none.';

revoke all on function private.unassigned_permissions() from public;
