create or replace function public.accept_quote (
  id uuid
)
  returns public.quotes
  language sql
  set search_path to ''
  AS $function$
  select private.accept_quote(id);
$function$;

comment on function public.accept_quote(uuid) is 'Accepts a quote that was sent and is still valid (whoever acts for its customer; on behalf of one, sales.write, or sales.assigned for customers that are assigned to the caller). Takes the id. Returns the quote. Raises PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 transition_not_allowed (from, to), quote_expired.';

revoke all on function public.accept_quote(uuid) from public;

grant execute on function public.accept_quote(uuid) to authenticated, service_role;
