create or replace function public.export_bookings (
  starts_from timestamp with time zone default null::timestamp with time zone,
  starts_before timestamp with time zone default null::timestamp with time zone,
  after uuid default null::uuid,
  amount integer default 1000
)
  returns SETOF public.booking_export_row
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.export_bookings(starts_from, starts_before, after, amount);
$function$;

comment on function public.export_bookings(timestamp with time zone, timestamp
  with time zone, uuid, integer) is 'Returns bookings for a spreadsheet, in the order of their ids (bookings.read). Takes from when on and before when their sessions start, null for all; the id after which to go on, that of the last row before, null at the start; and how many, from 1 to 10,000. No row says that it was all. Raises PT400 amount_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke all
  on function public.export_bookings(timestamp with time zone, timestamp with time zone, uuid, integer)
  from public;

grant execute
  on function public.export_bookings(timestamp with time zone, timestamp with time zone, uuid, integer)
  to authenticated, service_role;
