create or replace function private.record_payment_event (
  provider text,
  event_id text,
  event_type text,
  occurred_at timestamp with time zone,
  payload jsonb,
  change jsonb
)
  returns public.payment_event_outcome
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  is_change constant boolean := private.is_payment_change(change);
  result public.payment_event_outcome;
begin
  insert into private.webhook_events (
    provider, event_id, event_type, occurred_at, payload, change, attempts, outcome, error
  )
  values (
    record_payment_event.provider, record_payment_event.event_id, record_payment_event.event_type,
    record_payment_event.occurred_at, record_payment_event.payload,
    case when is_change then record_payment_event.change end, 0, 'ignored',
    -- What cannot be read is kept as it came, in the payload, and does not get in the way of others.
    case when not is_change and jsonb_typeof(record_payment_event.change) <> 'null' then 'change_invalid' end
  )
  on conflict on constraint webhook_events_pkey do nothing;
  -- One that has failed is tried again when it comes again.
  if not found and not exists (
    select
    from private.webhook_events as event
    where event.provider = record_payment_event.provider
      and event.event_id = record_payment_event.event_id
      and event.outcome = 'failed'
  ) then
    result.outcome := 'duplicate';
    return result;
  end if;
  return private.apply_payment_event(record_payment_event.provider, record_payment_event.event_id);
end;
$function$;

comment on function private.record_payment_event(text, text, text, timestamp
  with time zone, jsonb, jsonb) is 'Stores and applies an event of a provider: public.record_payment_event with the rights that this takes.';

revoke all
  on function private.record_payment_event(text, text, text, timestamp with time zone, jsonb, jsonb)
  from public;

grant execute
  on function private.record_payment_event(text, text, text, timestamp with time zone, jsonb, jsonb)
  to service_role;
