create or replace function private.refresh_customer_statistics (
  organization_id text,
  customer_ids uuid[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- In one order; and before the statement that counts, which then sees what those have done who had the lock before.
  perform
  from public.customers as customer
  where customer.organization_id = refresh_customer_statistics.organization_id and customer.id = any (customer_ids)
  order by customer.id
  for no key update;
  update public.customers as customer
  set total_bookings = counted.bookings,
    total_spent = counted.spent,
    first_booking_at = counted.first_at,
    last_booking_at = counted.last_at
  from unnest(customer_ids) as listed (id),
    lateral (
      select
        count(*) filter (where booking.status not in ('cancelled', 'refunded')) as bookings,
        coalesce(sum(booking.amount_paid - booking.amount_refunded), 0) as spent,
        min(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as first_at,
        max(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as last_at
      from public.bookings as booking
      where booking.organization_id = refresh_customer_statistics.organization_id and booking.customer_id = listed.id
    ) as counted
  where customer.organization_id = refresh_customer_statistics.organization_id
    and customer.id = listed.id
    and (customer.total_bookings, customer.total_spent, customer.first_booking_at, customer.last_booking_at)
      is distinct from (counted.bookings, counted.spent, counted.first_at, counted.last_at);
end;
$function$;

comment on function private.refresh_customer_statistics(text, uuid[]) is 'Computes the statistics of customers from their bookings, from scratch: how many there are that are neither cancelled nor refunded, when the first and the last of these were made, and what was paid for all less what was given back. Takes the organization and the customers, each once; for functions that have checked who calls.';

revoke all on function private.refresh_customer_statistics(text, uuid[]) from public;
