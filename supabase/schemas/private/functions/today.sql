create or replace function private.today (
  organization_id text
)
  returns date
  language sql
  stable
  set search_path to ''
  AS $function$
  select (now() at time zone organization.timezone)::date
  from public.organizations as organization
  where organization.id = today.organization_id;
$function$;

comment on function private.today(text) is 'Returns what day it is in an organization: the date in its time zone when the transaction began. Takes the organization; null where there is none.';

revoke all on function private.today(text) from public;
