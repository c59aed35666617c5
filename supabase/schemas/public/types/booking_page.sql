create type public.booking_page as (
  bookings jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.booking_page is 'One page of bookings, as public.list_bookings returns it.';
