create or replace function public.search_customers (
  query text default null::text,
  type text default null::text,
  has_bookings boolean default null::boolean,
  page integer default 1,
  per_page integer default 50
)
  returns public.customer_page
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.search_customers(query, type, has_bookings, page, per_page);
$function$;

comment on function public.search_customers(text, text, boolean, integer, integer) is
  'Returns one page of the customers that match, those first whose name begins with the query, then by name, and the total: of all customers with customers.read, otherwise of those that the caller acts for or that are assigned to them. Takes words, all of which must be found, in any order, without regard to case and accents: three characters and more anywhere in company, name, e-mail address and phone number, one or two at the beginning of a word; a customer_type; whether it has made bookings; the page from 1 and its size, up to 100. Raises PT400 search_invalid (more than 200 characters), type_invalid, page_invalid, per_page_invalid; PT401 not_authenticated; PT403 organization_required.';

revoke all on function public.search_customers(text, text, boolean, integer, integer) from public;

grant execute
  on function public.search_customers(text, text, boolean, integer, integer)
  to authenticated, service_role;
