create or replace function private.send_quote (
  id uuid
)
  returns public.quotes
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  sent public.quotes := private.require_quote(send_quote.id, is_answer => false);
  current_id constant text := sent.organization_id;
  chosen record;
  summed numeric;
begin
  perform private.require_transition('quotes', sent.status, 'sent');
  if sent.valid_until < private.today(current_id) then
    perform private.refuse(
      409,
      'quote_expired',
      format('The quote was valid until %s.', sent.valid_until),
      'Give it a later day with update_quote.'
    );
  end if;
  select
    array_agg(locked.id) filter (where locked.status not in ('saved', 'quoted')) as wrong,
    array_agg(locked.id) filter (where locked.priced_revision < sold.revision) as stale
  into chosen
  from private.lock_configurations(
      current_id,
      array(
        select item.configuration_id
        from public.quote_items as item
        where item.organization_id = current_id and item.quote_id = sent.id
      )
    ) as locked
    join public.manufacturing_types as sold
      on sold.organization_id = current_id and sold.id = locked.manufacturing_type_id;
  if chosen.wrong is not null then
    perform private.refuse_configurations(chosen.wrong);
  elsif chosen.stale is not null then
    perform private.reprice_configurations(current_id, chosen.stale);
  end if;
  select coalesce(sum(round(item.quantity * configuration.total_price, 2)), 0) into summed
  from public.quote_items as item
    join public.configurations as configuration
      on configuration.organization_id = current_id and configuration.id = item.configuration_id
  where item.organization_id = current_id and item.quote_id = sent.id;
  perform private.require_amounts(summed, sent.discount_amount);

  -- The trigger of the lines brings the subtotal along.
  update public.quote_items as item
  set unit_price = configuration.total_price
  from public.configurations as configuration
  where item.organization_id = current_id
    and item.quote_id = sent.id
    and configuration.organization_id = current_id
    and configuration.id = item.configuration_id
    and configuration.total_price <> item.unit_price;
  update public.configurations as configuration
  set status = 'quoted'
  from public.quote_items as item
  where item.organization_id = current_id
    and item.quote_id = sent.id
    and configuration.organization_id = current_id
    and configuration.id = item.configuration_id
    and configuration.status = 'saved';
  update public.quotes as quote
  set status = 'sent'
  where quote.organization_id = current_id and quote.id = sent.id
  returning * into sent;
  return sent;
end;
$function$;

comment on function private.send_quote(uuid) is 'Sends a quote: public.send_quote with the rights that this takes.';

revoke all on function private.send_quote(uuid) from public;

grant execute on function private.send_quote(uuid) to authenticated, service_role;
