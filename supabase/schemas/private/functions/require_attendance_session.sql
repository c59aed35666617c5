create or replace function private.require_attendance_session (
  session_id uuid,
  is_change boolean
)
  returns public.course_sessions
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  may_change_all constant boolean := private.has_permission('bookings.write');
  may_read_all constant boolean := may_change_all or private.has_permission('bookings.read');
  may_teach constant boolean := private.has_permission('bookings.teach');
  found_session public.course_sessions;
begin
  if not may_read_all and not may_teach then
    perform private.require_permission('bookings.read');
  end if;
  select * into found_session
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = require_attendance_session.session_id;
  if found_session.id is not null then
    if may_change_all or may_teach and found_session.instructor_id = auth.uid() then
      return found_session;
    elsif may_read_all then
      if is_change then
        perform private.require_permission('bookings.write');
      end if;
      return found_session;
    end if;
  end if;
  perform private.refuse(404, 'session_not_found', 'There is no such session.');
  return null;
end;
$function$;

comment on function private.require_attendance_session(uuid, boolean) is 'Returns a session of the current organization whose attendees the caller may see: any with bookings.read or bookings.write, otherwise, with bookings.teach, one that they teach. Takes the session, and whether its attendance is to be changed, which takes bookings.write or teaching it. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found, also for what somebody else teaches.';

revoke all on function private.require_attendance_session(uuid, boolean) from public;
