create or replace function public.record_payment (
  booking_id uuid,
  amount numeric,
  method text default 'cash'::text,
  note text default null::text,
  idempotency_key text default null::text
)
  returns public.payments
  language sql
  set search_path to ''
  AS $function$
  select private.record_payment(booking_id, amount, method, note, idempotency_key);
$function$;

comment on function public.record_payment(uuid, numeric, text, text, text) is 'Records money that staff has been given for a booking (bookings.payments); what is paid in full is confirmed. Takes the booking, the amount, the method (card, cash, bank_transfer, other), a note, and an idempotency key: with the same one, one payment is recorded, and returned again. Returns the payment. Raises PT400 method_invalid, note_invalid, idempotency_key_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 booking_not_payable (status); PT422 invalid_amount (maximum), idempotency_mismatch.';

revoke all on function public.record_payment(uuid, numeric, text, text, text) from public;

grant execute
  on function public.record_payment(uuid, numeric, text, text, text)
  to authenticated, service_role;
