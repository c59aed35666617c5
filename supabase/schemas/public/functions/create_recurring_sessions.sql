create or replace function public.create_recurring_sessions (
  course_id uuid,
  first_starts_at timestamp with time zone,
  frequency text,
  occurrences integer,
  venue_id uuid default null::uuid,
  room text default ''::text,
  instructor_id uuid default null::uuid,
  capacity integer default 12,
  price numeric default null::numeric
)
  returns SETOF public.course_sessions
  language sql
  set search_path to ''
  AS $function$
  select *
  from private.create_recurring_sessions(
    course_id, venue_id, room, instructor_id, first_starts_at, frequency, occurrences, capacity, price
  );
$function$;

comment on function public.create_recurring_sessions(uuid, timestamp
  with time zone, text, integer, uuid, text, uuid, integer, numeric) is 'Enters sessions of a course that recur, as drafts, all of them or none (bookings.catalog). Takes the course; the start of the first; daily, weekly, biweekly or monthly; how many, from 1 to 104; and what they share: venue, room, instructor, capacity, and a price of their own. They start at the same hour on the clock of the organization, whatever daylight saving does, monthly ones on the day of the first or on the last of a shorter month, and take as long as the course. Returns them in order. Raises PT400 frequency_invalid, occurrences_invalid, starts_at_invalid, capacity_invalid, price_invalid, room_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 course_not_found, venue_not_found, member_not_found; PT409 session_conflict with the days in details.conflicts on which the instructor or the room is in another session.';

revoke all
  on function public.create_recurring_sessions(uuid, timestamp
    with time zone, text, integer, uuid, text, uuid, integer, numeric)
  from public;

grant execute
  on function public.create_recurring_sessions(uuid, timestamp
    with time zone, text, integer, uuid, text, uuid, integer, numeric)
  to authenticated, service_role;
