create or replace function public.clone_session (
  id uuid,
  starts_at timestamp with time zone,
  with_instructor boolean default true
)
  returns public.course_sessions
  language sql
  set search_path to ''
  AS $function$
  select private.clone_session(id, starts_at, with_instructor);
$function$;

comment on function public.clone_session(uuid, timestamp
  with time zone, boolean) is 'Enters a session like another, at another time, as a draft without bookings: course, venue, room, capacity, price, and how long it takes (bookings.catalog). Takes the session, the start, and whether the same instructor teaches. Returns the new one. Raises PT400 starts_at_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found; PT409 session_conflict with the day in details.conflicts on which the instructor or the room is in another session.';

revoke all on function public.clone_session(uuid, timestamp with time zone, boolean) from public;

grant execute
  on function public.clone_session(uuid, timestamp with time zone, boolean)
  to authenticated, service_role;
