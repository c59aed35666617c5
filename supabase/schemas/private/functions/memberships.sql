create or replace function private.memberships (
  user_id uuid,
  organization_id text default null::text
)
  returns SETOF public.organization_membership
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select
    organization.id,
    organization.name,
    organization.slug,
    organization.status,
    member.status,
    array(
      select distinct held.role_code
      from public.user_roles as held
      where held.organization_id = organization.id
        and held.user_id = memberships.user_id
        and (held.expires_at is null or held.expires_at > now())
      order by held.role_code
    ),
    profile.current_organization_id is not distinct from organization.id
  from public.user_profiles as profile
    join public.organizations as organization on true
    left join public.members as member on member.organization_id = organization.id and member.user_id = profile.user_id
  where profile.user_id = memberships.user_id
    and (
      organization.id = memberships.organization_id
      or (memberships.organization_id is null and member.user_id is not null)
    )
  order by organization.name, organization.id;
$function$;

comment on function private.memberships(uuid, text) is 'Returns the organizations of a user as the user sees them from outside, by name: all that they are a member of, or this one. Takes the user and an organization, null for all.';

revoke all on function private.memberships(uuid, text) from public;
