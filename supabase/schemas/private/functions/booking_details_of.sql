create or replace function private.booking_details_of (
  organization_id text,
  booking_id uuid,
  sees_customer boolean,
  sees_drafts boolean,
  sees_requirements boolean
)
  returns SETOF public.booking_details
  language sql
  stable
  set search_path to ''
  AS $function$
  select
    booking.id,
    booking.reference,
    booking.status,
    organization.id,
    organization.name,
    organization.address,
    organization.contact_email,
    organization.contact_phone,
    organization.timezone,
    held.id,
    held.status,
    course.id,
    course.name,
    course.course_type,
    held.starts_at,
    held.ends_at,
    venue.id,
    venue.name,
    venue.address,
    venue.directions,
    held.room,
    (
      select profile.display_name from public.user_profiles as profile where profile.user_id = held.instructor_id
    ),
    held.revision + case booking.status
      when 'pending' then 0
      when 'confirmed' then 1
      when 'cancelled' then 3
      when 'refunded' then 4
      else 2
    end,
    booking.customer_id,
    coalesce(contact.name, contact.company, case when sees_customer then contact.email end),
    contact.company,
    case when sees_customer then contact.email end,
    case when sees_customer then contact.phone end,
    case when sees_customer then customer.address end,
    case when sees_customer then customer.payment_terms end,
    booking.attendee_count,
    booking.unit_price,
    booking.subtotal,
    booking.group_discount,
    (
      select discount.code
      from public.discount_codes as discount
      where discount.organization_id = booking.organization_id and discount.id = booking.discount_code_id
    ),
    booking.code_discount,
    booking.total,
    booking.currency,
    booking.amount_paid,
    booking.amount_refunded,
    case
      when booking.status in ('cancelled', 'refunded') then 0
      else greatest(booking.total - booking.amount_paid + booking.amount_refunded, 0)
    end,
    held.starts_at - make_interval(
      hours => coalesce(
        (
          select settled.cancellation_hours
          from public.booking_settings as settled
          where settled.organization_id = booking.organization_id
        ),
        48
      )
    ),
    booking.terms_accepted_at,
    booking.notes,
    booking.cancellation_reason,
    booking.confirmed_at,
    booking.cancelled_at,
    booking.refunded_at,
    booking.completed_at,
    booking.created_at,
    greatest(booking.updated_at, held.updated_at),
    to_jsonb(array(
      select
        row(
          attendee.id, attendee.name, attendee.email, attendee.is_primary, attendee.date_of_birth, attended.status,
          certificate.number, certificate.expires_on
        )::public.booking_person
      from public.booking_attendees as attendee
        left join public.attendance as attended
          on attended.organization_id = attendee.organization_id and attended.attendee_id = attendee.id
        left join public.certificates as certificate
          on certificate.organization_id = attendee.organization_id and certificate.attendee_id = attendee.id
      where attendee.organization_id = booking.organization_id and attendee.booking_id = booking.id
      order by attendee.is_primary desc, attendee.id
    )),
    to_jsonb(array(
      select
        row(
          requirement.id, requirement.attendee_id, requirement.kind, requirement.priority, requirement.note
        )::public.booking_need
      from public.booking_requirements as requirement
      where sees_requirements
        and requirement.organization_id = booking.organization_id
        and requirement.booking_id = booking.id
      order by requirement.id
    )),
    to_jsonb(array(
      select
        row(
          payment.id, payment.provider, payment.method, payment.status, payment.amount, payment.amount_refunded,
          payment.currency, payment.note, payment.failure_reason, payment.succeeded_at, payment.created_at
        )::public.booking_payment
      from public.payments as payment
      where sees_customer and payment.organization_id = booking.organization_id and payment.booking_id = booking.id
      order by payment.created_at desc, payment.id desc
    )),
    to_jsonb(array(
      select
        row(
          refund.id, refund.status, refund.amount, refund.currency, refund.reason, refund.rejection_reason,
          refund.processed_at, refund.created_at
        )::public.booking_refund
      from public.refunds as refund
      where sees_customer and refund.organization_id = booking.organization_id and refund.booking_id = booking.id
      order by refund.created_at desc, refund.id desc
    )),
    to_jsonb(array(
      select
        row(
          invoice.id, invoice.number, invoice.status, invoice.total, invoice.amount_paid, invoice.amount_refunded,
          invoice.currency, invoice.due_on, invoice.sent_at, invoice.paid_at, invoice.created_at
        )::public.booking_invoice
      from public.invoices as invoice
      where sees_customer
        and invoice.organization_id = booking.organization_id
        and invoice.booking_id = booking.id
        and (sees_drafts or invoice.status <> 'draft')
      order by invoice.created_at desc, invoice.id desc
    ))
  from public.bookings as booking
    cross join lateral private.booking_contact(booking) as contact
    join public.organizations as organization on organization.id = booking.organization_id
    join public.course_sessions as held
      on held.organization_id = booking.organization_id and held.id = booking.session_id
    join public.courses as course
      on course.organization_id = held.organization_id and course.id = held.course_id
    left join public.venues as venue on venue.organization_id = held.organization_id and venue.id = held.venue_id
    left join public.customers as customer
      on customer.organization_id = booking.organization_id and customer.id = booking.customer_id
  where booking.organization_id = booking_details_of.organization_id and booking.id = booking_details_of.booking_id;
$function$;

comment on function private.booking_details_of(text, uuid, boolean, boolean, boolean) is
  'Returns all there is to a booking. Takes the organization, the booking, and whether to show how to reach the customer with the money, drafts of invoices, and what attendees need. For functions that have checked who calls.';

revoke all on function private.booking_details_of(text, uuid, boolean, boolean, boolean) from public;
