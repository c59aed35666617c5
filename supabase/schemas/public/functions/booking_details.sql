create or replace function public.booking_details (
  id uuid
)
  returns public.booking_details
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.booking_details(id);
$function$;

comment on function public.booking_details(uuid) is 'Returns all there is to a booking (bookings.read; without it, bookings of customers that the caller acts for or that are assigned to them, and of sessions that they teach). An older booking shows what its contact details say until its customer is found. Who only teaches the session sees neither how to reach the customer nor payments, refunds and invoices; what attendees need is for the customer, who teaches, and customers.health; drafts of invoices are for bookings.read. Takes the id. Raises PT401 not_authenticated; PT403 organization_required; PT404 booking_not_found.';

revoke all on function public.booking_details(uuid) from public;

grant execute on function public.booking_details(uuid) to authenticated, service_role;
