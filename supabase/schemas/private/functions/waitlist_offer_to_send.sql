create or replace function private.waitlist_offer_to_send (
  organization_id text,
  entry_id uuid
)
  returns SETOF public.waitlist_offer_mail
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select
    entry.id,
    customer.email,
    coalesce(customer.contact_person, customer.company_name),
    organization.name,
    organization.timezone,
    session.id,
    course.name,
    venue.name,
    session.room,
    session.starts_at,
    session.ends_at,
    entry.attendee_count,
    entry.offer_expires_at
  from public.booking_waitlist as entry
    join public.organizations as organization on organization.id = entry.organization_id
    join public.customers as customer
      on customer.organization_id = entry.organization_id and customer.id = entry.customer_id
    join public.course_sessions as session
      on session.organization_id = entry.organization_id and session.id = entry.session_id
    join public.courses as course
      on course.organization_id = session.organization_id and course.id = session.course_id
    left join public.venues as venue
      on venue.organization_id = session.organization_id and venue.id = session.venue_id
  where entry.organization_id = waitlist_offer_to_send.organization_id
    and entry.id = waitlist_offer_to_send.entry_id
    and entry.status = 'notified'
    and entry.offer_expires_at > now()
    and customer.email is not null
    and organization.status = 'active';
$function$;

comment on function private.waitlist_offer_to_send(text, uuid) is 'Returns what the mail of an offer says: public.waitlist_offer_to_send with the rights that this takes.';

revoke all on function private.waitlist_offer_to_send(text, uuid) from public;

grant execute on function private.waitlist_offer_to_send(text, uuid) to service_role;
