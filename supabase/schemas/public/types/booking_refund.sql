create type public.booking_refund as (
  id uuid,
  status text,
  amount numeric,
  currency text,
  reason text,
  rejection_reason text,
  processed_at timestamp with time zone,
  created_at timestamp with time zone
);

comment on type public.booking_refund is 'A refund in the details of a booking.';
