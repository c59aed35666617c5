create or replace function private.tg_booking_waitlist__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    update public.course_sessions as session
    set places_held = session.places_held + change.places
    from (
      select entry.organization_id, entry.session_id, sum(entry.attendee_count)::integer as places
      from new_rows as entry
      where entry.status = 'notified'
      group by entry.organization_id, entry.session_id
    ) as change
    where session.organization_id = change.organization_id and session.id = change.session_id;
  elsif tg_op = 'DELETE' then
    update public.course_sessions as session
    set places_held = session.places_held - change.places
    from (
      select entry.organization_id, entry.session_id, sum(entry.attendee_count)::integer as places
      from old_rows as entry
      where entry.status = 'notified'
      group by entry.organization_id, entry.session_id
    ) as change
    where session.organization_id = change.organization_id and session.id = change.session_id;
  else
    update public.course_sessions as session
    set places_held = session.places_held + change.places
    from (
      select entry.organization_id, entry.session_id, sum(entry.places)::integer as places
      from (
        select organization_id, session_id, attendee_count as places from new_rows where status = 'notified'
        union all
        select organization_id, session_id, - attendee_count from old_rows where status = 'notified'
      ) as entry
      group by entry.organization_id, entry.session_id
      having sum(entry.places) <> 0
    ) as change
    where session.organization_id = change.organization_id and session.id = change.session_id;
  end if;
  return null;
end;
$function$;

comment on function private.tg_booking_waitlist__settle() is 'Trigger function of booking_waitlist, for each statement: keeps the places that are held in sessions. Who changes an entry has locked its session. What becomes free is offered to nobody by this: who frees it calls private.offer_places.';

revoke all on function private.tg_booking_waitlist__settle() from public;
