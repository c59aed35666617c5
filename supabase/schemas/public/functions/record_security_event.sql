create or replace function public.record_security_event (
  event text,
  severity text default 'warning'::text,
  actor_id uuid default null::uuid,
  organization_id text default null::text,
  details jsonb default null::jsonb
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select private.record_security_event(event, severity, actor_id, organization_id, details);
$function$;

comment on function public.record_security_event(text, text, uuid, text, jsonb) is
  'Writes an event that an edge function saw, such as a refusal, to the audit log (service role only). Takes its name (module.what_happened), the severity (info, notice, warning, critical), the user and the organization that the function has verified, or null, and what there is to tell (up to 20,000 characters). Raises PT400 event_invalid.';

revoke all on function public.record_security_event(text, text, uuid, text, jsonb) from public;

grant execute on function public.record_security_event(text, text, uuid, text, jsonb) to service_role;
