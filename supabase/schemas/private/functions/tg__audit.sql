create or replace function private.tg__audit()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  set "TimeZone" to 'UTC'
  AS $function$
declare
  -- The arguments, from private.audit_arguments: 0 the table, 1 the column of the organization, 2 the columns that are
  -- left out, 3 the key where it is one column, 4 the key's columns, 5 the secret and 6 the nested ones.
  left_out constant text[] := tg_argv[2]::text[];
  is_plain constant boolean := tg_argv[3] <> '' and tg_argv[5] = '{}' and tg_argv[6] = '{}';
  caller_role constant text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
  caller_id uuid;
  headers jsonb;
  sent_id text;
  sent_ip inet;
begin
  -- Every audited statement comes through here. So this is what private.request_context does, of which the call alone
  -- would cost more; what is used once is not copied to a variable; and what most tables need has a branch of its own,
  -- because functions cost even where they are not called.
  begin
    caller_id := auth.uid();
    headers := nullif(current_setting('request.headers', true), '')::jsonb;
    if headers is not null then
      sent_id := headers ->> 'x-request-id';
      if length(sent_id) not between 1 and 200 or sent_id ~ '[^!-~]' then
        sent_id := null;
      end if;
      sent_ip := nullif(btrim(split_part(left(headers ->> 'x-forwarded-for', 1000), ',', 1)), '')::inet;
    end if;
  exception
    when others then
      null;
  end;

  -- No dynamic SQL: each trigger has its own compilation of this function, whose statements are planned once.
  -- `offset 0` keeps the planner from turning a row into JSON once per use.
  if tg_op = 'INSERT' and is_plain then
    insert into public.audit_logs (
      organization_id, actor_id, actor_role, action, table_name, row_key, after, request_id, ip
    )
    select
      coalesce(created.row ->> tg_argv[1], 'PLATFORM'),
      caller_id,
      caller_role,
      'create',
      tg_argv[0],
      jsonb_build_object(tg_argv[3], created.row -> tg_argv[3]),
      jsonb_strip_nulls(created.row - left_out),
      sent_id,
      sent_ip
    from (select to_jsonb(new_row) as row from new_rows as new_row offset 0) as created;

  elsif tg_op = 'INSERT' then
    insert into public.audit_logs (
      organization_id, actor_id, actor_role, action, table_name, row_key, after, request_id, ip
    )
    select
      coalesce(created.row ->> tg_argv[1], 'PLATFORM'),
      caller_id,
      caller_role,
      'create',
      tg_argv[0],
      private.audit_key(created.row, tg_argv[4]::text[]),
      private.audit_document(created.row - left_out, tg_argv[5]::text[], tg_argv[6]::text[]),
      sent_id,
      sent_ip
    from (select to_jsonb(new_row) as row from new_rows as new_row offset 0) as created;

  elsif tg_op = 'UPDATE' then
    -- A full join: a row whose key or organization has changed is one that went and one that came, and no plan that
    -- was made for one row compares each of many with each.
    insert into public.audit_logs (
      organization_id, actor_id, actor_role, action, table_name, row_key, before, after, request_id, ip
    )
    select
      coalesce(coalesce(new_one.row, old_one.row) ->> tg_argv[1], 'PLATFORM'),
      caller_id,
      caller_role,
      case
        when old_one.row is null then 'create'
        when new_one.row is null then 'delete'
        else 'update'
      end,
      tg_argv[0],
      coalesce(new_one.key, old_one.key),
      case
        when new_one.row is null then
          private.audit_document(old_one.row - left_out, tg_argv[5]::text[], tg_argv[6]::text[])
        else changed.before
      end,
      case
        when old_one.row is null then
          private.audit_document(new_one.row - left_out, tg_argv[5]::text[], tg_argv[6]::text[])
        else changed.after
      end,
      sent_id,
      sent_ip
    from (
      select
        made.row,
        case
          when tg_argv[3] = '' then private.audit_key(made.row, tg_argv[4]::text[])
          else jsonb_build_object(tg_argv[3], made.row -> tg_argv[3])
        end as key
      from (select to_jsonb(old_row) as row from old_rows as old_row offset 0) as made
      offset 0
    ) as old_one
    full join (
      select
        made.row,
        case
          when tg_argv[3] = '' then private.audit_key(made.row, tg_argv[4]::text[])
          else jsonb_build_object(tg_argv[3], made.row -> tg_argv[3])
        end as key
      from (select to_jsonb(new_row) as row from new_rows as new_row offset 0) as made
      offset 0
    ) as new_one
      on new_one.key = old_one.key
      and coalesce(new_one.row ->> tg_argv[1], '') = coalesce(old_one.row ->> tg_argv[1], '')
    left join lateral (
      select
        jsonb_object_agg(
          field.key,
          case
            when tg_argv[5] <> '{}' and field.key = any (tg_argv[5]::text[]) and old_one.row -> field.key <> 'null'
              then '"[redacted]"'
            else old_one.row -> field.key
          end
        ) as before,
        jsonb_object_agg(
          field.key,
          case
            when tg_argv[5] <> '{}' and field.key = any (tg_argv[5]::text[]) and field.value <> 'null'
              then '"[redacted]"'
            else field.value
          end
        ) as after
      from jsonb_each(new_one.row - left_out) as field
      where field.value <> old_one.row -> field.key
    ) as changed on old_one.row <> new_one.row
    where old_one.row is null or new_one.row is null or changed.after is not null;

  else
    insert into public.audit_logs (
      organization_id, actor_id, actor_role, action, table_name, row_key, before, request_id, ip
    )
    select
      coalesce(deleted.row ->> tg_argv[1], 'PLATFORM'),
      caller_id,
      caller_role,
      'delete',
      tg_argv[0],
      private.audit_key(deleted.row, tg_argv[4]::text[]),
      private.audit_document(deleted.row - left_out, tg_argv[5]::text[], tg_argv[6]::text[]),
      sent_id,
      sent_ip
    from (select to_jsonb(old_row) as row from old_rows as old_row offset 0) as deleted
    -- What goes with its organization is in the event of the purge, as a number: a copy of each row would keep what is
    -- to be gone.
    where tg_argv[1] <> 'organization_id'
      or exists (select from public.organizations as organization where organization.id = deleted.row ->> tg_argv[1]);
  end if;
  return null;
end;
$function$;

comment on function private.tg__audit() is 'Trigger function: writes what a statement did to public.audit_logs, one row for each row that it created, changed or deleted. private.audit_table attaches it. Rows that are deleted with their organization are left out.';

revoke all on function private.tg__audit() from public;
