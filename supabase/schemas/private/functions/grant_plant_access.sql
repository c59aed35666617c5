create or replace function private.grant_plant_access (
  user_id uuid,
  plant_id uuid,
  access_level text
)
  returns public.user_plant_access
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
  granted public.user_plant_access;
begin
  if (access_level in ('read', 'write', 'admin')) is not true then
    perform private.refuse(400, 'access_level_invalid', 'access_level is read, write or admin.');
  end if;
  perform private.require_member(grant_plant_access.user_id);
  perform private.require_plant(grant_plant_access.plant_id);
  perform private.require_plant_access(grant_plant_access.plant_id, access_level);
  -- Also what is there already, and is about to be replaced.
  perform private.require_plant_access(present.plant_id, present.access_level)
  from public.user_plant_access as present
  where present.organization_id = current_id
    and present.user_id = grant_plant_access.user_id
    and present.plant_id = grant_plant_access.plant_id;
  insert into public.user_plant_access as access (organization_id, user_id, plant_id, access_level, granted_by)
  values (
    current_id, grant_plant_access.user_id, grant_plant_access.plant_id, grant_plant_access.access_level, auth.uid()
  )
  on conflict on constraint user_plant_access_pkey do update
  set access_level = excluded.access_level,
    granted_by = excluded.granted_by,
    granted_at = now()
  returning * into granted;
  return granted;
end;
$function$;

comment on function private.grant_plant_access(uuid, uuid, text) is 'Gives a member access to a plant: public.grant_plant_access with the rights that this takes.';

revoke all on function private.grant_plant_access(uuid, uuid, text) from public;

grant execute on function private.grant_plant_access(uuid, uuid, text) to authenticated, service_role;
