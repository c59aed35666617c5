create or replace function private.enqueue_sync_on_drift()
  returns bigint
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if exists (select from private.users_without_profile(null, 1)) then
    return private.enqueue('user_sync', 'identity.sync_profiles');
  end if;
  return null;
end;
$function$;

comment on function private.enqueue_sync_on_drift() is 'Puts a message on queue user_sync when a user has no profile; pg_cron calls it hourly. Returns the message id, null when all is well.';

revoke all on function private.enqueue_sync_on_drift() from public;
