create or replace function private.create_audit_partition (
  month date default null::date
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  name constant text := 'audit_logs_' || coalesce(to_char(month, 'YYYY_MM'), 'default');
begin
  -- Attaching, unlike creating in place, lets others write to the log meanwhile.
  execute format('create table private.%I (like public.audit_logs including comments including constraints including defaults)', name);
  execute format(
    'comment on table private.%I is %L',
    name,
    case
      when month is null then 'The part of public.audit_logs that takes what no month has room for. Maintenance empties it.'
      else format('The part of public.audit_logs of %s, UTC.', to_char(month, 'YYYY-MM'))
    end
  );
  execute format(
    'create trigger _000_append_only_truncate before truncate on private.%I '
      'for each statement execute function private.tg_audit_logs__append_only()',
    name
  );
  execute format('alter table private.%I enable always trigger _000_append_only_truncate', name);
  execute format(
    'alter table public.audit_logs attach partition private.%I %s',
    name,
    case
      when month is null then 'default'
      else format(
        'for values from (%L) to (%L)',
        month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC'
      )
    end
  );
end;
$function$;

comment on function private.create_audit_partition(date) is 'Makes the part of public.audit_logs that a month goes to. Takes the first day of the month; null for the part that takes everything else.';

revoke all on function private.create_audit_partition(date) from public;
