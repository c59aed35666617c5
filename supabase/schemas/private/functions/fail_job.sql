create or replace function private.fail_job (
  queue text,
  message_id bigint,
  error text,
  is_final boolean
)
  returns text
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  allowed integer;
  failed record;
begin
  select known.max_attempts into allowed from private.job_queues as known where known.name = fail_job.queue;
  if not found then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', fail_job.queue));
  end if;

  -- set_vt answers with the message, and keeps it from the other workers while this decides.
  select touched.read_ct, touched.message as body into failed
  from pgmq.set_vt(fail_job.queue, fail_job.message_id, 60) as touched;
  if not found then
    return 'gone';
  end if;

  insert into private.job_failures as failure (queue, message_id, attempts, error)
  values (fail_job.queue, fail_job.message_id, failed.read_ct, left(fail_job.error, 2000))
  on conflict on constraint job_failures_pkey do update
  set attempts = excluded.attempts, error = excluded.error, failed_at = now();

  if is_final or failed.read_ct >= allowed then
    perform private.bury_job(fail_job.queue, fail_job.message_id, failed.body, failed.read_ct, fail_job.error);
    return 'dead';
  end if;
  perform pgmq.set_vt(fail_job.queue, fail_job.message_id, private.retry_delay(failed.read_ct));
  return 'retry';
end;
$function$;

comment on function private.fail_job(text, bigint, text, boolean) is 'Takes note of a failed attempt: public.fail_job with the rights that this takes.';

revoke all on function private.fail_job(text, bigint, text, boolean) from public;

grant execute on function private.fail_job(text, bigint, text, boolean) to service_role;
