create or replace function private.record_security_event (
  event text,
  severity text,
  actor_id uuid,
  organization_id text,
  details jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if coalesce(record_security_event.severity, '') not in ('info', 'notice', 'warning', 'critical')
    or coalesce(length(record_security_event.event), 0) not between 1 and 100
    or record_security_event.event !~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$'
    or record_security_event.organization_id !~ '^[A-Z0-9]{8,9}$'
    or length(record_security_event.details::text) > 20000
  then
    perform private.refuse(
      400,
      'event_invalid',
      'This is not an event that can be recorded.',
      'An event is called module.what_happened, its severity is info, notice, warning or critical, the organization is an id or null, and the details have at most 20,000 characters.'
    );
  end if;
  perform private.record_event(
    record_security_event.event,
    'system',
    severity => record_security_event.severity,
    organization_id => coalesce(record_security_event.organization_id, 'PLATFORM'),
    details => record_security_event.details,
    actor_id => record_security_event.actor_id
  );
end;
$function$;

comment on function private.record_security_event(text, text, uuid, text, jsonb) is
  'Writes an event that a server saw to public.audit_logs; public.record_security_event says more.';

revoke all on function private.record_security_event(text, text, uuid, text, jsonb) from public;

grant execute on function private.record_security_event(text, text, uuid, text, jsonb) to service_role;
