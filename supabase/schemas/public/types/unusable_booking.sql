create type public.unusable_booking as (
  booking_id uuid,
  reference text,
  reason text
);

comment on type public.unusable_booking is 'An older booking that no customer can be found for.';
