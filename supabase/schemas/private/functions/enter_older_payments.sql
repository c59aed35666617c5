create or replace function private.enter_older_payments (
  organization_id text,
  booking_ids uuid[]
)
  returns void
  language sql
  security definer
  set search_path to ''
  AS $function$
  insert into public.payments (
    organization_id, booking_id, provider, method, amount, currency, status, note, succeeded_at
  )
  select
    booking.organization_id,
    booking.id,
    'manual',
    'other',
    booking.amount_paid - booking.amount_refunded,
    booking.currency,
    'succeeded',
    'Paid before the booking was imported.',
    booking.created_at
  from public.bookings as booking
  where booking.organization_id = enter_older_payments.organization_id
    and booking.id = any (booking_ids)
    and booking.contact_details is not null
    and booking.amount_paid > booking.amount_refunded
    and not exists (
      select
      from public.payments as payment
      where payment.organization_id = booking.organization_id and payment.booking_id = booking.id
    );
$function$;

comment on function private.enter_older_payments(text, uuid[]) is 'Enters what was paid for older bookings before they were imported, and not given back, as a payment where none is: so that it is counted with what is paid later, and can be given back. What was given back before is then no longer part of either amount. Takes the organization and the bookings, which are locked; for functions that have checked who calls.';

revoke all on function private.enter_older_payments(text, uuid[]) from public;
