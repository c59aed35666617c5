create or replace function public.cancel_booking (
  id uuid,
  reason text default null::text
)
  returns public.bookings
  language sql
  set search_path to ''
  AS $function$
  select private.cancel_booking(id, reason);
$function$;

comment on function public.cancel_booking(uuid, text) is 'Cancels a booking (whoever acts for its customer; bookings.write): its places are free at once, and go to the waitlist. Takes the id, and a reason of up to 1,000 characters. Nothing was paid: its invoice is void. Something was: what the rules of the organization give back is refunded, an approved refund of its own. Customers cancel before the start, and what is paid until as many hours before it as the organization has settled on; staff at any time. Returns the booking. Raises PT400 reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 booking_completed, transition_not_allowed (from, to), refund_open, cancellation_too_late (hours).';

revoke all on function public.cancel_booking(uuid, text) from public;

grant execute on function public.cancel_booking(uuid, text) to authenticated, service_role;
