create or replace function private.require_refund (
  id uuid
)
  returns public.refunds
  language plpgsql
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  locked public.refunds;
begin
  select * into locked
  from public.refunds as refund
  where refund.organization_id = current_id and refund.id = require_refund.id;
  if not found or not private.sees_money(current_id, locked.booking_id) then
    perform private.refuse(404, 'refund_not_found', 'There is no such refund.');
  end if;
  perform private.require_money_booking(locked.booking_id, is_own_enough => false);
  select * into locked
  from public.refunds as refund
  where refund.organization_id = current_id and refund.id = require_refund.id
  for no key update;
  return locked;
end;
$function$;

comment on function private.require_refund(uuid) is 'Returns a refund of the current organization that the caller may decide on (bookings.payments), and locks it and its booking until the transaction ends. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 refund_not_found, also for what the caller may not see.';

revoke all on function private.require_refund(uuid) from public;
