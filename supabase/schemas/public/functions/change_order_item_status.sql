create or replace function public.change_order_item_status (
  id uuid,
  status text
)
  returns public.order_items
  language sql
  set search_path to ''
  AS $function$
  select private.change_order_item_status(id, status);
$function$;

comment on function public.change_order_item_status(uuid, text) is 'Moves an item of an order that is in production on: to in_production, then to completed (sales.fulfil). Takes the id and the status. Returns the item. Raises PT400 status_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 order_item_not_found; PT409 transition_not_allowed (from, to), order_not_in_production.';

revoke all on function public.change_order_item_status(uuid, text) from public;

grant execute on function public.change_order_item_status(uuid, text) to authenticated, service_role;
