create or replace function private.complete_session (
  id uuid
)
  returns public.course_sessions
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  seen constant public.course_sessions := private.require_attendance_session(complete_session.id, is_change => true);
  completed public.course_sessions := private.lock_session_bookings(seen.organization_id, seen.id);
begin
  perform private.require_transition('course_sessions', completed.status, 'completed');
  if completed.ends_at > now() then
    perform private.refuse(409, 'session_not_over', 'The session is not over.', 'Complete it when it has ended.');
  end if;
  perform private.settle_attendance(completed.organization_id, completed.id);
  update public.booking_waitlist as entry
  set status = 'expired'
  where entry.organization_id = completed.organization_id
    and entry.session_id = completed.id
    and entry.status in ('waiting', 'notified');
  update public.course_sessions as session
  set status = 'completed'
  where session.organization_id = completed.organization_id and session.id = completed.id
  returning * into completed;
  return completed;
end;
$function$;

comment on function private.complete_session(uuid) is 'Completes a session: public.complete_session with the rights that this takes.';

revoke all on function private.complete_session(uuid) from public;

grant execute on function private.complete_session(uuid) to authenticated, service_role;
