create or replace function private.require_seller()
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if private.has_permission('sales.assigned') then
    return private.require_organization();
  end if;
  return private.require_permission('sales.write');
end;
$function$;

comment on function private.require_seller() is 'Returns the current organization if the caller may sell to any of its customers: with sales.write to all, with sales.assigned to those assigned to them, which the caller of this function has to look at (private.sold_customer_ids). Raises PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke all on function private.require_seller() from public;
