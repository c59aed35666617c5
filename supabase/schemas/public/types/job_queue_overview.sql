create type public.job_queue_overview as (
  queue text,
  waiting bigint,
  delayed bigint,
  in_progress bigint,
  failing bigint,
  dead_letters bigint,
  oldest_waiting_seconds integer,
  last_failed_at timestamp with time zone,
  last_error text
);

comment on type public.job_queue_overview is 'The state of one queue, as jobs_overview() returns it.';
