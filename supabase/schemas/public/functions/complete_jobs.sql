create or replace function public.complete_jobs (
  queue text,
  message_ids bigint[]
)
  returns integer
  language sql
  set search_path to ''
  AS $function$
  select private.complete_jobs(queue, message_ids);
$function$;

comment on function public.complete_jobs(text, bigint[]) is 'Archives messages whose work is done (service role only). Takes the queue and the message ids. Returns how many were still there; doing it again does nothing. Raises PT404 queue_unknown.';

revoke all on function public.complete_jobs(text, bigint[]) from public;

grant execute on function public.complete_jobs(text, bigint[]) to service_role;
