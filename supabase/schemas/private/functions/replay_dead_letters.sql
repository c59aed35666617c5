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
  former_ids bigint[];
  new_ids bigint[];
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
      select
        array_agg(jsonb_build_object('kind', message -> 'kind', 'payload', message -> 'payload') order by msg_id),
        array_agg((message ->> 'message_id')::bigint order by msg_id)
      from taken
    $taken$,
    'q_' || replay_dead_letters.queue || '_dead'
  ) into messages, former_ids using message_ids;
  if messages is null then
    return 0;
  end if;

  new_ids := array(select pgmq.send_batch(replay_dead_letters.queue, messages));
  -- A message may have had its effect before it was given up, and has it on record under its new id too.
  insert into private.job_effects (queue, message_id, happened_at)
  select replay_dead_letters.queue, replayed.new_id, effect.happened_at
  from unnest(former_ids, new_ids) as replayed (former_id, new_id)
  join private.job_effects as effect
    on effect.queue = replay_dead_letters.queue and effect.message_id = replayed.former_id;
  delete from private.job_failures as failure
  where failure.queue = replay_dead_letters.queue and failure.message_id = any (former_ids);
  perform pg_notify('rowhouse_jobs', replay_dead_letters.queue);
  return cardinality(messages);
end;
$function$;

comment on function private.replay_dead_letters(text, bigint[]) is 'Puts dead letters back on their queue: public.replay_dead_letters with the rights that this takes.';

revoke all on function private.replay_dead_letters(text, bigint[]) from public;

grant execute on function private.replay_dead_letters(text, bigint[]) to service_role;
