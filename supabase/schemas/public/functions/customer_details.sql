create or replace function public.customer_details (
  id uuid
)
  returns public.customer_details
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.customer_details(id);
$function$;

comment on function public.customer_details(uuid) is 'Returns a customer with its 10 latest quotes, orders, bookings and payments (customers.read; without it, customers that the caller acts for or that are assigned to them with customers.assigned). Quotes and orders are those that the caller may see: with sales.read all; of assigned customers with sales.assigned; of one''s own customers orders, and quotes that were sent; bookings and payments with bookings.read all, otherwise of one''s own and of assigned customers. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization; PT404 customer_not_found.';

revoke all on function public.customer_details(uuid) from public;

grant execute on function public.customer_details(uuid) to authenticated, service_role;
