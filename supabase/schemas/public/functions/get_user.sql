create or replace function public.get_user (
  id uuid
)
  returns public.user_account
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.get_user(id);
$function$;

comment on function public.get_user(uuid) is 'Returns one user in the shape of list_users (superadmins and the service role). Raises PT401 not_authenticated, PT403 superadmin_required, PT404 user_not_found.';

revoke all on function public.get_user(uuid) from public;

grant execute on function public.get_user(uuid) to authenticated, service_role;
