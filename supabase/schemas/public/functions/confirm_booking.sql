create or replace function public.confirm_booking (
  id uuid
)
  returns public.bookings
  language sql
  set search_path to ''
  AS $function$
  select private.confirm_booking(id);
$function$;

comment on function public.confirm_booking(uuid) is 'Confirms a booking that is pending, whether it is paid or not (bookings.write): what is paid is confirmed by itself. Takes the id. Returns the booking. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 transition_not_allowed (from, to), refund_open.';

revoke all on function public.confirm_booking(uuid) from public;

grant execute on function public.confirm_booking(uuid) to authenticated, service_role;
