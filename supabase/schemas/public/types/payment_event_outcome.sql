create type public.payment_event_outcome as (
  outcome text,
  error text
);

comment on type public.payment_event_outcome is 'What came of an event of a payment provider, as public.record_payment_event returns it.';
