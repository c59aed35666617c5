create or replace function private.claim_jobs (
  queue text,
  quantity integer,
  visibility_seconds integer
)
  returns table (
    message_id bigint,
    kind text,
    payload jsonb,
    attempt integer,
    enqueued_at timestamp with time zone
  )
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  allowed integer;
  claimed record;
begin
  select known.max_attempts into allowed from private.job_queues as known where known.name = claim_jobs.queue;
  if not found then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', claim_jobs.queue));
  elsif (quantity between 1 and 1000 and visibility_seconds between 1 and 43200) is not true then
    perform private.refuse(
      400,
      'claim_invalid',
      'A worker claims 1 to 1,000 messages for 1 to 43,200 seconds.'
    );
  end if;

  for claimed in
    select message.msg_id, message.message as body, message.read_ct, message.enqueued_at
    from pgmq.read(claim_jobs.queue, visibility_seconds, quantity) as message
    order by message.msg_id
  loop
    -- A worker that is killed never reports a failure; a message that kills every worker must end all the same.
    if claimed.read_ct > allowed then
      perform private.fail_job(
        claim_jobs.queue,
        claimed.msg_id,
        coalesce(
          (
            select failure.error from private.job_failures as failure
            where failure.queue = claim_jobs.queue and failure.message_id = claimed.msg_id
          ),
          'Every worker that took this message stopped before it was done.'
        ),
        true,
        claimed.read_ct
      );
      continue;
    end if;
    message_id := claimed.msg_id;
    kind := claimed.body ->> 'kind';
    payload := claimed.body -> 'payload';
    attempt := claimed.read_ct;
    enqueued_at := claimed.enqueued_at;
    return next;
  end loop;
end;
$function$;

comment on function private.claim_jobs(text, integer, integer) is 'Claims messages for a worker: public.claim_jobs with the rights that this takes.';

revoke all on function private.claim_jobs(text, integer, integer) from public;

grant execute on function private.claim_jobs(text, integer, integer) to service_role;
