create or replace function private.enqueue (
  queue text,
  kind text,
  payload jsonb default '{}'::jsonb,
  delay interval default '00:00:00'::interval
)
  returns bigint
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if kind is null or payload is null then
    raise exception using
      errcode = 'null_value_not_allowed',
      message = 'A job has a kind and a payload.';
  end if;
  -- Delivered when the caller's transaction commits, as the message is; repeated notices of one transaction are folded.
  perform pg_notify('rowhouse_jobs', queue);
  return pgmq.send(
    queue,
    jsonb_build_object('kind', kind, 'payload', payload),
    ceil(extract(epoch from delay))::integer
  );
end;
$function$;

comment on function private.enqueue(text, text, jsonb, interval) is 'Puts a job on a queue, in the caller''s transaction: if that rolls back, there is no job. Takes the queue, the kind that a handler of the worker is registered for, its payload, and how long to wait before it may be read (rounded up to seconds). Returns the message id. Raises 42P01 when there is no such queue.';

revoke all on function private.enqueue(text, text, jsonb, interval) from public;
