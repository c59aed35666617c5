create or replace function private.tg__order_frozen()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if to_jsonb(new) - tg_argv[0]::text[] is distinct from to_jsonb(old) - tg_argv[0]::text[] then
    perform private.refuse(
      409, 'order_frozen', 'What was ordered, and for how much, no longer changes.', 'Cancel the order, and quote anew.'
    );
  end if;
  return new;
end;
$function$;

comment on function private.tg__order_frozen() is 'Trigger function of orders and their items: what they took from the quote never changes, whoever asks. Its argument lists the columns that do. Raises PT409 order_frozen.';

revoke all on function private.tg__order_frozen() from public;
