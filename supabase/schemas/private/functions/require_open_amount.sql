create or replace function private.require_open_amount (
  booking public.bookings
)
  returns numeric
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  open_amount constant numeric := booking.total - booking.amount_paid + booking.amount_refunded;
begin
  if
    booking.status in ('cancelled', 'refunded')
    or open_amount <= 0
    or exists (
      select
      from public.refunds as refund
      where refund.organization_id = booking.organization_id
        and refund.booking_id = booking.id
        and refund.status in ('pending', 'approved', 'processing')
    )
  then
    perform private.refuse(
      409,
      'booking_not_payable',
      'There is nothing to pay for this booking.',
      'It is paid, cancelled or refunded, or a refund of it is open.',
      jsonb_build_object('status', booking.status)
    );
  end if;
  return open_amount;
end;
$function$;

comment on function private.require_open_amount(public.bookings) is 'Returns what is still to be paid for a booking. Takes the booking, locked. Raises PT409 booking_not_payable (status) when nothing is.';

revoke all on function private.require_open_amount(public.bookings) from public;
