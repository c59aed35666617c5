create or replace function private.purge_job_history()
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  known private.job_queues;
  purged integer := 0;
  deleted integer;
begin
  for known in select * from private.job_queues loop
    execute format('delete from pgmq.%I where archived_at < now() - $1', 'a_' || known.name) using known.retention;
    get diagnostics deleted = row_count;
    purged := purged + deleted;
    execute format('delete from pgmq.%I where archived_at < now() - $1', 'a_' || known.name || '_dead')
    using known.retention;
    -- What is still queued may be delivered again and a dead letter replayed, however old: their records stay.
    execute format(
      $effects$
        delete from private.job_effects as effect
        where effect.queue = $1 and effect.happened_at < now() - $2
          and not exists (select from pgmq.%I as message where message.msg_id = effect.message_id)
          and not exists (
            select from pgmq.%I as letter where (letter.message ->> 'message_id')::bigint = effect.message_id
          )
      $effects$,
      'q_' || known.name, 'q_' || known.name || '_dead'
    ) using known.name, known.retention;
    delete from private.job_failures as failure
    where failure.queue = known.name and failure.failed_at < now() - known.retention;
  end loop;
  delete from cron.job_run_details as run where run.end_time < now() - interval '14 days';
  return purged;
end;
$function$;

comment on function private.purge_job_history() is 'Deletes what has outlived its use: archived messages, recorded effects and failures after the queue''s retention, runs of pg_cron after 14 days. Dead letters stay until someone replays or deletes them. Returns how many archived messages went. pg_cron calls it nightly.';

revoke all on function private.purge_job_history() from public;
