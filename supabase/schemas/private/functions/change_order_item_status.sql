create or replace function private.change_order_item_status (
  id uuid,
  status text
)
  returns public.order_items
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('sales.fulfil');
  order_status text;
  changed public.order_items;
begin
  if (change_order_item_status.status in ('pending', 'in_production', 'completed')) is not true then
    perform private.refuse(400, 'status_invalid', 'status is pending, in_production or completed.');
  end if;
  -- The order first, as whoever ships or cancels it.
  select placed.status into order_status
  from public.orders as placed
  where placed.organization_id = current_id
    and placed.id = (
      select item.order_id
      from public.order_items as item
      where item.organization_id = current_id and item.id = change_order_item_status.id
    )
  for no key update;
  if not found then
    perform private.refuse(404, 'order_item_not_found', 'There is no such item of an order.');
  end if;
  select * into changed
  from public.order_items as item
  where item.organization_id = current_id and item.id = change_order_item_status.id
  for no key update;
  perform private.require_transition('order_items', changed.status, change_order_item_status.status);
  if order_status <> 'production' then
    perform private.refuse(
      409,
      'order_not_in_production',
      format('The order is %s. Its items are made while it is in production.', order_status),
      case order_status when 'confirmed' then 'Move the order to production first.' end
    );
  end if;
  update public.order_items as item
  set status = change_order_item_status.status
  where item.organization_id = current_id and item.id = changed.id
  returning * into changed;
  return changed;
end;
$function$;

comment on function private.change_order_item_status(uuid, text) is 'Moves an item of an order on: public.change_order_item_status with the rights that this takes.';

revoke all on function private.change_order_item_status(uuid, text) from public;

grant execute on function private.change_order_item_status(uuid, text) to authenticated, service_role;
