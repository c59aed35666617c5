create or replace function private.tg_payments__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    perform private.settle_money(concerned.organization_id, concerned.booking_ids)
    from (
      select changed.organization_id, array_agg(distinct changed.booking_id) as booking_ids
      from new_rows as changed
      where changed.status = 'succeeded'
      group by changed.organization_id
      order by changed.organization_id
    ) as concerned;
  else
    perform private.settle_money(concerned.organization_id, concerned.booking_ids)
    from (
      select changed.organization_id, array_agg(distinct changed.booking_id) as booking_ids
      from new_rows as changed
        join old_rows as before on before.organization_id = changed.organization_id and before.id = changed.id
      where changed.status = 'succeeded' and before.status <> 'succeeded'
      group by changed.organization_id
      order by changed.organization_id
    ) as concerned;
  end if;
  return null;
end;
$function$;

comment on function private.tg_payments__settle() is 'Trigger function of payments: settles the bookings of those that have succeeded, once per statement.';

revoke all on function private.tg_payments__settle() from public;
