create or replace function public.booking_document (
  organization_id text,
  booking_id uuid
)
  returns SETOF public.booking_details
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.booking_document(organization_id, booking_id);
$function$;

comment on function public.booking_document(text, uuid) is 'Returns what the mails and documents of a booking say (service role only, for the worker): as the customer sees it, without what attendees need. No row when there is no such booking, or the organization is not active. Takes the organization and the booking.';

revoke all on function public.booking_document(text, uuid) from public;

grant execute on function public.booking_document(text, uuid) to service_role;
