create type public.booking_price as (
  session_id uuid,
  attendee_count integer,
  unit_price numeric,
  subtotal numeric,
  group_percent numeric,
  group_discount numeric,
  discount_code_id uuid,
  code_discount numeric,
  total numeric,
  currency text
);

comment on type public.booking_price is 'What some places in a session cost, as public.booking_price returns it.';
