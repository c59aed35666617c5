create type public.booking_person as (
  id uuid,
  name text,
  email text,
  is_primary boolean,
  date_of_birth date,
  attendance text,
  certificate_number text,
  certificate_expires_on date
);

comment on type public.booking_person is 'An attendee in the details of a booking.';
