create or replace function private.create_queue (
  queue text,
  max_attempts integer default 5
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  insert into private.job_queues (name, max_attempts) values (create_queue.queue, create_queue.max_attempts);
  perform pgmq.create(create_queue.queue);
  perform pgmq.create(create_queue.queue || '_dead');
end;
$function$;

comment on function private.create_queue(text, integer) is 'Creates a queue and its dead-letter queue <queue>_dead; migrations call it. Takes the name (lower snake case, up to 40 characters) and how many attempts a message gets.';

revoke all on function private.create_queue(text, integer) from public;
