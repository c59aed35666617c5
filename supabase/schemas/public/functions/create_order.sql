create or replace function public.create_order (
  quote_id uuid,
  required_date date default null::date,
  delivery_address jsonb default null::jsonb,
  notes text default null::text
)
  returns public.orders
  language sql
  set search_path to ''
  AS $function$
  select private.create_order(quote_id, required_date, delivery_address, notes);
$function$;

comment on function public.create_order(uuid, date, jsonb, text) is 'Makes the order of an accepted quote that is still valid, once, with the customer, the lines and the amounts of the quote (sales.write; with sales.assigned for customers that are assigned to the caller). Takes the quote; the day on which it is needed, or null; where it goes, an object, or null for the address of the customer; notes. Returns the order. Raises PT400 required_date_invalid, address_invalid, notes_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 quote_not_accepted, quote_already_ordered, quote_expired, configuration_not_quotable (configurations: ordered through another quote).';

revoke all on function public.create_order(uuid, date, jsonb, text) from public;

grant execute on function public.create_order(uuid, date, jsonb, text) to authenticated, service_role;
