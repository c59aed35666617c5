create or replace function private.current_user_id()
  returns uuid
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select profile.user_id
  from public.user_profiles as profile
  where profile.user_id = (select auth.uid()) and profile.is_active;
$function$;

comment on function private.current_user_id() is 'Returns the id of the signed-in user, null for nobody and for a user who is deactivated: every policy compares with this, so that a valid token of a deactivated user opens nothing. Write it as (select private.current_user_id()) so that it runs once per statement.';

revoke all on function private.current_user_id() from public;

grant execute on function private.current_user_id() to authenticated, service_role;
