create or replace function private.current_grants (
  until timestamp with time zone default null::timestamp with time zone
)
  returns text[]
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  with held as (
    select role.code, role.organization_id, role.permissions
    from public.user_roles as mine
      join public.roles as role on role.organization_id = mine.organization_id and role.code = mine.role_code
    where mine.organization_id = (select private.current_organization_id())
      and mine.user_id = (select auth.uid())
      and mine.plant_id is null
      and (
        mine.expires_at is null
        or mine.expires_at > now() and mine.expires_at >= coalesce(current_grants.until, now())
      )
  )
  select array(
    select granted.permission
    from held
      join private.role_permissions as granted
        on granted.organization_id = held.organization_id and granted.role_code = held.code
    union
    select unnest(held.permissions) from held
    union
    select unnest(private.unassigned_permissions())
    union
    select permission.module || '.*'
    from public.permissions as permission
    where (select private.current_organization_id()) is not null and (select private.is_superadmin())
  );
$function$;

comment on function private.current_grants(timestamp with time zone) is 'Returns what the caller may put into a role or hand on with one: the permissions that they hold in the whole of the current organization, and module.* where they hold that itself. Takes until when they must hold it: what lasts longer than a role of theirs does not come from it; null for this moment.';

revoke all on function private.current_grants(timestamp with time zone) from public;
