create or replace function private.allocate_refunds (
  organization_id text,
  refund_ids uuid[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  jobs jsonb[];
begin
  insert into public.refund_items (organization_id, refund_id, payment_id, amount, created_at)
  select
    refund.organization_id, refund.id, source.id, least(source.available, refund.amount - source.newer),
    clock_timestamp()
  from public.refunds as refund
    cross join lateral (
      select
        payment.id,
        payment.amount - payment.amount_refunded as available,
        coalesce(
          sum(payment.amount - payment.amount_refunded) over (
            order by payment.succeeded_at desc, payment.id desc rows between unbounded preceding and 1 preceding
          ),
          0
        ) as newer
      from public.payments as payment
      where payment.organization_id = refund.organization_id
        and payment.booking_id = refund.booking_id
        and payment.status = 'succeeded'
        and payment.amount_refunded < payment.amount
    ) as source
  where refund.organization_id = allocate_refunds.organization_id
    and refund.id = any (refund_ids)
    and source.newer < refund.amount;

  -- What was paid to staff, staff gives back: complete_refund.
  select array_agg(jsonb_build_object('organization_id', refund.organization_id, 'refund_id', refund.id))
  into jobs
  from public.refunds as refund
  where refund.organization_id = allocate_refunds.organization_id
    and refund.id = any (refund_ids)
    and exists (
      select
      from public.refund_items as item
        join public.payments as payment
          on payment.organization_id = item.organization_id and payment.id = item.payment_id
      where item.organization_id = refund.organization_id
        and item.refund_id = refund.id
        and payment.provider <> 'manual'
    );
  if jobs is not null then
    perform private.enqueue_batch('payments', 'bookings.refund', jobs);
  end if;
end;
$function$;

comment on function private.allocate_refunds(text, uuid[]) is 'Says which payments approved refunds give back, the newest first, and enqueues what a provider has to do. Takes the organization and the refunds; for functions that hold the locks of the bookings and have looked that so much is left.';

revoke all on function private.allocate_refunds(text, uuid[]) from public;
