create or replace function private.customer_statistics_differences (
  organization_id text,
  customer_ids uuid[] default null::uuid[]
)
  returns SETOF public.customer_statistics_difference
  language sql
  stable
  set search_path to ''
  AS $function$
  select
    customer.id,
    customer.total_bookings,
    computed.total_bookings,
    customer.total_spent,
    computed.total_spent,
    customer.first_booking_at,
    computed.first_booking_at,
    customer.last_booking_at,
    computed.last_booking_at
  from public.customers as customer
    left join (
      select
        booking.customer_id,
        (count(*) filter (where booking.status not in ('cancelled', 'refunded')))::integer as bookings,
        sum(booking.amount_paid - booking.amount_refunded) as spent,
        min(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as first_at,
        max(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as last_at
      from public.bookings as booking
      where booking.organization_id = customer_statistics_differences.organization_id
        and booking.customer_id is not null
        and (customer_ids is null or booking.customer_id = any (customer_ids))
      group by booking.customer_id
    ) as made on made.customer_id = customer.id
    cross join lateral (
      select
        coalesce(made.bookings, 0) as total_bookings,
        coalesce(made.spent, 0) as total_spent,
        made.first_at as first_booking_at,
        made.last_at as last_booking_at
    ) as computed
  where customer.organization_id = customer_statistics_differences.organization_id
    and (customer_ids is null or customer.id = any (customer_ids))
    and (
      (customer.total_bookings, customer.total_spent) <> (computed.total_bookings, computed.total_spent)
      or customer.first_booking_at is distinct from computed.first_booking_at
      or customer.last_booking_at is distinct from computed.last_booking_at
    )
  order by customer.id;
$function$;

comment on function private.customer_statistics_differences(text, uuid[]) is 'Returns the customers of an organization whose statistics are not what their bookings come to, with both. Takes the organization, and the customers to look at (null: all). For functions that have checked who calls.';

revoke all on function private.customer_statistics_differences(text, uuid[]) from public;
