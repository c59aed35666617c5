create or replace function private.is_superadmin()
  returns boolean
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select exists (
    select
    from public.user_profiles as profile
    where profile.user_id = (select auth.uid()) and profile.is_active and profile.platform_role = 'superadmin'
  );
$function$;

comment on function private.is_superadmin() is 'Returns whether the signed-in user is an active superadmin, as the profile says at this moment: a token that still claims the role does not count.';

revoke all on function private.is_superadmin() from public;

grant execute on function private.is_superadmin() to authenticated, service_role;
