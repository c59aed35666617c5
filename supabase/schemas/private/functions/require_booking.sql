create or replace function private.require_booking (
  id uuid
)
  returns public.bookings
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  seen public.bookings;
begin
  select * into seen
  from public.bookings as booking
  where booking.organization_id = current_id and booking.id = require_booking.id;
  if seen.id is not null
    and (
      private.has_permission('bookings.read')
      or private.has_permission('bookings.write')
      or seen.customer_id = any (private.current_customer_ids())
      or seen.session_id = any (private.taught_session_ids())
    )
  then
    return seen;
  end if;
  perform private.refuse(404, 'booking_not_found', 'There is no such booking.');
  return null;
end;
$function$;

comment on function private.require_booking(uuid) is 'Returns a booking of the current organization that the caller may see: any with bookings.read or bookings.write, those of the customers that they act for or look after, those of the sessions that they teach. Takes the id. Locks nothing. Raises PT401 not_authenticated; PT403 organization_required; PT404 booking_not_found, also for what the caller may not see.';

revoke all on function private.require_booking(uuid) from public;
