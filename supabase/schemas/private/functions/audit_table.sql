create or replace function private.audit_table (
  target regclass
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  arguments constant text[] := private.audit_arguments(target);
  written_arguments text;
  hidden_key text;
begin
  if arguments[5] is null then
    raise exception using
      errcode = 'feature_not_supported',
      message = format('%s has no primary key, and the audit log names rows by theirs.', target);
  end if;
  select name into hidden_key
  from unnest(arguments[5]::text[]) as name
  where name = any (arguments[6]::text[])
    or (name = any (arguments[3]::text[]) and name not in ('organization_id', 'updated_at'));
  if hidden_key is not null then
    raise exception using
      errcode = 'feature_not_supported',
      message = format('%s.%I is part of the primary key, and cannot be @secret or @unlogged.', target, hidden_key);
  end if;
  select string_agg(quote_literal(argument), ', ' order by place) into written_arguments
  from unnest(arguments) with ordinality as listed (argument, place);

  -- Three triggers, because one for several events cannot have transition tables.
  execute format(
    'create or replace trigger _500_audit_insert after insert on %s referencing new table as new_rows '
      'for each statement execute function private.tg__audit(%s)',
    target, written_arguments
  );
  execute format(
    'create or replace trigger _500_audit_update after update on %s referencing old table as old_rows new table as new_rows '
      'for each statement execute function private.tg__audit(%s)',
    target, written_arguments
  );
  execute format(
    'create or replace trigger _500_audit_delete after delete on %s referencing old table as old_rows '
      'for each statement execute function private.tg__audit(%s)',
    target, written_arguments
  );
end;
$function$;

comment on function private.audit_table(regclass) is 'Has every change of a table noted in public.audit_logs. Takes the table, which needs a primary key. Call it again when the key, or a tag @secret or @unlogged in the comment of a column, has changed; calling it twice changes nothing.';

revoke all on function private.audit_table(regclass) from public;
