create or replace function public.attendance_sheet (
  session_id uuid
)
  returns SETOF public.attendance_entry
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.attendance_sheet(session_id);
$function$;

comment on function public.attendance_sheet(uuid) is 'Returns who takes the places of a session, by name, with what they need and whether they were there (bookings.read or bookings.write; with bookings.teach for a session that the caller teaches). Takes the session. What they need is told to who teaches it, and with customers.health. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found, also for a session that somebody else teaches.';

revoke all on function public.attendance_sheet(uuid) from public;

grant execute on function public.attendance_sheet(uuid) to authenticated, service_role;
