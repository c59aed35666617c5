create or replace function public.session_calendar (
  starts_from timestamp with time zone,
  starts_before timestamp with time zone,
  course_id uuid default null::uuid,
  venue_id uuid default null::uuid,
  instructor_id uuid default null::uuid
)
  returns SETOF public.session_calendar_entry
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.session_calendar(starts_from, starts_before, course_id, venue_id, instructor_id);
$function$;

comment on function public.session_calendar(timestamp with time zone, timestamp
  with time zone, uuid, uuid, uuid) is 'Returns the sessions that start in a time, in that order, with how full they are and how many wait (bookings.read; with bookings.teach alone those that the caller teaches). Takes from when on, before when, and a course, a venue, an instructor, or null for all. Raises PT400 range_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke all
  on function public.session_calendar(timestamp with time zone, timestamp
    with time zone, uuid, uuid, uuid)
  from public;

grant execute
  on function public.session_calendar(timestamp with time zone, timestamp
    with time zone, uuid, uuid, uuid)
  to authenticated, service_role;
