create type public.customer_statistics_difference as (
  customer_id uuid,
  total_bookings_before integer,
  total_bookings integer,
  total_spent_before numeric,
  total_spent numeric,
  first_booking_at_before timestamp with time zone,
  first_booking_at timestamp with time zone,
  last_booking_at_before timestamp with time zone,
  last_booking_at timestamp with time zone
);

comment on type public.customer_statistics_difference is 'A customer whose statistics were not what its bookings come to, as public.recalculate_customer_statistics returns it.';
