create or replace function public.change_order_status (
  id uuid,
  status text,
  reason text default null::text
)
  returns public.orders
  language sql
  set search_path to ''
  AS $function$
  select private.change_order_status(id, status, reason);
$function$;

comment on function public.change_order_status(uuid, text, text) is 'Moves an order on, or cancels it (sales.fulfil; to cancel it, sales.write): from confirmed to production, to shipped once all its items are completed, to installed; cancelled, with a reason, before it is shipped. Takes the id, the status, and the reason of a cancellation. Returns the order. Raises PT400 status_invalid, reason_required, reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 order_not_found; PT409 transition_not_allowed (from, to), order_items_open (items).';

revoke all on function public.change_order_status(uuid, text, text) from public;

grant execute on function public.change_order_status(uuid, text, text) to authenticated, service_role;
