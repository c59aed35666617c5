create or replace function private.settle_money (
  organization_id text,
  booking_ids uuid[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  newly_paid uuid[];
  numbers text[];
begin
  -- Before anything is summed: the next statements see what others have committed until then.
  perform
  from public.bookings as booking
  where booking.organization_id = settle_money.organization_id and booking.id = any (booking_ids)
  order by booking.id
  for no key update;

  update public.payments as payment
  set amount_refunded = summed.given_back
  from (
    select candidate.id, coalesce(sum(item.amount), 0) as given_back
    from public.payments as candidate
      left join public.refund_items as item
        on item.organization_id = candidate.organization_id
          and item.payment_id = candidate.id
          and item.processed_at is not null
    where candidate.organization_id = settle_money.organization_id and candidate.booking_id = any (booking_ids)
    group by candidate.id
  ) as summed
  where payment.organization_id = settle_money.organization_id
    and payment.id = summed.id
    and payment.amount_refunded <> summed.given_back;

  update public.bookings as booking
  set amount_paid = settled.paid,
    amount_refunded = settled.given_back,
    status = settled.status
  from (
    select
      candidate.id,
      money.paid,
      money.given_back,
      case
        when refunds.is_open then candidate.status
        when refunds.is_final then 'refunded'
        when candidate.status = 'pending' and money.paid > 0 and money.paid - money.given_back >= candidate.total
          then 'confirmed'
        else candidate.status
      end as status
    from public.bookings as candidate
      cross join lateral (
        select coalesce(sum(payment.amount), 0) as paid, coalesce(sum(payment.amount_refunded), 0) as given_back
        from public.payments as payment
        where payment.organization_id = candidate.organization_id
          and payment.booking_id = candidate.id
          and payment.status = 'succeeded'
      ) as money
      cross join lateral (
        select
          coalesce(bool_or(refund.status in ('pending', 'approved', 'processing')), false) as is_open,
          -- Who has paid twice, and gets back what was too much, has still paid.
          coalesce(
            bool_or(
              refund.status = 'processed'
              and (
                select coalesce(sum(payment.amount), 0)
                from public.payments as payment
                where payment.organization_id = refund.organization_id
                  and payment.booking_id = refund.booking_id
                  and payment.status = 'succeeded'
                  and payment.succeeded_at <= refund.created_at
              ) - (
                select coalesce(sum(item.amount), 0)
                from public.refunds as earlier
                  join public.refund_items as item
                    on item.organization_id = earlier.organization_id and item.refund_id = earlier.id
                where earlier.organization_id = refund.organization_id
                  and earlier.booking_id = refund.booking_id
                  and earlier.created_at <= refund.created_at
                  and item.processed_at is not null
              ) < candidate.total
            ),
            false
          ) as is_final
        from public.refunds as refund
        where refund.organization_id = candidate.organization_id and refund.booking_id = candidate.id
      ) as refunds
    where candidate.organization_id = settle_money.organization_id and candidate.id = any (booking_ids)
  ) as settled
  where booking.organization_id = settle_money.organization_id
    and booking.id = settled.id
    and (booking.amount_paid, booking.amount_refunded, booking.status)
      is distinct from (settled.paid, settled.given_back, settled.status);

  select array_agg(invoice.id order by invoice.created_at, invoice.id) into newly_paid
  from public.invoices as invoice
    join public.bookings as booking
      on booking.organization_id = invoice.organization_id and booking.id = invoice.booking_id
  where invoice.organization_id = settle_money.organization_id
    and invoice.booking_id = any (booking_ids)
    and invoice.status = 'draft'
    and private.is_invoice_paid(invoice, booking);
  if newly_paid is not null then
    numbers := array(
      select private.next_yearly_number('INV', settle_money.organization_id, cardinality(newly_paid))
    );
  end if;

  update public.invoices as invoice
  set amount_paid = settled.amount_paid,
    amount_refunded = settled.amount_refunded,
    status = settled.status,
    number = coalesce(invoice.number, settled.number)
  from (
    select
      candidate.id,
      booking.amount_paid,
      booking.amount_refunded,
      given.number,
      case
        -- Nobody has seen a draft.
        when booking.status = 'refunded' and candidate.status = 'draft' then 'void'
        when booking.status = 'refunded' then 'refunded'
        when candidate.status in ('draft', 'sent') and private.is_invoice_paid(candidate, booking) then 'paid'
        else candidate.status
      end as status
    from public.invoices as candidate
      join public.bookings as booking
        on booking.organization_id = candidate.organization_id and booking.id = candidate.booking_id
      left join unnest(newly_paid, numbers) as given (id, number) on given.id = candidate.id
    where candidate.organization_id = settle_money.organization_id
      and candidate.booking_id = any (booking_ids)
      and candidate.status <> 'void'
  ) as settled
  where invoice.organization_id = settle_money.organization_id
    and invoice.id = settled.id
    and (invoice.amount_paid, invoice.amount_refunded, invoice.status)
      is distinct from (settled.amount_paid, settled.amount_refunded, settled.status);

  if newly_paid is not null then
    perform private.enqueue_batch(
      'bookings',
      'bookings.invoice',
      array(
        select jsonb_build_object('organization_id', settle_money.organization_id, 'invoice_id', paid.id)
        from unnest(newly_paid) as paid (id)
      )
    );
  end if;
end;
$function$;

comment on function private.settle_money(text, uuid[]) is 'Makes amounts and statuses of bookings, and the amounts and invoices that follow, what their payments and refunds say: from scratch, so that it does not matter in which order these came, or how often it is asked. A booking that is paid is confirmed, one whose refund is done is refunded; while a refund is open it stays what it is. Takes the organization and the bookings; for functions that have checked who calls.';

revoke all on function private.settle_money(text, uuid[]) from public;
