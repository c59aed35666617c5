create or replace function public.cancel_session (
  id uuid,
  reason text
)
  returns public.course_sessions
  language sql
  set search_path to ''
  AS $function$
  select private.cancel_session(id, reason);
$function$;

comment on function public.cancel_session(uuid, text) is 'Cancels a session with all its bookings (bookings.catalog): whatever was paid is refunded in full, by approved refunds of their own, invoices of which nothing was paid are void, the waitlist ends, and everybody gets a mail. Takes the id, and a reason of up to 1,000 characters, which they read. Returns the session. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found; PT409 transition_not_allowed (from, to).';

revoke all on function public.cancel_session(uuid, text) from public;

grant execute on function public.cancel_session(uuid, text) to authenticated, service_role;
