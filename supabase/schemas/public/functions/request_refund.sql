create or replace function public.request_refund (
  booking_id uuid,
  reason text default null::text,
  amount numeric default null::numeric
)
  returns public.refunds
  language sql
  set search_path to ''
  AS $function$
  select private.request_refund(booking_id, reason, amount);
$function$;

comment on function public.request_refund(uuid, text, numeric) is 'Asks for money back that was paid for a booking, whatever its status (whoever acts for its customer: at most the share that the rules give; with bookings.payments, all that is left). Takes the booking, why, and the amount or null for as much as may be. Returns the refund, pending: approve_refund or reject_refund follows; until then the booking stays what it is. Raises PT400 reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 no_payment, refund_open; PT422 invalid_amount (maximum).';

revoke all on function public.request_refund(uuid, text, numeric) from public;

grant execute on function public.request_refund(uuid, text, numeric) to authenticated, service_role;
