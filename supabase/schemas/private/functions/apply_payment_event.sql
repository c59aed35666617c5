create or replace function private.apply_payment_event (
  provider text,
  event_id text
)
  returns public.payment_event_outcome
  language plpgsql
  set search_path to ''
  AS $function$
declare
  event private.webhook_events;
  result public.payment_event_outcome;
  is_news boolean;
begin
  select * into event
  from private.webhook_events as stored
  where stored.provider = apply_payment_event.provider and stored.event_id = apply_payment_event.event_id;
  if event.change is null then
    result.error := case when event.error = 'change_invalid' then event.error end;
    result.outcome := case when result.error is null then 'ignored' else 'failed' end;
  else
    begin
      is_news := private.apply_intent_events(event.provider, event.change ->> 'intent_id');
      select stored.error into result.error
      from private.webhook_events as stored
      where stored.provider = event.provider and stored.event_id = event.event_id;
      if is_news is null then
        result.outcome := 'ignored';
        result.error := 'intent_unknown';
      else
        result.outcome := case when result.error is not null then 'failed' when is_news then 'applied' else 'ignored' end;
      end if;
    exception
      -- It is kept with what went wrong: retry_payment_event.
      when others then
        result.outcome := 'failed';
        result.error := sqlerrm;
    end;
  end if;
  update private.webhook_events as stored
  set outcome = result.outcome,
    error = result.error,
    attempts = stored.attempts + 1,
    processed_at = case when result.outcome <> 'failed' then clock_timestamp() end
  where stored.provider = event.provider and stored.event_id = event.event_id;
  return result;
end;
$function$;

comment on function private.apply_payment_event(text, text) is 'Applies an event that is stored, and writes down what came of it; what goes wrong undoes all but that. Takes the provider and the id of the event. Returns the outcome and the error.';

revoke all on function private.apply_payment_event(text, text) from public;
