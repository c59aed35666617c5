create or replace function private.recalculate_customer_statistics (
  customer_id uuid,
  dry_run boolean
)
  returns SETOF public.customer_statistics_difference
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('bookings.manage');
  different uuid[];
begin
  if customer_id is not null and not exists (
    select
    from public.customers as customer
    where customer.organization_id = current_id and customer.id = recalculate_customer_statistics.customer_id
  ) then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;
  if coalesce(dry_run, false) then
    return query
    select *
    from private.customer_statistics_differences(
      current_id, case when customer_id is not null then array[customer_id] end
    );
    return;
  end if;

  different := array(
    select difference.customer_id
    from private.customer_statistics_differences(
      current_id, case when recalculate_customer_statistics.customer_id is not null then
        array[recalculate_customer_statistics.customer_id]
      end
    ) as difference
  );
  -- Those that are different once nobody else is at work on them.
  perform
  from public.customers as customer
  where customer.organization_id = current_id and customer.id = any (different)
  order by customer.id
  for no key update;
  return query
  with difference as materialized (
    select * from private.customer_statistics_differences(current_id, different)
  ),
  repaired as (
    update public.customers as customer
    set total_bookings = difference.total_bookings,
      total_spent = difference.total_spent,
      first_booking_at = difference.first_booking_at,
      last_booking_at = difference.last_booking_at
    from difference
    where customer.organization_id = current_id and customer.id = difference.customer_id
  )
  select * from difference;
end;
$function$;

comment on function private.recalculate_customer_statistics(uuid, boolean) is 'Recalculates the statistics of customers: public.recalculate_customer_statistics with the rights that this takes.';

revoke all on function private.recalculate_customer_statistics(uuid, boolean) from public;

grant execute
  on function private.recalculate_customer_statistics(uuid, boolean)
  to authenticated, service_role;
