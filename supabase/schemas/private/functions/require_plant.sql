create or replace function private.require_plant (
  id uuid
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
begin
  if not exists (
    select
    from public.plants as plant
    where plant.organization_id = current_id and plant.id = require_plant.id
  ) then
    perform private.refuse(404, 'plant_not_found', 'The organization has no such plant.');
  end if;
end;
$function$;

comment on function private.require_plant(uuid) is 'Refuses what is no plant of the current organization. Takes the id. Raises PT401 not_authenticated; PT403 organization_required; PT404 plant_not_found.';

revoke all on function private.require_plant(uuid) from public;
