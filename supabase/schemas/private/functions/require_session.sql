create or replace function private.require_session (
  organization_id text,
  session_id uuid
)
  returns public.course_sessions
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  seen public.course_sessions;
begin
  select * into seen
  from public.course_sessions as session
  where session.organization_id = require_session.organization_id and session.id = require_session.session_id;
  -- What was never published is for staff.
  if seen.id is null
    or seen.published_at is null
    and not private.has_permission('bookings.write')
    and not private.has_permission('bookings.read')
  then
    perform private.refuse(404, 'session_not_found', 'There is no such session.');
  end if;
  return seen;
end;
$function$;

comment on function private.require_session(text, uuid) is 'Returns a session that the caller may know of: any with bookings.read or bookings.write, otherwise one that was published. Takes the organization and the id. Raises PT404 session_not_found.';

revoke all on function private.require_session(text, uuid) from public;
