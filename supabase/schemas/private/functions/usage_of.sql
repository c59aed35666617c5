create or replace function private.usage_of (
  organization_id text
)
  returns SETOF public.organization_use
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select
    'active_members',
    (
      select count(*) from public.members as member
      where member.organization_id = usage_of.organization_id and member.status = 'active'
    ),
    organization.max_users::bigint
  from public.organizations as organization
  where organization.id = usage_of.organization_id
  union all
  select counted.resource, counted.used, case counted.resource when 'properties' then organization.max_properties::bigint end
  from private.count_rows(usage_of.organization_id) as counted
    join public.organizations as organization on organization.id = usage_of.organization_id;
$function$;

comment on function private.usage_of(text) is 'Returns what an organization has, each against its limit: the active members, then the rows of each tenant table. Takes the organization; who asks is checked by who calls.';

revoke all on function private.usage_of(text) from public;
