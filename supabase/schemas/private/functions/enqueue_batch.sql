create or replace function private.enqueue_batch (
  queue text,
  kind text,
  payloads jsonb[],
  delay interval default '00:00:00'::interval
)
  returns SETOF bigint
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if kind is null or payloads is null or array_position(payloads, null) is not null or delay is null then
    raise exception using
      errcode = 'null_value_not_allowed',
      message = 'A job has a kind, a payload and a delay.';
  elsif not exists (select from private.job_queues as known where known.name = enqueue_batch.queue) then
    raise exception using
      errcode = 'undefined_table',
      message = format('There is no queue %L.', enqueue_batch.queue),
      hint = 'A migration makes it with private.create_queue.';
  end if;
  -- Delivered when the caller's transaction commits, as the messages are; one transaction's notices are folded.
  perform pg_notify('rowhouse_jobs', queue);
  return query
  select sent.id
  from pgmq.send_batch(
    queue,
    array(select jsonb_build_object('kind', kind, 'payload', payload) from unnest(payloads) as payload),
    ceil(extract(epoch from delay))::integer
  ) as sent (id);
end;
$function$;

comment on function private.enqueue_batch(text, text, jsonb[], interval) is 'Puts one job for each payload on a queue, in one statement and in the caller''s transaction. Takes and raises what private.enqueue does. Returns the message ids in the order of the payloads.';

revoke all on function private.enqueue_batch(text, text, jsonb[], interval) from public;
