create or replace function public.waiting_queues()
  returns SETOF text
  language sql
  set search_path to ''
  AS $function$
  select waiting from private.waiting_queues() as waiting;
$function$;

comment on function public.waiting_queues() is 'Returns the names of the queues that have a message to read (service role only). A worker that is woken without a queue asks this.';

revoke all on function public.waiting_queues() from public;

grant execute on function public.waiting_queues() to service_role;
