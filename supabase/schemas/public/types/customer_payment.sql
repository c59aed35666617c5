create type public.customer_payment as (
  id uuid,
  booking_id uuid,
  booking_reference text,
  provider text,
  method text,
  status text,
  currency text,
  amount numeric,
  amount_refunded numeric,
  created_at timestamp with time zone
);

comment on type public.customer_payment is 'A payment in the details of a customer.';
