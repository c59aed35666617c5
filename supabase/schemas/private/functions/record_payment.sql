create or replace function private.record_payment (
  booking_id uuid,
  amount numeric,
  method text,
  note text,
  idempotency_key text
)
  returns public.payments
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  booking constant public.bookings := private.require_money_booking(record_payment.booking_id, is_own_enough => false);
  wanted public.payments;
  known public.payments;
  open_amount numeric;
begin
  if method is null or method not in ('card', 'cash', 'bank_transfer', 'other') then
    perform private.refuse(400, 'method_invalid', 'method is card, cash, bank_transfer or other.');
  elsif length(btrim(note)) > 1000 then
    perform private.refuse(400, 'note_invalid', 'A note has at most 1,000 characters.');
  end if;
  wanted.organization_id := booking.organization_id;
  wanted.booking_id := booking.id;
  wanted.provider := 'manual';
  wanted.method := record_payment.method;
  -- What no column can hold is nothing.
  wanted.amount := case when abs(record_payment.amount) < 1000000000000 then record_payment.amount end;
  wanted.currency := booking.currency;
  wanted.status := 'succeeded';
  wanted.idempotency_key := record_payment.idempotency_key;
  wanted.note := nullif(btrim(record_payment.note), '');
  known := private.payment_of_key(wanted);
  if known.id is not null then
    return known;
  end if;
  open_amount := private.require_open_amount(booking);
  if (record_payment.amount > 0
    and record_payment.amount = round(record_payment.amount, 2)
    and record_payment.amount <= open_amount) is not true
  then
    perform private.refuse(
      422,
      'invalid_amount',
      format('From 0.01 to %s %s can be paid.', open_amount, booking.currency),
      details => jsonb_build_object('maximum', open_amount)
    );
  end if;
  return private.insert_payment(wanted);
end;
$function$;

comment on function private.record_payment(uuid, numeric, text, text, text) is 'Records a payment: public.record_payment with the rights that this takes.';

revoke all on function private.record_payment(uuid, numeric, text, text, text) from public;

grant execute
  on function private.record_payment(uuid, numeric, text, text, text)
  to authenticated, service_role;
