create or replace function private.send_invoice (
  id uuid
)
  returns public.invoices
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  sent public.invoices := private.require_invoice(send_invoice.id);
  settings constant public.booking_settings := private.booking_settings_of(sent.organization_id);
  given_number text;
begin
  perform private.require_transition('invoices', sent.status, 'sent');
  if exists (
    select
    from public.bookings as booking
    where booking.organization_id = sent.organization_id
      and booking.id = sent.booking_id
      and booking.status in ('cancelled', 'refunded')
  ) then
    perform private.refuse(
      409, 'booking_not_payable', 'There is nothing to pay for a booking that has ended.', 'Declare the invoice void.'
    );
  end if;
  -- The last lock of all: others wait for their numbers until this is done.
  select given into given_number
  from private.next_yearly_number('INV', sent.organization_id) as given;
  update public.invoices as invoice
  set status = 'sent',
    number = given_number,
    due_on = private.today(invoice.organization_id) + settings.invoice_due_days
  where invoice.organization_id = sent.organization_id and invoice.id = sent.id;
  perform private.enqueue(
    'bookings',
    'bookings.invoice',
    jsonb_build_object('organization_id', sent.organization_id, 'invoice_id', sent.id)
  );
  -- Of nothing, nothing is open.
  perform private.settle_money(sent.organization_id, array[sent.booking_id]);
  select * into sent
  from public.invoices as invoice
  where invoice.organization_id = sent.organization_id and invoice.id = sent.id;
  return sent;
end;
$function$;

comment on function private.send_invoice(uuid) is 'Sends an invoice: public.send_invoice with the rights that this takes.';

revoke all on function private.send_invoice(uuid) from public;

grant execute on function private.send_invoice(uuid) to authenticated, service_role;
