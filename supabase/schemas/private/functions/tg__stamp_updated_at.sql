create or replace function private.tg__stamp_updated_at()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  new.updated_at := now();
  return new;
end;
$function$;

comment on function private.tg__stamp_updated_at() is 'Trigger function: sets updated_at to the start of the transaction, whatever the statement said. Attach it before update, for each row, as _100_stamp.';

revoke all on function private.tg__stamp_updated_at() from public;
