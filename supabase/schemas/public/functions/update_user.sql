create or replace function public.update_user (
  id uuid,
  display_name text default null::text,
  platform_role text default null::text,
  preferences jsonb default null::jsonb
)
  returns public.user_account
  language sql
  set search_path to ''
  AS $function$
  select private.update_user(id, display_name, platform_role, preferences);
$function$;

comment on function public.update_user(uuid, text, text, jsonb) is 'Changes the profile of a user, creating it where it is missing (superadmins and the service role). Takes the display name, the role (user, superadmin; not of oneself) and the preferences; null leaves a value as it is. The service role cannot make a superadmin. E-mail and phone belong to the auth server. Returns the user. Raises PT400 display_name_invalid, role_invalid, preferences_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 user_not_found; PT409 own_account.';

revoke all on function public.update_user(uuid, text, text, jsonb) from public;

grant execute on function public.update_user(uuid, text, text, jsonb) to authenticated, service_role;
