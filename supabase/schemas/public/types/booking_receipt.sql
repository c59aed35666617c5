create type public.booking_receipt as (
  id uuid,
  reference text,
  status text,
  session_id uuid,
  customer_id uuid,
  attendee_count integer,
  unit_price numeric,
  subtotal numeric,
  group_discount numeric,
  code_discount numeric,
  total numeric,
  currency text,
  invoice_id uuid,
  places_left integer,
  warnings text[],
  created_at timestamp with time zone
);

comment on type public.booking_receipt is 'What public.create_booking answers: what was booked, and what there is to pay.';
