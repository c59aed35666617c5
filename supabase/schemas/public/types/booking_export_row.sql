create type public.booking_export_row as (
  id uuid,
  reference text,
  status text,
  course text,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  venue text,
  customer_name text,
  company text,
  email text,
  phone text,
  attendees integer,
  total numeric,
  currency text,
  paid numeric,
  refunded numeric,
  booked_at timestamp with time zone
);

comment on type public.booking_export_row is 'A booking for a spreadsheet, as public.export_bookings returns it.';
