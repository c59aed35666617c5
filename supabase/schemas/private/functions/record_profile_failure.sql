create or replace function private.record_profile_failure (
  user_id uuid,
  source text,
  state text,
  message text
)
  returns void
  language sql
  security definer
  set search_path to ''
  AS $function$
  insert into private.profile_failures as failure (user_id, source, sqlstate, message, failed_at)
  values (
    record_profile_failure.user_id,
    record_profile_failure.source,
    record_profile_failure.state,
    left(record_profile_failure.message, 1000),
    clock_timestamp()
  )
  on conflict (user_id) where resolved_at is null do update
  set attempts = failure.attempts + 1,
    source = excluded.source,
    sqlstate = excluded.sqlstate,
    message = excluded.message,
    failed_at = excluded.failed_at;
$function$;

comment on function private.record_profile_failure(uuid, text, text, text) is 'Records that a profile could not be created: one open row per user, which counts the attempts. Takes the user, trigger or sync, the SQLSTATE and the message.';

revoke all on function private.record_profile_failure(uuid, text, text, text) from public;
