create type public.booking_summary as (
  id uuid,
  reference text,
  status text,
  session_id uuid,
  course_id uuid,
  course_name text,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  venue_name text,
  customer_id uuid,
  customer_name text,
  customer_email text,
  customer_phone text,
  customer_company text,
  attendee_count integer,
  total numeric,
  currency text,
  amount_paid numeric,
  amount_refunded numeric,
  created_at timestamp with time zone
);

comment on type public.booking_summary is 'A booking in a list.';
