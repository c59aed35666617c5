create type public.refund_part as (
  refund_id uuid,
  payment_id uuid,
  provider text,
  provider_intent_id text,
  amount numeric,
  currency text
);

comment on type public.refund_part is 'What a provider has to give back of a payment, as public.refund_to_process returns it.';
