create or replace function private.tg_quotes__freeze()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    -- It goes with its organization, and not before.
    if not exists (select from public.organizations as organization where organization.id = old.organization_id) then
      return old;
    end if;
  elsif
    (
      new.organization_id, new.id, new.number, new.currency, new.subtotal, new.discount_amount, new.tax_rate, new.notes,
      new.created_at
    ) is not distinct from (
      old.organization_id, old.id, old.number, old.currency, old.subtotal, old.discount_amount, old.tax_rate, old.notes,
      old.created_at
    )
    -- Customers that are found to be one are merged: then the customer changes, and nothing else.
    and (
      new.customer_id = old.customer_id
      or (new.status, new.valid_until, new.rejection_reason, new.created_by)
        is not distinct from (old.status, old.valid_until, old.rejection_reason, old.created_by)
    )
  then
    return new;
  end if;
  perform private.refuse(
    409, 'quote_frozen', format('Quote %s is %s, and no longer changes.', old.number, old.status), 'Make a new quote.'
  );
  return null;
end;
$function$;

comment on function private.tg_quotes__freeze() is 'Trigger function of quotes that are no draft: number, currency, amounts and notes do not change, nor the customer unless it is all that changes, and they are not deleted, whoever asks. Raises PT409 quote_frozen.';

revoke all on function private.tg_quotes__freeze() from public;
