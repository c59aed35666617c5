create or replace function public.is_superadmin()
  returns boolean
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.is_superadmin();
$function$;

comment on function public.is_superadmin() is 'Returns whether the signed-in user is an active superadmin at this moment. Edge functions ask it before they do something for a superadmin; front ends, what to show.';

revoke all on function public.is_superadmin() from public;

grant execute on function public.is_superadmin() to authenticated, service_role;
