create or replace function private.record_attendance (
  session_id uuid,
  entries jsonb
)
  returns SETOF public.attendance_entry
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  seen public.course_sessions := private.require_attendance_session(record_attendance.session_id, is_change => true);
  current_id constant text := seen.organization_id;
  problems jsonb;
begin
  -- Until this ends, none of its bookings is cancelled, and it is not completed.
  seen := private.lock_session_bookings(current_id, seen.id);
  if seen.status not in ('published', 'full', 'completed') then
    perform private.refuse(
      409,
      'invalid_session_status',
      format('The session is %s.', seen.status),
      'Attendance is recorded of a session that takes place.',
      jsonb_build_object('status', seen.status)
    );
  elsif
    private.today(current_id) < (
      select (seen.starts_at at time zone organization.timezone)::date
      from public.organizations as organization
      where organization.id = current_id
    )
  then
    perform private.refuse(
      409, 'session_not_started', 'The session is on another day.', 'Record who is there on the day of the session.'
    );
  elsif
    (jsonb_typeof(entries) = 'array' and jsonb_array_length(entries) between 1 and 10000) is not true
  then
    perform private.refuse(422, 'invalid_attendance', 'entries is a list of 1 to 10,000 objects.');
  end if;

  with given as (
    select
      (entry.ordinal - 1)::integer as index,
      jsonb_typeof(entry.value) = 'object' as is_object,
      entry.value ->> 'attendee_id' as attendee_id,
      entry.value ->> 'status' as status,
      entry.value ->> 'note' as note,
      row_number() over (partition by lower(entry.value ->> 'attendee_id') order by entry.ordinal) as occurrence
    from jsonb_array_elements(entries) with ordinality as entry (value, ordinal)
  ),
  problem as (
    select given.index, 'attendee_id' as field, 'The session has no such attendee.' as message
    from given
    where not exists (
      select
      from public.booking_attendees as attendee
        join public.bookings as booking
          on booking.organization_id = attendee.organization_id and booking.id = attendee.booking_id
      where attendee.organization_id = current_id
        and attendee.id::text = lower(given.attendee_id)
        and booking.session_id = seen.id
        and booking.status not in ('cancelled', 'refunded')
    )
    union all
    select given.index, 'attendee_id', 'The attendee is in the list twice.'
    from given
    where given.attendee_id is not null and given.occurrence > 1
    union all
    select given.index, 'status', 'status is present, late, absent or excused.'
    from given
    where (given.status in ('present', 'late', 'absent', 'excused')) is not true
    union all
    select given.index, 'note', 'A note has at most 1,000 characters.'
    from given
    where length(btrim(given.note)) > 1000
    union all
    -- What is in the hands of people is not taken back by a list.
    select given.index, 'status', 'The attendee has a certificate.'
    from given
      join public.certificates as certificate
        on certificate.organization_id = current_id and certificate.attendee_id::text = lower(given.attendee_id)
    where given.status not in ('present', 'late')
  )
  select
    jsonb_agg(
      jsonb_build_object('index', problem.index, 'field', problem.field, 'message', problem.message)
      order by problem.index, problem.field, problem.message
    )
  into problems
  from problem;
  if problems is not null then
    perform private.refuse(
      422,
      'invalid_attendance',
      format('Entry %s: %s', (problems -> 0 ->> 'index')::integer + 1, problems -> 0 ->> 'message'),
      'Nothing was recorded: details.entries says what is wrong with which.',
      jsonb_build_object('entries', problems)
    );
  end if;

  insert into public.attendance as attended (organization_id, attendee_id, session_id, status, note, recorded_by)
  select
    current_id,
    (entry.value ->> 'attendee_id')::uuid,
    seen.id,
    entry.value ->> 'status',
    nullif(btrim(entry.value ->> 'note'), ''),
    auth.uid()
  from jsonb_array_elements(entries) as entry (value)
  -- In one order, so that nobody waits for each other.
  order by entry.value ->> 'attendee_id'
  on conflict on constraint attendance_pkey do update
  set status = excluded.status, note = excluded.note, recorded_by = excluded.recorded_by
  where (attended.status, attended.note) is distinct from (excluded.status, excluded.note);
  if seen.status = 'completed' then
    -- Somebody was there after all.
    perform private.settle_attendance(current_id, seen.id);
  end if;

  return query
  select *
  from private.attendance_entries(
    current_id,
    seen.id,
    with_requirements => private.has_permission('customers.health')
      or private.has_permission('bookings.teach') and seen.instructor_id is not distinct from auth.uid()
  );
end;
$function$;

comment on function private.record_attendance(uuid, jsonb) is 'Records who was there: public.record_attendance with the rights that this takes.';

revoke all on function private.record_attendance(uuid, jsonb) from public;

grant execute on function private.record_attendance(uuid, jsonb) to authenticated, service_role;
