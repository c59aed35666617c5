create or replace function public.delete_customer (
  id uuid
)
  returns public.customers
  language sql
  set search_path to ''
  AS $function$
  select private.delete_customer(id);
$function$;

comment on function public.delete_customer(uuid) is 'Deletes a customer that nothing was made for yet (customers.manage), with its users, assignments and health notes; the users keep their logins. Takes the id. Returns the customer as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 customer_not_found; PT409 customer_in_use, whose details say under "references" how many rows of which table refer to it.';

revoke all on function public.delete_customer(uuid) from public;

grant execute on function public.delete_customer(uuid) to authenticated, service_role;
