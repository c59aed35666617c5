create or replace function private.members_of (
  organization_id text,
  search text,
  status text
)
  returns SETOF public.member_summary
  language sql
  stable
  set search_path to ''
  AS $function$
  select
    member.user_id,
    profile.display_name,
    account.email,
    member.status,
    member.user_is_active,
    array(
      select distinct held.role_code
      from public.user_roles as held
      where held.organization_id = member.organization_id
        and held.user_id = member.user_id
        and (held.expires_at is null or held.expires_at > now())
      order by held.role_code
    ),
    member.joined_at,
    profile.last_seen_at,
    member.created_at
  from public.members as member
    join public.user_profiles as profile on profile.user_id = member.user_id
    join auth.users as account on account.id = member.user_id
  where member.organization_id = members_of.organization_id
    and (members_of.status is null or member.status = members_of.status)
    and (
      nullif(btrim(members_of.search), '') is null
      or profile.display_name ilike private.contains_pattern(members_of.search)
      or account.email ilike private.contains_pattern(members_of.search)
    )
  order by profile.display_name, member.user_id;
$function$;

comment on function private.members_of(text, text, text) is 'Returns the members of an organization by name, with their roles. Takes the organization, a text to find in name and e-mail or null for all, a status or null for all; who asks is checked by who calls.';

revoke all on function private.members_of(text, text, text) from public;
