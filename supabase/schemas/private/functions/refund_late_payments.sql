create or replace function private.refund_late_payments (
  organization_id text,
  booking_id uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  due numeric;
begin
  select
    case
      -- A refund that was at work when the session was cancelled may have been of a part.
      when session.cancelled_at > coalesce(refunds.latest_at, '-infinity')
        -- One that was live then ended after it.
        and session.cancelled_at <= coalesce(booking.cancelled_at, booking.refunded_at, 'infinity')
        then booking.amount_paid - booking.amount_refunded
      else (
        select sum(payment.amount - payment.amount_refunded)
        from public.payments as payment
        where payment.organization_id = booking.organization_id
          and payment.booking_id = booking.id
          and payment.status = 'succeeded'
          and payment.succeeded_at > greatest(booking.cancelled_at, refunds.latest_at)
      )
    end
  into due
  from public.bookings as booking
    join public.course_sessions as session
      on session.organization_id = booking.organization_id and session.id = booking.session_id
    cross join lateral (
      select
        max(refund.created_at) as latest_at,
        coalesce(bool_or(refund.status in ('pending', 'approved', 'processing')), false) as is_open
      from public.refunds as refund
      where refund.organization_id = booking.organization_id and refund.booking_id = booking.id
    ) as refunds
  where booking.organization_id = refund_late_payments.organization_id
    and booking.id = refund_late_payments.booking_id
    and (booking.status in ('cancelled', 'refunded') or session.status = 'cancelled')
    and not refunds.is_open;
  if due > 0 then
    perform private.open_refund(
      refund_late_payments.organization_id, refund_late_payments.booking_id, due, 'Paid for a booking that had ended.',
      'approved'
    );
  end if;
end;
$function$;

comment on function private.refund_late_payments(text, uuid) is 'Opens an approved refund of what was paid for a booking after it was cancelled or refunded, or while its last refund was open. Does nothing while a refund is open: it is asked again when that has ended. Takes the organization and the booking; for functions that hold the lock of the booking.';

revoke all on function private.refund_late_payments(text, uuid) from public;
