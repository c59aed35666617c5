create type public.customer_booking as (
  id uuid,
  reference text,
  status text,
  course_name text,
  starts_at timestamp with time zone,
  attendee_count integer,
  currency text,
  total numeric,
  amount_paid numeric,
  amount_refunded numeric,
  created_at timestamp with time zone
);

comment on type public.customer_booking is 'A booking in the details of a customer.';
