create or replace function public.record_attendance (
  session_id uuid,
  entries jsonb
)
  returns SETOF public.attendance_entry
  language sql
  set search_path to ''
  AS $function$
  select * from private.record_attendance(session_id, entries);
$function$;

comment on function public.record_attendance(uuid, jsonb) is 'Records who was there, all of it or nothing (bookings.write; with bookings.teach for a session that the caller teaches). Takes the session, from its day on in the time zone of the organization, and a list of objects of attendee_id, status (present, late, absent, excused) and note; what is not in the list stays as it is, and what is recorded again is replaced. When the session is completed already, who was there after all gets a certificate. Returns the sheet. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found, also for a session that somebody else teaches; PT409 invalid_session_status (status), session_not_started; PT422 invalid_attendance with index, field and message of what is wrong in details.entries.';

revoke all on function public.record_attendance(uuid, jsonb) from public;

grant execute on function public.record_attendance(uuid, jsonb) to authenticated, service_role;
