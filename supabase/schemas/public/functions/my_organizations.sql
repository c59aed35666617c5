create or replace function public.my_organizations()
  returns SETOF public.organization_membership
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.my_organizations();
$function$;

comment on function public.my_organizations() is 'Returns the organizations that the signed-in user is a member of, by name, with the status and the roles there: what a front end offers to choose from. Raises PT401 not_authenticated.';

revoke all on function public.my_organizations() from public;

grant execute on function public.my_organizations() to authenticated, service_role;
