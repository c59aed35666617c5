create or replace function public.fail_job (
  queue text,
  message_id bigint,
  error text,
  is_final boolean default false
)
  returns text
  language sql
  set search_path to ''
  AS $function$
  select private.fail_job(queue, message_id, error, is_final);
$function$;

comment on function public.fail_job(text, bigint, text, boolean) is 'Takes note of a failed attempt (service role only). Takes the queue, the message id, what went wrong, and whether trying again is pointless. Returns retry (the message comes back after private.retry_delay), dead (it is with the dead letters) or gone (someone else has finished it). Raises PT404 queue_unknown.';

revoke all on function public.fail_job(text, bigint, text, boolean) from public;

grant execute on function public.fail_job(text, bigint, text, boolean) to service_role;
