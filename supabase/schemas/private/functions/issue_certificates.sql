create or replace function private.issue_certificates (
  organization_id text,
  session_id uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  attendee_ids uuid[];
begin
  attendee_ids := array(
    select attended.attendee_id
    from public.attendance as attended
      join public.course_sessions as session
        on session.organization_id = attended.organization_id and session.id = attended.session_id
      join public.courses as course
        on course.organization_id = session.organization_id and course.id = session.course_id
      join public.booking_attendees as attendee
        on attendee.organization_id = attended.organization_id and attendee.id = attended.attendee_id
      join public.bookings as booking
        on booking.organization_id = attendee.organization_id and booking.id = attendee.booking_id
    where attended.organization_id = issue_certificates.organization_id
      and attended.session_id = issue_certificates.session_id
      and attended.status in ('present', 'late')
      and course.has_certificate
      and booking.status = 'completed'
      and not exists (
        select
        from public.certificates as certificate
        where certificate.organization_id = attended.organization_id and certificate.attendee_id = attended.attendee_id
      )
    order by lower(attendee.name), attendee.id
  );
  if cardinality(attendee_ids) = 0 then
    return;
  end if;
  insert into public.certificates (
    organization_id, attendee_id, course_id, number, holder_name, issued_on, expires_on
  )
  select
    attendee.organization_id,
    attendee.id,
    course.id,
    given.number,
    attendee.name,
    day.attended_on,
    (day.attended_on + make_interval(months => course.certificate_months))::date
  from unnest(attendee_ids) with ordinality as entitled (id, ordinal)
    join private.next_yearly_number(
      'CERT', issue_certificates.organization_id, cardinality(attendee_ids)
    ) with ordinality as given (number, ordinal) on given.ordinal = entitled.ordinal
    join public.booking_attendees as attendee
      on attendee.organization_id = issue_certificates.organization_id and attendee.id = entitled.id
    join public.course_sessions as session
      on session.organization_id = attendee.organization_id and session.id = issue_certificates.session_id
    join public.courses as course
      on course.organization_id = session.organization_id and course.id = session.course_id
    join public.organizations as organization on organization.id = session.organization_id
    -- The last day; what ends at midnight is of the day before.
    cross join lateral (
      select ((session.ends_at - interval '1 microsecond') at time zone organization.timezone)::date as attended_on
    ) as day;
end;
$function$;

comment on function private.issue_certificates(text, uuid) is 'Issues the certificates of a completed session: one for each attendee who was there and has none yet, when its course has them. Valid from its last day, in the time zone of the organization, for as many months as the course says. Takes the organization and the session, whose row the caller has locked; for functions that have checked who calls.';

revoke all on function private.issue_certificates(text, uuid) from public;
