create or replace function public.deactivate_user (
  id uuid,
  reason text
)
  returns public.user_account
  language sql
  set search_path to ''
  AS $function$
  select private.deactivate_user(id, reason);
$function$;

comment on function public.deactivate_user(uuid, text) is 'Shuts a user out from this moment: with a valid token too, it reads and writes nothing (superadmins and the service role; not oneself). Takes a reason of up to 1,000 characters. A user who is deactivated already keeps the first reason. Returns the user. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 user_not_found; PT409 own_account.';

revoke all on function public.deactivate_user(uuid, text) from public;

grant execute on function public.deactivate_user(uuid, text) to authenticated, service_role;
