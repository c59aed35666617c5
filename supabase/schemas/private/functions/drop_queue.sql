create or replace function private.drop_queue (
  queue text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  delete from private.job_queues as known where known.name = drop_queue.queue;
  perform pgmq.drop_queue(drop_queue.queue);
  perform pgmq.drop_queue(drop_queue.queue || '_dead');
end;
$function$;

comment on function private.drop_queue(text) is 'Drops a queue with its dead letters and its archive; rollback scripts call it. Takes the name.';

revoke all on function private.drop_queue(text) from public;
