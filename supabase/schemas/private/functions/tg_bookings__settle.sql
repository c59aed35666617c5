create or replace function private.tg_bookings__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  is_many boolean;
  freed jsonb;
  is_exceeded boolean;
  affected record;
begin
  -- A branch for each kind of statement, since each has other rows. Each adds what has changed; only the statistics of
  -- customers are computed anew, where more than a new booking has changed them.
  if tg_op = 'INSERT' then
    select count(*) > 1 into is_many from new_rows;
    if is_many then
      perform private.lock_settled(
        array(select distinct booking.organization_id from new_rows as booking),
        array(select booking.session_id from new_rows as booking),
        array(select booking.discount_code_id from new_rows as booking),
        array(select booking.customer_id from new_rows as booking)
      );
    end if;
    update public.course_sessions as session
    set places_taken = session.places_taken + change.places
    from (
      select booking.organization_id, booking.session_id, sum(booking.attendee_count)::integer as places
      from new_rows as booking
      where booking.status not in ('cancelled', 'refunded')
      group by booking.organization_id, booking.session_id
    ) as change
    where session.organization_id = change.organization_id and session.id = change.session_id;
    with used as (
      update public.discount_codes as code
      set used_count = code.used_count + change.uses
      from (
        select booking.organization_id, booking.discount_code_id, count(*)::integer as uses
        from new_rows as booking
        where booking.discount_code_id is not null and booking.status not in ('cancelled', 'refunded')
        group by booking.organization_id, booking.discount_code_id
      ) as change
      where code.organization_id = change.organization_id and code.id = change.discount_code_id
      returning code.used_count > code.max_uses as is_exceeded
    )
    select bool_or(used.is_exceeded) into is_exceeded from used;
    if is_exceeded then
      perform private.refuse_discount_code('used_up');
    end if;
    update public.customers as customer
    set total_bookings = customer.total_bookings + change.bookings,
      total_spent = customer.total_spent + change.spent,
      first_booking_at = least(customer.first_booking_at, change.first_at),
      last_booking_at = greatest(customer.last_booking_at, change.last_at)
    from (
      select
        booking.organization_id,
        booking.customer_id,
        count(*) filter (where booking.status not in ('cancelled', 'refunded'))::integer as bookings,
        sum(booking.amount_paid - booking.amount_refunded) as spent,
        min(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as first_at,
        max(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as last_at
      from new_rows as booking
      where booking.customer_id is not null
      group by booking.organization_id, booking.customer_id
    ) as change
    where customer.organization_id = change.organization_id and customer.id = change.customer_id;
    return null;
  end if;

  if tg_op = 'UPDATE' then
    select count(*) > 1 into is_many from new_rows;
    if is_many then
      perform private.lock_settled(
        array(select distinct booking.organization_id from new_rows as booking),
        -- Only what changes: who merges customers or finds them for older bookings locks no session.
        array(
          select booking.session_id
          from (
            select session_id, attendee_count as places from new_rows where status not in ('cancelled', 'refunded')
            union all
            select session_id, - attendee_count from old_rows where status not in ('cancelled', 'refunded')
          ) as booking
          group by booking.session_id
          having sum(booking.places) <> 0
        ),
        array(
          select booking.discount_code_id
          from (
            select discount_code_id, 1 as uses from new_rows where status not in ('cancelled', 'refunded')
            union all
            select discount_code_id, -1 from old_rows where status not in ('cancelled', 'refunded')
          ) as booking
          group by booking.discount_code_id
          having sum(booking.uses) <> 0
        ),
        '{}'
      );
    end if;
    with moved as (
      update public.course_sessions as session
      set places_taken = session.places_taken + change.places
      from (
        select booking.organization_id, booking.session_id, sum(booking.places)::integer as places
        from (
          select organization_id, session_id, attendee_count as places
          from new_rows
          where status not in ('cancelled', 'refunded')
          union all
          select organization_id, session_id, - attendee_count
          from old_rows
          where status not in ('cancelled', 'refunded')
        ) as booking
        group by booking.organization_id, booking.session_id
        having sum(booking.places) <> 0
      ) as change
      where session.organization_id = change.organization_id and session.id = change.session_id
      returning session.organization_id, session.id, change.places
    )
    select jsonb_agg(to_jsonb(moved)) filter (where moved.places < 0) into freed from moved;
    with used as (
      update public.discount_codes as code
      set used_count = code.used_count + change.uses
      from (
        select booking.organization_id, booking.discount_code_id, sum(booking.uses)::integer as uses
        from (
          select organization_id, discount_code_id, 1 as uses
          from new_rows
          where discount_code_id is not null and status not in ('cancelled', 'refunded')
          union all
          select organization_id, discount_code_id, -1
          from old_rows
          where discount_code_id is not null and status not in ('cancelled', 'refunded')
        ) as booking
        group by booking.organization_id, booking.discount_code_id
        having sum(booking.uses) <> 0
      ) as change
      where code.organization_id = change.organization_id and code.id = change.discount_code_id
      returning change.uses > 0 and code.used_count > code.max_uses as is_exceeded
    )
    select bool_or(used.is_exceeded) into is_exceeded from used;
    if is_exceeded then
      perform private.refuse_discount_code('used_up');
    end if;
  else
    -- What goes with its organization is not counted any more.
    select count(*) > 1 into is_many from old_rows;
    if is_many then
      perform private.lock_settled(
        array(select distinct booking.organization_id from old_rows as booking),
        array(select booking.session_id from old_rows as booking),
        array(select booking.discount_code_id from old_rows as booking),
        '{}'
      );
    end if;
    with moved as (
      update public.course_sessions as session
      set places_taken = session.places_taken - change.places
      from (
        select booking.organization_id, booking.session_id, sum(booking.attendee_count)::integer as places
        from old_rows as booking
        where booking.status not in ('cancelled', 'refunded')
        group by booking.organization_id, booking.session_id
      ) as change
      where session.organization_id = change.organization_id
        and session.id = change.session_id
        and exists (select from public.organizations as organization where organization.id = change.organization_id)
      returning session.organization_id, session.id
    )
    select jsonb_agg(to_jsonb(moved)) into freed from moved;
    update public.discount_codes as code
    set used_count = code.used_count - change.uses
    from (
      select booking.organization_id, booking.discount_code_id, count(*)::integer as uses
      from old_rows as booking
      where booking.discount_code_id is not null and booking.status not in ('cancelled', 'refunded')
      group by booking.organization_id, booking.discount_code_id
    ) as change
    where code.organization_id = change.organization_id
      and code.id = change.discount_code_id
      and exists (select from public.organizations as organization where organization.id = change.organization_id);
  end if;

  perform private.offer_places(session.organization_id, session.id)
  from jsonb_to_recordset(freed) as session (organization_id text, id uuid);
  if tg_op = 'UPDATE' then
    for affected in
      select changed.organization_id, array_agg(distinct changed.customer_id) as customer_ids
      from (
        (
          select
            organization_id,
            id,
            customer_id,
            created_at,
            amount_paid - amount_refunded,
            status in ('cancelled', 'refunded')
          from new_rows
          except all
          select
            organization_id,
            id,
            customer_id,
            created_at,
            amount_paid - amount_refunded,
            status in ('cancelled', 'refunded')
          from old_rows
        )
        union all
        (
          select
            organization_id,
            id,
            customer_id,
            created_at,
            amount_paid - amount_refunded,
            status in ('cancelled', 'refunded')
          from old_rows
          except all
          select
            organization_id,
            id,
            customer_id,
            created_at,
            amount_paid - amount_refunded,
            status in ('cancelled', 'refunded')
          from new_rows
        )
      ) as changed
      where changed.customer_id is not null
      group by changed.organization_id
      order by changed.organization_id
    loop
      perform private.refresh_customer_statistics(affected.organization_id, affected.customer_ids);
    end loop;
  else
    for affected in
      select booking.organization_id, array_agg(distinct booking.customer_id) as customer_ids
      from old_rows as booking
        join public.organizations as organization on organization.id = booking.organization_id
      where booking.customer_id is not null
      group by booking.organization_id
      order by booking.organization_id
    loop
      perform private.refresh_customer_statistics(affected.organization_id, affected.customer_ids);
    end loop;
  end if;
  return null;
end;
$function$;

comment on function private.tg_bookings__settle() is 'Trigger function of bookings, for each statement: keeps what follows from them. The places that are taken in sessions (which refuse more than they have: course_sessions_never_oversold), and the offer of those that became free to the waitlist; the uses of discount codes; the statistics of customers. Raises PT422 discount_code_invalid (reason used_up) when a code is used more often than it may be.';

revoke all on function private.tg_bookings__settle() from public;
