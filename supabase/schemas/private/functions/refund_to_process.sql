create or replace function private.refund_to_process (
  message_id bigint,
  organization_id text,
  refund_id uuid
)
  returns SETOF public.refund_part
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  known public.refunds;
begin
  select * into known
  from public.refunds as refund
  where refund.organization_id = refund_to_process.organization_id and refund.id = refund_to_process.refund_id;
  if not found then
    return;
  end if;
  perform private.lock_booking(known.organization_id, known.booking_id);
  -- Only once, so that a message that is delivered again finds what is left to do, and nothing that was decided since.
  if private.is_first_effect('payments', refund_to_process.message_id) then
    update public.refunds as refund
    set status = 'processing'
    where refund.organization_id = known.organization_id and refund.id = known.id and refund.status = 'approved';
  end if;
  return query
  select item.refund_id, item.payment_id, payment.provider, payment.provider_intent_id, item.amount, payment.currency
  from public.refunds as refund
    join public.refund_items as item on item.organization_id = refund.organization_id and item.refund_id = refund.id
    join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
  where refund.organization_id = known.organization_id
    and refund.id = known.id
    and refund.status = 'processing'
    and payment.provider <> 'manual'
    and item.processed_at is null
    and item.provider_refund_id is null
  order by item.payment_id;
end;
$function$;

comment on function private.refund_to_process(bigint, text, uuid) is 'Begins to give back what a refund says: public.refund_to_process with the rights that this takes.';

revoke all on function private.refund_to_process(bigint, text, uuid) from public;

grant execute on function private.refund_to_process(bigint, text, uuid) to service_role;
