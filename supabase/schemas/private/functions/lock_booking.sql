create or replace function private.lock_booking (
  organization_id text,
  booking_id uuid
)
  returns public.bookings
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  seen record;
  locked public.bookings;
begin
  loop
    select booking.session_id, booking.customer_id into seen
    from public.bookings as booking
    where booking.organization_id = lock_booking.organization_id and booking.id = lock_booking.booking_id;
    if not found then
      perform private.refuse(404, 'booking_not_found', 'There is no such booking.');
    end if;
    begin
      -- The customer before the session, as whoever books; and so that it is not merged away in between.
      perform
      from public.customers as customer
      where customer.organization_id = lock_booking.organization_id and customer.id = seen.customer_id
      for key share;
      perform
      from public.course_sessions as session
      where session.organization_id = lock_booking.organization_id and session.id = seen.session_id
      for no key update;
      select * into locked
      from public.bookings as booking
      where booking.organization_id = lock_booking.organization_id and booking.id = lock_booking.booking_id
      for no key update;
      if (locked.customer_id, locked.session_id) is distinct from (seen.customer_id, seen.session_id) then
        -- Customers were merged, or that of an older booking found: all locks are let go, and taken in order.
        raise exception using errcode = 'RH001', message = 'The booking has another customer by now.';
      end if;
      exit;
    exception
      when sqlstate 'RH001' then
        null;
    end;
  end loop;
  if locked.contact_details is not null and locked.amount_paid > locked.amount_refunded then
    perform private.enter_older_payments(locked.organization_id, array[locked.id]);
    select * into locked
    from public.bookings as booking
    where booking.organization_id = lock_booking.organization_id and booking.id = lock_booking.booking_id;
  end if;
  return locked;
end;
$function$;

comment on function private.lock_booking(text, uuid) is 'Locks a booking until the transaction ends, and before it its customer (against being merged away) and its session: the order in which everybody locks. Whatever changes a booking or its money calls this first. Takes the organization and the id; for functions that have checked who calls. Returns the booking as it is once it is locked. Raises PT404 booking_not_found.';

revoke all on function private.lock_booking(text, uuid) from public;
