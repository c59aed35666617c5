create or replace function public.reject_quote (
  id uuid,
  reason text default null::text
)
  returns public.quotes
  language sql
  set search_path to ''
  AS $function$
  select private.reject_quote(id, reason);
$function$;

comment on function public.reject_quote(uuid, text) is 'Rejects a quote that was sent (whoever acts for its customer; on behalf of one, sales.write, or sales.assigned for customers that are assigned to the caller). Takes the id and a reason or null. Returns the quote. Raises PT400 reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 transition_not_allowed (from, to).';

revoke all on function public.reject_quote(uuid, text) from public;

grant execute on function public.reject_quote(uuid, text) to authenticated, service_role;
