create or replace function public.create_payment (
  booking_id uuid,
  idempotency_key text default null::text
)
  returns public.payments
  language sql
  set search_path to ''
  AS $function$
  select private.create_payment(booking_id, idempotency_key);
$function$;

comment on function public.create_payment(uuid, text) is 'Begins a payment by Stripe of all that is still to be paid for a booking (whoever acts for its customer, who has booked it with bookings.book, or bookings.payments). Takes the booking and an idempotency key: with the same one, the same payment is returned; without one, that which waits for as much, if there is one. Returns the payment, pending. Raises PT400 idempotency_key_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 booking_not_payable (status); PT422 idempotency_mismatch.';

revoke all on function public.create_payment(uuid, text) from public;

grant execute on function public.create_payment(uuid, text) to authenticated, service_role;
