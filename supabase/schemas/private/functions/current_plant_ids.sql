create or replace function private.current_plant_ids (
  access_level text default 'read'::text
)
  returns uuid[]
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select case
    when (select private.has_permission('plants.manage')) then array(
      select plant.id
      from public.plants as plant
      where plant.organization_id = (select private.current_organization_id())
    )
    else array(
      select access.plant_id
      from public.user_plant_access as access
      where access.organization_id = (select private.current_organization_id())
        and access.user_id = (select auth.uid())
        and case current_plant_ids.access_level
          when 'read' then true
          when 'write' then access.access_level in ('write', 'admin')
          when 'admin' then access.access_level = 'admin'
          else false
        end
    )
  end;
$function$;

comment on function private.current_plant_ids(text) is 'Returns the plants at which the caller works in the current organization: all of them with plants.manage, otherwise those with at least this access level. Takes read, write or admin. Policies write it as any ((select private.current_plant_ids())::uuid[]).';

revoke all on function private.current_plant_ids(text) from public;

grant execute on function private.current_plant_ids(text) to authenticated, service_role;
