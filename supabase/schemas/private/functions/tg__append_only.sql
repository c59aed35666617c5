create or replace function private.tg__append_only()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- A row goes with what it belongs to: a cascade comes after that is gone.
  if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
    return old;
  end if;
  perform private.refuse(
    403,
    'append_only',
    format('What %s holds is history, and is not changed.', tg_table_name),
    'What happens next is another row.'
  );
  return null;
end;
$function$;

comment on function private.tg__append_only() is 'Trigger function of tables that only grow: raises PT403 append_only for every change, whoever asks. What a foreign key cascades to is let go.';

revoke all on function private.tg__append_only() from public;
