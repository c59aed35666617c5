create or replace function private.replay_dead_letters (
  queue text,
  message_ids bigint[]
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  messages jsonb[];
begin
  if not exists (select from private.job_queues as known where known.name = replay_dead_letters.queue) then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', replay_dead_letters.queue));
  end if;
  execute format(
    $taken$
      with taken as (
        delete from pgmq.%I where $1 is null or msg_id = any ($1)
        returning msg_id, message
      )
      select array_agg(jsonb_build_object('kind', message -> 'kind', 'payload', message -> 'payload') order by msg_id)
      from taken
    $taken$,
    'q_' || replay_dead_letters.queue || '_dead'
  ) into messages using message_ids;
  if messages is null then
    return 0;
  end if;
  perform pgmq.send_batch(replay_dead_letters.queue, messages);
  perform pg_notify('rowhouse_jobs', replay_dead_letters.queue);
  return cardinality(messages);
end;
$function$;

comment on function private.replay_dead_letters(text, bigint[]) is 'Puts dead letters back on their queue: public.replay_dead_letters with the rights that this takes.';

revoke all on function private.replay_dead_letters(text, bigint[]) from public;

grant execute on function private.replay_dead_letters(text, bigint[]) to service_role;
