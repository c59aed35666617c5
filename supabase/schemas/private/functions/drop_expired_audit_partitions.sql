create or replace function private.drop_expired_audit_partitions (
  retention interval default '7 years'::interval
)
  returns integer
  language plpgsql
  set search_path to ''
  set lock_timeout to '5s'
  AS $function$
declare
  expired record;
  dropped integer := 0;
begin
  if retention is null or now() - retention > now() - interval '1 month' then
    perform private.refuse(400, 'retention_invalid', 'The audit log is kept for a month at least.');
  end if;
  for expired in
    select part.relname as name, to_date(right(part.relname, -11), 'YYYY_MM') as month
    from pg_catalog.pg_inherits as inh
      join pg_catalog.pg_class as part on part.oid = inh.inhrelid
    where inh.inhparent = 'public.audit_logs'::regclass
      and part.relnamespace = 'private'::regnamespace
      and part.relname ~ '^audit_logs_[0-9]{4,}_[0-9]{2}$'
    order by month
  loop
    continue when (expired.month + interval '1 month') at time zone 'UTC' > now() - retention;
    execute format('drop table private.%I', expired.name);
    dropped := dropped + 1;
    perform private.record_event(
      'audit.expired',
      'system',
      organization_id => 'PLATFORM',
      table_name => 'audit_logs',
      details => jsonb_build_object('month', to_char(expired.month, 'YYYY-MM'), 'retention', retention)
    );
  end loop;
  return dropped;
end;
$function$;

comment on function private.drop_expired_audit_partitions(interval) is 'Drops the months of public.audit_logs that are over for longer than they are kept, and notes each there. Takes how long that is, seven years unless told otherwise, a month at least. Returns how many went. pg_cron calls it daily. Raises PT400 retention_invalid.';

revoke all on function private.drop_expired_audit_partitions(interval) from public;
