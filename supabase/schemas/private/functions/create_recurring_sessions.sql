create or replace function private.create_recurring_sessions (
  course_id uuid,
  venue_id uuid,
  room text,
  instructor_id uuid,
  first_starts_at timestamp with time zone,
  frequency text,
  occurrences integer,
  capacity integer,
  price numeric
)
  returns SETOF public.course_sessions
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('bookings.catalog');
  step constant interval := case create_recurring_sessions.frequency
    when 'daily' then interval '1 day'
    when 'weekly' then interval '7 days'
    when 'biweekly' then interval '14 days'
    when 'monthly' then interval '1 month'
  end;
  duration interval;
  starts timestamptz[];
  template public.course_sessions;
begin
  if step is null then
    perform private.refuse(400, 'frequency_invalid', 'frequency is daily, weekly, biweekly or monthly.');
  elsif (occurrences between 1 and 104) is not true then
    perform private.refuse(400, 'occurrences_invalid', 'occurrences is a number from 1 to 104.');
  elsif (first_starts_at between '2000-01-01' and '2200-01-01') is not true then
    perform private.refuse(400, 'starts_at_invalid', 'first_starts_at is a moment from 2000 to 2199.');
  elsif (capacity between 1 and 10000) is not true then
    perform private.refuse(400, 'capacity_invalid', 'capacity is a number from 1 to 10,000.');
  elsif not coalesce(price between 0 and 1000000000, true) then
    perform private.refuse(400, 'price_invalid', 'price is an amount from 0 on, or null for that of the course.');
  elsif length(room) > 100 then
    perform private.refuse(400, 'room_invalid', 'room has at most 100 characters.');
  end if;
  -- Kept while the sessions are entered.
  select make_interval(mins => course.duration_minutes) into duration
  from public.courses as course
  where course.organization_id = current_id and course.id = create_recurring_sessions.course_id
  for share;
  if not found then
    perform private.refuse(404, 'course_not_found', 'There is no such course.');
  end if;
  perform
  from public.venues as venue
  where venue.organization_id = current_id and venue.id = create_recurring_sessions.venue_id
  for key share;
  if not found and create_recurring_sessions.venue_id is not null then
    perform private.refuse(404, 'venue_not_found', 'There is no such venue.');
  end if;
  perform
  from public.members as member
  where member.organization_id = current_id and member.user_id = create_recurring_sessions.instructor_id
  for key share;
  if not found and create_recurring_sessions.instructor_id is not null then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  end if;

  -- Counted from the first, at its hour on the clock: after a 31st of January comes the last of February, then again
  -- a 31st. The first is what was asked for, also in the hour that a clock shows twice.
  select
    array_agg(
      case ordinal
        when 0 then first_starts_at
        else (first_starts_at at time zone organization.timezone + ordinal * step) at time zone organization.timezone
      end
      order by ordinal
    )
  into starts
  from public.organizations as organization, generate_series(0, occurrences - 1) as ordinal
  where organization.id = current_id;

  template.organization_id := current_id;
  template.course_id := create_recurring_sessions.course_id;
  template.venue_id := create_recurring_sessions.venue_id;
  template.room := coalesce(btrim(create_recurring_sessions.room), '');
  template.instructor_id := create_recurring_sessions.instructor_id;
  template.capacity := create_recurring_sessions.capacity;
  template.price := create_recurring_sessions.price;
  return query
  select * from private.insert_sessions(template, starts, duration);
end;
$function$;

comment on function private.create_recurring_sessions(uuid, uuid, text, uuid, timestamp
  with time zone, text, integer, integer, numeric) is 'Enters sessions that recur: public.create_recurring_sessions with the rights that this takes.';

revoke all
  on function private.create_recurring_sessions(uuid, uuid, text, uuid, timestamp
    with time zone, text, integer, integer, numeric)
  from public;

grant execute
  on function private.create_recurring_sessions(uuid, uuid, text, uuid, timestamp
    with time zone, text, integer, integer, numeric)
  to authenticated, service_role;
