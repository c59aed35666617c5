create or replace function private.create_audit_partitions()
  returns integer
  language plpgsql
  set search_path to ''
  set lock_timeout to '5s'
  AS $function$
declare
  this_month constant timestamp := date_trunc('month', now() at time zone 'UTC');
  months date[] := array(
    select (this_month + make_interval(months => ahead))::date from generate_series(0, 3) as ahead
  );
  is_astray boolean := false;
  month date;
  created integer := 0;
begin
  lock table public.audit_logs in share update exclusive mode;
  if to_regclass('private.audit_logs_default') is null then
    perform private.create_audit_partition();
  elsif exists (select from private.audit_logs_default) then
    -- Rows are not taken out of the log, not even to be put elsewhere in it: the table leaves it as a whole.
    is_astray := true;
    alter table public.audit_logs detach partition private.audit_logs_default;
    alter table private.audit_logs_default rename to audit_logs_astray;
    months := months || array(
      select distinct date_trunc('month', astray.at at time zone 'UTC')::date from private.audit_logs_astray as astray
    );
  end if;

  for month in select distinct wanted from unnest(months) as wanted order by wanted loop
    if to_regclass('private.audit_logs_' || to_char(month, 'YYYY_MM')) is null then
      perform private.create_audit_partition(month);
      created := created + 1;
    end if;
  end loop;

  if is_astray then
    insert into public.audit_logs overriding system value select * from private.audit_logs_astray;
    drop table private.audit_logs_astray;
    perform private.create_audit_partition();
  end if;
  return created;
end;
$function$;

comment on function private.create_audit_partitions() is 'Makes the parts of public.audit_logs for this month and the next three, and for whatever went to the default part, which is empty afterwards. Returns how many it made; running it again makes none. pg_cron calls it daily. Fails when others hold the table for 5 seconds; the next run makes up for it.';

revoke all on function private.create_audit_partitions() from public;
