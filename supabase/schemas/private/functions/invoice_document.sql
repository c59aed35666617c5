create or replace function private.invoice_document (
  organization_id text,
  invoice_id uuid
)
  returns SETOF public.invoice_document
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select
    invoice.id,
    invoice.number,
    invoice.status,
    (coalesce(invoice.sent_at, invoice.paid_at, invoice.created_at) at time zone organization.timezone)::date,
    invoice.due_on,
    invoice.description,
    organization.id,
    organization.name,
    organization.address,
    organization.contact_email,
    organization.contact_phone,
    organization.timezone,
    coalesce(contact.name, contact.company, contact.email),
    contact.company,
    contact.email,
    customer.address,
    customer.payment_terms,
    booking.id,
    booking.reference,
    booking.status,
    course.name,
    venue.name,
    venue.address,
    held.room,
    held.starts_at,
    held.ends_at,
    array(
      select attendee.name
      from public.booking_attendees as attendee
      where attendee.organization_id = booking.organization_id and attendee.booking_id = booking.id
      order by attendee.is_primary desc, attendee.id
    ),
    invoice.quantity,
    invoice.unit_price,
    invoice.subtotal,
    invoice.discount_amount,
    invoice.total,
    invoice.currency,
    invoice.amount_paid,
    invoice.amount_refunded
  from public.invoices as invoice
    join public.organizations as organization
      on organization.id = invoice.organization_id and organization.status = 'active'
    join public.bookings as booking
      on booking.organization_id = invoice.organization_id and booking.id = invoice.booking_id
    cross join lateral private.booking_contact(booking) as contact
    join public.course_sessions as held
      on held.organization_id = booking.organization_id and held.id = booking.session_id
    join public.courses as course
      on course.organization_id = held.organization_id and course.id = held.course_id
    left join public.venues as venue on venue.organization_id = held.organization_id and venue.id = held.venue_id
    left join public.customers as customer
      on customer.organization_id = booking.organization_id and customer.id = booking.customer_id
  where invoice.organization_id = invoice_document.organization_id and invoice.id = invoice_document.invoice_id;
$function$;

comment on function private.invoice_document(text, uuid) is 'Returns what an invoice says: public.invoice_document with the rights that this takes.';

revoke all on function private.invoice_document(text, uuid) from public;

grant execute on function private.invoice_document(text, uuid) to service_role;
