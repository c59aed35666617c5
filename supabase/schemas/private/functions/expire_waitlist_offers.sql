create or replace function private.expire_waitlist_offers()
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  locked jsonb;
  freed jsonb;
  expired_count integer;
begin
  -- What is being booked at this moment is looked at again the next time. No more than one run takes in a breath.
  with due as (
    select entry.organization_id, entry.session_id
    from public.booking_waitlist as entry
    where entry.status = 'notified' and entry.offer_expires_at <= now()
    union
    select entry.organization_id, entry.session_id
    from public.booking_waitlist as entry
      join public.course_sessions as session
        on session.organization_id = entry.organization_id and session.id = entry.session_id
    where entry.status in ('waiting', 'notified')
      and (session.starts_at <= now() or session.status in ('cancelled', 'completed'))
  ),
  taken as (
    select session.organization_id, session.id
    from public.course_sessions as session
    where (session.organization_id, session.id) in (select due.organization_id, due.session_id from due)
    order by session.organization_id, session.id
    fetch first 1000 rows only
    for no key update of session skip locked
  )
  select jsonb_agg(to_jsonb(taken)) into locked
  from taken;
  if locked is null then
    return 0;
  end if;

  -- Looked at anew: between the first look and the lock, somebody may have booked.
  with expired as (
    update public.booking_waitlist as entry
    set status = 'expired'
    from jsonb_to_recordset(locked) as taken (organization_id text, id uuid)
      join public.course_sessions as session
        on session.organization_id = taken.organization_id and session.id = taken.id
    where entry.organization_id = session.organization_id
      and entry.session_id = session.id
      and (
        entry.status = 'notified' and entry.offer_expires_at <= now()
        or entry.status in ('waiting', 'notified')
        and (session.starts_at <= now() or session.status in ('cancelled', 'completed'))
      )
    returning entry.organization_id, entry.session_id
  )
  select
    count(*),
    jsonb_agg(distinct jsonb_build_object('organization_id', expired.organization_id, 'id', expired.session_id))
  into expired_count, freed
  from expired;
  perform private.offer_places(session.organization_id, session.id)
  from jsonb_to_recordset(freed) as session (organization_id text, id uuid);
  return expired_count;
end;
$function$;

comment on function private.expire_waitlist_offers() is 'Ends the offers of all organizations that nobody has taken in time, and offers the places to the next; also ends the waiting for sessions that have started or take place no more. Run by pg_cron every five minutes; sessions that somebody works on at that moment wait for the next run. Returns how many entries have ended.';

revoke all on function private.expire_waitlist_offers() from public;
