create or replace function private.sales_customer_ids()
  returns uuid[]
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return private.own_customer_ids() || private.sold_customer_ids();
end;
$function$;

comment on function private.sales_customer_ids() is 'Returns the customers whose configurations and orders the caller reaches without sales.read: those that they act for, and those assigned to them with sales.assigned. Write it as (select private.sales_customer_ids())::uuid[], so that it runs once per statement.';

revoke all on function private.sales_customer_ids() from public;

grant execute on function private.sales_customer_ids() to authenticated, service_role;
