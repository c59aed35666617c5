create or replace function public.delete_user (
  id uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select private.delete_user(id);
$function$;

comment on function public.delete_user(uuid) is 'Deletes a user for good, with the profile, the sessions and all that is declared to go with it (superadmins and the service role; not oneself). Raises PT401 not_authenticated, PT403 superadmin_required, PT404 user_not_found, PT409 own_account.';

revoke all on function public.delete_user(uuid) from public;

grant execute on function public.delete_user(uuid) to authenticated, service_role;
