create or replace function private.require_manufacturing_type (
  id uuid,
  to_sell boolean
)
  returns public.manufacturing_types
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  found_type public.manufacturing_types;
begin
  select * into found_type
  from public.manufacturing_types as kind
  where kind.organization_id = current_id and kind.id = require_manufacturing_type.id;
  if not found
    or not found_type.is_active
    and not private.has_permission('sales.read')
    and not private.has_permission('sales.assigned')
  then
    perform private.refuse(404, 'manufacturing_type_not_found', 'The organization makes no such thing.');
  elsif to_sell and not found_type.is_active then
    perform private.refuse(
      409, 'manufacturing_type_inactive', format('%s is not sold.', found_type.name), 'Activate it, or choose another.'
    );
  end if;
  return found_type;
end;
$function$;

comment on function private.require_manufacturing_type(uuid, boolean) is 'Returns a type of the current organization that the caller may see: an active one, or any for staff. Takes its id, and whether something is to be made of it that is sold. Raises PT401 not_authenticated; PT403 organization_required; PT404 manufacturing_type_not_found; PT409 manufacturing_type_inactive.';

revoke all on function private.require_manufacturing_type(uuid, boolean) from public;
