create or replace function private.create_booking (
  session_id uuid,
  contact jsonb,
  participants jsonb,
  discount_code text,
  idempotency_key text,
  expected_total numeric,
  terms_accepted boolean,
  notes text
)
  returns public.booking_receipt
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  code constant text := nullif(btrim(left(discount_code, 1000)), '');
  for_id uuid;
  wanted integer;
  answered jsonb;
  seen public.course_sessions;
  locked public.course_sessions;
  entry public.booking_waitlist;
  course record;
  priced public.booking_price;
  receipt public.booking_receipt;
begin
  if idempotency_key is not null then
    answered := private.claim_idempotency(
      current_id,
      'create_booking',
      idempotency_key,
      jsonb_build_object(
        'session_id', create_booking.session_id,
        'contact', contact,
        'participants', participants,
        'discount_code', discount_code,
        'expected_total', expected_total,
        'terms_accepted', terms_accepted,
        'notes', create_booking.notes
      )
    );
    if answered is not null then
      return jsonb_populate_record(null::public.booking_receipt, answered);
    end if;
  end if;

  -- Whatever can be done before the session is locked: while it is, nobody else books it.
  wanted := private.require_participants(participants);
  if length(create_booking.notes) > 5000 then
    perform private.refuse(400, 'notes_invalid', 'Notes have at most 5,000 characters.');
  elsif terms_accepted is not true then
    perform private.refuse(422, 'terms_required', 'Whoever books accepts the terms.', 'Set terms_accepted to true.');
  end if;
  seen := private.require_session(current_id, create_booking.session_id);
  if seen.capacity - seen.places_taken - seen.places_held < wanted
    and not exists (
      select
      from public.customers as customer
      where customer.organization_id = current_id
        and customer.email = lower(private.clean_line(left(contact ->> 'email', 1000)))
    )
    and contact ->> 'email' is not null
    -- Others are not told who is a customer.
    and (private.has_permission('bookings.book') or private.has_permission('bookings.write'))
  then
    -- Nobody enters a customer to be told that there is no place.
    perform private.require_places(seen, null, wanted);
  end if;
  for_id := private.booking_customer(contact);
  select
    offered.minimum_age,
    organization.timezone,
    left(offered.name, 400) || to_char(seen.starts_at at time zone organization.timezone, ', YYYY-MM-DD') as description
  into course
  from public.courses as offered
    join public.organizations as organization on organization.id = offered.organization_id
  where offered.organization_id = current_id and offered.id = seen.course_id;
  priced := private.price_booking(current_id, seen.id, wanted, code, for_id);
  -- Who has no chance does not wait for the lock to be told so.
  if seen.capacity - seen.places_taken - seen.places_held < wanted then
    perform private.require_places(seen, for_id, wanted);
  end if;

  select * into locked
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = seen.id
  for no key update;
  entry := private.require_places(locked, for_id, wanted);
  if course.minimum_age is not null then
    perform private.require_age(
      participants, course.minimum_age, (locked.starts_at at time zone course.timezone)::date
    );
  end if;
  if code is not null then
    -- Locked, so that the last use of it is one.
    perform
    from public.discount_codes as used
    where used.organization_id = current_id and used.id = priced.discount_code_id
    for no key update;
  end if;
  if code is not null or locked.price is distinct from seen.price then
    priced := private.price_booking(current_id, locked.id, wanted, code, for_id);
  end if;
  if abs(expected_total - priced.total) > 0.01 then
    perform private.refuse(
      422,
      'invalid_amount',
      format('The booking costs %s %s, and not %s.', priced.total, priced.currency, expected_total),
      'Show the price of booking_price, and ask again.',
      jsonb_build_object('expected', expected_total, 'total', priced.total)
    );
  end if;
  if entry.id is not null then
    -- The places that are kept are free before they are taken.
    update public.booking_waitlist as used_up
    set status = 'booked'
    where used_up.organization_id = current_id and used_up.id = entry.id;
    -- Of customers who were merged there may be more.
    update public.booking_waitlist as other
    set status = 'expired'
    where other.organization_id = current_id
      and other.session_id = locked.id
      and other.customer_id = for_id
      and other.status in ('waiting', 'notified');
  end if;

  loop
    insert into public.bookings as booking (
      organization_id, session_id, customer_id, reference, status, attendee_count, unit_price, subtotal, group_discount,
      discount_code_id, code_discount, total, currency, terms_accepted_at, notes, created_by, created_at
    )
    values (
      current_id,
      locked.id,
      for_id,
      private.random_reference(),
      case when priced.total = 0 then 'confirmed' else 'pending' end,
      wanted,
      priced.unit_price,
      priced.subtotal,
      priced.group_discount,
      priced.discount_code_id,
      priced.code_discount,
      priced.total,
      priced.currency,
      clock_timestamp(),
      nullif(btrim(create_booking.notes, E' \t\r\n'), ''),
      auth.uid(),
      clock_timestamp()
    )
    on conflict on constraint bookings_reference_key do nothing
    returning booking.id, booking.reference, booking.status, booking.created_at
    into receipt.id, receipt.reference, receipt.status, receipt.created_at;
    exit when found;
  end loop;
  perform private.insert_attendees(current_id, receipt.id, participants, course.minimum_age is not null);
  insert into public.invoices as invoice (
    organization_id, booking_id, description, quantity, unit_price, subtotal, discount_amount, total, currency
  )
  values (
    current_id,
    receipt.id,
    course.description,
    wanted,
    priced.unit_price,
    priced.subtotal,
    priced.group_discount + priced.code_discount,
    priced.total,
    priced.currency
  )
  returning invoice.id into receipt.invoice_id;

  receipt.places_left := locked.capacity - locked.places_taken - locked.places_held - wanted;
  if entry.id is not null then
    update public.booking_waitlist as used_up
    set booking_id = receipt.id
    where used_up.organization_id = current_id and used_up.id = entry.id;
    -- It may have kept more than is taken.
    perform private.offer_places(current_id, locked.id);
    select session.capacity - session.places_taken - session.places_held
    into receipt.places_left
    from public.course_sessions as session
    where session.organization_id = current_id and session.id = locked.id;
  end if;
  perform private.enqueue(
    'bookings',
    'bookings.confirmation',
    jsonb_build_object('organization_id', current_id, 'booking_id', receipt.id)
  );

  receipt.session_id := locked.id;
  receipt.customer_id := for_id;
  receipt.attendee_count := wanted;
  receipt.unit_price := priced.unit_price;
  receipt.subtotal := priced.subtotal;
  receipt.group_discount := priced.group_discount;
  receipt.code_discount := priced.code_discount;
  receipt.total := priced.total;
  receipt.currency := priced.currency;
  receipt.warnings := case when receipt.places_left <= 5 then array['low_capacity'] else array[]::text[] end
    || case when wanted > 10 then array['large_group'] else array[]::text[] end;
  if idempotency_key is not null then
    perform private.store_response(current_id, 'create_booking', idempotency_key, to_jsonb(receipt));
  end if;
  return receipt;
end;
$function$;

comment on function private.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text) is
  'Books: public.create_booking with the rights that this takes.';

revoke all
  on function private.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)
  from public;

grant execute
  on function private.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)
  to authenticated, service_role;
