create or replace function private.tg_configurations__freeze()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if old.status in ('quoted', 'ordered') and new.manufacturing_type_id <> old.manufacturing_type_id
    or old.status = 'ordered'
    and (new.base_price, new.total_price, new.base_weight, new.total_weight, new.technical_data)
      is distinct from (old.base_price, old.total_price, old.base_weight, old.total_weight, old.technical_data)
  then
    perform private.refuse(
      409,
      'configuration_not_draft',
      format('%s is %s: what it is and costs does not change.', old.reference_code, old.status),
      'Make another configuration.'
    );
  end if;
  return new;
end;
$function$;

comment on function private.tg_configurations__freeze() is 'Trigger function of configurations: raises PT409 configuration_not_draft when the type of one that is quoted or ordered is to change, or price, weight or technical data of one that is ordered, whoever asks. What is quoted may be quoted again at another price: the lines of the quote keep theirs.';

revoke all on function private.tg_configurations__freeze() from public;
