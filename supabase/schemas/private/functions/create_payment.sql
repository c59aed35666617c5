create or replace function private.create_payment (
  booking_id uuid,
  idempotency_key text
)
  returns public.payments
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  booking constant public.bookings := private.require_money_booking(create_payment.booking_id, is_own_enough => true);
  wanted public.payments;
  known public.payments;
begin
  wanted.organization_id := booking.organization_id;
  wanted.booking_id := booking.id;
  wanted.provider := 'stripe';
  wanted.method := 'card';
  wanted.currency := booking.currency;
  wanted.status := 'pending';
  wanted.idempotency_key := create_payment.idempotency_key;
  known := private.payment_of_key(wanted);
  if known.id is not null then
    return known;
  end if;
  wanted.amount := private.require_open_amount(booking);
  if wanted.idempotency_key is null then
    -- Who comes back to the page goes on with the payment that was begun: two could both be paid.
    select * into known
    from public.payments as payment
    where payment.organization_id = booking.organization_id
      and payment.booking_id = booking.id
      and payment.provider = 'stripe'
      and payment.status in ('pending', 'processing')
      and payment.amount = wanted.amount
    -- A transfer that is on its way takes days.
    order by payment.status = 'processing' desc, payment.id desc
    limit 1;
    if found then
      return known;
    end if;
  end if;
  return private.insert_payment(wanted);
end;
$function$;

comment on function private.create_payment(uuid, text) is 'Begins a payment: public.create_payment with the rights that this takes.';

revoke all on function private.create_payment(uuid, text) from public;

grant execute on function private.create_payment(uuid, text) to authenticated, service_role;
