create or replace function private.run_user_sync_job (
  message_id bigint
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if not private.is_first_effect('user_sync', message_id) then
    return false;
  end if;
  perform private.sync_user_profiles(false, 'queue');
  return true;
end;
$function$;

comment on function private.run_user_sync_job(bigint) is 'Runs the sync for a message: public.run_user_sync_job with the rights that this takes.';

revoke all on function private.run_user_sync_job(bigint) from public;

grant execute on function private.run_user_sync_job(bigint) to service_role;
