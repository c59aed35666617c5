create or replace function private.roles_with (
  user_id uuid,
  code text
)
  returns text[]
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  with held as (
    select mine.role_code, mine.plant_id
    from public.user_roles as mine
    where mine.organization_id = (select private.current_organization_id())
      and mine.user_id = roles_with.user_id
      and (mine.expires_at is null or mine.expires_at > now())
  )
  select array(
    select granted.role_code
    from private.role_permissions as granted
    where granted.organization_id = (select private.current_organization_id())
      and granted.permission = roles_with.code
      and (
        granted.role_code in (select held.role_code from held where held.plant_id is null)
        or granted.role_code = 'customer' and not exists (select from held)
      )
    order by granted.role_code
  );
$function$;

comment on function private.roles_with(uuid, text) is 'Returns the roles by which a user has a permission in the whole of the current organization, as private.organization_with counts them: not expired, bound to no plant; customer for a member without any. Takes the user and the code of the permission; who asks is checked by who calls.';

revoke all on function private.roles_with(uuid, text) from public;
