create or replace function private.request_refund (
  booking_id uuid,
  reason text,
  amount numeric
)
  returns public.refunds
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  booking constant public.bookings := private.require_money_booking(request_refund.booking_id, is_own_enough => true);
  available numeric := booking.amount_paid - booking.amount_refunded;
begin
  if length(btrim(reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  -- The rules hold for customers. What is open, or nothing, is told first.
  if available > 0 and not private.has_permission('bookings.payments') then
    select
      case
        when session.status = 'cancelled' then available
        else least(
          available,
          greatest(
            -- What was paid too much comes back whole.
            greatest(booking.amount_paid - booking.total, 0)
              + round(
                least(booking.amount_paid, booking.total)
                  * private.refund_share(
                    booking.organization_id, session.starts_at, coalesce(booking.cancelled_at, clock_timestamp())
                  ) / 100,
                2
              ) - booking.amount_refunded,
            0
          )
        )
      end
    into available
    from public.course_sessions as session
    where session.organization_id = booking.organization_id and session.id = booking.session_id;
    if
      coalesce(request_refund.amount, 0.01) > available
      and not exists (
        select
        from public.refunds as refund
        where refund.organization_id = booking.organization_id
          and refund.booking_id = booking.id
          and refund.status in ('pending', 'approved', 'processing')
      )
    then
      perform private.refuse(
        422,
        'invalid_amount',
        format('By the rules, up to %s %s can be given back.', available, booking.currency),
        'Ask the staff.',
        jsonb_build_object('maximum', available)
      );
    end if;
  end if;
  return private.open_refund(
    booking.organization_id, booking.id, coalesce(request_refund.amount, available),
    nullif(btrim(request_refund.reason), ''), 'pending'
  );
end;
$function$;

comment on function private.request_refund(uuid, text, numeric) is 'Asks for a refund: public.request_refund with the rights that this takes.';

revoke all on function private.request_refund(uuid, text, numeric) from public;

grant execute on function private.request_refund(uuid, text, numeric) to authenticated, service_role;
