create or replace function public.fail_job (
  queue text,
  message_id bigint,
  error text,
  is_final boolean default false,
  attempt integer default null::integer
)
  returns text
  language sql
  set search_path to ''
  AS $function$
  select private.fail_job(queue, message_id, error, is_final, attempt);
$function$;

comment on function public.fail_job(text, bigint, text, boolean, integer) is 'Takes note of a failed attempt (service role only). Takes the queue, the message id, what went wrong, whether trying again is pointless, and which attempt it was, as claim_jobs() numbered it. Returns retry (the message comes back after private.retry_delay), dead (it is with the dead letters) or gone (someone else has finished it, or has claimed it since: nothing is changed). Raises PT404 queue_unknown.';

revoke all on function public.fail_job(text, bigint, text, boolean, integer) from public;

grant execute on function public.fail_job(text, bigint, text, boolean, integer) to service_role;
