create or replace function public.publish_session (
  id uuid
)
  returns public.course_sessions
  language sql
  set search_path to ''
  AS $function$
  select private.publish_session(id);
$function$;

comment on function public.publish_session(uuid) is 'Opens a draft of a session for bookings (bookings.catalog). Takes the id. Returns the session. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found; PT409 transition_not_allowed (from, to), invalid_session_status when it has started (status).';

revoke all on function public.publish_session(uuid) from public;

grant execute on function public.publish_session(uuid) to authenticated, service_role;
