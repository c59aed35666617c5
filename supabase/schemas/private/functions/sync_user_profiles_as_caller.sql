create or replace function private.sync_user_profiles_as_caller (
  dry_run boolean
)
  returns public.user_sync_report
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.require_superadmin();
  return private.sync_user_profiles(dry_run, 'api');
end;
$function$;

comment on function private.sync_user_profiles_as_caller(boolean) is 'Runs the sync for a superadmin or the operator: public.sync_user_profiles with the rights that this takes.';

revoke all on function private.sync_user_profiles_as_caller(boolean) from public;

grant execute on function private.sync_user_profiles_as_caller(boolean) to authenticated, service_role;
