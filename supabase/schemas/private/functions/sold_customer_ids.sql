create or replace function private.sold_customer_ids()
  returns uuid[]
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.organization_with('sales.assigned');
begin
  if current_id is null then
    return array[]::uuid[];
  end if;
  return array(
    select assigned.customer_id
    from public.customer_assignments as assigned
    where assigned.organization_id = current_id and assigned.user_id = auth.uid()
  );
end;
$function$;

comment on function private.sold_customer_ids() is 'Returns the customers that are assigned to the caller, for whose configurations, quotes and orders sales.assigned is enough; none without that permission. Write it as (select private.sold_customer_ids())::uuid[], so that it runs once per statement.';

revoke all on function private.sold_customer_ids() from public;

grant execute on function private.sold_customer_ids() to authenticated, service_role;
