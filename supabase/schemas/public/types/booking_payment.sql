create type public.booking_payment as (
  id uuid,
  provider text,
  method text,
  status text,
  amount numeric,
  amount_refunded numeric,
  currency text,
  note text,
  failure_reason text,
  succeeded_at timestamp with time zone,
  created_at timestamp with time zone
);

comment on type public.booking_payment is 'A payment in the details of a booking.';
