create table private.audit_logs_default partition of public.audit_logs default;

create trigger _000_append_only_truncate
  before truncate on private.audit_logs_default
  for each STATEMENT
  execute function private.tg_audit_logs__append_only();

alter table private.audit_logs_default
  enable always trigger _000_append_only_truncate;

comment on table private.audit_logs_default is 'The part of public.audit_logs that takes what no month has room for. Maintenance empties it.';
