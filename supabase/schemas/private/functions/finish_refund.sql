create or replace function private.finish_refund (
  organization_id text,
  refund_id uuid,
  results jsonb
)
  returns public.refunds
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  finished public.refunds;
begin
  select * into finished
  from public.refunds as refund
  where refund.organization_id = finish_refund.organization_id and refund.id = finish_refund.refund_id;
  if not found then
    perform private.refuse(404, 'refund_not_found', 'There is no such refund.');
  end if;
  perform private.lock_booking(finished.organization_id, finished.booking_id);
  select * into finished
  from public.refunds as refund
  where refund.organization_id = finish_refund.organization_id and refund.id = finish_refund.refund_id;
  if finished.status in ('pending', 'approved', 'rejected') then
    perform private.require_transition('refunds', finished.status, 'processed');
  elsif exists (
    select
    from jsonb_to_recordset(results) as result (payment_id uuid, status text)
    where coalesce(result.status, 'succeeded') not in ('succeeded', 'failed', 'pending')
      or not exists (
        select
        from public.refund_items as item
        where item.organization_id = finished.organization_id
          and item.refund_id = finished.id
          and item.payment_id = result.payment_id
      )
  ) then
    perform private.refuse(
      400,
      'results_invalid',
      'A result names a payment that this refund gives back, and is succeeded, failed or pending.'
    );
  end if;
  perform private.apply_refund_results(
    finished.organization_id,
    finished.id,
    (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'payment_id', result.payment_id,
            'provider_refund_id', result.provider_refund_id,
            'status', case when result.failure is not null then 'failed' else coalesce(result.status, 'succeeded') end,
            'failure', coalesce(result.failure, 'The provider does not say why.')
          )
        ),
        '[]'
      )
      from jsonb_to_recordset(results) as result (payment_id uuid, provider_refund_id text, status text, failure text)
    )
  );
  -- What was told of it before anybody knew the provider's id.
  perform private.apply_intent_events(payment.provider, payment.provider_intent_id)
  from public.refund_items as item
    join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
    join private.payment_intents as intent
      on intent.provider = payment.provider and intent.intent_id = payment.provider_intent_id
  where item.organization_id = finished.organization_id and item.refund_id = finished.id;
  perform private.refund_late_payments(finished.organization_id, finished.booking_id);
  select * into finished
  from public.refunds as refund
  where refund.organization_id = finish_refund.organization_id and refund.id = finish_refund.refund_id;
  return finished;
end;
$function$;

comment on function private.finish_refund(text, uuid, jsonb) is 'Takes down what a provider has done about a refund: public.finish_refund with the rights that this takes.';

revoke all on function private.finish_refund(text, uuid, jsonb) from public;

grant execute on function private.finish_refund(text, uuid, jsonb) to service_role;
