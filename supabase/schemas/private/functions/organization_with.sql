create or replace function private.organization_with (
  code text
)
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  claimed_id constant text := claims ->> 'organization_id';
  found_id text;
begin
  select held.organization_id into found_id
  from public.user_roles as held
    join private.role_permissions as granted
      on granted.organization_id = held.organization_id
      and granted.role_code = held.role_code
      and granted.permission = organization_with.code
  where held.organization_id = claimed_id
    and held.user_id = (claims ->> 'sub')::uuid
    and held.member_is_open
    and held.plant_id is null
    and (held.expires_at is null or held.expires_at > now());
  if found or claimed_id is null then
    return found_id;
  end if;

  -- A member without any role has what the role customer has.
  select member.organization_id into found_id
  from public.members as member
    join private.role_permissions as granted
      on granted.organization_id = member.organization_id
      and granted.role_code = 'customer'
      and granted.permission = organization_with.code
  where member.organization_id = claimed_id
    and member.user_id = (claims ->> 'sub')::uuid
    and member.is_open
    and not exists (
      select
      from public.user_roles as held
      where held.organization_id = member.organization_id
        and held.user_id = member.user_id
        and (held.expires_at is null or held.expires_at > now())
    );
  if found then
    return found_id;
  end if;

  -- A superadmin may do everything in every organization, also in one that is suspended.
  return (
    select organization.id
    from public.user_profiles as profile
      join public.organizations as organization on organization.id = claimed_id
      join public.permissions as permission on permission.code = organization_with.code
    where profile.user_id = (claims ->> 'sub')::uuid
      and profile.is_active
      and profile.platform_role = 'superadmin'
  );
end;
$function$;

comment on function private.organization_with(text) is 'Returns the current organization if the caller has a permission in the whole of it, otherwise null: an active user, an active organization, an active member, a role that has not expired and is bound to no plant, and the permission in it; or a superadmin; or a member without any role, whom the role customer gives it. Takes the code of the permission. Policies write organization_id = (select private.organization_with(''module.action'')): one look per statement, and the planner keeps its ordered index scan.';

revoke all on function private.organization_with(text) from public;

grant execute on function private.organization_with(text) to authenticated, service_role;
