create or replace function public.join_waitlist (
  session_id uuid,
  contact jsonb default null::jsonb,
  attendee_count integer default 1
)
  returns public.booking_waitlist
  language sql
  set search_path to ''
  AS $function$
  select private.join_waitlist(session_id, contact, attendee_count);
$function$;

comment on function public.join_waitlist(uuid, jsonb, integer) is 'Puts a customer on the waitlist of a session that has no place for them (every member for themselves; bookings.write and bookings.book for the customer of contact, who is made where there is none). Takes the session; contact, an object of email, name, phone and company, as for create_booking; and how many places. Returns the entry with its position. Raises PT401 not_authenticated; PT403 organization_required, email_not_verified, customer_authorization; PT404 session_not_found; PT409 invalid_session_status (status), duplicate_booking, already_waiting, places_available (places_left); PT422 invalid_contact, invalid_participants (more than the session has), customer_creation_failed.';

revoke all on function public.join_waitlist(uuid, jsonb, integer) from public;

grant execute on function public.join_waitlist(uuid, jsonb, integer) to authenticated, service_role;
