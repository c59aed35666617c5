create or replace function private.judge_intent_events (
  provider text,
  intent_id text
)
  returns table (
    event_id text,
    occurred_at timestamp with time zone,
    kind text,
    status text,
    failure text,
    refund_id uuid,
    provider_refund_id text,
    error text
  )
  language sql
  stable
  set search_path to ''
  AS $function$
  select
    event.event_id,
    event.occurred_at,
    event.change ->> 'kind',
    event.change ->> 'status',
    event.change ->> 'failure',
    item.refund_id,
    event.change ->> 'provider_refund_id',
    case
      when event.change ->> 'organization_id' <> intent.organization_id then 'organization_mismatch'
      when event.change ->> 'kind' = 'refund' and item.refund_id is null then 'refund_unknown'
      when (event.change ->> 'amount')::numeric <> coalesce(item.amount, payment.amount)
        or upper(event.change ->> 'currency') <> payment.currency
        then 'amount_mismatch'
      when event.change ->> 'kind' = 'refund' and refund.status in ('pending', 'rejected') then 'refund_not_approved'
      -- It was said to have failed, and the money was given back by another since.
      when event.change ->> 'kind' = 'refund'
        and event.change ->> 'status' = 'succeeded'
        and item.processed_at is null
        and payment.amount_refunded + item.amount
          -- What others are giving back at this moment counts as given.
          + (
            select coalesce(sum(part.amount), 0)
            from public.refund_items as part
              join public.refunds as other
                on other.organization_id = part.organization_id and other.id = part.refund_id
            where part.organization_id = payment.organization_id
              and part.payment_id = payment.id
              and part.processed_at is null
              and part.refund_id <> item.refund_id
              and other.status = 'processing'
          ) > payment.amount
        then 'refund_superseded'
    end
  from private.payment_intents as intent
    join public.payments as payment
      on payment.organization_id = intent.organization_id and payment.id = intent.payment_id
    join private.webhook_events as event
      on event.provider = intent.provider
        and event.change is not null
        and event.change ->> 'intent_id' = intent.intent_id
    left join lateral (
      select part.refund_id, part.amount, part.processed_at
      from public.refund_items as part
      where event.change ->> 'kind' = 'refund'
        and part.organization_id = payment.organization_id
        and part.payment_id = payment.id
        and (
          part.provider_refund_id = event.change ->> 'provider_refund_id'
          or (part.provider_refund_id is null and part.refund_id::text = event.change ->> 'refund_id')
        )
      order by part.provider_refund_id
      limit 1
    ) as item on true
    left join public.refunds as refund
      on refund.organization_id = payment.organization_id and refund.id = item.refund_id
  where intent.provider = judge_intent_events.provider and intent.intent_id = judge_intent_events.intent_id;
$function$;

comment on function private.judge_intent_events(text, text) is 'Returns what the events of an intent say of its payment and of refunds of it, and why one of them cannot be meant: it names another organization, another amount or currency, a refund that is not known or not approved, or money that was given back otherwise. Takes the provider and the id of the intent.';

revoke all on function private.judge_intent_events(text, text) from public;
