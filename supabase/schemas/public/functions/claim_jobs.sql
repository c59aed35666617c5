create or replace function public.claim_jobs (
  queue text,
  quantity integer default 10,
  visibility_seconds integer default 60
)
  returns table (
    message_id bigint,
    kind text,
    payload jsonb,
    attempt integer,
    enqueued_at timestamp with time zone
  )
  language sql
  set search_path to ''
  AS $function$
  select * from private.claim_jobs(queue, quantity, visibility_seconds);
$function$;

comment on function public.claim_jobs(text, integer, integer) is 'Claims the oldest readable messages of a queue for a worker (service role only). Takes the queue, how many (1 to 1,000) and for how many seconds no other worker sees them (1 to 43,200). Returns them oldest first; attempt counts from 1. What was attempted too often goes to the dead letters instead. Raises PT404 queue_unknown, PT400 claim_invalid.';

revoke all on function public.claim_jobs(text, integer, integer) from public;

grant execute on function public.claim_jobs(text, integer, integer) to service_role;
