create type public.booking_need as (
  id uuid,
  attendee_id uuid,
  kind text,
  priority text,
  note text
);

comment on type public.booking_need is 'What attendees need, in the details of a booking.';
