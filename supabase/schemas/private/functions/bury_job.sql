create or replace function private.bury_job (
  queue text,
  message_id bigint,
  message jsonb,
  attempts integer,
  error text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- Whoever archives the message buries it: of two workers that hold it, one.
  if pgmq.archive(queue, message_id) then
    perform pgmq.send(
      queue || '_dead',
      message || jsonb_build_object(
        'error', left(error, 2000),
        'attempts', attempts,
        'message_id', message_id,
        'died_at', now()
      )
    );
  end if;
end;
$function$;

comment on function private.bury_job(text, bigint, jsonb, integer, text) is 'Moves a message to the dead letters of its queue, with the number of attempts and the last error beside kind and payload.';

revoke all on function private.bury_job(text, bigint, jsonb, integer, text) from public;
