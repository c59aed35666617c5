create or replace function private.booking_details (
  id uuid
)
  returns public.booking_details
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  booking constant public.bookings := private.require_booking(booking_details.id);
  may_read_all constant boolean := private.has_permission('bookings.read');
  details public.booking_details;
begin
  -- What the policies of the tables show.
  select *
  into details
  from private.booking_details_of(
    booking.organization_id,
    booking.id,
    sees_customer => may_read_all or coalesce(booking.customer_id = any (private.current_customer_ids()), false),
    sees_drafts => may_read_all,
    sees_requirements => coalesce(booking.customer_id = any (private.own_customer_ids()), false)
      or booking.session_id = any (private.taught_session_ids())
      or private.has_permission('customers.health')
  );
  return details;
end;
$function$;

comment on function private.booking_details(uuid) is 'Returns all there is to a booking: public.booking_details with the rights that this takes.';

revoke all on function private.booking_details(uuid) from public;

grant execute on function private.booking_details(uuid) to authenticated, service_role;
