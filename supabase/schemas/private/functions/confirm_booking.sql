create or replace function private.confirm_booking (
  id uuid
)
  returns public.bookings
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  confirmed public.bookings;
begin
  confirmed := private.require_booking(confirm_booking.id);
  perform private.require_permission('bookings.write');
  confirmed := private.lock_booking(confirmed.organization_id, confirmed.id);
  perform private.require_transition('bookings', confirmed.status, 'confirmed');
  perform private.require_no_open_refund(confirmed.organization_id, confirmed.id);
  update public.bookings as booking
  set status = 'confirmed'
  where booking.organization_id = confirmed.organization_id and booking.id = confirmed.id
  returning * into confirmed;
  return confirmed;
end;
$function$;

comment on function private.confirm_booking(uuid) is 'Confirms a booking: public.confirm_booking with the rights that this takes.';

revoke all on function private.confirm_booking(uuid) from public;

grant execute on function private.confirm_booking(uuid) to authenticated, service_role;
