create or replace function private.list_bookings (
  query text,
  status text,
  session_id uuid,
  customer_id uuid,
  starts_from timestamp with time zone,
  starts_before timestamp with time zone,
  page integer,
  per_page integer
)
  returns public.booking_page
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  permitted_id constant text := private.organization_with('bookings.read');
  may_read_all constant boolean := permitted_id is not null;
  current_id constant text := coalesce(permitted_id, private.require_organization());
  -- Not what they teach: of that they see who attends.
  customer_ids constant uuid[] := case when not may_read_all then private.current_customer_ids() end;
  taught_ids constant uuid[] := case when not may_read_all then private.taught_session_ids() end;
  is_search boolean;
  is_between constant boolean := starts_from is not null or starts_before is not null;
  listed public.booking_page;
begin
  perform private.require_page(page, per_page, query);
  if status not in ('pending', 'confirmed', 'cancelled', 'refunded', 'completed', 'no_show') then
    perform private.refuse(
      400, 'status_invalid', 'status is pending, confirmed, cancelled, refunded, completed or no_show.'
    );
  end if;
  is_search := private.clean_line(query) is not null;
  listed.page := page;
  listed.per_page := per_page;
  -- Put together of the filters that are asked for; values are parameters. Where an index has the order of the list,
  -- the page is read along it, otherwise from what the filters leave.
  execute format(
    'with found as %s (
      select booking.id, booking.created_at
      from public.bookings as booking
      where booking.organization_id = $1%s
    ),
    listed as (
      select found.*
      from found
      order by found.created_at desc, found.id desc
      limit $9 offset ($10 - 1)::bigint * $9
    )
    select
      (select count(*) from found),
      coalesce(
        jsonb_agg(
          to_jsonb(
            row(
              booking.id, booking.reference, booking.status, held.id, course.id, course.name, held.starts_at,
              held.ends_at, venue.name, booking.customer_id, contact.name,
              case when $11 or booking.customer_id = any ($2) then contact.email end,
              case when $11 or booking.customer_id = any ($2) then contact.phone end,
              contact.company, booking.attendee_count, booking.total, booking.currency, booking.amount_paid,
              booking.amount_refunded, booking.created_at
            )::public.booking_summary
          )
          order by booking.created_at desc, booking.id desc
        ),
        ''[]''
      )
    from listed
      join public.bookings as booking on booking.organization_id = $1 and booking.id = listed.id
      cross join lateral private.booking_contact(booking) as contact
      join public.course_sessions as held on held.organization_id = $1 and held.id = booking.session_id
      join public.courses as course on course.organization_id = $1 and course.id = held.course_id
      left join public.venues as venue on venue.organization_id = $1 and venue.id = held.venue_id',
    case
      when is_search or is_between or not may_read_all or session_id is not null or customer_id is not null
        then 'materialized'
      else 'not materialized'
    end,
    case when not may_read_all then ' and (booking.customer_id = any ($2) or booking.session_id = any ($3))' else '' end
    || case when status is not null then ' and booking.status = $4' else '' end
    || case when session_id is not null then ' and booking.session_id = $5' else '' end
    || case when customer_id is not null then ' and booking.customer_id = $6' else '' end
    || case
      when is_between then
        ' and booking.session_id in (
          select held.id
          from public.course_sessions as held
          where held.organization_id = $1'
        || case when starts_from is not null then ' and held.starts_at >= $7' else '' end
        || case when starts_before is not null then ' and held.starts_at < $8' else '' end
        || ')'
      else ''
    end
    || case when is_search then ' and booking.id in (select private.find_booking_ids($1, $12))' else '' end
  )
  into listed.total, listed.bookings
  using
    current_id, customer_ids, taught_ids, status, session_id, customer_id, starts_from, starts_before, per_page, page,
    may_read_all, query;
  return listed;
end;
$function$;

comment on function private.list_bookings(text, text, uuid, uuid, timestamp with time zone, timestamp
  with time zone, integer, integer) is 'Lists bookings: public.list_bookings with the rights that this takes.';

revoke all
  on function private.list_bookings(text, text, uuid, uuid, timestamp with time zone, timestamp
    with time zone, integer, integer)
  from public;

grant execute
  on function private.list_bookings(text, text, uuid, uuid, timestamp with time zone, timestamp
    with time zone, integer, integer)
  to authenticated, service_role;
