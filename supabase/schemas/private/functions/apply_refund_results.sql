create or replace function private.apply_refund_results (
  organization_id text,
  refund_id uuid,
  results jsonb
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  known public.refunds;
  next_status text;
  failure text;
  is_complete boolean;
  is_news boolean;
  rest numeric;
begin
  select * into known
  from public.refunds as refund
  where refund.organization_id = apply_refund_results.organization_id and refund.id = apply_refund_results.refund_id
  for no key update;

  -- What has succeeded stays so, whatever comes before or after it.
  with news as (
    select
      result.payment_id,
      bool_or(result.status = 'succeeded') as is_success,
      max(result.failure) filter (where result.status = 'failed') as failure,
      max(result.provider_refund_id) as provider_refund_id
    from jsonb_to_recordset(results) as result (payment_id uuid, provider_refund_id text, status text, failure text)
    group by result.payment_id
  )
  select
    bool_and(item.processed_at is not null or coalesce(news.is_success, false)),
    min(news.failure) filter (where item.processed_at is null and not news.is_success),
    coalesce(
      bool_or(
        item.processed_at is null and news.is_success
        or item.provider_refund_id is null and news.provider_refund_id is not null
      ),
      false
    )
  into is_complete, failure, is_news
  from public.refund_items as item
    left join news on news.payment_id = item.payment_id
  where item.organization_id = known.organization_id and item.refund_id = known.id;

  next_status := case
    when is_complete then 'processed'
    when failure is not null and known.status in ('approved', 'processing') then 'failed'
    when known.status = 'approved' and is_news then 'processing'
    else known.status
  end;
  if known.status = 'approved' and next_status <> 'approved' then
    update public.refunds as refund
    set status = 'processing'
    where refund.organization_id = known.organization_id and refund.id = known.id;
    is_news := true;
  end if;

  -- In one statement, so that the booking is settled once, with all of it.
  with news as (
    select
      result.payment_id,
      bool_or(result.status = 'succeeded') as is_success,
      max(result.provider_refund_id) as provider_refund_id
    from jsonb_to_recordset(results) as result (payment_id uuid, provider_refund_id text, status text, failure text)
    group by result.payment_id
  ),
  given_back as (
    update public.refund_items as item
    set provider_refund_id = coalesce(item.provider_refund_id, news.provider_refund_id),
      processed_at = case
        when news.is_success then coalesce(item.processed_at, clock_timestamp())
        else item.processed_at
      end
    from news
    where item.organization_id = known.organization_id
      and item.refund_id = known.id
      and item.payment_id = news.payment_id
      and (
        item.processed_at is null and news.is_success
        or item.provider_refund_id is null and news.provider_refund_id is not null
      )
  )
  update public.refunds as refund
  set status = next_status,
    failure_reason = case when next_status = 'failed' then left(failure, 1000) end,
    failed_at = case when next_status = 'failed' then clock_timestamp() end
  where refund.organization_id = known.organization_id and refund.id = known.id and refund.status <> next_status;

  -- A refund that was said to have failed, and was replaced, may succeed after all: what promises more than is left
  -- then, and nobody is at work on, gives way to what is left.
  with superseded as (
    update public.refunds as refund
    set status = 'rejected', rejection_reason = 'Part of it was given back by an earlier refund.'
    from public.bookings as booking
    where booking.organization_id = known.organization_id
      and booking.id = known.booking_id
      and refund.organization_id = booking.organization_id
      and refund.booking_id = booking.id
      and refund.id <> known.id
      and refund.status in ('pending', 'approved')
      and refund.amount > booking.amount_paid - booking.amount_refunded
    returning refund.approved_at, booking.amount_paid - booking.amount_refunded as amount
  )
  select superseded.amount into rest
  from superseded
  where superseded.approved_at is not null;
  if rest > 0 then
    perform private.open_refund(
      known.organization_id, known.booking_id, rest, 'Part of it was given back by an earlier refund.', 'approved'
    );
  end if;
  return is_news or next_status <> known.status;
end;
$function$;

comment on function private.apply_refund_results(text, uuid, jsonb) is 'Takes down what has become of the parts of a refund, and what the refund is by that: processed when all are given back, failed when one was not. Takes the organization, the refund, and a list of {payment_id, status: succeeded, failed or pending, provider_refund_id, failure}; for functions that hold the lock of the booking. Returns whether any of it is new.';

revoke all on function private.apply_refund_results(text, uuid, jsonb) from public;
