create or replace function private.start_sync_run (
  source text,
  mode text
)
  returns uuid
  language sql
  security definer
  set search_path to ''
  AS $function$
  insert into private.sync_runs (source, mode, invoked_by, invoked_as, started_at)
  values (start_sync_run.source, start_sync_run.mode, auth.uid(), private.caller_role(), clock_timestamp())
  returning id;
$function$;

comment on function private.start_sync_run(text, text) is 'Notes that a run of the sync begins. Takes who asks (api, queue, command_line) and the mode (sync, dry_run). Returns the id of the run.';

revoke all on function private.start_sync_run(text, text) from public;
