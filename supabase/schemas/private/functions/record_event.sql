create or replace function private.record_event (
  event text,
  action text,
  severity text default 'notice'::text,
  organization_id text default null::text,
  table_name text default null::text,
  row_key jsonb default null::jsonb,
  details jsonb default null::jsonb,
  actor_id uuid default null::uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller constant record := private.request_context();
begin
  -- Here and not in a check constraint, which every audited row of every table would pay for.
  if length(event) not between 1 and 100 or coalesce(event !~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$', true) then
    raise exception using
      errcode = 'check_violation',
      message = format('%L is no name of an event: module.what_happened.', event);
  end if;
  insert into public.audit_logs (
    organization_id, actor_id, actor_role, action, event, table_name, row_key, after, severity, request_id, ip
  )
  values (
    coalesce(record_event.organization_id, private.current_organization_id(), 'PLATFORM'),
    coalesce(record_event.actor_id, caller.actor_id),
    caller.actor_role,
    record_event.action,
    record_event.event,
    record_event.table_name,
    record_event.row_key,
    record_event.details,
    record_event.severity,
    caller.request_id,
    caller.ip
  );
end;
$function$;

comment on function private.record_event(text, text, text, text, text, jsonb, jsonb, uuid) is
  'Writes an event to public.audit_logs. Takes its name (module.what_happened), the action, the severity, the organization (the caller''s when null, PLATFORM without one), the table and the key of the row that it is about, what there is to tell, and the user when it is not the caller''s token that says who. For functions that have checked who calls: it believes what it is told.';

revoke all on function private.record_event(text, text, text, text, text, jsonb, jsonb, uuid) from public;
