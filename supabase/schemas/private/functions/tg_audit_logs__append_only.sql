create or replace function private.tg_audit_logs__append_only()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform private.refuse(
    403,
    'audit_append_only',
    'What the audit log holds is not changed.',
    'Record another event that puts it right. Months leave by private.drop_expired_audit_partitions.'
  );
  return null;
end;
$function$;

comment on function private.tg_audit_logs__append_only() is 'Trigger function of public.audit_logs and its partitions: raises PT403 audit_append_only, whoever asks.';

revoke all on function private.tg_audit_logs__append_only() from public;
