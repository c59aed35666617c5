create or replace function private.require_money_booking (
  booking_id uuid,
  is_own_enough boolean
)
  returns public.bookings
  language plpgsql
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
begin
  if not private.has_permission('bookings.payments')
    and not (
      is_own_enough
      and exists (
        select
        from public.bookings as booking
        where booking.organization_id = current_id
          and booking.id = require_money_booking.booking_id
          and (
            booking.customer_id = any (private.own_customer_ids())
            -- A website goes on with what it has booked.
            or booking.created_by = auth.uid() and private.has_permission('bookings.book')
          )
      )
    )
  then
    -- What is not seen does not exist, and what is seen takes the permission.
    perform private.require_booking(booking_id);
    perform private.require_permission('bookings.payments');
  end if;
  return private.lock_booking(current_id, booking_id);
end;
$function$;

comment on function private.require_money_booking(uuid, boolean) is 'Returns a booking of the current organization whose money the caller may deal with, and locks it until the transaction ends. Takes the id, and whether it is enough, without bookings.payments, to act for its customer, or to have booked it with bookings.book. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found, also for what the caller may not see.';

revoke all on function private.require_money_booking(uuid, boolean) from public;
