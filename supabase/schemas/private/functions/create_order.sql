create or replace function private.create_order (
  quote_id uuid,
  required_date date,
  delivery_address jsonb,
  notes text
)
  returns public.orders
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- Its lock makes two orders of it come one after the other.
  ordered constant public.quotes := private.require_quote(create_order.quote_id, is_answer => false);
  current_id constant text := ordered.organization_id;
  today constant date := private.today(current_id);
  wrong uuid[];
  made public.orders;
begin
  if ordered.status <> 'accepted' then
    perform private.refuse(
      409, 'quote_not_accepted', format('The quote is %s, and only an accepted one is ordered.', ordered.status)
    );
  elsif exists (
    select
    from public.orders as placed
    where placed.organization_id = current_id and placed.quote_id = ordered.id
  ) then
    perform private.refuse(409, 'quote_already_ordered', 'There is an order of this quote already.');
  elsif ordered.valid_until < today then
    perform private.refuse(
      409, 'quote_expired', format('The quote was valid until %s.', ordered.valid_until), 'Make a new quote.'
    );
  elsif not create_order.required_date between today and today + 3650 then
    perform private.refuse(
      400, 'required_date_invalid', 'An order is required today or on a later day, within ten years.'
    );
  elsif
    jsonb_typeof(create_order.delivery_address) <> 'object'
    or length(create_order.delivery_address::text) > 5000
  then
    perform private.refuse(400, 'address_invalid', 'An address is an object of at most 5,000 characters.');
  elsif length(btrim(create_order.notes)) > 5000 then
    perform private.refuse(400, 'notes_invalid', 'Notes have at most 5,000 characters.');
  end if;
  select array_agg(locked.id) into wrong
  from private.lock_configurations(
      current_id,
      array(
        select item.configuration_id
        from public.quote_items as item
        where item.organization_id = current_id and item.quote_id = ordered.id
      )
    ) as locked
  where locked.status <> 'quoted';
  if wrong is not null then
    perform private.refuse_configurations(wrong);
  end if;

  insert into public.orders as placed (
    organization_id, number, quote_id, customer_id, currency, subtotal, discount_amount, tax_rate, tax_amount, total,
    required_date, delivery_address, notes
  )
  select
    current_id,
    private.next_number('O', current_id),
    ordered.id,
    ordered.customer_id,
    ordered.currency,
    ordered.subtotal,
    ordered.discount_amount,
    ordered.tax_rate,
    ordered.tax_amount,
    ordered.total,
    create_order.required_date,
    coalesce(create_order.delivery_address, customer.address),
    nullif(btrim(create_order.notes), '')
  from public.customers as customer
  where customer.organization_id = current_id and customer.id = ordered.customer_id
  returning * into made;
  insert into public.order_items (
    organization_id, order_id, quote_item_id, configuration_id, position, description, quantity, unit_price, line_total
  )
  select
    current_id,
    made.id,
    item.id,
    item.configuration_id,
    item.position,
    item.description,
    item.quantity,
    item.unit_price,
    item.line_total
  from public.quote_items as item
  where item.organization_id = current_id and item.quote_id = ordered.id;
  -- What is ordered is what was offered: a later quote may have priced the configuration again since.
  update public.configurations as configuration
  set status = 'ordered',
    base_price = coalesce(offered.base_price, configuration.base_price),
    total_price = coalesce(offered.total_price, configuration.total_price),
    base_weight = coalesce((offered.data ->> 'base_weight')::numeric, configuration.base_weight),
    total_weight = coalesce(offered.total_weight, configuration.total_weight),
    technical_data = coalesce(offered.data -> 'technical_data', configuration.technical_data),
    priced_revision = coalesce(offered.revision, configuration.priced_revision)
  from public.quote_items as item
    left join lateral (
      select taken.*
      from public.configuration_snapshots as taken
      where taken.organization_id = current_id
        and taken.configuration_id = item.configuration_id
        and taken.reason = 'quoted'
        and taken.total_price = item.unit_price
        and taken.taken_at <= ordered.sent_at
      order by taken.taken_at desc, taken.id desc
      fetch first row only
    ) as offered on true
  where item.organization_id = current_id
    and item.quote_id = ordered.id
    and configuration.organization_id = current_id
    and configuration.id = item.configuration_id;
  return made;
end;
$function$;

comment on function private.create_order(uuid, date, jsonb, text) is 'Orders what was quoted: public.create_order with the rights that this takes.';

revoke all on function private.create_order(uuid, date, jsonb, text) from public;

grant execute on function private.create_order(uuid, date, jsonb, text) to authenticated, service_role;
