create or replace function public.send_invoice (
  id uuid
)
  returns public.invoices
  language sql
  set search_path to ''
  AS $function$
  select private.send_invoice(id);
$function$;

comment on function public.send_invoice(uuid) is 'Sends a draft of an invoice (bookings.payments): it gets the next number and the day on which it is due, and no longer changes; the worker makes the document. Takes the id. Returns the invoice; paid, where there is nothing to pay. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 invoice_not_found; PT409 transition_not_allowed (from, to), booking_not_payable.';

revoke all on function public.send_invoice(uuid) from public;

grant execute on function public.send_invoice(uuid) to authenticated, service_role;
