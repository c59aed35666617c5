create or replace function private.require_sales_customer (
  customer_id uuid
)
  returns uuid
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
begin
  if private.has_permission('sales.write') then
    if not exists (
      select
      from public.customers as customer
      where customer.organization_id = current_id and customer.id = require_sales_customer.customer_id
    ) then
      perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
    end if;
  elsif (require_sales_customer.customer_id = any (private.sales_customer_ids())) is not true then
    perform private.record_denial(
      'customer_authorization', jsonb_build_object('customer_id', require_sales_customer.customer_id)
    );
    perform private.refuse(
      403,
      'customer_authorization',
      'You do not act for this customer.',
      'Ask someone who manages the customers of the organization.'
    );
  end if;
  return require_sales_customer.customer_id;
end;
$function$;

comment on function private.require_sales_customer(uuid) is 'Returns the id of a customer for whom the caller may make configurations: any of the current organization with sales.write, otherwise one that they act for or that is assigned to them with sales.assigned. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization (also when there is no such customer); PT404 customer_not_found (with sales.write).';

revoke all on function private.require_sales_customer(uuid) from public;
