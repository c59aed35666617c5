create or replace function private.fail_job (
  queue text,
  message_id bigint,
  error text,
  is_final boolean,
  attempt integer
)
  returns text
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  allowed integer;
  tried integer;
  body jsonb;
begin
  select known.max_attempts into allowed from private.job_queues as known where known.name = fail_job.queue;
  if not found then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', fail_job.queue));
  end if;

  -- The lock lets one of two reports in, and keeps other workers from claiming the message while this decides.
  execute format('select read_ct, message from pgmq.%I where msg_id = $1 for update', 'q_' || fail_job.queue)
  into tried, body using fail_job.message_id;
  -- A report that comes late says nothing about the attempt that is under way.
  if tried is null or tried > fail_job.attempt then
    return 'gone';
  end if;

  -- A message that killed its workers is claimed once more before it is given up; nobody tries it then.
  tried := least(tried, allowed);
  insert into private.job_failures as failure (queue, message_id, attempts, error)
  values (fail_job.queue, fail_job.message_id, tried, left(fail_job.error, 2000))
  on conflict on constraint job_failures_pkey do update
  set attempts = excluded.attempts, error = excluded.error, failed_at = now();

  if is_final or tried >= allowed then
    perform pgmq.archive(fail_job.queue, fail_job.message_id);
    perform pgmq.send(
      fail_job.queue || '_dead',
      body || jsonb_build_object(
        'error', left(fail_job.error, 2000),
        'attempts', tried,
        'message_id', fail_job.message_id,
        'died_at', now()
      )
    );
    return 'dead';
  end if;
  perform pgmq.set_vt(fail_job.queue, fail_job.message_id, private.retry_delay(tried));
  return 'retry';
end;
$function$;

comment on function private.fail_job(text, bigint, text, boolean, integer) is 'Takes note of a failed attempt: public.fail_job with the rights that this takes. What is given up goes to the dead letters of its queue, with the number of attempts and the last error beside kind and payload.';

revoke all on function private.fail_job(text, bigint, text, boolean, integer) from public;

grant execute on function private.fail_job(text, bigint, text, boolean, integer) to service_role;
