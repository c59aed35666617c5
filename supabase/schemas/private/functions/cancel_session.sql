create or replace function private.cancel_session (
  id uuid,
  reason text
)
  returns public.course_sessions
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('bookings.catalog');
  stated constant text := btrim(reason);
  cancelled public.course_sessions;
  booking_ids uuid[];
begin
  if coalesce(stated, '') = '' then
    perform private.refuse(400, 'reason_required', 'Cancelling a session takes a reason: who has booked reads it.');
  elsif length(stated) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  cancelled := private.lock_session_bookings(current_id, cancel_session.id);
  if cancelled.id is null then
    perform private.refuse(404, 'session_not_found', 'There is no such session.');
  end if;
  perform private.require_transition('course_sessions', cancelled.status, 'cancelled');

  -- The session first: what becomes free in it is then offered to nobody.
  update public.course_sessions as session
  set status = 'cancelled', cancellation_reason = stated, cancelled_at = clock_timestamp()
  where session.organization_id = current_id and session.id = cancelled.id;
  update public.booking_waitlist as entry
  set status = 'expired'
  where entry.organization_id = current_id
    and entry.session_id = cancelled.id
    and entry.status in ('waiting', 'notified');
  with ended as (
    update public.bookings as booking
    -- The clock, and not the start of the transaction: payments that come later are told by it.
    set status = 'cancelled', cancellation_reason = stated, cancelled_at = clock_timestamp()
    where booking.organization_id = current_id
      and booking.session_id = cancelled.id
      and booking.status not in ('cancelled', 'refunded')
    returning booking.id
  )
  select coalesce(array_agg(ended.id), '{}') into booking_ids from ended;
  update public.invoices as invoice
  set status = 'void'
  from public.bookings as booking
  where booking.organization_id = current_id
    and booking.id = any (booking_ids)
    and booking.amount_paid = 0
    and invoice.organization_id = current_id
    and invoice.booking_id = booking.id
    and invoice.status in ('draft', 'sent');

  -- Everything comes back: what was asked for before may have been less.
  perform private.open_refunds(current_id, booking_ids, stated);
  perform private.enqueue_batch(
    'bookings',
    'bookings.cancellation',
    array(
      select jsonb_build_object('organization_id', current_id, 'booking_id', booking_id)
      from unnest(booking_ids) as booking_id
    )
  );
  select * into cancelled
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = cancelled.id;
  return cancelled;
end;
$function$;

comment on function private.cancel_session(uuid, text) is 'Cancels a session: public.cancel_session with the rights that this takes.';

revoke all on function private.cancel_session(uuid, text) from public;

grant execute on function private.cancel_session(uuid, text) to authenticated, service_role;
