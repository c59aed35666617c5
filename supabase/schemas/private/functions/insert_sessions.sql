create or replace function private.insert_sessions (
  template public.course_sessions,
  starts timestamp with time zone[],
  duration interval
)
  returns SETOF public.course_sessions
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  conflicts jsonb;
  ids uuid[];
begin
  -- Who enters sessions of the same organization at the same time waits: constraints alone would let each wait for the
  -- other.
  perform pg_advisory_xact_lock(hashtextextended('insert_sessions ' || template.organization_id, 0));
  for attempt in 1 .. 2 loop
    select jsonb_agg(distinct (planned.starts_at at time zone organization.timezone)::date)
    into conflicts
    from public.organizations as organization,
      unnest(insert_sessions.starts) with ordinality as planned (starts_at, ordinal)
    where organization.id = template.organization_id
      and (
        exists (
          select
          from public.course_sessions as session
          where session.organization_id = template.organization_id
            and session.instructor_id = template.instructor_id
            and session.status <> 'cancelled'
            and tstzrange(session.starts_at, session.ends_at)
              && tstzrange(planned.starts_at, planned.starts_at + duration)
        )
        or exists (
          select
          from public.course_sessions as session
          where session.organization_id = template.organization_id
            and session.venue_id = template.venue_id
            and session.room = template.room
            and session.status <> 'cancelled'
            and tstzrange(session.starts_at, session.ends_at)
              && tstzrange(planned.starts_at, planned.starts_at + duration)
        )
        -- Longer than the time from one to the next.
        or num_nonnulls(template.instructor_id, template.venue_id) > 0
        and exists (
          select
          from unnest(insert_sessions.starts) with ordinality as earlier (starts_at, ordinal)
          where earlier.ordinal < planned.ordinal
            and tstzrange(earlier.starts_at, earlier.starts_at + duration)
              && tstzrange(planned.starts_at, planned.starts_at + duration)
        )
      );
    exit when conflicts is not null;
    begin
      with entered as (
        insert into public.course_sessions (
          organization_id, course_id, venue_id, room, instructor_id, starts_at, ends_at, capacity, price
        )
        select
          template.organization_id,
          template.course_id,
          template.venue_id,
          template.room,
          template.instructor_id,
          planned.starts_at,
          planned.starts_at + duration,
          template.capacity,
          template.price
        from unnest(insert_sessions.starts) as planned (starts_at)
        returning id
      )
      select array_agg(entered.id) into ids
      from entered;
    exception
      -- Somebody has entered a session by hand in between: then it is found now.
      when exclusion_violation then
        continue;
    end;
    return query
    select *
    from public.course_sessions as session
    where session.organization_id = template.organization_id and session.id = any (ids)
    order by session.starts_at;
    return;
  end loop;
  perform private.refuse(
    409,
    'session_conflict',
    'The instructor or the room is in another session then.',
    'Choose other times, another instructor or another room. Nothing was entered.',
    jsonb_build_object('conflicts', coalesce(conflicts, '[]'))
  );
end;
$function$;

comment on function private.insert_sessions(public.course_sessions, timestamp
  with time zone[], interval) is 'Enters drafts of sessions that differ in their start, all of them or none, and returns them in order. Takes one that says what they share, when they start, and how long they take; for functions that have checked who calls. Raises PT409 session_conflict with the days, in the time zone of the organization, on which the instructor or the room is in another session.';

revoke all
  on function private.insert_sessions(public.course_sessions, timestamp with time zone[], interval)
  from public;
