create or replace function public.my_permissions()
  returns SETOF public.held_permission
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.my_permissions();
$function$;

comment on function public.my_permissions() is 'Returns what the caller may do in the current organization: each permission with the plant at which it counts, null for the whole organization. No rows without an organization.';

revoke all on function public.my_permissions() from public;

grant execute on function public.my_permissions() to authenticated, service_role;
