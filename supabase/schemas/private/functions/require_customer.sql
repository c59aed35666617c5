create or replace function private.require_customer (
  id uuid
)
  returns public.customers
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  may_read_all constant boolean := private.has_permission('customers.read');
  found_customer public.customers;
begin
  if may_read_all or require_customer.id = any (private.current_customer_ids()) then
    select * into found_customer
    from public.customers as customer
    where customer.organization_id = current_id and customer.id = require_customer.id;
    if found then
      return found_customer;
    end if;
  end if;
  if may_read_all then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;
  perform private.record_denial('customer_authorization', jsonb_build_object('customer_id', require_customer.id));
  perform private.refuse(
    403, 'customer_authorization', 'You do not act for this customer.', 'Ask the organization to assign it to you.'
  );
  return null;
end;
$function$;

comment on function private.require_customer(uuid) is 'Returns a customer of the current organization that the caller may see: with customers.read any, otherwise one that they act for or that is assigned to them. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization (without customers.read also for what does not exist); PT404 customer_not_found.';

revoke all on function private.require_customer(uuid) from public;
