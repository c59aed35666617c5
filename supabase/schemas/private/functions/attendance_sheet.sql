create or replace function private.attendance_sheet (
  session_id uuid
)
  returns SETOF public.attendance_entry
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  seen constant public.course_sessions := private.require_attendance_session(session_id, is_change => false);
begin
  return query
  select *
  from private.attendance_entries(
    seen.organization_id,
    seen.id,
    with_requirements => private.has_permission('customers.health')
      or private.has_permission('bookings.teach') and seen.instructor_id is not distinct from auth.uid()
  );
end;
$function$;

comment on function private.attendance_sheet(uuid) is 'Returns who attends a session: public.attendance_sheet with the rights that this takes.';

revoke all on function private.attendance_sheet(uuid) from public;

grant execute on function private.attendance_sheet(uuid) to authenticated, service_role;
