create or replace function public.sync_user_profiles (
  dry_run boolean default false
)
  returns public.user_sync_report
  language sql
  set search_path to ''
  AS $function$
  select private.sync_user_profiles_as_caller(coalesce(dry_run, false));
$function$;

comment on function public.sync_user_profiles(boolean) is 'Creates the profile of every user who has none (superadmins and the service role). Existing profiles are never touched; a row that cannot be created fails alone and is recorded. In a dry run nothing is created and missing_profiles says what would be. Running it twice, or twice at once, changes nothing the second time. Returns the counts and the duration in milliseconds. Raises PT401 not_authenticated, PT403 superadmin_required.';

revoke all on function public.sync_user_profiles(boolean) from public;

grant execute on function public.sync_user_profiles(boolean) to authenticated, service_role;
