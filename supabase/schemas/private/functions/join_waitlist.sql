create or replace function private.join_waitlist (
  session_id uuid,
  contact jsonb,
  attendee_count integer
)
  returns public.booking_waitlist
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  for_id uuid;
  wanted public.course_sessions;
  joined public.booking_waitlist;
begin
  if (attendee_count between 1 and 100) is not true then
    perform private.refuse(422, 'invalid_participants', 'attendee_count is a number from 1 to 100.');
  end if;
  perform private.require_session(current_id, session_id);
  for_id := private.booking_customer(contact);
  -- Locked, so that nobody else gets the same position, and no place becomes free unseen.
  select * into wanted
  from public.course_sessions as session
  where session.organization_id = current_id
    and session.id = join_waitlist.session_id
  for no key update;
  if wanted.status not in ('published', 'full') or wanted.starts_at <= clock_timestamp() then
    perform private.refuse(
      409,
      'invalid_session_status',
      case
        when wanted.status in ('published', 'full') then 'The session has started.'
        else format('The session is %s.', wanted.status)
      end,
      'Choose another.',
      jsonb_build_object('status', wanted.status)
    );
  elsif join_waitlist.attendee_count > wanted.capacity then
    perform private.refuse(
      422, 'invalid_participants', format('The session has %s places in all.', wanted.capacity), 'Wait for fewer.'
    );
  elsif
    exists (
      select
      from public.bookings as booking
      where booking.organization_id = current_id
        and booking.session_id = wanted.id
        and booking.status not in ('cancelled', 'refunded')
        and (
          booking.customer_id = for_id
          -- An older one, whose customer has not been looked for.
          or booking.customer_id is null
          and booking.contact_email = (
            select customer.email
            from public.customers as customer
            where customer.organization_id = current_id and customer.id = for_id
          )
        )
    )
  then
    perform private.refuse(409, 'duplicate_booking', 'They have booked this session already.');
  elsif
    exists (
      select
      from public.booking_waitlist as entry
      where entry.organization_id = current_id
        and entry.session_id = wanted.id
        and entry.customer_id = for_id
        and entry.status in ('waiting', 'notified')
    )
  then
    perform private.refuse(
      409,
      'already_waiting',
      'They wait for this session already.',
      'Leave the waitlist first, to wait for more places or fewer.'
    );
  elsif wanted.capacity - wanted.places_taken - wanted.places_held >= join_waitlist.attendee_count then
    perform private.refuse(
      409,
      'places_available',
      'There are places: nobody has to wait.',
      'Book them.',
      jsonb_build_object('places_left', wanted.capacity - wanted.places_taken - wanted.places_held)
    );
  end if;

  insert into public.booking_waitlist (organization_id, session_id, customer_id, position, attendee_count, created_at)
  select
    current_id,
    wanted.id,
    for_id,
    coalesce(max(entry.position), 0) + 1,
    join_waitlist.attendee_count,
    clock_timestamp()
  from public.booking_waitlist as entry
  where entry.organization_id = current_id and entry.session_id = wanted.id
  returning * into joined;
  return joined;
end;
$function$;

comment on function private.join_waitlist(uuid, jsonb, integer) is 'Puts a customer on the waitlist of a session: public.join_waitlist with the rights that this takes.';

revoke all on function private.join_waitlist(uuid, jsonb, integer) from public;

grant execute on function private.join_waitlist(uuid, jsonb, integer) to authenticated, service_role;
