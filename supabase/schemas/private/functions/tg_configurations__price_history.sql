create or replace function private.tg_configurations__price_history()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  insert into public.price_history (organization_id, configuration_id, old_price, new_price, revision)
  select
    after.organization_id,
    after.id,
    -- Until it is priced, a configuration has no price.
    case when before.priced_revision > 0 then before.total_price end,
    after.total_price,
    after.priced_revision
  from new_rows as after
    join old_rows as before on before.organization_id = after.organization_id and before.id = after.id
  where after.priced_revision > 0
    and (after.total_price <> before.total_price or before.priced_revision = 0);
  return null;
end;
$function$;

comment on function private.tg_configurations__price_history() is 'Trigger function of configurations: writes each change of a price to price_history, the first one without an old price.';

revoke all on function private.tg_configurations__price_history() from public;
