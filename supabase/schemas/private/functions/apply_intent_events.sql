create or replace function private.apply_intent_events (
  provider text,
  intent_id text
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  intent private.payment_intents;
  known public.payments;
  latest record;
  concerned record;
  is_news boolean := false;
begin
  select * into intent
  from private.payment_intents as mapping
  where mapping.provider = apply_intent_events.provider and mapping.intent_id = apply_intent_events.intent_id;
  if not found then
    perform private.lock_payment_intent(provider, apply_intent_events.intent_id);
    select * into intent
    from private.payment_intents as mapping
    where mapping.provider = apply_intent_events.provider and mapping.intent_id = apply_intent_events.intent_id;
    if not found then
      return null;
    end if;
  end if;
  perform private.lock_booking(payment.organization_id, payment.booking_id)
  from public.payments as payment
  where payment.organization_id = intent.organization_id and payment.id = intent.payment_id;
  select * into known
  from public.payments as payment
  where payment.organization_id = intent.organization_id and payment.id = intent.payment_id
  for no key update;

  -- From all that was told of it, and not from what came last: money that came is money, and else what happened latest.
  select
    said.status,
    case when said.status in ('failed', 'cancelled') then left(said.failure, 1000) end as failure,
    min(said.occurred_at) filter (where said.status = 'failed') over () as failed_at
  into latest
  from private.judge_intent_events(intent.provider, intent.intent_id) as said
  where said.kind = 'payment' and said.error is null
  order by said.status = 'succeeded' desc, said.status = 'cancelled' desc, said.occurred_at desc, said.status,
    said.event_id
  limit 1;
  if found then
    -- What has succeeded otherwise stays so.
    if known.status = 'succeeded' then
      latest.status := known.status;
      latest.failure := null;
    end if;
    update public.payments as payment
    set status = latest.status,
      failure_reason = latest.failure,
      failed_at = latest.failed_at,
      -- Late payments are told by when they were booked, and not by when the provider had them.
      succeeded_at = case
        when latest.status = 'succeeded' then coalesce(payment.succeeded_at, clock_timestamp())
      end
    where payment.organization_id = known.organization_id
      and payment.id = known.id
      and (payment.status, payment.failure_reason, payment.failed_at)
        is distinct from (latest.status, latest.failure, latest.failed_at);
    is_news := (known.status, known.failure_reason) is distinct from (latest.status, latest.failure);
  end if;

  -- A few at most.
  for concerned in
    select
      said.refund_id,
      jsonb_agg(
        jsonb_build_object(
          'payment_id', known.id, 'status', said.status, 'provider_refund_id', said.provider_refund_id, 'failure',
          case when said.status = 'failed' then coalesce(said.failure, 'The provider does not say why.') end
        )
      ) as results
    from private.judge_intent_events(intent.provider, intent.intent_id) as said
    where said.kind = 'refund' and said.error is null
    group by said.refund_id
    order by said.refund_id
  loop
    is_news := private.apply_refund_results(intent.organization_id, concerned.refund_id, concerned.results) or is_news;
  end loop;
  perform private.refund_late_payments(known.organization_id, known.booking_id);

  -- What was judged otherwise before: it came too early, or stayed alone.
  update private.webhook_events as event
  set organization_id = intent.organization_id,
    outcome = case when said.error is null then 'applied' else 'failed' end,
    error = said.error,
    processed_at = case when said.error is null then coalesce(event.processed_at, clock_timestamp()) end
  from private.judge_intent_events(intent.provider, intent.intent_id) as said
  where event.provider = intent.provider
    and event.event_id = said.event_id
    and (event.organization_id is null or event.error is distinct from said.error)
    and not (event.outcome = 'applied' and said.error is not null);
  return is_news;
end;
$function$;

comment on function private.apply_intent_events(text, text) is 'Makes of a payment and its refunds what all events of its intent say, in whatever order they came. Takes the provider and the id of the intent; locks the booking. Returns whether anything was new; null when nobody knows the intent.';

revoke all on function private.apply_intent_events(text, text) from public;
