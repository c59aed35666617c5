create or replace function private.offer_places (
  organization_id text,
  session_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- Not when the transaction began: it may have waited for the session.
  offered_at constant timestamptz := clock_timestamp();
  free_places integer;
  kept_until timestamptz;
  offers jsonb[];
begin
  select
    session.capacity - session.places_taken - session.places_held,
    -- Nobody can book a session that has started.
    least(offered_at + make_interval(hours => settings.waitlist_offer_hours), session.starts_at)
  into free_places, kept_until
  from public.course_sessions as session
    cross join lateral private.booking_settings_of(session.organization_id) as settings
  where session.organization_id = offer_places.organization_id
    and session.id = offer_places.session_id
    and session.status in ('published', 'full')
    and session.starts_at > offered_at;
  if (free_places > 0) is not true then
    return;
  end if;

  with recursive chosen as (
    select null::uuid as id, 0 as position, free_places as places_left
    union all
    select following.id, following.position, chosen.places_left - following.attendee_count
    from chosen
      cross join lateral (
        select entry.id, entry.position, entry.attendee_count
        from public.booking_waitlist as entry
        where entry.organization_id = offer_places.organization_id
          and entry.session_id = offer_places.session_id
          and entry.status = 'waiting'
          and entry.position > chosen.position
          and entry.attendee_count <= chosen.places_left
        order by entry.position
        fetch first row only
      ) as following
  ),
  notified as (
    update public.booking_waitlist as entry
    set status = 'notified', notified_at = offered_at, offer_expires_at = kept_until
    from chosen
    where entry.organization_id = offer_places.organization_id
      and entry.id = chosen.id
      and entry.status = 'waiting'
    returning entry.organization_id, entry.id, entry.position
  )
  select
    array_agg(
      jsonb_build_object('organization_id', notified.organization_id, 'entry_id', notified.id)
      order by notified.position
    )
  into offers
  from notified;
  if offers is not null then
    perform private.enqueue_batch('bookings', 'bookings.waitlist_offer', offers);
  end if;
end;
$function$;

comment on function private.offer_places(text, uuid) is 'Offers what is free in a session to who waits for it: in the order of their positions to the first who fit into what is left, who have it kept for them for as many hours as the organization has settled on, and not beyond the start. Each gets a mail. Takes the organization and the session, whose row the caller has locked; for functions that have checked who calls. Does nothing for a session that is not open.';

revoke all on function private.offer_places(text, uuid) from public;
