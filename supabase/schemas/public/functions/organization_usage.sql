create or replace function public.organization_usage()
  returns SETOF public.organization_use
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.organization_usage();
$function$;

comment on function public.organization_usage() is 'Returns what the current organization has, each against the limit of its plan: the active members, then how many rows of each table (organization.read). Raises PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke all on function public.organization_usage() from public;

grant execute on function public.organization_usage() to authenticated, service_role;
