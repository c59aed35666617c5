create or replace function public.recalculate_customer_statistics (
  customer_id uuid default null::uuid,
  dry_run boolean default false
)
  returns SETOF public.customer_statistics_difference
  language sql
  set search_path to ''
  AS $function$
  select * from private.recalculate_customer_statistics(customer_id, dry_run);
$function$;

comment on function public.recalculate_customer_statistics(uuid, boolean) is 'Computes the statistics of customers from their bookings, and repairs those that differ (bookings.manage). Nothing differs unless somebody has written past the rules. Takes a customer, or null for all, and whether only to look. Returns a row for each that differed, with what it had and what it has. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 customer_not_found.';

revoke all on function public.recalculate_customer_statistics(uuid, boolean) from public;

grant execute
  on function public.recalculate_customer_statistics(uuid, boolean)
  to authenticated, service_role;
