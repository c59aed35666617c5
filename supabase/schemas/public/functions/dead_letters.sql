create or replace function public.dead_letters (
  queue text
)
  returns SETOF public.dead_letter
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.dead_letters(queue);
$function$;

comment on function public.dead_letters(text) is 'Returns the newest 1,000 messages that were given up, newest first (service role only). Takes the queue. Raises PT404 queue_unknown.';

revoke all on function public.dead_letters(text) from public;

grant execute on function public.dead_letters(text) to service_role;
