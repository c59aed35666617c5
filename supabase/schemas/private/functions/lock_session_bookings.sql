create or replace function private.lock_session_bookings (
  organization_id text,
  session_id uuid
)
  returns public.course_sessions
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  customer_ids uuid[];
  locked public.course_sessions;
begin
  loop
    begin
      with customer as (
        select booker.id
        from public.customers as booker
        where booker.organization_id = lock_session_bookings.organization_id
          and booker.id = any (
            array(
              select booking.customer_id
              from public.bookings as booking
              where booking.organization_id = lock_session_bookings.organization_id
                and booking.session_id = lock_session_bookings.session_id
                and booking.status not in ('cancelled', 'refunded')
            )
          )
        order by booker.id
        for key share
      )
      select array_agg(customer.id) into customer_ids from customer;
      select * into locked
      from public.course_sessions as session
      where session.organization_id = lock_session_bookings.organization_id
        and session.id = lock_session_bookings.session_id
      for no key update;
      if exists (
        select
        from public.bookings as booking
        where booking.organization_id = lock_session_bookings.organization_id
          and booking.session_id = lock_session_bookings.session_id
          and booking.status not in ('cancelled', 'refunded')
          and booking.customer_id is not null
          and booking.customer_id <> all (coalesce(customer_ids, '{}'))
      ) then
        -- Somebody has booked in between: all locks are let go, and taken in order.
        raise exception using errcode = 'RH001', message = 'The session has other customers by now.';
      end if;
      perform
      from public.bookings as booking
      where booking.organization_id = lock_session_bookings.organization_id
        and booking.session_id = lock_session_bookings.session_id
        and booking.status not in ('cancelled', 'refunded')
      order by booking.id
      for no key update;
      exit;
    exception
      when sqlstate 'RH001' then
        null;
    end;
  end loop;
  perform private.enter_older_payments(
    lock_session_bookings.organization_id,
    array(
      select booking.id
      from public.bookings as booking
      where booking.organization_id = lock_session_bookings.organization_id
        and booking.session_id = lock_session_bookings.session_id
        and booking.status not in ('cancelled', 'refunded')
    )
  );
  return locked;
end;
$function$;

comment on function private.lock_session_bookings(text, uuid) is 'Locks a session with all its bookings that are neither cancelled nor refunded until the transaction ends, and before them their customers (against being merged away): the order in which everybody locks. Takes the organization and the session; for functions that have checked who calls. Returns the session as it is once it is locked; null where there is none.';

revoke all on function private.lock_session_bookings(text, uuid) from public;
