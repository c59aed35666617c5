create or replace function private.open_refunds (
  organization_id text,
  booking_ids uuid[],
  reason text
)
  returns bigint
  language plpgsql
  set search_path to ''
  AS $function$
declare
  opened uuid[];
begin
  -- A wish that nobody has decided on, and a part that nobody has given back yet, give way to all of it.
  update public.refunds as refund
  set status = 'rejected',
    rejection_reason = open_refunds.reason
  from public.bookings as booking
  where refund.organization_id = open_refunds.organization_id
    and refund.booking_id = any (booking_ids)
    and refund.status in ('pending', 'approved')
    and booking.organization_id = refund.organization_id
    and booking.id = refund.booking_id
    and (refund.status = 'pending' or refund.amount < booking.amount_paid - booking.amount_refunded);

  with inserted as (
    insert into public.refunds (
      organization_id, booking_id, amount, currency, status, reason, requested_by, approved_at, created_at
    )
    select
      booking.organization_id, booking.id, booking.amount_paid - booking.amount_refunded, booking.currency, 'approved',
      open_refunds.reason, auth.uid(), clock_timestamp(), clock_timestamp()
    from public.bookings as booking
    where booking.organization_id = open_refunds.organization_id
      and booking.id = any (booking_ids)
      and booking.amount_paid > booking.amount_refunded
      and not exists (
        select
        from public.refunds as refund
        where refund.organization_id = booking.organization_id
          and refund.booking_id = booking.id
          and refund.status in ('approved', 'processing')
      )
    returning id
  )
  select array_agg(inserted.id) into opened
  from inserted;
  if opened is null then
    return 0;
  end if;
  perform private.allocate_refunds(open_refunds.organization_id, opened);
  return cardinality(opened);
end;
$function$;

comment on function private.open_refunds(text, uuid[], text) is 'Opens approved refunds of all that was paid for bookings and not given back. Open ones give way, unless they give back as much; where a provider is at work on one, private.refund_late_payments opens that of the rest when it has ended. Takes the organization, the bookings, and why; for functions that have checked who calls and hold the locks of the bookings, after these are cancelled. Returns how many it opened.';

revoke all on function private.open_refunds(text, uuid[], text) from public;
