create or replace function private.require_invoice (
  id uuid
)
  returns public.invoices
  language plpgsql
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  locked public.invoices;
begin
  select * into locked
  from public.invoices as invoice
  where invoice.organization_id = current_id and invoice.id = require_invoice.id;
  if
    not found
    or not private.sees_money(current_id, locked.booking_id)
    -- A draft does not exist for the customer.
    or (
      locked.status = 'draft'
      and not (private.has_permission('bookings.payments') or private.has_permission('bookings.read'))
    )
  then
    perform private.refuse(404, 'invoice_not_found', 'There is no such invoice.');
  end if;
  perform private.require_money_booking(locked.booking_id, is_own_enough => false);
  select * into locked
  from public.invoices as invoice
  where invoice.organization_id = current_id and invoice.id = require_invoice.id
  for no key update;
  return locked;
end;
$function$;

comment on function private.require_invoice(uuid) is 'Returns an invoice of the current organization that the caller may send (bookings.payments), and locks it and its booking until the transaction ends. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 invoice_not_found, also for what the caller may not see.';

revoke all on function private.require_invoice(uuid) from public;
