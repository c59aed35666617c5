create or replace function private.complete_refund (
  id uuid
)
  returns public.refunds
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  completed public.refunds := private.require_refund(complete_refund.id);
  results jsonb;
begin
  if completed.status <> 'processing' then
    perform private.require_transition('refunds', completed.status, 'processing');
  end if;
  select jsonb_agg(jsonb_build_object('payment_id', item.payment_id, 'status', 'succeeded')) into results
  from public.refund_items as item
    join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
  where item.organization_id = completed.organization_id
    and item.refund_id = completed.id
    and item.processed_at is null
    and payment.provider = 'manual';
  if results is null then
    perform private.refuse(
      409, 'refund_not_manual', 'Nothing of this refund is left for staff to give back.', 'The provider does it.'
    );
  end if;
  perform private.apply_refund_results(completed.organization_id, completed.id, results);
  perform private.refund_late_payments(completed.organization_id, completed.booking_id);
  select * into completed
  from public.refunds as refund
  where refund.organization_id = completed.organization_id and refund.id = completed.id;
  return completed;
end;
$function$;

comment on function private.complete_refund(uuid) is 'Takes down that staff has given money back: public.complete_refund with the rights that this takes.';

revoke all on function private.complete_refund(uuid) from public;

grant execute on function private.complete_refund(uuid) to authenticated, service_role;
