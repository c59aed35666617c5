create or replace function private.settle_attendance (
  organization_id text,
  session_id uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  update public.bookings as booking
  set status = case when outcome.was_there then 'completed' else 'no_show' end
  from (
    select
      candidate.id,
      exists (
        select
        from public.booking_attendees as attendee
          join public.attendance as attended
            on attended.organization_id = attendee.organization_id and attended.attendee_id = attendee.id
        where attendee.organization_id = candidate.organization_id
          and attendee.booking_id = candidate.id
          and attended.status in ('present', 'late')
      ) as was_there
    from public.bookings as candidate
    where candidate.organization_id = settle_attendance.organization_id
      and candidate.session_id = settle_attendance.session_id
      and candidate.status in ('pending', 'confirmed', 'no_show')
  ) as outcome
  where booking.organization_id = settle_attendance.organization_id
    and booking.id = outcome.id
    and (outcome.was_there or booking.status <> 'no_show');
  perform private.issue_certificates(settle_attendance.organization_id, settle_attendance.session_id);
end;
$function$;

comment on function private.settle_attendance(text, uuid) is 'Makes of the open bookings of a session that is over what its attendance says: completed where anybody was there, otherwise no_show, which becomes completed when somebody was there after all; and issues the certificates. Takes the organization and the session, which the caller has locked with its bookings; for functions that have checked who calls.';

revoke all on function private.settle_attendance(text, uuid) from public;
