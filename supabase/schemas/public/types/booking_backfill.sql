create type public.booking_backfill as (
  examined integer,
  linked integer,
  created integer,
  remaining bigint,
  unusable jsonb
);

comment on type public.booking_backfill is 'What a backfill of the customers of older bookings found and did, as public.backfill_booking_customers returns it.';
