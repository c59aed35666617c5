create or replace function public.replay_dead_letters (
  queue text,
  message_ids bigint[] default null::bigint[]
)
  returns integer
  language sql
  set search_path to ''
  AS $function$
  select private.replay_dead_letters(queue, message_ids);
$function$;

comment on function public.replay_dead_letters(text, bigint[]) is 'Puts dead letters back on their queue as new messages, with all their attempts before them (service role only). Takes the queue and the ids of the dead letters; without ids, all. Returns how many. Raises PT404 queue_unknown.';

revoke all on function public.replay_dead_letters(text, bigint[]) from public;

grant execute on function public.replay_dead_letters(text, bigint[]) to service_role;
