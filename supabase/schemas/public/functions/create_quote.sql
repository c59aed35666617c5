create or replace function public.create_quote (
  configuration_ids uuid[],
  quantities numeric[] default null::numeric[],
  tax_rate numeric default null::numeric,
  discount numeric default 0,
  valid_until date default null::date,
  notes text default null::text
)
  returns public.quotes
  language sql
  set search_path to ''
  AS $function$
  select private.create_quote(configuration_ids, quantities, tax_rate, discount, valid_until, notes);
$function$;

comment on function public.create_quote(uuid[], numeric[], numeric, numeric, date, text) is
  'Makes a quote, a draft, from saved or quoted configurations of one customer (sales.write; with sales.assigned for customers that are assigned to the caller). Takes 1 to 200 configurations in the order of the lines; how many of each, 1 when null; the tax rate in per cent and the last day of validity, those of sales_settings when null; the discount, an amount; notes to the customer. Configurations whose type has changed since are priced again, and keep their status until the quote is sent. Returns the quote. Raises PT400 configurations_invalid, quantity_invalid, tax_rate_invalid, discount_invalid, valid_until_invalid, notes_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 configuration_not_found; PT409 several_customers, configuration_not_quotable (configurations).';

revoke all on function public.create_quote(uuid[], numeric[], numeric, numeric, date, text) from public;

grant execute
  on function public.create_quote(uuid[], numeric[], numeric, numeric, date, text)
  to authenticated, service_role;
