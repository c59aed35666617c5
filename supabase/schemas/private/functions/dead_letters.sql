create or replace function private.dead_letters (
  queue text
)
  returns SETOF public.dead_letter
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if not exists (select from private.job_queues as known where known.name = dead_letters.queue) then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', dead_letters.queue));
  end if;
  return query execute format(
    $letters$
      select
        msg_id, message ->> 'kind', message -> 'payload', message ->> 'error', (message ->> 'attempts')::integer,
        (message ->> 'died_at')::timestamptz
      from pgmq.%I
      order by msg_id desc
      limit 1000
    $letters$,
    'q_' || dead_letters.queue || '_dead'
  );
end;
$function$;

comment on function private.dead_letters(text) is 'Lists dead letters: public.dead_letters with the rights that this takes.';

revoke all on function private.dead_letters(text) from public;

grant execute on function private.dead_letters(text) to service_role;
