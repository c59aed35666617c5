create or replace function private.booking_contact (
  booking public.bookings,
  OUT name text,
  OUT email text,
  OUT phone text,
  OUT company text
)
  returns record
  language sql
  stable
  set search_path to ''
  AS $function$
  select
    coalesce(customer.contact_person, private.contact_text(booking.contact_details -> 'name', 200)),
    coalesce(customer.email, booking.contact_email),
    coalesce(customer.phone, private.contact_text(booking.contact_details -> 'phone', 50)),
    coalesce(customer.company_name, private.contact_text(booking.contact_details -> 'company', 200))
  from (select) as one
    left join public.customers as customer
      on customer.organization_id = booking.organization_id and customer.id = booking.customer_id;
$function$;

comment on function private.booking_contact(public.bookings) is 'Returns who has booked: name, e-mail address, phone number and company of the customer; what it has not, or while there is none, as the details of an older booking state it. Takes the booking. For functions that have checked who calls.';

revoke all on function private.booking_contact(public.bookings) from public;
