create or replace function public.void_invoice (
  id uuid
)
  returns public.invoices
  language sql
  set search_path to ''
  AS $function$
  select private.void_invoice(id);
$function$;

comment on function public.void_invoice(uuid) is 'Declares an invoice void, of which nothing is paid (bookings.payments). A number that it has stays its own; a booking that is neither cancelled nor refunded gets a new draft. Takes the id. Returns the invoice that is void. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 invoice_not_found; PT409 transition_not_allowed (from, to), invoice_paid.';

revoke all on function public.void_invoice(uuid) from public;

grant execute on function public.void_invoice(uuid) to authenticated, service_role;
