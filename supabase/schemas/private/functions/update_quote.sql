create or replace function private.update_quote (
  id uuid,
  quantities numeric[],
  tax_rate numeric,
  discount numeric,
  valid_until date,
  notes text
)
  returns public.quotes
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  changed public.quotes := private.require_quote(update_quote.id, is_answer => false);
  current_id constant text := changed.organization_id;
  items integer;
  summed numeric;
begin
  if changed.status <> 'draft' then
    perform private.refuse(
      409, 'quote_frozen', format('The quote is %s, and no longer changes.', changed.status), 'Make a new quote.'
    );
  end if;
  perform private.require_quote_terms(
    private.today(current_id), quantities, update_quote.tax_rate, discount, update_quote.valid_until, update_quote.notes
  );
  select count(*), sum(round(coalesce(wanted.quantity, item.quantity) * item.unit_price, 2)) into items, summed
  from (
    select
      line.quantity,
      line.unit_price,
      row_number() over (
        order by line.position
      ) as place
    from public.quote_items as line
    where line.organization_id = current_id and line.quote_id = changed.id
  ) as item
    left join unnest(quantities) with ordinality as wanted (quantity, place) using (place);
  if cardinality(quantities) <> items then
    perform private.refuse(400, 'quantity_invalid', format('There is one quantity for each of the %s lines.', items));
  end if;
  perform private.require_amounts(summed, coalesce(discount, changed.discount_amount));

  update public.quotes as quote
  set subtotal = summed,
    discount_amount = coalesce(discount, quote.discount_amount),
    tax_rate = coalesce(update_quote.tax_rate, quote.tax_rate),
    valid_until = coalesce(update_quote.valid_until, quote.valid_until),
    notes = case
      when update_quote.notes is null then quote.notes
      else nullif(btrim(update_quote.notes), '')
    end
  where quote.organization_id = current_id and quote.id = changed.id
  returning * into changed;
  update public.quote_items as line
  set quantity = wanted.quantity
  from (
    select
      item.id,
      row_number() over (
        order by item.position
      ) as place
    from public.quote_items as item
    where item.organization_id = current_id and item.quote_id = changed.id
  ) as placed
    join unnest(quantities) with ordinality as wanted (quantity, place) using (place)
  where line.organization_id = current_id and line.id = placed.id and line.quantity <> wanted.quantity;
  return changed;
end;
$function$;

comment on function private.update_quote(uuid, numeric[], numeric, numeric, date, text) is
  'Changes a draft of a quote: public.update_quote with the rights that this takes.';

revoke all on function private.update_quote(uuid, numeric[], numeric, numeric, date, text) from public;

grant execute
  on function private.update_quote(uuid, numeric[], numeric, numeric, date, text)
  to authenticated, service_role;
