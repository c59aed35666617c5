create or replace function private.export_bookings (
  starts_from timestamp with time zone,
  starts_before timestamp with time zone,
  after uuid,
  amount integer
)
  returns SETOF public.booking_export_row
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('bookings.read');
begin
  if (amount between 1 and 10000) is not true then
    perform private.refuse(400, 'amount_invalid', 'amount is a number from 1 to 10,000.');
  end if;
  return query
  select
    booking.id,
    booking.reference,
    booking.status,
    course.name,
    held.starts_at,
    held.ends_at,
    venue.name,
    -- As private.booking_contact, a call of which for each row would take as long as all the rest.
    coalesce(customer.contact_person, private.contact_text(booking.contact_details -> 'name', 200)),
    coalesce(customer.company_name, private.contact_text(booking.contact_details -> 'company', 200)),
    coalesce(customer.email, booking.contact_email),
    coalesce(customer.phone, private.contact_text(booking.contact_details -> 'phone', 50)),
    booking.attendee_count,
    booking.total,
    booking.currency,
    booking.amount_paid,
    booking.amount_refunded,
    booking.created_at
  from (
    select listed.id
    from public.bookings as listed
    where listed.organization_id = current_id
      and (export_bookings.after is null or listed.id > export_bookings.after)
      and (
        starts_from is null and starts_before is null
        or listed.session_id in (
          select chosen.id
          from public.course_sessions as chosen
          where chosen.organization_id = current_id
            and (starts_from is null or chosen.starts_at >= starts_from)
            and (starts_before is null or chosen.starts_at < starts_before)
        )
      )
    order by listed.id
    limit amount
  ) as listed
    join public.bookings as booking on booking.organization_id = current_id and booking.id = listed.id
    join public.course_sessions as held on held.organization_id = current_id and held.id = booking.session_id
    join public.courses as course on course.organization_id = current_id and course.id = held.course_id
    left join public.venues as venue on venue.organization_id = current_id and venue.id = held.venue_id
    left join public.customers as customer
      on customer.organization_id = current_id and customer.id = booking.customer_id
  order by booking.id;
end;
$function$;

comment on function private.export_bookings(timestamp with time zone, timestamp
  with time zone, uuid, integer) is 'Lists bookings for a spreadsheet: public.export_bookings with the rights that this takes.';

revoke all
  on function private.export_bookings(timestamp with time zone, timestamp with time zone, uuid, integer)
  from public;

grant execute
  on function private.export_bookings(timestamp with time zone, timestamp with time zone, uuid, integer)
  to authenticated, service_role;
