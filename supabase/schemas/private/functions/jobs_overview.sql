create or replace function private.jobs_overview()
  returns SETOF public.job_queue_overview
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  -- Not now(): what this transaction has put on a queue itself would count as delayed.
  moment constant timestamptz := statement_timestamp();
  known private.job_queues;
  overview public.job_queue_overview;
begin
  for known in select * from private.job_queues order by name loop
    overview.queue := known.name;
    execute format(
      $counts$
        select
          count(*) filter (where vt <= $1),
          count(*) filter (where vt > $1 and read_ct = 0),
          count(*) filter (where vt > $1 and read_ct > 0),
          coalesce(extract(epoch from $1 - min(enqueued_at) filter (where vt <= $1)), 0)::integer,
          (select count(*) from pgmq.%I)
        from pgmq.%I
      $counts$,
      'q_' || known.name || '_dead', 'q_' || known.name
    )
    into
      overview.waiting, overview.delayed, overview.in_progress, overview.oldest_waiting_seconds,
      overview.dead_letters
    using moment;
    select count(*), max(failure.failed_at) into overview.failing, overview.last_failed_at
    from private.job_failures as failure
    where failure.queue = known.name;
    select failure.error into overview.last_error
    from private.job_failures as failure
    where failure.queue = known.name
    order by failure.failed_at desc
    limit 1;
    return next overview;
  end loop;
end;
$function$;

comment on function private.jobs_overview() is 'Counts what is on each queue: public.jobs_overview with the rights that this takes.';

revoke all on function private.jobs_overview() from public;

grant execute on function private.jobs_overview() to service_role;
