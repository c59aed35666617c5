create or replace function private.tg__guard_status()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  before text := 'new';
begin
  -- Not in one condition with and: an inserted row has no old one to look at.
  if tg_op = 'UPDATE' then
    if new.status = old.status then
      return new;
    end if;
    before := old.status;
  end if;
  if not exists (
    select
    from private.state_transitions as allowed
    where allowed.machine = tg_table_name
      and allowed.from_status = before
      and allowed.to_status = new.status
  ) then
    perform private.refuse(
      409,
      'transition_not_allowed',
      case
        when before = 'new' then format('Nothing begins as %s.', new.status)
        else format('What is %s cannot become %s.', before, new.status)
      end,
      'Look at it again: somebody may have been faster.',
      jsonb_build_object('from', before, 'to', new.status)
    );
  end if;
  -- The first time counts. What has no such column is not stamped.
  return jsonb_populate_record(
    new,
    jsonb_build_object(new.status || '_at', coalesce(to_jsonb(new) ->> (new.status || '_at'), now()::text))
  );
end;
$function$;

comment on function private.tg__guard_status() is 'Trigger function of tables with a status: lets through what private.state_transitions lists for the table, and sets the column <status>_at where there is one and it is empty. Raises PT409 transition_not_allowed with from and to for everything else, whoever asks.';

revoke all on function private.tg__guard_status() from public;
