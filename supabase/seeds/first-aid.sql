-- What Northside Training (DEMO0002) teaches, and who has booked: 13 courses in first aid, 5 venues, 8 instructors, 120
-- sessions over six months, 900 bookings, and 300 older ones that came from a spreadsheet and have nothing but
-- contact_details. `rowhouse seed` and the Supabase CLI run this file after supabase/seed.sql, the demo runs it alone;
-- without that organization it does nothing. All of it is made up: addresses end in .example, numbers begin with
-- 555-01, as nobody's do.

do $seed$
declare
  northside constant text := 'DEMO0002';
  zone constant text := 'America/Toronto';
  today constant date := (now() at time zone zone)::date;
  demo_password constant text := '$2b$10$e0Ezw1a4E1AXSp7yc79/2OFJ2lM7q9YfdhmayHDIauiYqpZYoTLee';
  given_names constant text[] := array[
    'Aiden', 'Amélie', 'Arjun', 'Ava', 'Beatrice', 'Caleb', 'Chidi', 'Chloé', 'Daniel', 'Elena', 'Emma', 'Ethan',
    'Fatima', 'Gabriel', 'Hana', 'Isla', 'Jacob', 'Jun', 'Kofi', 'Léa', 'Liam', 'Mateo', 'Maya', 'Mei', 'Noah',
    'Olivia', 'Owen', 'Priya', 'Rashid', 'Sofia', 'Thomas', 'Yuki', 'Zoe'
  ];
  family_names constant text[] := array[
    'Anderson', 'Bélanger', 'Campbell', 'Chan', 'Côté', 'D''Souza', 'Fortin', 'Gagnon', 'Garcia', 'Grant', 'Hussain',
    'Ivanov', 'Jensen', 'Kaur', 'Kowalski', 'Lavoie', 'Leclerc', 'MacDonald', 'Martin', 'Mensah', 'Morin', 'Nguyen',
    'O''Brien', 'Okafor', 'Patel', 'Reid', 'Roy', 'Silva', 'Singh', 'Tanaka', 'Tremblay', 'Weiss', 'Wilson', 'Wong',
    'Young', 'Zhang', 'Zielińska'
  ];
  companies constant text[] := array[
    'Lakeshore Daycare', 'Humber Valley School Board', 'Junction Climbing', 'Don River Rowing Club',
    'Queen Street Dental', 'Scarborough Community Centre', 'Maple Transit', 'Harbourfront Hotel'
  ];
