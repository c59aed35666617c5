create or replace function public.record_payment_event (
  provider text,
  event_id text,
  event_type text,
  occurred_at timestamp with time zone,
  payload jsonb,
  change jsonb default null::jsonb
)
  returns public.payment_event_outcome
  language sql
  set search_path to ''
  AS $function$
  select private.record_payment_event(provider, event_id, event_type, occurred_at, payload, change);
$function$;

comment on function public.record_payment_event(text, text, text, timestamp
  with time zone, jsonb, jsonb) is 'Takes down an event of a payment provider, once, and applies what it says of a payment or a refund (service role only, for the webhook, after it has checked the signature). Takes the provider, the id and type of the event, when it happened, the event as it came, and what of it concerns us, or null: {"kind": "payment", "status": "processing, succeeded, failed or cancelled", "intent_id", "amount", "currency", "organization_id", "failure"} or {"kind": "refund", "status": "succeeded, failed or pending", "provider_refund_id", "refund_id", "intent_id", "amount", "currency", "organization_id", "failure"}. The payment is found by the intent alone. Events may come in any order, and again. Returns the outcome (applied, ignored, failed, duplicate) and the error of one that has failed: organization_mismatch, amount_mismatch, refund_unknown, refund_not_approved, refund_superseded, change_invalid, or what went wrong; of one that is ignored, intent_unknown.';

revoke all
  on function public.record_payment_event(text, text, text, timestamp with time zone, jsonb, jsonb)
  from public;

grant execute
  on function public.record_payment_event(text, text, text, timestamp with time zone, jsonb, jsonb)
  to service_role;
