create or replace function private.change_order_status (
  id uuid,
  status text,
  reason text
)
  returns public.orders
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission(
    case change_order_status.status when 'cancelled' then 'sales.write' else 'sales.fulfil' end
  );
  changed public.orders;
  open_items bigint;
begin
  if (change_order_status.status in ('confirmed', 'production', 'shipped', 'installed', 'cancelled')) is not true then
    perform private.refuse(400, 'status_invalid', 'status is confirmed, production, shipped, installed or cancelled.');
  elsif length(btrim(reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  select * into changed
  from public.orders as placed
  where placed.organization_id = current_id and placed.id = change_order_status.id
  for no key update;
  if not found then
    perform private.refuse(404, 'order_not_found', 'There is no such order.');
  end if;
  perform private.require_transition('orders', changed.status, change_order_status.status);
  if change_order_status.status = 'cancelled' and coalesce(btrim(reason), '') = '' then
    perform private.refuse(400, 'reason_required', 'Cancelling an order takes a reason.');
  elsif change_order_status.status = 'shipped' then
    select count(*) into open_items
    from public.order_items as item
    where item.organization_id = current_id and item.order_id = changed.id and item.status <> 'completed';
    if open_items > 0 then
      perform private.refuse(
        409,
        'order_items_open',
        format('%s of its items are not completed.', open_items),
        'Complete them first.',
        jsonb_build_object('items', open_items)
      );
    end if;
  end if;
  update public.orders as placed
  set status = change_order_status.status,
    cancellation_reason = case change_order_status.status when 'cancelled' then btrim(reason) end
  where placed.organization_id = current_id and placed.id = changed.id
  returning * into changed;
  return changed;
end;
$function$;

comment on function private.change_order_status(uuid, text, text) is 'Moves an order on: public.change_order_status with the rights that this takes.';

revoke all on function private.change_order_status(uuid, text, text) from public;

grant execute on function private.change_order_status(uuid, text, text) to authenticated, service_role;
