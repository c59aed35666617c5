create or replace function private.organization_usage()
  returns SETOF public.organization_use
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return query select used.* from private.usage_of(private.require_permission('organization.read')) as used;
end;
$function$;

comment on function private.organization_usage() is 'Returns what the current organization has: public.organization_usage with the rights that this takes.';

revoke all on function private.organization_usage() from public;

grant execute on function private.organization_usage() to authenticated, service_role;
