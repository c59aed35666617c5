create or replace function private.retry_payment_event (
  provider text,
  event_id text
)
  returns public.payment_event_outcome
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if not exists (
    select
    from private.webhook_events as event
    where event.provider = retry_payment_event.provider and event.event_id = retry_payment_event.event_id
  ) then
    perform private.refuse(404, 'payment_event_not_found', 'There is no such event.');
  end if;
  return private.apply_payment_event(retry_payment_event.provider, retry_payment_event.event_id);
end;
$function$;

comment on function private.retry_payment_event(text, text) is 'Applies an event again: public.retry_payment_event with the rights that this takes.';

revoke all on function private.retry_payment_event(text, text) from public;

grant execute on function private.retry_payment_event(text, text) to service_role;
