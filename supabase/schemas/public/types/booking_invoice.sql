create type public.booking_invoice as (
  id uuid,
  number text,
  status text,
  total numeric,
  amount_paid numeric,
  amount_refunded numeric,
  currency text,
  due_on date,
  sent_at timestamp with time zone,
  paid_at timestamp with time zone,
  created_at timestamp with time zone
);

comment on type public.booking_invoice is 'An invoice in the details of a booking.';
