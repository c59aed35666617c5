create or replace function private.require_plant_access (
  plant_id uuid,
  access_level text
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if require_plant_access.plant_id = any (private.current_plant_ids(require_plant_access.access_level)) is not true then
    perform private.require_grantable(array['plants.manage']);
  end if;
end;
$function$;

comment on function private.require_plant_access(uuid, text) is 'Refuses to hand on or take access to a plant that the caller does not have. Takes the plant and read, write or admin. Raises PT403 grant_exceeds_own.';

revoke all on function private.require_plant_access(uuid, text) from public;
