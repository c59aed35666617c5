create or replace function public.complete_session (
  id uuid
)
  returns public.course_sessions
  language sql
  set search_path to ''
  AS $function$
  select private.complete_session(id);
$function$;

comment on function public.complete_session(uuid) is 'Completes a session that is over (bookings.write; with bookings.teach one that the caller teaches). Takes the id. Its bookings become completed where anybody was recorded as present or late, the others no_show; who was there gets a certificate, where the course has them, that is valid from the last day of the session, in the time zone of the organization, for as many months as the course says; nobody waits for it any more. Returns the session. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found, also for a session that somebody else teaches; PT409 transition_not_allowed (from, to) for a draft, one that was cancelled, and one that is completed already, session_not_over.';

revoke all on function public.complete_session(uuid) from public;

grant execute on function public.complete_session(uuid) to authenticated, service_role;
