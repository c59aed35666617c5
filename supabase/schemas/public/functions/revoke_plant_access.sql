create or replace function public.revoke_plant_access (
  user_id uuid,
  plant_id uuid
)
  returns public.user_plant_access
  language sql
  set search_path to ''
  AS $function$
  select private.revoke_plant_access(user_id, plant_id);
$function$;

comment on function public.revoke_plant_access(uuid, uuid) is 'Takes from a member of the current organization the access to a plant, and with it the roles that are bound to it (members.manage, and every permission of those roles). Takes the user and the plant. Returns the access as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found, plant_access_not_found.';

revoke all on function public.revoke_plant_access(uuid, uuid) from public;

grant execute on function public.revoke_plant_access(uuid, uuid) to authenticated, service_role;
