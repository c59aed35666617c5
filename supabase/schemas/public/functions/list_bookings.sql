create or replace function public.list_bookings (
  query text default null::text,
  status text default null::text,
  session_id uuid default null::uuid,
  customer_id uuid default null::uuid,
  starts_from timestamp with time zone default null::timestamp with time zone,
  starts_before timestamp with time zone default null::timestamp with time zone,
  page integer default 1,
  per_page integer default 50
)
  returns public.booking_page
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.list_bookings(query, status, session_id, customer_id, starts_from, starts_before, page, per_page);
$function$;

comment on function public.list_bookings(text, text, uuid, uuid, timestamp with time zone, timestamp
  with time zone, integer, integer) is 'Returns one page of bookings, the newest first, and the total: of all with bookings.read, otherwise of those of customers that the caller acts for or that are assigned to them, and of sessions that they teach (then without e-mail address and phone number). Takes words to search for: a reference, or words all of which must be found in company, name, e-mail address and phone number, three characters and more anywhere, one or two at the beginning of a word; a status; a session; a customer; from when on and before when the session starts; the page from 1 and its size, up to 100. Older bookings without a customer are listed with what their contact details say. Raises PT400 search_invalid (more than 200 characters), status_invalid, page_invalid, per_page_invalid; PT401 not_authenticated; PT403 organization_required.';

revoke all
  on function public.list_bookings(text, text, uuid, uuid, timestamp with time zone, timestamp
    with time zone, integer, integer)
  from public;

grant execute
  on function public.list_bookings(text, text, uuid, uuid, timestamp with time zone, timestamp
    with time zone, integer, integer)
  to authenticated, service_role;
