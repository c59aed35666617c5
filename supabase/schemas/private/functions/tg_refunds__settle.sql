create or replace function private.tg_refunds__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.settle_money(concerned.organization_id, concerned.booking_ids)
  from (
    select changed.organization_id, array_agg(distinct changed.booking_id) as booking_ids
    from new_rows as changed
      join old_rows as before on before.organization_id = changed.organization_id and before.id = changed.id
    where changed.status <> before.status
    group by changed.organization_id
    order by changed.organization_id
  ) as concerned;
  return null;
end;
$function$;

comment on function private.tg_refunds__settle() is 'Trigger function of refunds: settles the bookings of those whose status has changed, once per statement.';

revoke all on function private.tg_refunds__settle() from public;
