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
