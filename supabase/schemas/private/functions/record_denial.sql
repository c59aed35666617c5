create or replace function private.record_denial (
  code text,
  details jsonb default null::jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller constant record := private.request_context();
begin
  raise log 'rowhouse: security event %', jsonb_strip_nulls(
    jsonb_build_object(
      'event', 'access.denied',
      'code', code,
      'at', now(),
      'organization_id', private.current_organization_id(),
      'actor_id', caller.actor_id,
      'actor_role', caller.actor_role,
      'request_id', caller.request_id,
      'ip', caller.ip,
      'details', details
    )
  );
end;
$function$;

comment on function private.record_denial(text, jsonb) is 'Writes to the server''s log, as one line of JSON behind "rowhouse: security event", that the caller is refused. Takes the code of the refusal and what there is to tell. Call it before private.refuse: that undoes the transaction, and no row of a table would be left.';

revoke all on function private.record_denial(text, jsonb) from public;
