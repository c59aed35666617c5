create or replace function private.cancel_booking (
  id uuid,
  reason text
)
  returns public.bookings
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  is_staff constant boolean := private.has_permission('bookings.write');
  cancelled public.bookings;
  starts_at timestamptz;
  settled public.booking_settings;
  open_amount numeric;
  refund_amount numeric;
begin
  cancelled := private.require_booking(cancel_booking.id);
  if not is_staff and (cancelled.customer_id = any (private.own_customer_ids())) is not true then
    -- It is seen, and that is all.
    perform private.require_permission('bookings.write');
  elsif length(btrim(reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  cancelled := private.lock_booking(cancelled.organization_id, cancelled.id);
  if cancelled.status in ('completed', 'no_show') then
    perform private.refuse(
      409, 'booking_completed', 'The session is over, and the booking with it.', 'What was paid can be refunded.'
    );
  end if;
  perform private.require_transition('bookings', cancelled.status, 'cancelled');
  perform private.require_no_open_refund(cancelled.organization_id, cancelled.id);
  select session.starts_at into starts_at
  from public.course_sessions as session
  where session.organization_id = cancelled.organization_id and session.id = cancelled.session_id;
  open_amount := cancelled.amount_paid - cancelled.amount_refunded;
  if not is_staff then
    settled := private.booking_settings_of(cancelled.organization_id);
    if clock_timestamp() >= starts_at
      or open_amount > 0 and clock_timestamp() > starts_at - make_interval(hours => settled.cancellation_hours)
    then
      perform private.refuse(
        409,
        'cancellation_too_late',
        case
          when clock_timestamp() >= starts_at then 'What has started can no longer be cancelled.'
          else format('What is paid can be cancelled until %s hours before the start.', settled.cancellation_hours)
        end,
        'Ask the organization.',
        jsonb_build_object('hours', settled.cancellation_hours)
      );
    end if;
  end if;

  update public.bookings as booking
  -- The clock, and not the start of the transaction: payments that come later are told by it.
  set status = 'cancelled', cancellation_reason = nullif(btrim(reason), ''), cancelled_at = clock_timestamp()
  where booking.organization_id = cancelled.organization_id and booking.id = cancelled.id
  returning * into cancelled;
  if cancelled.amount_paid = 0 then
    update public.invoices as invoice
    set status = 'void'
    where invoice.organization_id = cancelled.organization_id
      and invoice.booking_id = cancelled.id
      and invoice.status in ('draft', 'sent');
  end if;
  -- What was paid too much comes back whatever the rules.
  refund_amount := greatest(open_amount - cancelled.total, 0) + round(
    least(open_amount, cancelled.total)
      * private.refund_share(cancelled.organization_id, starts_at, clock_timestamp()) / 100,
    2
  );
  if refund_amount > 0 then
    perform private.open_refund(
      cancelled.organization_id, cancelled.id, refund_amount, cancelled.cancellation_reason, 'approved'
    );
  end if;
  perform private.enqueue(
    'bookings',
    'bookings.cancellation',
    jsonb_build_object('organization_id', cancelled.organization_id, 'booking_id', cancelled.id)
  );
  return cancelled;
end;
$function$;

comment on function private.cancel_booking(uuid, text) is 'Cancels a booking: public.cancel_booking with the rights that this takes.';

revoke all on function private.cancel_booking(uuid, text) from public;

grant execute on function private.cancel_booking(uuid, text) to authenticated, service_role;
