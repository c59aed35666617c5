create type public.attendance_entry as (
  attendee_id uuid,
  name text,
  email text,
  is_primary boolean,
  date_of_birth date,
  booking_id uuid,
  reference text,
  booking_status text,
  contact_name text,
  contact_email text,
  contact_phone text,
  company_name text,
  requirements jsonb,
  status text,
  note text,
  recorded_at timestamp with time zone,
  certificate_number text
);

comment on type public.attendance_entry is 'A line of an attendance sheet: somebody who takes a place of a live booking.';
