create or replace function private.tg_manufacturing_types__revise()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if (new.base_price, new.base_weight) is distinct from (old.base_price, old.base_weight) then
    new.revision := old.revision + 1;
  end if;
  return new;
end;
$function$;

comment on function private.tg_manufacturing_types__revise() is 'Trigger function of manufacturing_types: another base price or base weight is another revision.';

revoke all on function private.tg_manufacturing_types__revise() from public;
