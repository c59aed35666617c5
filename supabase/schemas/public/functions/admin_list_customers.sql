create or replace function public.admin_list_customers (
  search text default null::text,
  customer_type text default null::text,
  has_bookings boolean default null::boolean,
  page integer default 1,
  per_page integer default 50
)
  returns public.customer_page
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.admin_list_customers(search, customer_type, has_bookings, page, per_page);
$function$;

comment on function public.admin_list_customers(text, text, boolean, integer, integer) is
  'Returns one page of all customers, who booked last first and who never booked at the end, and the total (customers.read). Takes words, all of which must be found as in search_customers; a customer_type; whether it has bookings; the page from 1 and its size, up to 100. Raises PT400 search_invalid (more than 200 characters), type_invalid, page_invalid, per_page_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke all on function public.admin_list_customers(text, text, boolean, integer, integer) from public;

grant execute
  on function public.admin_list_customers(text, text, boolean, integer, integer)
  to authenticated, service_role;
