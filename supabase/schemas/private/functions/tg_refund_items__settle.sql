create or replace function private.tg_refund_items__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    perform private.settle_money(concerned.organization_id, concerned.booking_ids)
    from (
      select refund.organization_id, array_agg(distinct refund.booking_id) as booking_ids
      from new_rows as changed
        join public.refunds as refund
          on refund.organization_id = changed.organization_id and refund.id = changed.refund_id
      where changed.processed_at is not null
      group by refund.organization_id
      order by refund.organization_id
    ) as concerned;
  else
    perform private.settle_money(concerned.organization_id, concerned.booking_ids)
    from (
      select refund.organization_id, array_agg(distinct refund.booking_id) as booking_ids
      from new_rows as changed
        join old_rows as before
          on before.organization_id = changed.organization_id
            and before.refund_id = changed.refund_id
            and before.payment_id = changed.payment_id
        join public.refunds as refund
          on refund.organization_id = changed.organization_id and refund.id = changed.refund_id
      where changed.processed_at is distinct from before.processed_at
      group by refund.organization_id
      order by refund.organization_id
    ) as concerned;
  end if;
  return null;
end;
$function$;

comment on function private.tg_refund_items__settle() is 'Trigger function of the items of refunds: settles the bookings of those that were given back, once per statement.';

revoke all on function private.tg_refund_items__settle() from public;
