create or replace function private.require_not_above (
  user_id uuid
)
  returns void
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select private.require_grantable(array(
    select distinct granted.permission
    from public.user_roles as held
      join private.role_permissions as granted using (organization_id, role_code)
    where held.organization_id = private.current_organization_id()
      and held.user_id = require_not_above.user_id
      and (held.expires_at is null or held.expires_at > now())
  ));
$function$;

comment on function private.require_not_above(uuid) is 'Refuses to touch a member who may do what the caller may not. Takes the user. Raises PT403 grant_exceeds_own.';

revoke all on function private.require_not_above(uuid) from public;