begin
  -- Not in one condition with or: a table that is not there cannot be looked into.
  if to_regclass('public.bookings') is null then
    return;
  elsif
    not exists (select from public.organizations as organization where organization.id = northside)
    or exists (select from public.courses as course where course.organization_id = northside)
  then
    return;
  end if;

  update public.organizations as organization
  set max_users = greatest(organization.max_users, 60)
  where organization.id = northside;
  insert into public.sales_settings (organization_id, currency, tax_rate)
  values (northside, 'CAD', 0)
  on conflict do nothing;

  -- The instructors.
  insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_token, recovery_token,
    email_change, email_change_token_new, raw_app_meta_data, raw_user_meta_data, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000',
    gen_random_uuid(),
    'authenticated',
    'authenticated',
    person.email,
    demo_password,
    now(),
    '',
    '',
    '',
    '',
    '{"provider": "email", "providers": ["email"]}',
    jsonb_build_object('full_name', person.name),
    now(),
    now()
  from (
    values
      ('ines@northside.example', 'Inès Côté'),
      ('paul@northside.example', 'Paul Singh'),
      ('grace@northside.example', 'Grace Kim'),
      ('omar@northside.example', 'Omar Haddad'),
      ('nadia@northside.example', 'Nadia Petrov'),
      ('liam@northside.example', 'Liam MacDonald'),
      ('aisha@northside.example', 'Aisha Bello'),
      ('hugo@northside.example', 'Hugo Lefebvre')
  ) as person (email, name)
  where not exists (select from auth.users as account where account.email = person.email);
  insert into auth.identities (
    id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at
  )
  select
    gen_random_uuid(),
    'email',
    account.id::text,
    account.id,
    jsonb_build_object('sub', account.id, 'email', account.email, 'email_verified', true, 'phone_verified', false),
    now(),
    now(),
    now()
  from auth.users as account
  where account.email ~ '@northside\.example$'
    and not exists (select from auth.identities as identity where identity.user_id = account.id);
  perform private.insert_profiles(
    array(
      select account.id
      from auth.users as account
      where account.email ~ '@northside\.example$'
        and not exists (select from public.user_profiles as profile where profile.user_id = account.id)
    )
  );
  create temp table seed_instructors on commit drop as
  select row_number() over (order by account.email) - 1 as number, account.id as user_id
  from auth.users as account
  where account.email = any (
    array[
      'ines@northside.example', 'paul@northside.example', 'grace@northside.example', 'omar@northside.example',
      'nadia@northside.example', 'liam@northside.example', 'aisha@northside.example', 'hugo@northside.example'
    ]
  );
  insert into public.members (organization_id, user_id, status, joined_at)
  select northside, instructor.user_id, 'active', now()
  from seed_instructors as instructor
  on conflict do nothing;
  insert into public.user_roles (organization_id, user_id, role_code)
  select northside, instructor.user_id, 'instructor'
  from seed_instructors as instructor
  where not exists (
    select
    from public.user_roles as held
    where held.organization_id = northside and held.user_id = instructor.user_id and held.role_code = 'instructor'
  );

  -- What is taught, and where.
  insert into public.booking_settings (organization_id)
  values (northside)
  on conflict do nothing;
  insert into public.refund_rules (organization_id, hours_before, refund_percent)
  values (northside, 168, 100), (northside, 48, 50);
  insert into public.courses (
    organization_id, name, slug, course_type, description, duration_minutes, price, currency, minimum_age,
    certificate_months
  )
  select
    northside, course.name, course.slug, course.course_type, course.description, course.minutes, course.price, 'CAD',
    course.minimum_age, course.months
  from (
    values
      ('Standard First Aid and CPR-C', 'standard-first-aid', 'public', 'Two evenings'' worth in one day.', 480, 139.00, null, 36),
      ('Emergency First Aid and CPR-C', 'emergency-first-aid', 'public', 'The essentials for the workplace.', 390, 99.00, null, 36),
      ('CPR-C and AED', 'cpr-c-aed', 'public', 'Resuscitation of adults, children and infants.', 240, 69.00, null, 12),
      ('CPR-C and AED, renewal', 'cpr-c-aed-renewal', 'refresher', 'For who holds a valid certificate.', 150, 49.00, null, 12),
      ('Standard First Aid, renewal', 'standard-first-aid-renewal', 'refresher', 'For who holds a valid certificate.', 360, 89.00, null, 36),
      ('Basic Life Support for health care', 'basic-life-support', 'public', 'For nurses, dentists and students.', 270, 84.00, 16, 12),
      ('Child care first aid', 'child-care-first-aid', 'public', 'What happens in kindergartens, and what to do.', 450, 119.00, 16, 36),
      ('Babysitter''s first aid', 'babysitters-first-aid', 'public', 'For young people who look after children.', 300, 59.00, 11, null),
      ('Wilderness first aid', 'wilderness-first-aid', 'public', 'When help is a day away.', 480, 219.00, 16, 36),
      ('Mental health first aid', 'mental-health-first-aid', 'public', 'To notice, to ask, to stay.', 420, 129.00, 18, 36),
      ('Oxygen administration', 'oxygen-administration', 'public', 'For lifeguards and responders.', 210, 79.00, 16, 24),
      ('First aid for your team', 'first-aid-for-teams', 'private', 'At your place, for your people.', 390, 95.00, null, 36),
      ('First aid theory, online', 'first-aid-theory-online', 'online', 'The part that takes no floor.', 180, 0.00, null, null)
  ) as course (name, slug, course_type, description, minutes, price, minimum_age, months);
  insert into public.course_price_tiers (organization_id, course_id, min_attendees, discount_percent)
  select northside, course.id, tier.min_attendees, tier.discount_percent
  from public.courses as course, (values (5, 10), (8, 15)) as tier (min_attendees, discount_percent)
  where course.organization_id = northside and course.price > 0;
  insert into public.venues (organization_id, name, address, directions)
  select northside, venue.name, venue.address::jsonb, venue.directions
  from (
    values
      ('Toronto campus', '{"street": "100 Front Street", "postal_code": "M5J 1E3", "city": "Toronto", "country": "CA"}', 'Second floor; the lift is on the left.'),
      ('Mississauga campus', '{"street": "20 Lakeshore Road", "postal_code": "L5G 1C8", "city": "Mississauga", "country": "CA"}', null),
      ('Hamilton library', '{"street": "55 York Boulevard", "postal_code": "L8R 3K1", "city": "Hamilton", "country": "CA"}', 'Ask for the Lake Room.'),
      ('Ottawa community hall', '{"street": "480 Rideau Street", "postal_code": "K1N 5Z4", "city": "Ottawa", "country": "CA"}', null),
      ('Kingston fire hall', '{"street": "271 Brock Street", "postal_code": "K7L 1S5", "city": "Kingston", "country": "CA"}', 'Parking behind the hall.')
  ) as venue (name, address, directions);
  insert into public.discount_codes (
    organization_id, code, description, kind, amount, currency, max_uses, max_uses_per_customer, valid_from, valid_until
  )
  values
    (northside, 'WINTER15', 'Winter campaign', 'percentage', 15, null, 200, 1, now() - interval '60 days', now() + interval '60 days'),
    (northside, 'FRIENDS', 'Ten dollars for friends of ours', 'fixed', 10, 'CAD', null, null, null, null),
    (northside, 'SUMMER', 'Last summer''s', 'percentage', 20, null, 50, 1, now() - interval '400 days', now() - interval '200 days');

  -- Two sessions in three days, for three months back and three ahead: nobody is in two of them at once.
  create temp table seed_sessions on commit drop as
  select
    plan.number,
    private.uuid_v7() as id,
    course.id as course_id,
    course.price,
    course.minimum_age,
    course.certificate_months,
    starting.starts_at,
    starting.starts_at + make_interval(mins => course.duration_minutes) as ends_at,
    case when plan.number % 5 = 0 then 20 else 12 end as capacity,
    instructor.user_id as instructor_id,
    case when course.course_type <> 'online' then venue.id end as venue_id
  from generate_series(0, 119) as plan (number)
    join (
      select listed.*, row_number() over (order by listed.slug) - 1 as number
      from public.courses as listed
      where listed.organization_id = northside
    ) as course on course.number = plan.number % 13
    join (
      select listed.id, row_number() over (order by listed.name) - 1 as number
      from public.venues as listed
      where listed.organization_id = northside
    ) as venue on venue.number = plan.number % 5
    join seed_instructors as instructor on instructor.number = plan.number % 8
    cross join lateral (
      select
        (today - 90 + plan.number * 3 / 2 + case when plan.number < 60 then 0 else 3 end + time '09:00')
          at time zone zone as starts_at
    ) as starting;
  insert into public.course_sessions (
    organization_id, id, course_id, venue_id, room, instructor_id, starts_at, ends_at, capacity
  )
  select
    northside, planned.id, planned.course_id, planned.venue_id, case when planned.number % 2 = 0 then 'A' else 'B' end,
    planned.instructor_id, planned.starts_at, planned.ends_at, planned.capacity
  from seed_sessions as planned;
  update public.course_sessions as planned
  set status = 'published'
  where planned.organization_id = northside;

  -- Who books: 500 people, some for their company.
  insert into public.customers (
    organization_id, contact_person, company_name, email, phone, customer_type, customer_since
  )
  select
    northside,
    person.given || ' ' || person.family,
    case when person.number % 25 = 0 then companies[1 + person.number / 25 % 8] || ' ' || person.number end,
    format('customer%s@%s.example', person.number, case when person.number % 3 = 0 then 'lakeshore' else 'maple' end),
    '416 555-01' || to_char(person.number % 100, 'fm00'),
    case when person.number % 25 = 0 then 'corporate' else 'individual' end,
    today - 400 + person.number % 300
  from (
    select
      number,
      given_names[1 + number * 7 % cardinality(given_names)] as given,
      family_names[1 + number * 11 % cardinality(family_names)] as family
    from generate_series(0, 499) as number
  ) as person;
  create temp table seed_customers on commit drop as
  select
    (substring(customer.email from '[0-9]+'))::integer as number, customer.id, customer.contact_person, customer.email
  from public.customers as customer
  where customer.organization_id = northside and customer.email ~ '^customer[0-9]+@';

  -- 80 bookings of the older sessions, 820 of the others.
  create temp table seed_bookings on commit drop as
  select
    private.uuid_v7() as id,
    planned.number as session_number,
    place.number as place,
    planned.id as session_id,
    planned.starts_at,
    planned.minimum_age,
    planned.price,
    customer.id as customer_id,
    customer.contact_person,
    customer.email,
    attendees.count as attendee_count,
    round(planned.price * attendees.count, 2) as subtotal,
    round(planned.price * attendees.count * case when attendees.count >= 5 then 10 else 0 end / 100, 2)
      as group_discount,
    least(
      planned.starts_at - make_interval(days => 2 + (planned.number * 5 + place.number * 3) % 50),
      now() - make_interval(mins => planned.number + place.number)
    )
      as booked_at
  from seed_sessions as planned
    cross join lateral generate_series(
      1, case when planned.number < 40 then 2 when planned.number % 4 = 0 then 11 else 10 end
    ) as place (number)
    cross join lateral (
      select case
        when planned.number % 5 = 0 and planned.number >= 40 and place.number = 1 then 6
        when planned.number % 8 = 4 and place.number = 2 then 2
        else 1
      end as count
    ) as attendees
    join seed_customers as customer on customer.number = (planned.number * 37 + place.number * 11) % 500;
  insert into public.bookings (
    organization_id, id, session_id, customer_id, reference, status, attendee_count, unit_price, subtotal,
    group_discount, total, currency, terms_accepted_at, created_at
  )
  select
    northside,
    made.id,
    made.session_id,
    made.customer_id,
    -- Real ones are drawn at random; these are the same each time.
    translate(upper(left(md5(format('booking %s %s', made.session_number, made.place)), 8)), '01', 'GH'),
    case when made.price = 0 then 'confirmed' else 'pending' end,
    made.attendee_count,
    made.price,
    made.subtotal,
    made.group_discount,
    made.subtotal - made.group_discount,
    'CAD',
    made.booked_at,
    made.booked_at
  from seed_bookings as made;

  -- 300 older ones, as the spreadsheet had them: one in twelve has no address that mail could go to.
  create temp table seed_older on commit drop as
  select
    private.uuid_v7() as id,
    planned.number as session_number,
    place.number as place,
    planned.id as session_id,
    planned.price,
    planned.starts_at,
    (planned.number * 8 + place.number) as number,
    given_names[1 + (planned.number * 13 + place.number) % cardinality(given_names)] as given,
    family_names[1 + (planned.number * 5 + place.number * 3) % cardinality(family_names)] as family
  from seed_sessions as planned
    cross join lateral generate_series(1, 7 + planned.number % 2) as place (number)
  where planned.number < 40;
  insert into public.bookings (
    organization_id, id, session_id, contact_details, reference, status, attendee_count, unit_price, subtotal, total,
    currency, created_at
  )
  select
    northside,
    older.id,
    older.session_id,
    jsonb_strip_nulls(
      jsonb_build_object(
        'name', older.given || ' ' || older.family,
        'email', case
          when older.number % 36 = 5 then null
          when older.number % 36 = 17 then ''
          when older.number % 36 = 29 then older.given || ' at maple.example'
          -- Some are customers already, some are there twice, some shout.
          when older.number % 10 = 3 then format(' Customer%s@maple.example ', 1 + older.number % 150 * 3)
          when older.number % 10 = 7 then upper(format('older%s@lakeshore.example', older.number % 60))
          else format('older%s@lakeshore.example', older.number % 200)
        end,
        'phone', '647 555-01' || to_char(older.number % 100, 'fm00'),
        'company', case when older.number % 20 = 0 then companies[1 + older.number / 20 % 8] end,
        'source', 'spreadsheet'
      )
    ),
    translate(upper(left(md5(format('older %s %s', older.session_number, older.place)), 8)), '01', 'GH'),
    case when older.price = 0 then 'confirmed' else 'pending' end,
    1,
    older.price,
    older.price,
    older.price,
    'CAD',
    older.starts_at - make_interval(days => 5 + older.number % 30)
  from seed_older as older;

  insert into public.booking_attendees (organization_id, id, booking_id, name, email, is_primary, date_of_birth)
  select
    northside,
    private.uuid_v7(),
    made.id,
    case when place.number = 1 then made.contact_person
      else given_names[1 + (made.session_number + place.number * 5) % cardinality(given_names)] || ' '
        || family_names[1 + (made.session_number * 3 + place.number) % cardinality(family_names)]
    end,
    case when place.number = 1 then made.email end,
    place.number = 1,
    case when made.minimum_age is not null then
      (made.starts_at at time zone zone)::date - 365 * (19 + (made.session_number + made.place) % 40)
    end
  from seed_bookings as made
    cross join lateral generate_series(1, made.attendee_count) as place (number);
  insert into public.booking_attendees (organization_id, booking_id, name, is_primary)
  select northside, older.id, older.given || ' ' || older.family, true
  from seed_older as older;
  insert into public.booking_requirements (organization_id, booking_id, attendee_id, kind, priority, note)
  select
    northside,
    made.id,
    attendee.id,
    need.kind,
    need.priority,
    need.note
  from seed_bookings as made
    join public.booking_attendees as attendee
      on attendee.organization_id = northside and attendee.booking_id = made.id and attendee.is_primary
    join (
      values
        (0, 'dietary', 'normal', 'Vegetarian'),
        (1, 'accessibility', 'high', 'Uses a wheelchair: step-free access'),
        (2, 'medical', 'critical', 'Allergic to latex: gloves of nitrile'),
        (3, 'other', 'low', 'Would like a place near the window')
    ) as need (number, kind, priority, note) on need.number = made.session_number % 4
  where (made.session_number * 11 + made.place) % 17 = 0;

  -- Who has paid: all of the past, most of what is to come.
  insert into public.invoices (
    organization_id, booking_id, description, quantity, unit_price, subtotal, discount_amount, total, currency,
    created_at
  )
  select
    northside, made.id, format('%s, %s', course.name, to_char(made.starts_at at time zone zone, 'YYYY-MM-DD')),
    made.attendee_count, made.price, made.subtotal, made.group_discount, made.subtotal - made.group_discount, 'CAD',
    made.booked_at
  from seed_bookings as made
    join seed_sessions as planned on planned.id = made.session_id
    join public.courses as course on course.organization_id = northside and course.id = planned.course_id
  where made.price > 0;
  insert into public.payments (
    organization_id, booking_id, provider, method, amount, currency, status, succeeded_at, created_at
  )
  select
    northside, paid.id, 'manual', paid.method, paid.total, 'CAD', 'succeeded', paid.at, paid.at
  from (
    select
      made.id,
      case made.place % 3 when 0 then 'cash' when 1 then 'card' else 'bank_transfer' end as method,
      made.subtotal - made.group_discount as total,
      made.booked_at as at
    from seed_bookings as made
    where made.price > 0 and (made.session_number < 60 or (made.session_number + made.place) % 9 <> 0)
    union all
    select older.id, 'other', older.price, older.starts_at
    from seed_older as older
    where older.price > 0
  ) as paid;
  -- Some change their minds in time.
  update public.bookings as booking
  set status = 'cancelled', cancellation_reason = 'Could not come after all'
  from seed_bookings as made
  where booking.organization_id = northside
    and booking.id = made.id
    and booking.status = 'pending'
    and made.place % 2 = 0;

  -- What is over.
  insert into public.attendance (organization_id, attendee_id, session_id, status, recorded_by)
  select
    northside,
    attendee.id,
    booking.session_id,
    case
      when (planned.number + row_number() over (partition by planned.id order by attendee.id)) % 14 = 0 then 'absent'
      when (planned.number + row_number() over (partition by planned.id order by attendee.id)) % 19 = 0 then 'late'
      else 'present'
    end,
    planned.instructor_id
  from seed_sessions as planned
    join public.bookings as booking on booking.organization_id = northside and booking.session_id = planned.id
    join public.booking_attendees as attendee
      on attendee.organization_id = northside and attendee.booking_id = booking.id
  where planned.ends_at < now() and booking.status = 'confirmed';
  update public.bookings as booking
  set status = case
      when exists (
        select
        from public.booking_attendees as attendee
          join public.attendance as seen
            on seen.organization_id = attendee.organization_id and seen.attendee_id = attendee.id
        where attendee.organization_id = northside
          and attendee.booking_id = booking.id
          and seen.status in ('present', 'late')
      )
      then 'completed'
      else 'no_show'
    end
  from seed_sessions as planned
  where booking.organization_id = northside
    and booking.session_id = planned.id
    and booking.status = 'confirmed'
    and planned.ends_at < now();
  update public.course_sessions as planned
  set status = 'completed'
  where planned.organization_id = northside and planned.ends_at < now();
  insert into public.certificates (
    organization_id, attendee_id, course_id, number, holder_name, issued_on, expires_on
  )
  select
    northside,
    earned.attendee_id,
    earned.course_id,
    numbered.number,
    earned.name,
    earned.day,
    (earned.day + make_interval(months => earned.certificate_months))::date
  from (
    select
      attendee.id as attendee_id,
      planned.course_id,
      attendee.name,
      (planned.starts_at at time zone zone)::date as day,
      planned.certificate_months,
      row_number() over (order by planned.starts_at, attendee.id) as place,
      count(*) over () as total
    from public.attendance as seen
      join public.booking_attendees as attendee
        on attendee.organization_id = northside and attendee.id = seen.attendee_id
      join seed_sessions as planned on planned.id = seen.session_id
    where seen.organization_id = northside and seen.status in ('present', 'late')
  ) as earned
    join (
      select given.number, given.place
      from private.next_yearly_number(
        'CERT',
        northside,
        (
          select count(*)::integer
          from public.attendance as seen
          where seen.organization_id = northside and seen.status in ('present', 'late')
        )
      ) with ordinality as given (number, place)
    ) as numbered using (place);

  -- Two wait for each session that is full.
  insert into public.booking_waitlist (organization_id, session_id, customer_id, position, attendee_count)
  select northside, planned.id, customer.id, waiting.position, 1
  from public.course_sessions as planned
    cross join generate_series(1, 2) as waiting (position)
    join seed_sessions as seeded on seeded.id = planned.id
    join seed_customers as customer on customer.number = (seeded.number * 37 + 400 + waiting.position) % 500
  where planned.organization_id = northside and planned.status = 'full';

  -- These documents have been sent long ago.
  delete from pgmq.q_bookings as job
  where job.message -> 'payload' ->> 'organization_id' = northside;
end;
$seed$;
