create or replace function private.void_invoice (
  id uuid
)
  returns public.invoices
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  declared public.invoices := private.require_invoice(void_invoice.id);
begin
  perform private.require_transition('invoices', declared.status, 'void');
  if declared.amount_paid > declared.amount_refunded
    -- What is kept of a booking that was cancelled is no reason to go on asking for the rest.
    and not exists (
      select
      from public.bookings as booking
      where booking.organization_id = declared.organization_id
        and booking.id = declared.booking_id
        and booking.status = 'cancelled'
    )
  then
    perform private.refuse(
      409, 'invoice_paid', 'Something was paid of this invoice.', 'Give it back first: request_refund.'
    );
  end if;
  update public.invoices as invoice
  set status = 'void'
  where invoice.organization_id = declared.organization_id and invoice.id = declared.id
  returning * into declared;
  -- What is still to be paid has an invoice.
  insert into public.invoices (
    organization_id, booking_id, description, quantity, unit_price, subtotal, discount_amount, total, currency
  )
  select
    declared.organization_id, declared.booking_id, declared.description, declared.quantity, declared.unit_price,
    declared.subtotal, declared.discount_amount, declared.total, declared.currency
  from public.bookings as booking
  where booking.organization_id = declared.organization_id
    and booking.id = declared.booking_id
    and booking.status not in ('cancelled', 'refunded');
  return declared;
end;
$function$;

comment on function private.void_invoice(uuid) is 'Declares an invoice void: public.void_invoice with the rights that this takes.';

revoke all on function private.void_invoice(uuid) from public;

grant execute on function private.void_invoice(uuid) to authenticated, service_role;
