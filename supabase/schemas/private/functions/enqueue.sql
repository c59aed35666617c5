create or replace function private.enqueue (
  queue text,
  kind text,
  payload jsonb default '{}'::jsonb,
  delay interval default '00:00:00'::interval
)
  returns bigint
  language sql
  security definer
  set search_path to ''
  AS $function$
  select private.enqueue_batch(queue, kind, array[payload], delay);
$function$;

comment on function private.enqueue(text, text, jsonb, interval) is 'Puts a job on a queue, in the caller''s transaction: if that rolls back, there is no job. Takes the queue, the kind that a handler of the worker is registered for, its payload, and how long to wait before it may be read (rounded up to seconds). Returns the message id. Raises 42P01 when there is no such queue, 22004 when something is null.';

revoke all on function private.enqueue(text, text, jsonb, interval) from public;
