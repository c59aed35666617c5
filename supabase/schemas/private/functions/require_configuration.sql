create or replace function private.require_configuration (
  id uuid,
  to_change boolean
)
  returns public.configurations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  found_one public.configurations;
  is_own boolean;
begin
  if to_change then
    -- The customer first, as whoever merges customers: then one waits for the other, and never both. A row that is
    -- written twice has its foreign keys looked at again, which locks the customer anyway.
    perform
    from public.customers as customer
    where customer.organization_id = current_id
      and customer.id = (
        select configuration.customer_id
        from public.configurations as configuration
        where configuration.organization_id = current_id and configuration.id = require_configuration.id
      )
    for key share;
    select * into found_one
    from public.configurations as configuration
    where configuration.organization_id = current_id and configuration.id = require_configuration.id
    for no key update;
  else
    select * into found_one
    from public.configurations as configuration
    where configuration.organization_id = current_id and configuration.id = require_configuration.id;
  end if;
  is_own := found_one.customer_id = any (private.sales_customer_ids());
  if found_one.id is null
    or not is_own and not private.has_permission('sales.read') and not private.has_permission('sales.write')
  then
    perform private.refuse(404, 'configuration_not_found', 'There is no such configuration.');
  elsif to_change and not is_own then
    perform private.require_permission('sales.write');
  end if;
  return found_one;
end;
$function$;

comment on function private.require_configuration(uuid, boolean) is 'Returns a configuration that the caller may read (sales.read or sales.write, or it belongs to a customer that they act for, or that is assigned to them with sales.assigned), or change (the same without sales.read): then its row is locked until the transaction ends. Takes its id, and whether it is to be changed. Raises PT401 not_authenticated; PT403 organization_required, permission_required (readable, and not theirs to change); PT404 configuration_not_found.';

revoke all on function private.require_configuration(uuid, boolean) from public;
