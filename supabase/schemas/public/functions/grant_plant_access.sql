create or replace function public.grant_plant_access (
  user_id uuid,
  plant_id uuid,
  access_level text default 'read'::text
)
  returns public.user_plant_access
  language sql
  set search_path to ''
  AS $function$
  select private.grant_plant_access(user_id, plant_id, access_level);
$function$;

comment on function public.grant_plant_access(uuid, uuid, text) is 'Gives a member of the current organization access to a plant, or changes how far it goes (members.manage, and at least this access oneself, or plants.manage). Takes the user, the plant, and read, write or admin. Returns the access. Raises PT400 access_level_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found, plant_not_found.';

revoke all on function public.grant_plant_access(uuid, uuid, text) from public;

grant execute on function public.grant_plant_access(uuid, uuid, text) to authenticated, service_role;
