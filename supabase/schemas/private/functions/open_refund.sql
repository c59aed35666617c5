create or replace function private.open_refund (
  organization_id text,
  booking_id uuid,
  amount numeric,
  reason text,
  status text
)
  returns public.refunds
  language plpgsql
  set search_path to ''
  AS $function$
declare
  paid public.bookings;
  opened public.refunds;
begin
  select * into paid
  from public.bookings as booking
  where booking.organization_id = open_refund.organization_id and booking.id = open_refund.booking_id
  for no key update;
  if exists (
    select
    from public.refunds as refund
    where refund.organization_id = open_refund.organization_id
      and refund.booking_id = open_refund.booking_id
      and refund.status in ('pending', 'approved', 'processing')
  ) then
    perform private.refuse(
      409, 'refund_open', 'A refund of this booking is open.', 'Wait until it is decided on, and done.'
    );
  elsif paid.amount_paid <= paid.amount_refunded then
    perform private.refuse(409, 'no_payment', 'Nothing was paid for this booking that could be given back.');
  elsif
    (amount > 0 and amount = round(amount, 2) and amount <= paid.amount_paid - paid.amount_refunded) is not true
  then
    perform private.refuse(
      422,
      'invalid_amount',
      format('From 0.01 to %s %s can be given back.', paid.amount_paid - paid.amount_refunded, paid.currency),
      details => jsonb_build_object('maximum', paid.amount_paid - paid.amount_refunded)
    );
  end if;
  -- The clock, and not the start of the transaction: payments that come later are told by it.
  insert into public.refunds (
    organization_id, booking_id, amount, currency, status, reason, requested_by, approved_at, created_at
  )
  values (
    open_refund.organization_id, open_refund.booking_id, open_refund.amount, paid.currency, open_refund.status,
    open_refund.reason, auth.uid(), case when open_refund.status = 'approved' then clock_timestamp() end,
    clock_timestamp()
  )
  returning * into opened;
  if opened.status = 'approved' then
    perform private.allocate_refunds(opened.organization_id, array[opened.id]);
  end if;
  return opened;
end;
$function$;

comment on function private.open_refund(text, uuid, numeric, text, text) is 'Opens a refund of a booking; an approved one goes to the worker at once. Takes the organization, the booking, the amount, why or null, and pending or approved; for functions that have checked who calls and hold the lock of the booking. Returns the refund. Raises PT409 refund_open, no_payment; PT422 invalid_amount (maximum).';

revoke all on function private.open_refund(text, uuid, numeric, text, text) from public;
