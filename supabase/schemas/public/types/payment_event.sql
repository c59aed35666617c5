create type public.payment_event as (
  provider text,
  event_id text,
  event_type text,
  organization_id text,
  occurred_at timestamp with time zone,
  outcome text,
  error text,
  attempts integer,
  received_at timestamp with time zone,
  processed_at timestamp with time zone
);

comment on type public.payment_event is 'An event that a payment provider has sent.';
