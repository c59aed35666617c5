create or replace function private.insert_payment (
  wanted public.payments
)
  returns public.payments
  language plpgsql
  set search_path to ''
  AS $function$
declare
  inserted public.payments;
begin
  insert into public.payments (
    organization_id, booking_id, provider, method, amount, currency, status, idempotency_key, note, created_by,
    succeeded_at
  )
  values (
    wanted.organization_id, wanted.booking_id, wanted.provider, wanted.method, wanted.amount, wanted.currency,
    wanted.status, wanted.idempotency_key, wanted.note, auth.uid(),
    -- The clock, and not the start of the transaction: the booking was locked between them.
    case when wanted.status = 'succeeded' then clock_timestamp() end
  )
  on conflict on constraint payments_idempotency_key_key do nothing
  returning * into inserted;
  if not found then
    perform private.refuse_idempotency_mismatch();
  end if;
  return inserted;
end;
$function$;

comment on function private.insert_payment(public.payments) is 'Inserts a payment of the caller. Takes what it is of, by which provider, how, how much, its status, key and note; for functions that have checked all of it. Returns the payment. Raises PT422 idempotency_mismatch when its key was used for another.';

revoke all on function private.insert_payment(public.payments) from public;
