create or replace function private.attendance_entries (
  organization_id text,
  session_id uuid,
  with_requirements boolean
)
  returns SETOF public.attendance_entry
  language sql
  stable
  set search_path to ''
  AS $function$
  select
    attendee.id,
    attendee.name,
    attendee.email,
    attendee.is_primary,
    attendee.date_of_birth,
    booking.id,
    booking.reference,
    booking.status,
    contact.name,
    contact.email,
    contact.phone,
    contact.company,
    case when attendance_entries.with_requirements then needs.list end,
    attended.status,
    attended.note,
    attended.updated_at,
    certificate.number
  from public.bookings as booking
    join public.booking_attendees as attendee
      on attendee.organization_id = booking.organization_id and attendee.booking_id = booking.id
    cross join lateral private.booking_contact(booking) as contact
    left join public.attendance as attended
      on attended.organization_id = attendee.organization_id and attended.attendee_id = attendee.id
    left join public.certificates as certificate
      on certificate.organization_id = attendee.organization_id and certificate.attendee_id = attendee.id
    cross join lateral (
      select
        coalesce(
          jsonb_agg(
            jsonb_build_object('kind', need.kind, 'priority', need.priority, 'note', need.note)
            order by array_position(array['critical', 'high', 'normal', 'low'], need.priority), need.id
          ),
          '[]'
        ) as list
      from public.booking_requirements as need
      where need.organization_id = booking.organization_id
        and need.booking_id = booking.id
        and (need.attendee_id is null or need.attendee_id = attendee.id)
    ) as needs
  where booking.organization_id = attendance_entries.organization_id
    and booking.session_id = attendance_entries.session_id
    and booking.status not in ('cancelled', 'refunded')
  order by lower(attendee.name), attendee.id;
$function$;

comment on function private.attendance_entries(text, uuid, boolean) is 'Returns who takes the places of the live bookings of a session, by name. Takes the organization, the session, and whether to say what they need; for functions that have checked who calls.';

revoke all on function private.attendance_entries(text, uuid, boolean) from public;
