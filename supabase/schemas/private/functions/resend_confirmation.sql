create or replace function private.resend_confirmation (
  booking_id uuid
)
  returns text
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('bookings.write');
  booking public.bookings;
  address text;
begin
  select * into booking
  from public.bookings as known
  where known.organization_id = current_id and known.id = resend_confirmation.booking_id;
  if not found then
    perform private.refuse(404, 'booking_not_found', 'The organization has no such booking.');
  elsif booking.status in ('cancelled', 'refunded') then
    perform private.refuse(
      409,
      'booking_cancelled',
      format('This booking is %s: there is nothing to confirm.', booking.status),
      details => jsonb_build_object('status', booking.status)
    );
  end if;
  address := (select contact.email from private.booking_contact(booking) as contact);
  if address is null then
    perform private.refuse(
      422, 'contact_missing', 'Nobody knows an e-mail address for this booking.', 'Enter one with the customer.'
    );
  end if;
  perform private.enqueue(
    'bookings',
    'bookings.confirmation',
    jsonb_build_object('organization_id', current_id, 'booking_id', booking.id)
  );
  return address;
end;
$function$;

comment on function private.resend_confirmation(uuid) is 'Sends the confirmation of a booking once more: public.resend_confirmation with the rights that this takes.';

revoke all on function private.resend_confirmation(uuid) from public;

grant execute on function private.resend_confirmation(uuid) to authenticated, service_role;
