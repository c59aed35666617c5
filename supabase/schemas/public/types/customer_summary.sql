create type public.customer_summary as (
  id uuid,
  company_name text,
  contact_person text,
  email text,
  phone text,
  customer_type text,
  is_active boolean,
  tags text[],
  total_bookings integer,
  total_spent numeric,
  last_booking_at timestamp with time zone,
  created_at timestamp with time zone
);

comment on type public.customer_summary is 'A customer in a list.';
