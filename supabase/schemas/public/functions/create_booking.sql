create or replace function public.create_booking (
  session_id uuid,
  contact jsonb,
  participants jsonb,
  discount_code text default null::text,
  idempotency_key text default null::text,
  expected_total numeric default null::numeric,
  terms_accepted boolean default false,
  notes text default null::text
)
  returns public.booking_receipt
  language sql
  set search_path to ''
  AS $function$
  select private.create_booking(
    session_id, contact, participants, discount_code, idempotency_key, expected_total, terms_accepted, notes
  );
$function$;

comment on function public.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text) is
  'Books places in a session that is published and has not started (bookings.write or bookings.book for the customer with the e-mail address of the contact, who is entered where there is none; every other member for themselves). Takes the session; the contact, an object of email, name, phone, company; 1 to 100 participants, each an object of name and, where there is one, email, is_primary, date_of_birth, requirements (a list of kind, note, priority); a discount code; a key, with which the same request is answered the same for at least 24 hours, however often it comes; the total that the customer was shown; that the terms are accepted; notes. Makes the booking with its attendees and a draft invoice, and enqueues the confirmation. What costs nothing is confirmed at once; whom the waitlist keeps places for takes those. Returns the receipt. Raises PT400 idempotency_key_invalid, notes_invalid; PT401 not_authenticated; PT403 organization_required, customer_authorization, email_not_verified; PT404 session_not_found; PT409 invalid_session_status (status), duplicate_booking, insufficient_capacity (places_left); PT422 invalid_participants (participants), invalid_contact (fields), minimum_age (index, minimum_age), terms_required, discount_code_invalid (reason), invalid_amount (expected, total), idempotency_mismatch, customer_creation_failed.';

revoke all
  on function public.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)
  from public;

grant execute
  on function public.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)
  to authenticated, service_role;
