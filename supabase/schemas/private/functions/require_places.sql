create or replace function private.require_places (
  session public.course_sessions,
  customer_id uuid,
  attendee_count integer
)
  returns public.booking_waitlist
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  entry public.booking_waitlist;
  free_places integer := session.capacity - session.places_taken - session.places_held;
begin
  if session.status not in ('published', 'full') or session.starts_at <= clock_timestamp() then
    perform private.refuse(
      409,
      'invalid_session_status',
      case
        when session.status in ('published', 'full') then 'The session has started.'
        else format('The session is %s.', session.status)
      end,
      'Choose another.',
      jsonb_build_object('status', session.status)
    );
  elsif
    exists (
      select
      from public.bookings as booking
      where booking.organization_id = session.organization_id
        and booking.session_id = session.id
        and booking.customer_id = require_places.customer_id
        and booking.status not in ('cancelled', 'refunded')
    )
    or exists (
      -- Older ones, whose customer has not been looked for.
      select
      from public.customers as customer
        join public.bookings as older
          on older.organization_id = customer.organization_id and older.contact_email = customer.email
      where customer.organization_id = session.organization_id
        and customer.id = require_places.customer_id
        and older.session_id = session.id
        and older.customer_id is null
        and older.contact_problem is null
        and older.status not in ('cancelled', 'refunded')
    )
  then
    perform private.refuse(
      409,
      'duplicate_booking',
      'There is a booking of this session with this e-mail address already.',
      'Cancel it first, or use another address.'
    );
  end if;
  select * into entry
  from public.booking_waitlist as open_entry
  where open_entry.organization_id = session.organization_id
    and open_entry.session_id = session.id
    and open_entry.customer_id = require_places.customer_id
    and open_entry.status in ('waiting', 'notified')
  -- Of customers who were merged there may be more.
  order by open_entry.status = 'notified' desc, open_entry.position
  fetch first row only;
  if entry.status = 'notified' then
    free_places := free_places + entry.attendee_count;
  end if;
  if attendee_count > free_places then
    perform private.refuse(
      409,
      'insufficient_capacity',
      case
        when free_places <= 0 then 'There is no place left.'
        when free_places = 1 then 'There is one place left.'
        else format('There are %s places left.', free_places)
      end,
      'Book fewer, choose another session, or join the waitlist.',
      jsonb_build_object('places_left', greatest(free_places, 0))
    );
  end if;
  return entry;
end;
$function$;

comment on function private.require_places(public.course_sessions, uuid, integer) is
  'Refuses a booking that a session has no place for. Takes the session, as it was read last, the customer, and how many places. Returns the entry of the waitlist that the booking uses up: that of the customer who waits, or for whom places are kept, which then are free for it; null where there is none. Raises PT409 invalid_session_status (status), duplicate_booking, insufficient_capacity (places_left).';

revoke all on function private.require_places(public.course_sessions, uuid, integer) from public;
