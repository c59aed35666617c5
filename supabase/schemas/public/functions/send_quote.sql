create or replace function public.send_quote (
  id uuid
)
  returns public.quotes
  language sql
  set search_path to ''
  AS $function$
  select private.send_quote(id);
$function$;

comment on function public.send_quote(uuid) is 'Sends a draft of a quote: its lines get the prices of the day, which are frozen with it, its configurations become quoted, and the customer sees it (sales.write; with sales.assigned for customers that are assigned to the caller). Takes the id. Returns the quote. Raises PT400 discount_invalid (subtotal), price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 transition_not_allowed (from, to), quote_expired, configuration_not_quotable (configurations: reopened, ordered, or no longer valid for their type).';

revoke all on function public.send_quote(uuid) from public;

grant execute on function public.send_quote(uuid) to authenticated, service_role;
