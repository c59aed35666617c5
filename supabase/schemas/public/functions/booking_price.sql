create or replace function public.booking_price (
  session_id uuid,
  places integer,
  discount_code text default null::text
)
  returns public.booking_price
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.booking_price(session_id, places, discount_code);
$function$;

comment on function public.booking_price(uuid, integer, text) is 'Says what places in a session cost, as create_booking would ask for them (every member; sessions that were never published, bookings.read or bookings.write). Takes the session, how many places (1 to 100), and a discount code. Returns the price of a place and of all, the discounts, and the total. Raises PT401 not_authenticated; PT403 organization_required; PT404 session_not_found; PT422 invalid_participants, discount_code_invalid (reason).';

revoke all on function public.booking_price(uuid, integer, text) from public;

grant execute on function public.booking_price(uuid, integer, text) to authenticated, service_role;
