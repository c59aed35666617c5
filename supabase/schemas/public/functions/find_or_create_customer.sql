create or replace function public.find_or_create_customer (
  email text,
  name text default null::text,
  phone text default null::text,
  company text default null::text
)
  returns public.customers
  language sql
  set search_path to ''
  AS $function$
  select private.find_or_create_customer(email, name, phone, company);
$function$;

comment on function public.find_or_create_customer(text, text, text, text) is 'Returns the customer of the current organization that has an e-mail address, and makes one where there is none (customers.write; with customers.assigned alone, a new one is assigned to the caller, and one of somebody else is refused). Takes the address; the name, the phone number and the company fill what the customer does not have yet, and overwrite nothing. A new one with a company is corporate, without one residential. Creates no login. Raises PT400 email_invalid, name_invalid, phone_invalid, company_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT422 customer_creation_failed.';

revoke all on function public.find_or_create_customer(text, text, text, text) from public;

grant execute
  on function public.find_or_create_customer(text, text, text, text)
  to authenticated, service_role;
