create or replace function private.session_calendar (
  starts_from timestamp with time zone,
  starts_before timestamp with time zone,
  course_id uuid,
  venue_id uuid,
  instructor_id uuid
)
  returns SETOF public.session_calendar_entry
  language plpgsql
  stable
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_custom_plan'
  AS $function$
declare
  is_teacher constant boolean :=
    not private.has_permission('bookings.read') and private.has_permission('bookings.teach');
  current_id constant text := private.require_permission(
    case when is_teacher then 'bookings.teach' else 'bookings.read' end
  );
  -- Who teaches sees what they teach.
  caller constant uuid := case when is_teacher then auth.uid() end;
begin
  if (starts_from < starts_before) is not true then
    perform private.refuse(400, 'range_invalid', 'starts_from is a moment before starts_before.');
  end if;
  return query
  select
    session.id,
    session.course_id,
    course.name,
    course.course_type,
    session.venue_id,
    venue.name,
    session.room,
    session.instructor_id,
    instructor.display_name,
    session.starts_at,
    session.ends_at,
    session.status,
    session.capacity,
    session.places_taken,
    session.places_held,
    session.capacity - session.places_taken - session.places_held,
    round(session.places_taken::numeric / session.capacity, 4),
    coalesce(waiting.amount, 0)
  from public.course_sessions as session
    join public.courses as course
      on course.organization_id = session.organization_id and course.id = session.course_id
    left join public.venues as venue
      on venue.organization_id = session.organization_id and venue.id = session.venue_id
    left join public.user_profiles as instructor on instructor.user_id = session.instructor_id
    left join (
      select entry.session_id, count(*)::integer as amount
      from public.booking_waitlist as entry
      where entry.organization_id = current_id and entry.status = 'waiting'
      group by entry.session_id
    ) as waiting on waiting.session_id = session.id
  where session.organization_id = current_id
    and session.starts_at >= session_calendar.starts_from
    and session.starts_at < session_calendar.starts_before
    and (session_calendar.course_id is null or session.course_id = session_calendar.course_id)
    and (session_calendar.venue_id is null or session.venue_id = session_calendar.venue_id)
    and (session_calendar.instructor_id is null or session.instructor_id = session_calendar.instructor_id)
    and (caller is null or session.instructor_id = caller)
  order by session.starts_at, session.id;
end;
$function$;

comment on function private.session_calendar(timestamp with time zone, timestamp
  with time zone, uuid, uuid, uuid) is 'Returns the sessions of a time: public.session_calendar with the rights that this takes.';

revoke all
  on function private.session_calendar(timestamp with time zone, timestamp
    with time zone, uuid, uuid, uuid)
  from public;

grant execute
  on function private.session_calendar(timestamp with time zone, timestamp
    with time zone, uuid, uuid, uuid)
  to authenticated, service_role;
