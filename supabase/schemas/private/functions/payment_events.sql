create or replace function private.payment_events (
  outcome text,
  page integer,
  per_page integer
)
  returns public.payment_event_page
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  listed public.payment_event_page;
begin
  perform private.require_page(page, per_page, null);
  if outcome not in ('applied', 'ignored', 'failed') then
    perform private.refuse(400, 'outcome_invalid', 'outcome is applied, ignored or failed.');
  end if;
  listed.page := page;
  listed.per_page := per_page;
  select count(*) into listed.total
  from private.webhook_events as event
  where payment_events.outcome is null or event.outcome = payment_events.outcome;
  listed.events := to_jsonb(array(
    select
      row(
        event.provider, event.event_id, event.event_type, event.organization_id, event.occurred_at, event.outcome,
        event.error, event.attempts, event.received_at, event.processed_at
      )::public.payment_event
    from private.webhook_events as event
    where payment_events.outcome is null or event.outcome = payment_events.outcome
    order by event.received_at desc, event.provider, event.event_id
    limit payment_events.per_page
    offset (payment_events.page - 1)::bigint * payment_events.per_page
  ));
  return listed;
end;
$function$;

comment on function private.payment_events(text, integer, integer) is 'Lists events of payment providers: public.payment_events with the rights that this takes.';

revoke all on function private.payment_events(text, integer, integer) from public;

grant execute on function private.payment_events(text, integer, integer) to service_role;
