create or replace function public.resend_confirmation (
  booking_id uuid
)
  returns text
  language sql
  set search_path to ''
  AS $function$
  select private.resend_confirmation(booking_id);
$function$;

comment on function public.resend_confirmation(uuid) is 'Sends the confirmation of a booking once more (bookings.write). Takes the booking. Returns the e-mail address that it goes to. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 booking_cancelled; PT422 contact_missing.';

revoke all on function public.resend_confirmation(uuid) from public;

grant execute on function public.resend_confirmation(uuid) to authenticated, service_role;
