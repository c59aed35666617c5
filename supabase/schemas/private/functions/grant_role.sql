create or replace function private.grant_role (
  user_id uuid,
  role_code text,
  plant_id uuid,
  department text,
  expires_at timestamp with time zone
)
  returns public.user_roles
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
  granted public.user_roles;
begin
  perform private.require_member(grant_role.user_id);
  perform private.require_grantable(
    (private.require_role(grant_role.role_code)).permissions, coalesce(grant_role.expires_at, 'infinity')
  );
  if grant_role.plant_id is not null then
    perform private.require_plant(grant_role.plant_id);
    perform private.require_plant_access(grant_role.plant_id, 'read');
  end if;
  if grant_role.expires_at <= now() then
    perform private.refuse(400, 'expiry_invalid', 'A role expires in the future.');
  elsif btrim(department) = '' or length(department) > 100 then
    perform private.refuse(400, 'department_invalid', 'A department has 1 to 100 characters.');
  elsif role_code = 'owner' and (plant_id is not null or department is not null or expires_at is not null) then
    perform private.refuse(400, 'owner_unbounded', 'An owner owns the whole organization, for good.');
  end if;
  if grant_role.plant_id is not null then
    insert into public.user_plant_access (organization_id, user_id, plant_id, access_level, granted_by)
    values (current_id, grant_role.user_id, grant_role.plant_id, 'read', auth.uid())
    on conflict do nothing;
  end if;
  insert into public.user_roles as held (
    organization_id, user_id, role_code, plant_id, department, expires_at, granted_by
  )
  values (
    current_id,
    grant_role.user_id,
    grant_role.role_code,
    grant_role.plant_id,
    grant_role.department,
    grant_role.expires_at,
    auth.uid()
  )
  on conflict on constraint user_roles_key do update
  set expires_at = excluded.expires_at,
    granted_by = excluded.granted_by,
    granted_at = now()
  returning * into granted;
  return granted;
end;
$function$;

comment on function private.grant_role(uuid, text, uuid, text, timestamp
  with time zone) is 'Gives a member a role: public.grant_role with the rights that this takes.';

revoke all on function private.grant_role(uuid, text, uuid, text, timestamp with time zone) from public;

grant execute
  on function private.grant_role(uuid, text, uuid, text, timestamp with time zone)
  to authenticated, service_role;
