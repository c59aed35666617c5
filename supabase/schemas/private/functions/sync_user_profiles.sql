create or replace function private.sync_user_profiles (
  dry_run boolean,
  source text
)
  returns public.user_sync_report
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  run_id uuid := private.start_sync_run(source, case when dry_run then 'dry_run' else 'sync' end);
  report public.user_sync_report;
  missing uuid[] := array(select id from private.users_without_profile() as id);
begin
  select count(*) into report.total_auth_users from auth.users;
  report.missing_profiles := cardinality(missing);
  report.existing_profiles := report.total_auth_users - report.missing_profiles;
  report.created_profiles := 0;
  report.failed_creations := 0;
  if not dry_run then
    select made.created, made.failed into report.created_profiles, report.failed_creations
    from private.create_missing_profiles(missing) as made;
  end if;
  return private.finish_sync_run(run_id, case when report.failed_creations > 0 then 'failed' else 'done' end, report);
end;
$function$;

comment on function private.sync_user_profiles(boolean, text) is 'Finds the users without a profile, creates what is missing unless it is a dry run, and records the run. Takes also who asks: api, queue. Returns the counts and the milliseconds.';

revoke all on function private.sync_user_profiles(boolean, text) from public;
