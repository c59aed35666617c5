create or replace function private.payment_of_key (
  wanted public.payments
)
  returns public.payments
  language plpgsql
  set search_path to ''
  AS $function$
declare
  known public.payments;
begin
  if wanted.idempotency_key is null then
    return null;
  elsif length(wanted.idempotency_key) not between 1 and 255 then
    perform private.refuse(400, 'idempotency_key_invalid', 'An idempotency key has 1 to 255 characters.');
  end if;
  select * into known
  from public.payments as payment
  where payment.organization_id = wanted.organization_id and payment.idempotency_key = wanted.idempotency_key;
  if
    known.id is not null
    and (
      known.booking_id, known.provider, known.created_by, known.method, coalesce(known.note, ''),
      coalesce(wanted.amount, known.amount)
    ) is distinct from (
      wanted.booking_id, wanted.provider, auth.uid(), wanted.method, coalesce(wanted.note, ''), known.amount
    )
  then
    perform private.refuse_idempotency_mismatch();
  end if;
  return known;
end;
$function$;

comment on function private.payment_of_key(public.payments) is 'Returns the payment that the caller has recorded or begun with an idempotency key; null when there is none, or no key. Takes the payment that is wanted, with an amount or null for any. Raises PT400 idempotency_key_invalid; PT422 idempotency_mismatch when the key was used for another.';

revoke all on function private.payment_of_key(public.payments) from public;
