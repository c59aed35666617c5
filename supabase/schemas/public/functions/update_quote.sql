create or replace function public.update_quote (
  id uuid,
  quantities numeric[] default null::numeric[],
  tax_rate numeric default null::numeric,
  discount numeric default null::numeric,
  valid_until date default null::date,
  notes text default null::text
)
  returns public.quotes
  language sql
  set search_path to ''
  AS $function$
  select private.update_quote(id, quantities, tax_rate, discount, valid_until, notes);
$function$;

comment on function public.update_quote(uuid, numeric[], numeric, numeric, date, text) is
  'Changes a quote that has not been sent (sales.write; with sales.assigned for customers that are assigned to the caller). Takes the id and what is to change; null leaves a value as it is. Quantities are those of all lines in their order; empty notes are none. Returns the quote. Raises PT400 quantity_invalid, tax_rate_invalid, discount_invalid, valid_until_invalid, notes_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 quote_frozen.';

revoke all on function public.update_quote(uuid, numeric[], numeric, numeric, date, text) from public;

grant execute
  on function public.update_quote(uuid, numeric[], numeric, numeric, date, text)
  to authenticated, service_role;
