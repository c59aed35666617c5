create or replace function private.finish_sync_run (
  run_id uuid,
  outcome text,
  report public.user_sync_report
)
  returns public.user_sync_report
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  update private.sync_runs as run
  set outcome = finish_sync_run.outcome,
    finished_at = clock_timestamp(),
    total_auth_users = (finish_sync_run.report).total_auth_users,
    existing_profiles = (finish_sync_run.report).existing_profiles,
    missing_profiles = (finish_sync_run.report).missing_profiles,
    created_profiles = (finish_sync_run.report).created_profiles,
    failed_creations = (finish_sync_run.report).failed_creations,
    errors = coalesce(
      (
        select jsonb_agg(to_jsonb(failed))
        from (
          select failure.user_id, failure.sqlstate, failure.message
          from private.profile_failures as failure
          where failure.resolved_at is null and failure.source = 'sync' and failure.failed_at >= run.started_at
          order by failure.failed_at
          limit 100
        ) as failed
      ),
      '[]'
    )
  where run.id = finish_sync_run.run_id
  returning run.duration_ms into report.duration_ms;
  return report;
end;
$function$;

comment on function private.finish_sync_run(uuid, text, public.user_sync_report) is
  'Notes how a run of the sync ended. Takes the run, the outcome (done, failed, interrupted) and the counts. Returns the counts with the duration in milliseconds.';

revoke all on function private.finish_sync_run(uuid, text, public.user_sync_report) from public;
