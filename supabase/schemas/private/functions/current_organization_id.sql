create or replace function private.current_organization_id()
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  found_id constant text := (
    select member.organization_id
    from public.members as member
    where member.organization_id = claims ->> 'organization_id'
      and member.user_id = (claims ->> 'sub')::uuid
      and member.is_open
  );
begin
  if found_id is not null or claims ->> 'organization_id' is null then
    return found_id;
  end if;
  -- Not an active member: a superadmin works in every organization, also in one that is suspended.
  return (
    select organization.id
    from public.organizations as organization
      join public.user_profiles as profile on profile.user_id = (claims ->> 'sub')::uuid
    where organization.id = claims ->> 'organization_id'
      and profile.is_active
      and profile.platform_role = 'superadmin'
  );
end;
$function$;

comment on function private.current_organization_id() is 'Returns the organization that the request works in: the one that the verified token names, if at this moment the caller is an active member of it and both are active, or a superadmin. Null otherwise. Every policy compares with this; write it as (select private.current_organization_id()) so that it runs once per statement.';

revoke all on function private.current_organization_id() from public;

grant execute on function private.current_organization_id() to authenticated, service_role;
