create or replace function private.customer_details (
  id uuid
)
  returns public.customer_details
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  customer constant public.customers := private.require_customer(customer_details.id);
  is_sold constant boolean := private.has_permission('sales.read') or customer.id = any (private.sold_customer_ids());
  is_own constant boolean := customer.id = any (private.own_customer_ids());
  has_booked constant boolean :=
    private.has_permission('bookings.read') or customer.id = any (private.current_customer_ids());
  details public.customer_details;
begin
  details.id := customer.id;
  details.company_name := customer.company_name;
  details.contact_person := customer.contact_person;
  details.email := customer.email;
  details.phone := customer.phone;
  details.address := customer.address;
  details.customer_type := customer.customer_type;
  details.tax_id := customer.tax_id;
  details.payment_terms := customer.payment_terms;
  details.is_active := customer.is_active;
  details.notes := customer.notes;
  details.tags := customer.tags;
  details.customer_since := customer.customer_since;
  details.total_bookings := customer.total_bookings;
  details.total_spent := customer.total_spent;
  details.created_at := customer.created_at;
  -- What the policies of the tables show.
  details.quotes := to_jsonb(array(
    select
      row(
        quote.id, quote.number, quote.status, quote.currency, quote.total, quote.valid_until, quote.created_at
      )::public.customer_quote
    from public.quotes as quote
    where quote.organization_id = customer.organization_id
      and quote.customer_id = customer.id
      and (is_sold or is_own and quote.status <> 'draft')
    order by quote.created_at desc, quote.id desc
    limit 10
  ));
  details.orders := to_jsonb(array(
    select
      row(
        placed.id, placed.number, placed.status, placed.currency, placed.total, placed.required_date, placed.created_at
      )::public.customer_order
    from public.orders as placed
    where placed.organization_id = customer.organization_id
      and placed.customer_id = customer.id
      and (is_sold or is_own)
    order by placed.created_at desc, placed.id desc
    limit 10
  ));
  details.bookings := to_jsonb(array(
    select
      row(
        booking.id, booking.reference, booking.status, course.name, held.starts_at, booking.attendee_count,
        booking.currency, booking.total, booking.amount_paid, booking.amount_refunded, booking.created_at
      )::public.customer_booking
    from public.bookings as booking
      join public.course_sessions as held
        on held.organization_id = booking.organization_id and held.id = booking.session_id
      join public.courses as course
        on course.organization_id = held.organization_id and course.id = held.course_id
    where booking.organization_id = customer.organization_id and booking.customer_id = customer.id and has_booked
    order by booking.created_at desc, booking.id desc
    limit 10
  ));
  details.payments := to_jsonb(array(
    select
      row(
        payment.id, booking.id, booking.reference, payment.provider, payment.method, payment.status, payment.currency,
        payment.amount, payment.amount_refunded, payment.created_at
      )::public.customer_payment
    from public.bookings as booking
      join public.payments as payment
        on payment.organization_id = booking.organization_id and payment.booking_id = booking.id
    where booking.organization_id = customer.organization_id and booking.customer_id = customer.id and has_booked
    order by payment.created_at desc, payment.id desc
    limit 10
  ));
  return details;
end;
$function$;

comment on function private.customer_details(uuid) is 'Returns a customer with what it last bought and booked: public.customer_details with the rights that this takes.';

revoke all on function private.customer_details(uuid) from public;

grant execute on function private.customer_details(uuid) to authenticated, service_role;
