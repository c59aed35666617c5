create or replace function public.reactivate_user (
  id uuid
)
  returns public.user_account
  language sql
  set search_path to ''
  AS $function$
  select private.reactivate_user(id);
$function$;

comment on function public.reactivate_user(uuid) is 'Lets a deactivated user in again (superadmins and the service role). Returns the user; an active one stays as it is. Raises PT401 not_authenticated, PT403 superadmin_required, PT404 user_not_found.';

revoke all on function public.reactivate_user(uuid) from public;

grant execute on function public.reactivate_user(uuid) to authenticated, service_role;
