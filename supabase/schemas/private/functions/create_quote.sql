create or replace function private.create_quote (
  configuration_ids uuid[],
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
  current_id constant text := private.require_seller();
  today constant date := private.today(current_id);
  settled constant public.sales_settings := private.sales_settings_of(current_id);
  wanted constant integer := coalesce(cardinality(configuration_ids), 0);
  -- Null for every customer.
  sold_ids constant uuid[] := case when not private.has_permission('sales.write') then private.sold_customer_ids() end;
  chosen record;
  summed numeric;
  made public.quotes;
begin
  if not wanted between 1 and 200 then
    perform private.refuse(400, 'configurations_invalid', 'A quote is made from 1 to 200 configurations.');
  elsif (select count(distinct id) < wanted from unnest(configuration_ids) as id) then
    perform private.refuse(
      400, 'configurations_invalid', 'Each configuration is on a quote once.', 'Say how many with quantities.'
    );
  elsif cardinality(quantities) <> wanted then
    perform private.refuse(400, 'quantity_invalid', 'There is one quantity for each configuration.');
  end if;
  perform private.require_quote_terms(
    today, quantities, create_quote.tax_rate, discount, create_quote.valid_until, create_quote.notes
  );

  -- The customer first, as whoever merges customers: then one waits for the other, and never both.
  perform
  from public.customers as customer
  where customer.organization_id = current_id
    -- An array, and not in (…): then it is a look by key, however few customers there are.
    and customer.id = any (
      array(
        select configuration.customer_id
        from public.configurations as configuration
        where configuration.organization_id = current_id and configuration.id = any (configuration_ids)
      )
    )
  order by customer.id
  for key share;
  -- Until it is done nobody reopens, reprices or orders them.
  select
    count(*) as number,
    bool_and(sold_ids is null or locked.customer_id = any (sold_ids)) as are_sold,
    min(locked.customer_id::text)::uuid as customer_id,
    count(distinct locked.customer_id) as customers,
    array_agg(locked.id) filter (where locked.status not in ('saved', 'quoted')) as wrong,
    array_agg(locked.id) filter (where locked.priced_revision < sold.revision) as stale,
    sum(round(coalesce(item.quantity, 1) * locked.total_price, 2)) as subtotal
  into chosen
  from private.lock_configurations(current_id, configuration_ids) as locked
    join unnest(configuration_ids, quantities) as item (id, quantity) on item.id = locked.id
    join public.manufacturing_types as sold
      on sold.organization_id = current_id and sold.id = locked.manufacturing_type_id;

  if chosen.are_sold is false then
    if not exists (
      select
      from public.configurations as configuration
      where configuration.organization_id = current_id
        and configuration.id = any (configuration_ids)
        and configuration.customer_id <> all (private.sales_customer_ids())
        and not private.has_permission('sales.read')
    ) and chosen.number = wanted then
      perform private.record_denial('customer_authorization', jsonb_build_object('configurations', configuration_ids));
      perform private.refuse(
        403,
        'customer_authorization',
        'The customer of these configurations is not assigned to you.',
        'Ask for it to be assigned.'
      );
    end if;
    chosen.number := 0;
  end if;
  if chosen.number < wanted then
    perform private.refuse(404, 'configuration_not_found', 'There is no such configuration, or not each of them.');
  elsif chosen.customers > 1 then
    perform private.refuse(
      409, 'several_customers', 'The configurations are of several customers.', 'Make a quote for each customer.'
    );
  elsif chosen.wrong is not null then
    perform private.refuse_configurations(chosen.wrong);
  end if;

  summed := chosen.subtotal;
  if chosen.stale is not null then
    perform private.reprice_configurations(current_id, chosen.stale);
    select sum(round(coalesce(item.quantity, 1) * configuration.total_price, 2)) into summed
    from unnest(configuration_ids, quantities) as item (id, quantity)
      join public.configurations as configuration
        on configuration.organization_id = current_id and configuration.id = item.id;
  end if;
  perform private.require_amounts(summed, discount);

  insert into public.quotes as quote (
    organization_id, number, customer_id, currency, subtotal, discount_amount, tax_rate, valid_until, notes
  )
  values (
    current_id,
    private.next_number('Q', current_id),
    chosen.customer_id,
    settled.currency,
    summed,
    coalesce(discount, 0),
    coalesce(create_quote.tax_rate, settled.tax_rate),
    coalesce(create_quote.valid_until, today + settled.quote_valid_days),
    nullif(btrim(create_quote.notes), '')
  )
  returning * into made;
  insert into public.quote_items (
    organization_id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price
  )
  select
    current_id,
    made.id,
    made.customer_id,
    configuration.id,
    item.position,
    format('%s: %s', sold.name, configuration.name),
    coalesce(item.quantity, 1),
    configuration.total_price
  from unnest(configuration_ids, quantities) with ordinality as item (id, quantity, position)
    join public.configurations as configuration
      on configuration.organization_id = current_id and configuration.id = item.id
    join public.manufacturing_types as sold
      on sold.organization_id = current_id and sold.id = configuration.manufacturing_type_id;
  return made;
end;
$function$;

comment on function private.create_quote(uuid[], numeric[], numeric, numeric, date, text) is
  'Makes a quote: public.create_quote with the rights that this takes.';

revoke all on function private.create_quote(uuid[], numeric[], numeric, numeric, date, text) from public;

grant execute
  on function private.create_quote(uuid[], numeric[], numeric, numeric, date, text)
  to authenticated, service_role;
