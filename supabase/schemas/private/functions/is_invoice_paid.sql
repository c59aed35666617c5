create or replace function private.is_invoice_paid (
  invoice public.invoices,
  booking public.bookings
)
  returns boolean
  language sql
  stable
  set search_path to ''
  AS $function$
  select booking.status not in ('cancelled', 'refunded')
    and booking.amount_paid - booking.amount_refunded >= invoice.total
    and not exists (
      select
      from public.refunds as refund
      where refund.organization_id = booking.organization_id
        and refund.booking_id = booking.id
        and refund.status in ('pending', 'approved', 'processing')
    );
$function$;

comment on function private.is_invoice_paid(public.invoices, public.bookings) is 'Returns whether all of an invoice is paid, and not being given back. Takes the invoice and its booking.';

revoke all on function private.is_invoice_paid(public.invoices, public.bookings) from public;
