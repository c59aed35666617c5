--! Previous: sha1:99d288591c1d377dd1d65906f4e538c643a52d96
--! Hash: sha1:2bc9d17f6234594a69b27c7a21b52f7c98526f8f
--! Message: bookings

-- bookings: courses with places, and who has booked, paid, cancelled and attended.

create extension if not exists btree_gist with schema extensions;

--! Included bookings/private/contact_text.sql
create or replace function private.contact_text (
  stated jsonb,
  longest integer
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  -- Also what would turn the direction of the text around it.
  select nullif(
    btrim(
      left(
        btrim(
          regexp_replace(
            stated #>> '{}',
            '[[:space:][:cntrl:]\u0080-\u00A0\u2007\u2028-\u202F\u2066-\u2069]+',
            ' ',
            'g'
          )
        ),
        longest
      )
    ),
    ''
  )
  where jsonb_typeof(stated) in ('string', 'number');
$$;

comment on function private.contact_text(jsonb, integer) is
  'Returns a text that the details of an older booking state, as a customer can have it: one line without control characters, cut to a length. Null for what is no text, and for nothing. Takes the value and the length.';

revoke execute on function private.contact_text(jsonb, integer) from public;
-- An index calls it as whoever writes the row.
grant execute on function private.contact_text(jsonb, integer) to authenticated, service_role;
--! EndIncluded bookings/private/contact_text.sql
--! Included bookings/private/contact_email.sql
create or replace function private.contact_email (
  contact_details jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  -- One character more than an address can have: what is too long stays so when it is cut.
  select case when private.is_email(stated.email) then stated.email end
  from (select lower(private.contact_text(contact_details -> 'email', 321)) as email) as stated;
$$;

comment on function private.contact_email(jsonb) is
  'Returns the e-mail address that the details of an older booking name, in lower case; null where there is none, or none that can be one. Takes the details.';

revoke execute on function private.contact_email(jsonb) from public;
grant execute on function private.contact_email(jsonb) to authenticated, service_role;
--! EndIncluded bookings/private/contact_email.sql
--! Included bookings/private/contact_problem.sql
create or replace function private.contact_problem (
  contact_details jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select case
    when contact_details is null or private.contact_email(contact_details) is not null then null
    when private.contact_text(contact_details -> 'email', 321) is null
      and coalesce(jsonb_typeof(contact_details -> 'email'), 'null') in ('null', 'string')
      then 'missing_email'
    else 'invalid_email'
  end;
$$;

comment on function private.contact_problem(jsonb) is
  'Returns why no customer can be found from the details of an older booking: missing_email or invalid_email; null where nothing is wrong, or nothing is there. Takes the details.';

revoke execute on function private.contact_problem(jsonb) from public;
grant execute on function private.contact_problem(jsonb) to authenticated, service_role;
--! EndIncluded bookings/private/contact_problem.sql
--! Included bookings/private/contact_search.sql
create or replace function private.contact_search (
  contact_details jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select private.search_key(
    array[
      left(contact_details ->> 'company', 200),
      left(contact_details ->> 'name', 200),
      left(contact_details ->> 'email', 320),
      left(contact_details ->> 'phone', 50),
      regexp_replace(left(contact_details ->> 'phone', 50), '[^0-9]+', '', 'g')
    ]
  );
$$;

comment on function private.contact_search(jsonb) is
  'Returns what an older booking without a customer is found by: company, name, e-mail address and phone number of its details, as private.search_key writes them. Takes the details.';

revoke execute on function private.contact_search(jsonb) from public;
-- An index calls it as whoever writes the row.
grant execute on function private.contact_search(jsonb) to authenticated, service_role;
--! EndIncluded bookings/private/contact_search.sql

insert into private.state_transitions (machine, from_status, to_status)
values
  ('course_sessions', 'new', 'draft'),
  ('course_sessions', 'draft', 'published'),
  ('course_sessions', 'draft', 'cancelled'),
  ('course_sessions', 'published', 'full'),
  ('course_sessions', 'full', 'published'),
  ('course_sessions', 'published', 'cancelled'),
  ('course_sessions', 'published', 'completed'),
  ('course_sessions', 'full', 'cancelled'),
  ('course_sessions', 'full', 'completed'),
  ('bookings', 'new', 'pending'),
  ('bookings', 'new', 'confirmed'),
  ('bookings', 'pending', 'confirmed'),
  ('bookings', 'pending', 'cancelled'),
  ('bookings', 'pending', 'refunded'),
  ('bookings', 'pending', 'completed'),
  ('bookings', 'pending', 'no_show'),
  ('bookings', 'confirmed', 'cancelled'),
  ('bookings', 'confirmed', 'refunded'),
  ('bookings', 'confirmed', 'completed'),
  ('bookings', 'confirmed', 'no_show'),
  ('bookings', 'completed', 'refunded'),
  ('bookings', 'no_show', 'completed'),
  ('bookings', 'no_show', 'refunded'),
  ('bookings', 'cancelled', 'refunded'),
  ('payments', 'new', 'pending'),
  ('payments', 'new', 'succeeded'),
  ('payments', 'pending', 'processing'),
  ('payments', 'pending', 'succeeded'),
  ('payments', 'pending', 'failed'),
  ('payments', 'pending', 'cancelled'),
  ('payments', 'processing', 'succeeded'),
  ('payments', 'processing', 'failed'),
  ('payments', 'processing', 'cancelled'),
  ('payments', 'failed', 'processing'),
  ('payments', 'failed', 'succeeded'),
  ('payments', 'failed', 'cancelled'),
  -- Money that came is money, whatever was said before.
  ('payments', 'cancelled', 'succeeded'),
  ('refunds', 'new', 'pending'),
  ('refunds', 'new', 'approved'),
  ('refunds', 'pending', 'approved'),
  ('refunds', 'pending', 'rejected'),
  ('refunds', 'approved', 'processing'),
  ('refunds', 'approved', 'rejected'),
  ('refunds', 'processing', 'processed'),
  ('refunds', 'processing', 'failed'),
  ('refunds', 'failed', 'processed'),
  ('invoices', 'new', 'draft'),
  ('invoices', 'draft', 'sent'),
  ('invoices', 'draft', 'paid'),
  ('invoices', 'draft', 'void'),
  ('invoices', 'sent', 'paid'),
  ('invoices', 'sent', 'void'),
  ('invoices', 'sent', 'refunded'),
  ('invoices', 'paid', 'refunded'),
  ('booking_waitlist', 'new', 'waiting'),
  ('booking_waitlist', 'waiting', 'notified'),
  ('booking_waitlist', 'waiting', 'booked'),
  ('booking_waitlist', 'waiting', 'expired'),
  ('booking_waitlist', 'notified', 'booked'),
  ('booking_waitlist', 'notified', 'expired');

-- What an organization has settled on.

create table public.booking_settings (
  organization_id text not null default private.current_organization_id(),
  cancellation_hours integer not null default 48
    constraint booking_settings_cancellation_hours_range check (cancellation_hours between 0 and 8760),
  waitlist_offer_hours integer not null default 24
    constraint booking_settings_waitlist_offer_hours_range check (waitlist_offer_hours between 1 and 720),
  invoice_due_days integer not null default 14
    constraint booking_settings_invoice_due_days_range check (invoice_due_days between 0 and 365),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint booking_settings_pkey primary key (organization_id),
  constraint booking_settings_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade
);

comment on table public.booking_settings is 'What an organization has settled on for its bookings. Without a row, the defaults hold.';
comment on column public.booking_settings.organization_id is 'The organization.';
comment on column public.booking_settings.cancellation_hours is 'Until how many hours before the start a customer may cancel what is paid.';
comment on column public.booking_settings.waitlist_offer_hours is 'For how many hours a place is kept for whom the waitlist offers it to.';
comment on column public.booking_settings.invoice_due_days is 'How many days after it was sent an invoice is due.';
comment on column public.booking_settings.created_at is 'When it was entered.';
comment on column public.booking_settings.updated_at is 'When it was last changed. @unlogged';

create table public.refund_rules (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  hours_before integer not null
    constraint refund_rules_hours_before_range check (hours_before between 0 and 17520),
  refund_percent numeric(5, 2) not null
    constraint refund_rules_refund_percent_range check (refund_percent between 0 and 100),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint refund_rules_pkey primary key (organization_id, id),
  constraint refund_rules_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint refund_rules_hours_before_key unique (organization_id, hours_before)
);

comment on table public.refund_rules is 'Which share of what was paid comes back to who cancels how early: the rule with the most hours that are met counts, and none means nothing. An organization without rules refunds everything until 168 hours before the start, and half until 48.';
comment on column public.refund_rules.organization_id is 'The organization.';
comment on column public.refund_rules.id is 'Time-ordered id.';
comment on column public.refund_rules.hours_before is 'At least so many hours before the start of the session.';
comment on column public.refund_rules.refund_percent is 'The share that comes back, in percent.';
comment on column public.refund_rules.created_at is 'When it was entered.';
comment on column public.refund_rules.updated_at is 'When it was last changed. @unlogged';

-- What is offered.

create table public.courses (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  name text not null constraint courses_name_length check (length(name) between 1 and 200),
  slug text not null
    constraint courses_slug_wellformed check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 100),
  course_type text not null default 'public'
    constraint courses_course_type_known check (course_type in ('public', 'private', 'online', 'refresher')),
  description text constraint courses_description_length check (length(description) <= 10000),
  duration_minutes integer not null
    constraint courses_duration_minutes_range check (duration_minutes between 5 and 43200),
  price numeric(14, 2) not null constraint courses_price_range check (price between 0 and 1000000000),
  currency text not null default 'EUR' constraint courses_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  minimum_age integer constraint courses_minimum_age_range check (minimum_age between 1 and 120),
  certificate_months integer constraint courses_certificate_months_range
    check (certificate_months between 1 and 600),
  has_certificate boolean not null default true,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint courses_pkey primary key (organization_id, id),
  constraint courses_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint courses_slug_key unique (organization_id, slug)
);

comment on table public.courses is 'What an organization teaches.';
comment on column public.courses.organization_id is 'The organization.';
comment on column public.courses.id is 'Time-ordered id.';
comment on column public.courses.name is 'What it is called.';
comment on column public.courses.slug is 'Its name in addresses: lower-case letters, digits, hyphens. Unique in the organization.';
comment on column public.courses.course_type is 'public, private (for one customer), online, or refresher.';
comment on column public.courses.description is 'What is taught.';
comment on column public.courses.duration_minutes is 'How long it takes.';
comment on column public.courses.price is 'The price of a place, unless a session has its own.';
comment on column public.courses.currency is 'The currency of the price, ISO 4217.';
comment on column public.courses.minimum_age is 'From which age on one may attend, in years on the day of the session. Then the date of birth of each attendee is asked for.';
comment on column public.courses.certificate_months is 'For how many months its certificate is valid; null for ever.';
comment on column public.courses.has_certificate is 'Whether who attends gets a certificate.';
comment on column public.courses.is_active is 'Whether it is still offered.';
comment on column public.courses.created_at is 'When it was entered.';
comment on column public.courses.updated_at is 'When it was last changed. @unlogged';

create table public.course_price_tiers (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  course_id uuid not null,
  min_attendees integer not null
    constraint course_price_tiers_min_attendees_range check (min_attendees between 2 and 1000),
  discount_percent numeric(5, 2) not null
    constraint course_price_tiers_discount_percent_range
      check (discount_percent > 0 and discount_percent <= 100),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint course_price_tiers_pkey primary key (organization_id, id),
  constraint course_price_tiers_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint course_price_tiers_course_id_fkey foreign key (organization_id, course_id)
    references public.courses (organization_id, id) on delete cascade,
  constraint course_price_tiers_min_attendees_key unique (organization_id, course_id, min_attendees)
);

comment on table public.course_price_tiers is 'What groups pay less: of the tiers whose number of attendees is met, that with the most counts.';
comment on column public.course_price_tiers.organization_id is 'The organization.';
comment on column public.course_price_tiers.id is 'Time-ordered id.';
comment on column public.course_price_tiers.course_id is 'The course.';
comment on column public.course_price_tiers.min_attendees is 'From how many attendees of one booking on.';
comment on column public.course_price_tiers.discount_percent is 'What is taken off, in percent.';
comment on column public.course_price_tiers.created_at is 'When it was entered.';
comment on column public.course_price_tiers.updated_at is 'When it was last changed. @unlogged';

create table public.venues (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  name text not null constraint venues_name_length check (length(name) between 1 and 200),
  address jsonb not null default '{}'
    constraint venues_address_object
      check (jsonb_typeof(address) = 'object' and length(address::text) <= 5000),
  directions text constraint venues_directions_length check (length(directions) <= 5000),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint venues_pkey primary key (organization_id, id),
  constraint venues_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint venues_name_key unique (organization_id, name)
);

comment on table public.venues is 'Where sessions take place.';
comment on column public.venues.organization_id is 'The organization.';
comment on column public.venues.id is 'Time-ordered id.';
comment on column public.venues.name is 'What it is called. Unique in the organization.';
comment on column public.venues.address is 'The postal address, an object: street, postal_code, city, country, …';
comment on column public.venues.directions is 'How to get there and in.';
comment on column public.venues.is_active is 'Whether it is still used.';
comment on column public.venues.created_at is 'When it was entered.';
comment on column public.venues.updated_at is 'When it was last changed. @unlogged';

create table public.course_sessions (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  course_id uuid not null,
  venue_id uuid,
  room text not null default '' constraint course_sessions_room_length check (length(room) <= 100),
  instructor_id uuid,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  capacity integer not null default 12 constraint course_sessions_capacity_range
    check (capacity between 1 and 10000),
  price numeric(14, 2) constraint course_sessions_price_range check (price between 0 and 1000000000),
  status text not null default 'draft'
    constraint course_sessions_status_known
      check (status in ('draft', 'published', 'full', 'cancelled', 'completed')),
  places_taken integer not null default 0
    constraint course_sessions_places_taken_not_negative check (places_taken >= 0),
  places_held integer not null default 0
    constraint course_sessions_places_held_not_negative check (places_held >= 0),
  cancellation_reason text constraint course_sessions_cancellation_reason_length
    check (length(cancellation_reason) <= 1000),
  revision integer not null default 0,
  published_at timestamptz,
  cancelled_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint course_sessions_pkey primary key (organization_id, id),
  constraint course_sessions_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint course_sessions_course_id_fkey foreign key (organization_id, course_id)
    references public.courses (organization_id, id),
  constraint course_sessions_venue_id_fkey foreign key (organization_id, venue_id)
    references public.venues (organization_id, id),
  constraint course_sessions_instructor_id_fkey foreign key (organization_id, instructor_id)
    references public.members (organization_id, user_id) on delete set null (instructor_id),
  constraint course_sessions_ends_later check (ends_at > starts_at),
  constraint course_sessions_within_reason
    check (starts_at >= '2000-01-01 00:00+00' and ends_at < '2201-01-01 00:00+00'),
  constraint course_sessions_never_oversold check (places_taken + places_held <= capacity),
  constraint course_sessions_instructor_once exclude using gist (
    organization_id with =, instructor_id with =, tstzrange(starts_at, ends_at) with &&
  ) where (instructor_id is not null and status <> 'cancelled'),
  constraint course_sessions_room_once exclude using gist (
    organization_id with =, venue_id with =, room with =, tstzrange(starts_at, ends_at) with &&
  ) where (venue_id is not null and status <> 'cancelled')
);

create index course_sessions_starts_at_idx on public.course_sessions (organization_id, starts_at, id);

comment on table public.course_sessions is 'A course on a day: places that are booked. An instructor, and a room of a venue, is in one session at a time. @example {"capacity": 10000, "starts_at": "2030-01-01 00:00:00.{serial}+00", "ends_at": "2030-01-01 00:00:00.{serial}5+00"}';
comment on column public.course_sessions.organization_id is 'The organization.';
comment on column public.course_sessions.id is 'Time-ordered id.';
comment on column public.course_sessions.course_id is 'The course.';
comment on column public.course_sessions.venue_id is 'Where; null for an online course, or while it is not known.';
comment on column public.course_sessions.room is 'Which room of the venue; empty for all of it, or for its only one.';
comment on column public.course_sessions.instructor_id is 'The member who teaches; null while nobody does.';
comment on column public.course_sessions.starts_at is 'When it starts.';
comment on column public.course_sessions.ends_at is 'When it ends.';
comment on column public.course_sessions.capacity is 'How many places there are.';
comment on column public.course_sessions.price is 'The price of a place; null for that of the course. In the currency of the course.';
comment on column public.course_sessions.status is 'draft, published (open for bookings), full (published, without a free place: kept by the database), cancelled, or completed.';
comment on column public.course_sessions.places_taken is 'The places of bookings that are neither cancelled nor refunded. Kept by the database. @unlogged';
comment on column public.course_sessions.places_held is 'The places that are kept for whom the waitlist offers them to. Kept by the database. @unlogged';
comment on column public.course_sessions.cancellation_reason is 'Why it was cancelled.';
comment on column public.course_sessions.revision is 'How often its time, place or status was changed: calendars ask for it. Kept by the database. @unlogged';
comment on column public.course_sessions.published_at is 'When it was published first.';
comment on column public.course_sessions.cancelled_at is 'When it was cancelled.';
comment on column public.course_sessions.completed_at is 'When it was completed.';
comment on column public.course_sessions.created_at is 'When it was entered.';
comment on column public.course_sessions.updated_at is 'When it was last changed. @unlogged';

create table public.discount_codes (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  code text not null constraint discount_codes_code_wellformed check (code ~ '^[A-Z0-9][A-Z0-9_-]{1,49}$'),
  description text constraint discount_codes_description_length check (length(description) <= 1000),
  kind text not null constraint discount_codes_kind_known check (kind in ('percentage', 'fixed')),
  amount numeric(14, 2) not null
    -- NaN is greater than every number.
    constraint discount_codes_amount_range check (amount > 0 and amount <= 1000000000),
  currency text constraint discount_codes_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  course_id uuid,
  minimum_total numeric(14, 2)
    constraint discount_codes_minimum_total_range check (minimum_total between 0 and 1000000000),
  max_uses integer constraint discount_codes_max_uses_positive check (max_uses > 0),
  max_uses_per_customer integer
    constraint discount_codes_max_uses_per_customer_positive check (max_uses_per_customer > 0),
  used_count integer not null default 0
    constraint discount_codes_used_count_not_negative check (used_count >= 0),
  valid_from timestamptz,
  valid_until timestamptz,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint discount_codes_pkey primary key (organization_id, id),
  constraint discount_codes_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint discount_codes_course_id_fkey foreign key (organization_id, course_id)
    references public.courses (organization_id, id) on delete cascade,
  constraint discount_codes_code_key unique (organization_id, code),
  constraint discount_codes_percentage_range check (kind <> 'percentage' or amount <= 100),
  constraint discount_codes_fixed_has_currency check ((kind = 'fixed') = (currency is not null)),
  constraint discount_codes_ends_later check (valid_until > valid_from)
);

comment on table public.discount_codes is 'Words that make a booking cheaper.';
comment on column public.discount_codes.organization_id is 'The organization.';
comment on column public.discount_codes.id is 'Time-ordered id.';
comment on column public.discount_codes.code is 'The word, in capitals. Unique in the organization.';
comment on column public.discount_codes.description is 'What it is for.';
comment on column public.discount_codes.kind is 'percentage of what is left after the group discount, or fixed: an amount off the booking.';
comment on column public.discount_codes.amount is 'The percentage, or the amount.';
comment on column public.discount_codes.currency is 'The currency of a fixed amount, ISO 4217; null for a percentage.';
comment on column public.discount_codes.course_id is 'The only course that it is for; null for all.';
comment on column public.discount_codes.minimum_total is 'From which amount on it counts, after the group discount.';
comment on column public.discount_codes.max_uses is 'For how many bookings that are neither cancelled nor refunded; null for any number.';
comment on column public.discount_codes.max_uses_per_customer is 'The same for one customer.';
comment on column public.discount_codes.used_count is 'How many such bookings have it. Kept by the database. @unlogged';
comment on column public.discount_codes.valid_from is 'From when on; null for always.';
comment on column public.discount_codes.valid_until is 'Until when, exclusive; null for ever.';
comment on column public.discount_codes.is_active is 'Whether it may be used.';
comment on column public.discount_codes.created_at is 'When it was entered.';
comment on column public.discount_codes.updated_at is 'When it was last changed. @unlogged';

-- Who has booked.

create table public.bookings (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  session_id uuid not null,
  customer_id uuid,
  contact_details jsonb constraint bookings_contact_details_object
      check (jsonb_typeof(contact_details) = 'object' and length(contact_details::text) <= 20000),
  contact_email text generated always as (private.contact_email(contact_details)) stored,
  contact_problem text generated always as (private.contact_problem(contact_details)) stored,
  reference text not null constraint bookings_reference_wellformed check (reference ~ '^[A-HJ-NP-Z2-9]{8}$'),
  status text not null default 'pending'
    constraint bookings_status_known
      check (status in ('pending', 'confirmed', 'cancelled', 'refunded', 'completed', 'no_show')),
  attendee_count integer not null
    constraint bookings_attendee_count_range check (attendee_count between 1 and 1000),
  unit_price numeric(14, 2) not null constraint bookings_unit_price_not_negative check (unit_price >= 0),
  subtotal numeric(14, 2) not null constraint bookings_subtotal_not_negative check (subtotal >= 0),
  group_discount numeric(14, 2) not null default 0
    constraint bookings_group_discount_not_negative check (group_discount >= 0),
  discount_code_id uuid,
  code_discount numeric(14, 2) not null default 0
    constraint bookings_code_discount_not_negative check (code_discount >= 0),
  total numeric(14, 2) not null
    constraint bookings_total_adds_up
      check (total = subtotal - group_discount - code_discount and total >= 0),
  currency text not null constraint bookings_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  amount_paid numeric(14, 2) not null default 0
    constraint bookings_amount_paid_not_negative check (amount_paid >= 0),
  amount_refunded numeric(14, 2) not null default 0
    constraint bookings_amount_refunded_range check (amount_refunded between 0 and amount_paid),
  terms_accepted_at timestamptz,
  notes text constraint bookings_notes_length check (length(notes) <= 5000),
  cancellation_reason text constraint bookings_cancellation_reason_length
    check (length(cancellation_reason) <= 1000),
  created_by uuid,
  confirmed_at timestamptz,
  cancelled_at timestamptz,
  refunded_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint bookings_pkey primary key (organization_id, id),
  constraint bookings_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint bookings_session_id_fkey foreign key (organization_id, session_id)
    references public.course_sessions (organization_id, id),
  constraint bookings_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers (organization_id, id),
  constraint bookings_discount_code_id_fkey foreign key (organization_id, discount_code_id)
    references public.discount_codes (organization_id, id),
  constraint bookings_created_by_fkey foreign key (created_by) references auth.users (id) on delete set null,
  constraint bookings_reference_key unique (organization_id, reference),
  constraint bookings_somebodys check (num_nonnulls(customer_id, contact_details) > 0)
);

create index bookings_created_at_idx on public.bookings (organization_id, created_at, id);
create index bookings_status_idx on public.bookings (organization_id, status, created_at, id);
-- Those that wait for a customer.
create index bookings_contact_email_idx on public.bookings (organization_id, contact_email, id)
  where customer_id is null and contact_problem is null;

-- Those that no customer can be found for.
create index bookings_contact_problem_idx on public.bookings (organization_id, id)
  where customer_id is null and contact_problem is not null;
-- Search among those without a customer; the others are found by their customers.
create index bookings_contact_search_idx on public.bookings using gin (
  organization_id extensions.text_ops, private.contact_search(contact_details) extensions.gin_trgm_ops
)
  where customer_id is null;

comment on table public.bookings is 'Places in a session for a customer. Older ones, imported without a customer, have contact_details until the backfill finds it.';
comment on column public.bookings.organization_id is 'The organization.';
comment on column public.bookings.id is 'Time-ordered id.';
comment on column public.bookings.session_id is 'The session.';
comment on column public.bookings.customer_id is 'Who has booked; null for an older booking whose customer is not known yet.';
comment on column public.bookings.contact_details is 'What an older booking says of who booked, an object: email, name, phone, company. Never changed by the database.';
comment on column public.bookings.contact_email is 'The e-mail address in contact_details, in lower case; null where there is none that can be one. @unlogged';
comment on column public.bookings.contact_problem is 'Why no customer can be found from contact_details: missing_email or invalid_email; null where nothing is wrong, or nothing is there. @unlogged';
comment on column public.bookings.reference is 'What the customer says on the phone: 8 characters, unique in the organization, drawn at random.';
comment on column public.bookings.status is 'pending (not paid yet), confirmed, cancelled, refunded, completed, or no_show. All but cancelled and refunded take places.';
comment on column public.bookings.attendee_count is 'How many places.';
comment on column public.bookings.unit_price is 'The price of a place, when it was booked.';
comment on column public.bookings.subtotal is 'The price of all places.';
comment on column public.bookings.group_discount is 'What a group pays less.';
comment on column public.bookings.discount_code_id is 'The discount code.';
comment on column public.bookings.code_discount is 'What the discount code took off.';
comment on column public.bookings.total is 'What there is to pay.';
comment on column public.bookings.currency is 'The currency of the amounts, ISO 4217.';
comment on column public.bookings.amount_paid is 'What has been paid. Kept by the database.';
comment on column public.bookings.amount_refunded is 'What of that was given back. Kept by the database.';
comment on column public.bookings.terms_accepted_at is 'When the terms were accepted.';
comment on column public.bookings.notes is 'What staff should know. The customer sees it, too.';
comment on column public.bookings.cancellation_reason is 'Why it was cancelled.';
comment on column public.bookings.created_by is 'Who booked it; null when they are gone, or it was imported.';
comment on column public.bookings.confirmed_at is 'When it was confirmed.';
comment on column public.bookings.cancelled_at is 'When it was cancelled.';
comment on column public.bookings.refunded_at is 'When it was refunded.';
comment on column public.bookings.completed_at is 'When it was completed.';
comment on column public.bookings.created_at is 'When it was booked.';
comment on column public.bookings.updated_at is 'When it was last changed. @unlogged';

create table public.booking_attendees (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  booking_id uuid not null,
  name text not null constraint booking_attendees_name_length check (length(name) between 1 and 200),
  email text constraint booking_attendees_email_wellformed
    check (private.is_email(email) and email = lower(email)),
  is_primary boolean not null default false,
  date_of_birth date constraint booking_attendees_date_of_birth_range
    check (date_of_birth between '1900-01-01' and '2100-01-01'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint booking_attendees_pkey primary key (organization_id, id),
  constraint booking_attendees_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint booking_attendees_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings (organization_id, id) on delete cascade
);

create unique index booking_attendees_primary_idx on public.booking_attendees (organization_id, booking_id)
  where is_primary;

comment on table public.booking_attendees is 'Who takes the places of a booking.';
comment on column public.booking_attendees.organization_id is 'The organization.';
comment on column public.booking_attendees.id is 'Time-ordered id.';
comment on column public.booking_attendees.booking_id is 'The booking.';
comment on column public.booking_attendees.name is 'Who it is.';
comment on column public.booking_attendees.email is 'Their e-mail address, in lower case.';
comment on column public.booking_attendees.is_primary is 'Whether it is the one to talk to; one of a booking.';
comment on column public.booking_attendees.date_of_birth is 'Their date of birth, where the course has a minimum age. The audit log does not say it. @secret';
comment on column public.booking_attendees.created_at is 'When it was entered.';
comment on column public.booking_attendees.updated_at is 'When it was last changed. @unlogged';

create table public.booking_requirements (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  booking_id uuid not null,
  attendee_id uuid,
  kind text not null
    constraint booking_requirements_kind_known
      check (kind in ('accessibility', 'dietary', 'medical', 'other')),
  priority text not null default 'normal'
    constraint booking_requirements_priority_known check (priority in ('low', 'normal', 'high', 'critical')),
  note text not null constraint booking_requirements_note_length check (length(note) between 1 and 2000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint booking_requirements_pkey primary key (organization_id, id),
  constraint booking_requirements_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint booking_requirements_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings (organization_id, id) on delete cascade,
  constraint booking_requirements_attendee_id_fkey foreign key (organization_id, attendee_id)
    references public.booking_attendees (organization_id, id) on delete cascade
);

comment on table public.booking_requirements is 'What attendees need. Apart from the booking, because few may read it.';
comment on column public.booking_requirements.organization_id is 'The organization.';
comment on column public.booking_requirements.id is 'Time-ordered id.';
comment on column public.booking_requirements.booking_id is 'The booking.';
comment on column public.booking_requirements.attendee_id is 'Who needs it; null for all of the booking.';
comment on column public.booking_requirements.kind is 'accessibility, dietary, medical, or other.';
comment on column public.booking_requirements.priority is 'low, normal, high, or critical.';
comment on column public.booking_requirements.note is 'What there is to know. The audit log says that it changed, and not what it says. @secret';
comment on column public.booking_requirements.created_at is 'When it was entered.';
comment on column public.booking_requirements.updated_at is 'When it was last changed. @unlogged';

create table public.booking_waitlist (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  session_id uuid not null,
  customer_id uuid not null,
  position integer not null constraint booking_waitlist_position_positive check (position > 0),
  attendee_count integer not null default 1
    constraint booking_waitlist_attendee_count_range check (attendee_count between 1 and 1000),
  status text not null default 'waiting'
    constraint booking_waitlist_status_known check (status in ('waiting', 'notified', 'booked', 'expired')),
  notified_at timestamptz,
  offer_expires_at timestamptz,
  booking_id uuid,
  booked_at timestamptz,
  expired_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint booking_waitlist_pkey primary key (organization_id, id),
  constraint booking_waitlist_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint booking_waitlist_session_id_fkey foreign key (organization_id, session_id)
    references public.course_sessions (organization_id, id) on delete cascade,
  constraint booking_waitlist_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers (organization_id, id),
  constraint booking_waitlist_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings (organization_id, id) on delete set null (booking_id),
  constraint booking_waitlist_position_key unique (organization_id, session_id, position),
  constraint booking_waitlist_offer_ends check ((status = 'notified') <= (offer_expires_at is not null))
);

create index booking_waitlist_offers_idx on public.booking_waitlist (offer_expires_at)
  where status = 'notified';
create index booking_waitlist_open_idx on public.booking_waitlist (organization_id, session_id)
  include (status)
  where status in ('waiting', 'notified');

comment on table public.booking_waitlist is 'Who waits for a place in a session, in order. Freed places are offered to the first who fit into them, and kept for them until the offer ends.';
comment on column public.booking_waitlist.organization_id is 'The organization.';
comment on column public.booking_waitlist.id is 'Time-ordered id.';
comment on column public.booking_waitlist.session_id is 'The session.';
comment on column public.booking_waitlist.customer_id is 'Who waits.';
comment on column public.booking_waitlist.position is 'The place in the queue of the session, from 1. Never given twice.';
comment on column public.booking_waitlist.attendee_count is 'How many places it takes.';
comment on column public.booking_waitlist.status is 'waiting, notified (the places are kept for it), booked, or expired (the offer, or the wish).';
comment on column public.booking_waitlist.notified_at is 'When the places were offered.';
comment on column public.booking_waitlist.offer_expires_at is 'Until when they are kept.';
comment on column public.booking_waitlist.booking_id is 'The booking that came of it.';
comment on column public.booking_waitlist.booked_at is 'When it was booked.';
comment on column public.booking_waitlist.expired_at is 'When the offer ended, or they no longer waited.';
comment on column public.booking_waitlist.created_at is 'Since when they wait.';
comment on column public.booking_waitlist.updated_at is 'When it was last changed. @unlogged';

-- Money.

create table public.invoices (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  booking_id uuid not null,
  number text constraint invoices_number_wellformed check (number ~ '^INV-[0-9]{4}-[0-9]{5,}$'),
  status text not null default 'draft'
    constraint invoices_status_known check (status in ('draft', 'sent', 'paid', 'void', 'refunded')),
  description text not null constraint invoices_description_length
    check (length(description) between 1 and 500),
  quantity integer not null constraint invoices_quantity_positive check (quantity > 0),
  unit_price numeric(14, 2) not null constraint invoices_unit_price_not_negative check (unit_price >= 0),
  subtotal numeric(14, 2) not null
    constraint invoices_subtotal_adds_up check (subtotal = quantity * unit_price),
  discount_amount numeric(14, 2) not null default 0
    constraint invoices_discount_amount_range check (discount_amount between 0 and subtotal),
  total numeric(14, 2) not null constraint invoices_total_adds_up check (total = subtotal - discount_amount),
  currency text not null constraint invoices_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  amount_paid numeric(14, 2) not null default 0
    constraint invoices_amount_paid_not_negative check (amount_paid >= 0),
  amount_refunded numeric(14, 2) not null default 0
    constraint invoices_amount_refunded_range check (amount_refunded between 0 and amount_paid),
  due_on date,
  sent_at timestamptz,
  paid_at timestamptz,
  void_at timestamptz,
  refunded_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint invoices_pkey primary key (organization_id, id),
  constraint invoices_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint invoices_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings (organization_id, id),
  constraint invoices_number_key unique (organization_id, number),
  constraint invoices_numbered_once_sent check (status in ('draft', 'void') or number is not null)
);

create unique index invoices_live_idx on public.invoices (organization_id, booking_id)
  where status <> 'void';

comment on table public.invoices is 'What is asked of a customer for a booking. A draft has no number: numbers are given when it is sent, without a gap.';
comment on column public.invoices.organization_id is 'The organization.';
comment on column public.invoices.id is 'Time-ordered id.';
comment on column public.invoices.booking_id is 'The booking. It has one invoice that is not void.';
comment on column public.invoices.number is 'Its number, INV-<year>-<count>, from the moment that it is sent or paid. Unique in the organization.';
comment on column public.invoices.status is 'draft, sent, paid, void, or refunded.';
comment on column public.invoices.description is 'What it is for: the course and the day.';
comment on column public.invoices.quantity is 'How many places.';
comment on column public.invoices.unit_price is 'The price of a place.';
comment on column public.invoices.subtotal is 'The price of all places.';
comment on column public.invoices.discount_amount is 'What the group and the code took off.';
comment on column public.invoices.total is 'What there is to pay.';
comment on column public.invoices.currency is 'The currency of the amounts, ISO 4217.';
comment on column public.invoices.amount_paid is 'What has been paid. Kept by the database.';
comment on column public.invoices.amount_refunded is 'What of that was given back. Kept by the database.';
comment on column public.invoices.due_on is 'The day on which it is due.';
comment on column public.invoices.sent_at is 'When it was sent.';
comment on column public.invoices.paid_at is 'When all of it was paid.';
comment on column public.invoices.void_at is 'When it was declared void.';
comment on column public.invoices.refunded_at is 'When it was refunded.';
comment on column public.invoices.created_at is 'When it was made.';
comment on column public.invoices.updated_at is 'When it was last changed. @unlogged';

create table public.payments (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  booking_id uuid not null,
  provider text not null constraint payments_provider_known check (provider in ('manual', 'stripe')),
  provider_intent_id text constraint payments_provider_intent_id_length
    check (length(provider_intent_id) between 1 and 255),
  method text not null default 'card'
    constraint payments_method_known check (method in ('card', 'cash', 'bank_transfer', 'other')),
  amount numeric(14, 2) not null constraint payments_amount_positive check (amount > 0 and amount < 'NaN'),
  amount_refunded numeric(14, 2) not null default 0
    constraint payments_amount_refunded_range check (amount_refunded between 0 and amount),
  currency text not null constraint payments_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  status text not null default 'pending'
    constraint payments_status_known
      check (status in ('pending', 'processing', 'succeeded', 'failed', 'cancelled')),
  idempotency_key text constraint payments_idempotency_key_length
    check (length(idempotency_key) between 1 and 255),
  note text constraint payments_note_length check (length(note) <= 1000),
  failure_reason text constraint payments_failure_reason_length check (length(failure_reason) <= 1000),
  created_by uuid,
  succeeded_at timestamptz,
  failed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payments_pkey primary key (organization_id, id),
  constraint payments_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint payments_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings (organization_id, id),
  constraint payments_created_by_fkey foreign key (created_by) references auth.users (id) on delete set null,
  constraint payments_provider_intent_id_key unique (organization_id, provider, provider_intent_id),
  constraint payments_idempotency_key_key unique (organization_id, idempotency_key),
  constraint payments_refunds_what_succeeded check (amount_refunded = 0 or status = 'succeeded')
);

comment on table public.payments is 'What was paid for a booking, or is being paid.';
comment on column public.payments.organization_id is 'The organization.';
comment on column public.payments.id is 'Time-ordered id.';
comment on column public.payments.booking_id is 'The booking.';
comment on column public.payments.provider is 'Who takes the money: manual (staff), or stripe.';
comment on column public.payments.provider_intent_id is 'The provider''s id of it. It belongs to one payment of one organization.';
comment on column public.payments.method is 'card, cash, bank_transfer, or other.';
comment on column public.payments.amount is 'How much.';
comment on column public.payments.amount_refunded is 'What of that was given back. Kept by the database.';
comment on column public.payments.currency is 'The currency of the amounts, ISO 4217: that of the booking.';
comment on column public.payments.status is 'pending, processing, succeeded, failed (may still succeed), or cancelled.';
comment on column public.payments.idempotency_key is 'Makes that one payment is recorded once. Unique in the organization.';
comment on column public.payments.note is 'What staff noted, such as the number of a receipt.';
comment on column public.payments.failure_reason is 'Why it failed, as the provider says.';
comment on column public.payments.created_by is 'Who recorded or began it; null when they are gone.';
comment on column public.payments.succeeded_at is 'When it succeeded.';
comment on column public.payments.failed_at is 'When it failed first.';
comment on column public.payments.created_at is 'When it was begun.';
comment on column public.payments.updated_at is 'When it was last changed. @unlogged';

create table public.refunds (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  booking_id uuid not null,
  amount numeric(14, 2) not null constraint refunds_amount_positive check (amount > 0 and amount < 'NaN'),
  currency text not null constraint refunds_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  status text not null default 'pending'
    constraint refunds_status_known
      check (status in ('pending', 'approved', 'processing', 'processed', 'failed', 'rejected')),
  reason text constraint refunds_reason_length check (length(reason) <= 1000),
  rejection_reason text constraint refunds_rejection_reason_length check (length(rejection_reason) <= 1000),
  failure_reason text constraint refunds_failure_reason_length check (length(failure_reason) <= 1000),
  requested_by uuid,
  decided_by uuid,
  approved_at timestamptz,
  processed_at timestamptz,
  failed_at timestamptz,
  rejected_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint refunds_pkey primary key (organization_id, id),
  constraint refunds_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint refunds_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings (organization_id, id),
  constraint refunds_requested_by_fkey foreign key (requested_by) references auth.users (id) on delete
    set null,
  constraint refunds_decided_by_fkey foreign key (decided_by) references auth.users (id) on delete set null
);

create unique index refunds_open_idx on public.refunds (organization_id, booking_id)
  where status in ('pending', 'approved', 'processing');

comment on table public.refunds is 'What is given back of what was paid for a booking. One at a time.';
comment on column public.refunds.organization_id is 'The organization.';
comment on column public.refunds.id is 'Time-ordered id.';
comment on column public.refunds.booking_id is 'The booking. While a refund is open it keeps its places, and nothing else becomes of it.';
comment on column public.refunds.amount is 'How much.';
comment on column public.refunds.currency is 'Its currency, ISO 4217: that of the booking.';
comment on column public.refunds.status is 'pending (somebody has to decide), approved, processing, processed, failed, or rejected: then the booking is what it was.';
comment on column public.refunds.reason is 'Why it was asked for.';
comment on column public.refunds.rejection_reason is 'Why it was rejected.';
comment on column public.refunds.failure_reason is 'Why it failed, as the provider says.';
comment on column public.refunds.requested_by is 'Who asked; null for a rule, or when they are gone.';
comment on column public.refunds.decided_by is 'Who approved or rejected; null for a rule, or when they are gone.';
comment on column public.refunds.approved_at is 'When it was approved.';
comment on column public.refunds.processed_at is 'When the money was given back.';
comment on column public.refunds.failed_at is 'When it failed.';
comment on column public.refunds.rejected_at is 'When it was rejected.';
comment on column public.refunds.created_at is 'When it was asked for.';
comment on column public.refunds.updated_at is 'When it was last changed. @unlogged';

create table public.refund_items (
  organization_id text not null default private.current_organization_id(),
  refund_id uuid not null,
  payment_id uuid not null,
  amount numeric(14, 2) not null constraint refund_items_amount_positive check (amount > 0),
  provider_refund_id text constraint refund_items_provider_refund_id_length
    check (length(provider_refund_id) between 1 and 255),
  processed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint refund_items_pkey primary key (organization_id, refund_id, payment_id),
  constraint refund_items_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint refund_items_refund_id_fkey foreign key (organization_id, refund_id)
    references public.refunds (organization_id, id) on delete cascade,
  constraint refund_items_payment_id_fkey foreign key (organization_id, payment_id)
    references public.payments (organization_id, id)
);

comment on table public.refund_items is 'Which payments a refund gives back, and how much of each.';
comment on column public.refund_items.organization_id is 'The organization.';
comment on column public.refund_items.refund_id is 'The refund.';
comment on column public.refund_items.payment_id is 'The payment.';
comment on column public.refund_items.amount is 'How much of it.';
comment on column public.refund_items.provider_refund_id is 'The provider''s id of it.';
comment on column public.refund_items.processed_at is 'When this part was given back.';
comment on column public.refund_items.created_at is 'When it was approved.';
comment on column public.refund_items.updated_at is 'When it was last changed. @unlogged';

-- On the day.

create table public.attendance (
  organization_id text not null default private.current_organization_id(),
  attendee_id uuid not null,
  session_id uuid not null,
  status text not null
    constraint attendance_status_known check (status in ('present', 'late', 'absent', 'excused')),
  note text constraint attendance_note_length check (length(note) <= 1000),
  recorded_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint attendance_pkey primary key (organization_id, attendee_id),
  constraint attendance_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint attendance_attendee_id_fkey foreign key (organization_id, attendee_id)
    references public.booking_attendees (organization_id, id) on delete cascade,
  constraint attendance_session_id_fkey foreign key (organization_id, session_id)
    references public.course_sessions (organization_id, id),
  constraint attendance_recorded_by_fkey foreign key (recorded_by) references auth.users (id) on delete
    set null
);

comment on table public.attendance is 'Who was there.';
comment on column public.attendance.organization_id is 'The organization.';
comment on column public.attendance.attendee_id is 'The attendee.';
comment on column public.attendance.session_id is 'The session.';
comment on column public.attendance.status is 'present, late (there all the same), absent, or excused.';
comment on column public.attendance.note is 'What there is to say.';
comment on column public.attendance.recorded_by is 'Who recorded it; null when they are gone.';
comment on column public.attendance.created_at is 'When it was recorded.';
comment on column public.attendance.updated_at is 'When it was last changed. @unlogged';

create table public.certificates (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  attendee_id uuid not null,
  course_id uuid not null,
  number text not null constraint certificates_number_wellformed check (number ~ '^CERT-[0-9]{4}-[0-9]{5,}$'),
  holder_name text not null constraint certificates_holder_name_length
    check (length(holder_name) between 1 and 200),
  issued_on date not null,
  expires_on date,
  created_at timestamptz not null default now(),
  constraint certificates_pkey primary key (organization_id, id),
  constraint certificates_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint certificates_attendee_id_fkey foreign key (organization_id, attendee_id)
    references public.booking_attendees (organization_id, id),
  constraint certificates_course_id_fkey foreign key (organization_id, course_id)
    references public.courses (organization_id, id),
  constraint certificates_number_key unique (organization_id, number),
  constraint certificates_attendee_id_key unique (organization_id, attendee_id),
  constraint certificates_expires_later check (expires_on > issued_on)
);

create index certificates_expires_on_idx on public.certificates (organization_id, expires_on);

comment on table public.certificates is 'What shows that somebody has attended a course. Issued when its session is completed.';
comment on column public.certificates.organization_id is 'The organization.';
comment on column public.certificates.id is 'Time-ordered id.';
comment on column public.certificates.attendee_id is 'Who has it.';
comment on column public.certificates.course_id is 'The course.';
comment on column public.certificates.number is 'Its number, CERT-<year>-<count>. Unique in the organization.';
comment on column public.certificates.holder_name is 'The name on it, as it was when it was issued.';
comment on column public.certificates.issued_on is 'The day of the session, in the time zone of the organization.';
comment on column public.certificates.expires_on is 'The day from which it is no longer valid; null for never.';
comment on column public.certificates.created_at is 'When it was issued.';

-- What no client sees.

create table private.idempotency_keys (
  organization_id text not null,
  operation text not null,
  key text not null constraint idempotency_keys_key_length check (length(key) between 1 and 255),
  request_hash bytea not null,
  response jsonb,
  created_at timestamptz not null default now(),
  constraint idempotency_keys_pkey primary key (organization_id, operation, key),
  constraint idempotency_keys_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade
);

create index idempotency_keys_created_at_idx on private.idempotency_keys (created_at);

comment on table private.idempotency_keys is 'What was answered to a request that a client may send again. Kept for at least 24 hours.';
comment on column private.idempotency_keys.organization_id is 'The organization.';
comment on column private.idempotency_keys.operation is 'The function.';
comment on column private.idempotency_keys.key is 'The key, as the client chose it.';
comment on column private.idempotency_keys.request_hash is 'SHA-256 of who asked for what.';
comment on column private.idempotency_keys.response is 'What was answered; null only while the request is being worked on.';
comment on column private.idempotency_keys.created_at is 'When it was asked first.';

create table private.payment_intents (
  provider text not null,
  intent_id text not null,
  organization_id text not null,
  payment_id uuid not null,
  constraint payment_intents_pkey primary key (provider, intent_id),
  constraint payment_intents_payment_id_fkey foreign key (organization_id, payment_id)
    references public.payments (organization_id, id) on delete cascade
);

create index payment_intents_payment_id_idx on private.payment_intents (organization_id, payment_id);

comment on table private.payment_intents is 'Whose payment an intent of a provider is: what a webhook is matched by. Nothing that an event says of its organization is believed. @global';
comment on column private.payment_intents.provider is 'The provider.';
comment on column private.payment_intents.intent_id is 'Its id of the intent.';
comment on column private.payment_intents.organization_id is 'The organization.';
comment on column private.payment_intents.payment_id is 'The payment.';

create table private.webhook_events (
  provider text not null,
  event_id text not null constraint webhook_events_event_id_length check (length(event_id) between 1 and 255),
  event_type text not null constraint webhook_events_event_type_length
    check (length(event_type) between 1 and 255),
  organization_id text,
  occurred_at timestamptz not null,
  payload jsonb not null,
  change jsonb,
  attempts integer not null default 1,
  outcome text not null
    constraint webhook_events_outcome_known check (outcome in ('applied', 'ignored', 'failed')),
  error text,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  constraint webhook_events_pkey primary key (provider, event_id),
  constraint webhook_events_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade
);

create index webhook_events_received_at_idx on private.webhook_events (received_at);
create index webhook_events_organization_id_idx on private.webhook_events (organization_id);
create index webhook_events_intent_idx on private.webhook_events (provider, (change ->> 'intent_id'))
  where change is not null;
create index webhook_events_failed_idx on private.webhook_events (received_at)
  where outcome = 'failed';

comment on table private.webhook_events is 'What payment providers have told, each event once. Its signature was checked before it came here. @global';
comment on column private.webhook_events.provider is 'The provider.';
comment on column private.webhook_events.event_id is 'Its id of the event.';
comment on column private.webhook_events.event_type is 'What it says has happened.';
comment on column private.webhook_events.organization_id is 'Whose payment it is about, as private.payment_intents says; null where it is about none.';
comment on column private.webhook_events.occurred_at is 'When it happened, as the provider says.';
comment on column private.webhook_events.payload is 'The event, as it came.';
comment on column private.webhook_events.change is 'What of it concerns a payment or a refund; null for an event that nobody waits for.';
comment on column private.webhook_events.attempts is 'How often it was tried to apply it.';
comment on column private.webhook_events.outcome is 'applied, ignored (unknown, or older than what is known), or failed.';
comment on column private.webhook_events.error is 'Why it failed.';
comment on column private.webhook_events.received_at is 'When it came first.';
comment on column private.webhook_events.processed_at is 'When it was applied or ignored.';

-- What follows from other rows is not logged with the customer.
comment on column public.customers.total_bookings is 'How many bookings it has that are neither cancelled nor refunded. Kept by the database. @unlogged';
comment on column public.customers.total_spent is 'What it has paid for bookings less what was given back, in the currencies of the bookings. Kept by the database. @unlogged';
comment on column public.customers.first_booking_at is 'When it made the first of these bookings. Kept by the database. @unlogged';
comment on column public.customers.last_booking_at is 'When it made the last of them. Kept by the database. @unlogged';

-- What is logged has changed with the comments.
select private.audit_table('public.customers');

create index customers_last_booking_at_idx
  on public.customers (organization_id, last_booking_at desc nulls last, id);

-- A customer has bookings of one organization: without this the planner thinks that most rows of it could be.
create statistics public.bookings_customer_dependencies (dependencies) on organization_id, customer_id from public.bookings;
create statistics public.bookings_session_dependencies (dependencies) on organization_id, session_id from public.bookings;

select private.create_queue('bookings');
select private.create_queue('payments');

-- What the functions of the API return.

create type public.booking_price as (
  session_id uuid,
  attendee_count integer,
  unit_price numeric,
  subtotal numeric,
  group_percent numeric,
  group_discount numeric,
  discount_code_id uuid,
  code_discount numeric,
  total numeric,
  currency text
);
comment on type public.booking_price is 'What some places in a session cost, as public.booking_price returns it.';
comment on column public.booking_price.session_id is 'The session. @notNull';
comment on column public.booking_price.attendee_count is 'How many places. @notNull';
comment on column public.booking_price.unit_price is 'The price of a place. @notNull';
comment on column public.booking_price.subtotal is 'The price of all places. @notNull';
comment on column public.booking_price.group_percent is 'What a group of so many pays less, in percent. @notNull';
comment on column public.booking_price.group_discount is 'The same as an amount. @notNull';
comment on column public.booking_price.discount_code_id is 'The discount code; null without one.';
comment on column public.booking_price.code_discount is 'What the discount code takes off. @notNull';
comment on column public.booking_price.total is 'What there is to pay. @notNull';
comment on column public.booking_price.currency is 'The currency of the amounts, ISO 4217. @notNull';

create type public.booking_receipt as (
  id uuid,
  reference text,
  status text,
  session_id uuid,
  customer_id uuid,
  attendee_count integer,
  unit_price numeric,
  subtotal numeric,
  group_discount numeric,
  code_discount numeric,
  total numeric,
  currency text,
  invoice_id uuid,
  places_left integer,
  warnings text[],
  created_at timestamptz
);
comment on type public.booking_receipt is 'What public.create_booking answers: what was booked, and what there is to pay.';
comment on column public.booking_receipt.id is 'The booking. @notNull';
comment on column public.booking_receipt.reference is 'What the customer says on the phone. @notNull';
comment on column public.booking_receipt.status is 'pending; confirmed when there is nothing to pay. @notNull @values bookings.status';
comment on column public.booking_receipt.session_id is 'The session. @notNull';
comment on column public.booking_receipt.customer_id is 'The customer. @notNull';
comment on column public.booking_receipt.attendee_count is 'How many places. @notNull';
comment on column public.booking_receipt.unit_price is 'The price of a place. @notNull';
comment on column public.booking_receipt.subtotal is 'The price of all places. @notNull';
comment on column public.booking_receipt.group_discount is 'What the group pays less. @notNull';
comment on column public.booking_receipt.code_discount is 'What the discount code took off. @notNull';
comment on column public.booking_receipt.total is 'What there is to pay. @notNull';
comment on column public.booking_receipt.currency is 'The currency of the amounts, ISO 4217. @notNull';
comment on column public.booking_receipt.invoice_id is 'The invoice, a draft. @notNull';
comment on column public.booking_receipt.places_left is 'How many places were free after it. @notNull';
comment on column public.booking_receipt.warnings is 'low_capacity (5 places or fewer are left), large_group (more than 10 attendees). @notNull';
comment on column public.booking_receipt.created_at is 'When it was booked. @notNull';

create type public.payment_event_outcome as (
  outcome text,
  error text
);
comment on type public.payment_event_outcome is 'What came of an event of a payment provider, as public.record_payment_event returns it.';
comment on column public.payment_event_outcome.outcome is 'applied, ignored (nobody waits for it, or it says nothing new), failed, or duplicate (it was there). @notNull @values applied, ignored, failed, duplicate';
comment on column public.payment_event_outcome.error is 'Why it failed; intent_unknown where nobody knows what it is about; else null.';

create type public.payment_event as (
  provider text,
  event_id text,
  event_type text,
  organization_id text,
  occurred_at timestamptz,
  outcome text,
  error text,
  attempts integer,
  received_at timestamptz,
  processed_at timestamptz
);
comment on type public.payment_event is 'An event that a payment provider has sent.';
comment on column public.payment_event.provider is 'The provider. @notNull';
comment on column public.payment_event.event_id is 'Its id of the event. @notNull';
comment on column public.payment_event.event_type is 'What it says has happened. @notNull';
comment on column public.payment_event.organization_id is 'Whose payment it is about; null where it is about none.';
comment on column public.payment_event.occurred_at is 'When it happened, as the provider says. @notNull';
comment on column public.payment_event.outcome is 'What came of it. @notNull @values applied, ignored, failed';
comment on column public.payment_event.error is 'Why it failed; intent_unknown where nobody knows what it is about; else null.';
comment on column public.payment_event.attempts is 'How often it was tried to apply it. @notNull';
comment on column public.payment_event.received_at is 'When it came first. @notNull';
comment on column public.payment_event.processed_at is 'When it was applied or ignored; null when it failed.';

create type public.payment_event_page as (
  events jsonb,
  total bigint,
  page integer,
  per_page integer
);
comment on type public.payment_event_page is 'One page of events of payment providers, as public.payment_events returns it.';
comment on column public.payment_event_page.events is 'The events of this page, newest first, as a JSON list. @notNull @list payment_event';
comment on column public.payment_event_page.total is 'How many match on all pages. @notNull';
comment on column public.payment_event_page.page is 'The number of this page, from 1. @notNull';
comment on column public.payment_event_page.per_page is 'How many a page holds. @notNull';

create type public.refund_part as (
  refund_id uuid,
  payment_id uuid,
  provider text,
  provider_intent_id text,
  amount numeric,
  currency text
);
comment on type public.refund_part is 'What a provider has to give back of a payment, as public.refund_to_process returns it.';
comment on column public.refund_part.refund_id is 'The refund. @notNull';
comment on column public.refund_part.payment_id is 'The payment. @notNull';
comment on column public.refund_part.provider is 'The provider. @notNull @values payments.provider';
comment on column public.refund_part.provider_intent_id is 'Its id of the payment. @notNull';
comment on column public.refund_part.amount is 'How much. @notNull';
comment on column public.refund_part.currency is 'The currency, ISO 4217. @notNull';

alter type public.customer_details add attribute bookings jsonb, add attribute payments jsonb;
comment on column public.customer_details.bookings is 'Its 10 latest bookings that the caller may see, as a JSON list. @notNull @list customer_booking';
comment on column public.customer_details.payments is 'Its 10 latest payments that the caller may see, as a JSON list. @notNull @list customer_payment';

create type public.customer_booking as (
  id uuid,
  reference text,
  status text,
  course_name text,
  starts_at timestamptz,
  attendee_count integer,
  currency text,
  total numeric,
  amount_paid numeric,
  amount_refunded numeric,
  created_at timestamptz
);
comment on type public.customer_booking is 'A booking in the details of a customer.';
comment on column public.customer_booking.id is 'The id. @notNull';
comment on column public.customer_booking.reference is 'Its reference. @notNull';
comment on column public.customer_booking.status is 'Its status. @notNull @values bookings.status';
comment on column public.customer_booking.course_name is 'The course. @notNull';
comment on column public.customer_booking.starts_at is 'When the session starts. @notNull';
comment on column public.customer_booking.attendee_count is 'How many places. @notNull';
comment on column public.customer_booking.currency is 'Its currency. @notNull';
comment on column public.customer_booking.total is 'What there is to pay. @notNull';
comment on column public.customer_booking.amount_paid is 'What has been paid. @notNull';
comment on column public.customer_booking.amount_refunded is 'What of that was given back. @notNull';
comment on column public.customer_booking.created_at is 'When it was booked. @notNull';

create type public.customer_payment as (
  id uuid,
  booking_id uuid,
  booking_reference text,
  provider text,
  method text,
  status text,
  currency text,
  amount numeric,
  amount_refunded numeric,
  created_at timestamptz
);
comment on type public.customer_payment is 'A payment in the details of a customer.';
comment on column public.customer_payment.id is 'The id. @notNull';
comment on column public.customer_payment.booking_id is 'The booking. @notNull';
comment on column public.customer_payment.booking_reference is 'Its reference. @notNull';
comment on column public.customer_payment.provider is 'Who takes the money. @notNull @values payments.provider';
comment on column public.customer_payment.method is 'How it was paid. @notNull @values payments.method';
comment on column public.customer_payment.status is 'Its status. @notNull @values payments.status';
comment on column public.customer_payment.currency is 'Its currency. @notNull';
comment on column public.customer_payment.amount is 'How much. @notNull';
comment on column public.customer_payment.amount_refunded is 'What of that was given back. @notNull';
comment on column public.customer_payment.created_at is 'When it was begun. @notNull';

create type public.unusable_booking as (
  booking_id uuid,
  reference text,
  reason text
);
comment on type public.unusable_booking is 'An older booking that no customer can be found for.';
comment on column public.unusable_booking.booking_id is 'The booking. @notNull';
comment on column public.unusable_booking.reference is 'Its reference. @notNull';
comment on column public.unusable_booking.reason is 'Why. @notNull @values missing_email, invalid_email';

create type public.booking_backfill as (
  examined integer,
  linked integer,
  created integer,
  remaining bigint,
  unusable jsonb
);
comment on type public.booking_backfill is 'What a backfill of the customers of older bookings found and did, as public.backfill_booking_customers returns it.';
comment on column public.booking_backfill.examined is 'How many bookings it took. @notNull';
comment on column public.booking_backfill.linked is 'How many of them have a customer now; in a dry run, would have. @notNull';
comment on column public.booking_backfill.created is 'How many customers it made, or would make. @notNull';
comment on column public.booking_backfill.remaining is 'How many are left that a customer can be found for. @notNull';
comment on column public.booking_backfill.unusable is 'Those that none can be found for, as a JSON list. They are left as they are. @notNull @list unusable_booking';

create type public.customer_statistics_difference as (
  customer_id uuid,
  total_bookings_before integer,
  total_bookings integer,
  total_spent_before numeric,
  total_spent numeric,
  first_booking_at_before timestamptz,
  first_booking_at timestamptz,
  last_booking_at_before timestamptz,
  last_booking_at timestamptz
);
comment on type public.customer_statistics_difference is 'A customer whose statistics were not what its bookings come to, as public.recalculate_customer_statistics returns it.';
comment on column public.customer_statistics_difference.customer_id is 'The customer. @notNull';
comment on column public.customer_statistics_difference.total_bookings_before is 'How many bookings were written down. @notNull';
comment on column public.customer_statistics_difference.total_bookings is 'How many there are that are neither cancelled nor refunded. @notNull';
comment on column public.customer_statistics_difference.total_spent_before is 'What was written down as spent. @notNull';
comment on column public.customer_statistics_difference.total_spent is 'What was paid less what was given back. @notNull';
comment on column public.customer_statistics_difference.first_booking_at_before is 'When the first booking was, as it was written down.';
comment on column public.customer_statistics_difference.first_booking_at is 'When the first of these bookings was made.';
comment on column public.customer_statistics_difference.last_booking_at_before is 'When the last booking was, as it was written down.';
comment on column public.customer_statistics_difference.last_booking_at is 'When the last of them was made.';

create type public.booking_page as (
  bookings jsonb,
  total bigint,
  page integer,
  per_page integer
);
comment on type public.booking_page is 'One page of bookings, as public.list_bookings returns it.';
comment on column public.booking_page.bookings is 'The bookings of this page, the newest first, as a JSON list. @notNull @list booking_summary';
comment on column public.booking_page.total is 'How many match on all pages. @notNull';
comment on column public.booking_page.page is 'The number of this page, from 1. @notNull';
comment on column public.booking_page.per_page is 'How many a page holds. @notNull';

create type public.booking_summary as (
  id uuid,
  reference text,
  status text,
  session_id uuid,
  course_id uuid,
  course_name text,
  starts_at timestamptz,
  ends_at timestamptz,
  venue_name text,
  customer_id uuid,
  customer_name text,
  customer_email text,
  customer_phone text,
  customer_company text,
  attendee_count integer,
  total numeric,
  currency text,
  amount_paid numeric,
  amount_refunded numeric,
  created_at timestamptz
);
comment on type public.booking_summary is 'A booking in a list.';
comment on column public.booking_summary.id is 'The id. @notNull';
comment on column public.booking_summary.reference is 'Its reference. @notNull';
comment on column public.booking_summary.status is 'Its status. @notNull @values bookings.status';
comment on column public.booking_summary.session_id is 'The session. @notNull';
comment on column public.booking_summary.course_id is 'The course. @notNull';
comment on column public.booking_summary.course_name is 'What the course is called. @notNull';
comment on column public.booking_summary.starts_at is 'When the session starts. @notNull';
comment on column public.booking_summary.ends_at is 'When it ends. @notNull';
comment on column public.booking_summary.venue_name is 'Where it is; null for an online course, or while it is not known.';
comment on column public.booking_summary.customer_id is 'Who has booked; null for an older booking whose customer is not known yet.';
comment on column public.booking_summary.customer_name is 'The name: of the customer, otherwise in the contact details.';
comment on column public.booking_summary.customer_email is 'The e-mail address, likewise; null also for who only teaches the session.';
comment on column public.booking_summary.customer_phone is 'The phone number, likewise.';
comment on column public.booking_summary.customer_company is 'The company, likewise.';
comment on column public.booking_summary.attendee_count is 'How many places. @notNull';
comment on column public.booking_summary.total is 'What there is to pay. @notNull';
comment on column public.booking_summary.currency is 'The currency of the amounts. @notNull';
comment on column public.booking_summary.amount_paid is 'What has been paid. @notNull';
comment on column public.booking_summary.amount_refunded is 'What of that was given back. @notNull';
comment on column public.booking_summary.created_at is 'When it was booked. @notNull';

create type public.booking_person as (
  id uuid,
  name text,
  email text,
  is_primary boolean,
  date_of_birth date,
  attendance text,
  certificate_number text,
  certificate_expires_on date
);
comment on type public.booking_person is 'An attendee in the details of a booking.';
comment on column public.booking_person.id is 'The id. @notNull';
comment on column public.booking_person.name is 'Who it is. @notNull';
comment on column public.booking_person.email is 'Their e-mail address.';
comment on column public.booking_person.is_primary is 'Whether it is the one to talk to. @notNull';
comment on column public.booking_person.date_of_birth is 'Their date of birth, where the course has a minimum age.';
comment on column public.booking_person.attendance is 'Whether they were there; null while nobody has said. @values attendance.status';
comment on column public.booking_person.certificate_number is 'The number of their certificate; null without one.';
comment on column public.booking_person.certificate_expires_on is 'The day from which it is no longer valid; null for never.';

create type public.booking_need as (
  id uuid,
  attendee_id uuid,
  kind text,
  priority text,
  note text
);
comment on type public.booking_need is 'What attendees need, in the details of a booking.';
comment on column public.booking_need.id is 'The id. @notNull';
comment on column public.booking_need.attendee_id is 'Who needs it; null for all of the booking.';
comment on column public.booking_need.kind is 'What kind of need. @notNull @values booking_requirements.kind';
comment on column public.booking_need.priority is 'How much it matters. @notNull @values booking_requirements.priority';
comment on column public.booking_need.note is 'What there is to know. @notNull';

create type public.booking_payment as (
  id uuid,
  provider text,
  method text,
  status text,
  amount numeric,
  amount_refunded numeric,
  currency text,
  note text,
  failure_reason text,
  succeeded_at timestamptz,
  created_at timestamptz
);
comment on type public.booking_payment is 'A payment in the details of a booking.';
comment on column public.booking_payment.id is 'The id. @notNull';
comment on column public.booking_payment.provider is 'Who takes the money. @notNull @values payments.provider';
comment on column public.booking_payment.method is 'How it was paid. @notNull @values payments.method';
comment on column public.booking_payment.status is 'Its status. @notNull @values payments.status';
comment on column public.booking_payment.amount is 'How much. @notNull';
comment on column public.booking_payment.amount_refunded is 'What of that was given back. @notNull';
comment on column public.booking_payment.currency is 'Its currency. @notNull';
comment on column public.booking_payment.note is 'What staff noted.';
comment on column public.booking_payment.failure_reason is 'Why it failed, as the provider says.';
comment on column public.booking_payment.succeeded_at is 'When it succeeded.';
comment on column public.booking_payment.created_at is 'When it was begun. @notNull';

create type public.booking_refund as (
  id uuid,
  status text,
  amount numeric,
  currency text,
  reason text,
  rejection_reason text,
  processed_at timestamptz,
  created_at timestamptz
);
comment on type public.booking_refund is 'A refund in the details of a booking.';
comment on column public.booking_refund.id is 'The id. @notNull';
comment on column public.booking_refund.status is 'Its status. @notNull @values refunds.status';
comment on column public.booking_refund.amount is 'How much. @notNull';
comment on column public.booking_refund.currency is 'Its currency. @notNull';
comment on column public.booking_refund.reason is 'Why it was asked for.';
comment on column public.booking_refund.rejection_reason is 'Why it was rejected.';
comment on column public.booking_refund.processed_at is 'When the money was given back.';
comment on column public.booking_refund.created_at is 'When it was asked for. @notNull';

create type public.booking_invoice as (
  id uuid,
  number text,
  status text,
  total numeric,
  amount_paid numeric,
  amount_refunded numeric,
  currency text,
  due_on date,
  sent_at timestamptz,
  paid_at timestamptz,
  created_at timestamptz
);
comment on type public.booking_invoice is 'An invoice in the details of a booking.';
comment on column public.booking_invoice.id is 'The id. @notNull';
comment on column public.booking_invoice.number is 'Its number; null for a draft.';
comment on column public.booking_invoice.status is 'Its status. @notNull @values invoices.status';
comment on column public.booking_invoice.total is 'What there is to pay. @notNull';
comment on column public.booking_invoice.amount_paid is 'What has been paid. @notNull';
comment on column public.booking_invoice.amount_refunded is 'What of that was given back. @notNull';
comment on column public.booking_invoice.currency is 'The currency of the amounts. @notNull';
comment on column public.booking_invoice.due_on is 'The day on which it is due.';
comment on column public.booking_invoice.sent_at is 'When it was sent.';
comment on column public.booking_invoice.paid_at is 'When all of it was paid.';
comment on column public.booking_invoice.created_at is 'When it was made. @notNull';

create type public.booking_details as (
  id uuid,
  reference text,
  status text,
  organization_id text,
  organization_name text,
  organization_address jsonb,
  organization_email text,
  organization_phone text,
  time_zone text,
  session_id uuid,
  session_status text,
  course_id uuid,
  course_name text,
  course_type text,
  starts_at timestamptz,
  ends_at timestamptz,
  venue_id uuid,
  venue_name text,
  venue_address jsonb,
  venue_directions text,
  room text,
  instructor_name text,
  sequence integer,
  customer_id uuid,
  customer_name text,
  customer_company text,
  customer_email text,
  customer_phone text,
  customer_address jsonb,
  payment_terms text,
  attendee_count integer,
  unit_price numeric,
  subtotal numeric,
  group_discount numeric,
  discount_code text,
  code_discount numeric,
  total numeric,
  currency text,
  amount_paid numeric,
  amount_refunded numeric,
  amount_open numeric,
  cancellable_until timestamptz,
  terms_accepted_at timestamptz,
  notes text,
  cancellation_reason text,
  confirmed_at timestamptz,
  cancelled_at timestamptz,
  refunded_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz,
  updated_at timestamptz,
  attendees jsonb,
  requirements jsonb,
  payments jsonb,
  refunds jsonb,
  invoices jsonb
);
comment on type public.booking_details is 'All there is to a booking, as public.booking_details returns it: for a page, a calendar, a confirmation.';
comment on column public.booking_details.id is 'The id. @notNull';
comment on column public.booking_details.reference is 'What the customer says on the phone. @notNull';
comment on column public.booking_details.status is 'Its status. @notNull @values bookings.status';
comment on column public.booking_details.organization_id is 'The organization. @notNull';
comment on column public.booking_details.organization_name is 'What it is called. @notNull';
comment on column public.booking_details.organization_address is 'Its postal address, an object. @notNull';
comment on column public.booking_details.organization_email is 'Its e-mail address.';
comment on column public.booking_details.organization_phone is 'Its phone number.';
comment on column public.booking_details.time_zone is 'Its time zone, in which the times are to be shown. @notNull';
comment on column public.booking_details.session_id is 'The session. @notNull';
comment on column public.booking_details.session_status is 'Its status. @notNull @values course_sessions.status';
comment on column public.booking_details.course_id is 'The course. @notNull';
comment on column public.booking_details.course_name is 'What it is called. @notNull';
comment on column public.booking_details.course_type is 'The kind of course. @notNull @values courses.course_type';
comment on column public.booking_details.starts_at is 'When the session starts. @notNull';
comment on column public.booking_details.ends_at is 'When it ends. @notNull';
comment on column public.booking_details.venue_id is 'Where it is; null for an online course, or while it is not known.';
comment on column public.booking_details.venue_name is 'What the venue is called.';
comment on column public.booking_details.venue_address is 'Its postal address, an object.';
comment on column public.booking_details.venue_directions is 'How to get there and in.';
comment on column public.booking_details.room is 'Which room of it; empty for its only one. @notNull';
comment on column public.booking_details.instructor_name is 'Who teaches; null while nobody does.';
comment on column public.booking_details.sequence is 'How often calendars should have taken notice: time, place or status have changed. @notNull';
comment on column public.booking_details.customer_id is 'Who has booked; null for an older booking whose customer is not known yet.';
comment on column public.booking_details.customer_name is 'The name: of the customer, otherwise in the contact details.';
comment on column public.booking_details.customer_company is 'The company, likewise.';
comment on column public.booking_details.customer_email is 'The e-mail address, likewise; null also for who only teaches the session.';
comment on column public.booking_details.customer_phone is 'The phone number, likewise.';
comment on column public.booking_details.customer_address is 'The postal address of the customer, an object.';
comment on column public.booking_details.payment_terms is 'What was agreed on with the customer.';
comment on column public.booking_details.attendee_count is 'How many places. @notNull';
comment on column public.booking_details.unit_price is 'The price of a place. @notNull';
comment on column public.booking_details.subtotal is 'The price of all places. @notNull';
comment on column public.booking_details.group_discount is 'What a group pays less. @notNull';
comment on column public.booking_details.discount_code is 'The discount code.';
comment on column public.booking_details.code_discount is 'What it took off. @notNull';
comment on column public.booking_details.total is 'What there is to pay. @notNull';
comment on column public.booking_details.currency is 'The currency of the amounts. @notNull';
comment on column public.booking_details.amount_paid is 'What has been paid. @notNull';
comment on column public.booking_details.amount_refunded is 'What of that was given back. @notNull';
comment on column public.booking_details.amount_open is 'What is still to be paid: nothing once it is cancelled or refunded. @notNull';
comment on column public.booking_details.cancellable_until is 'Until when a customer may cancel once it is paid. @notNull';
comment on column public.booking_details.terms_accepted_at is 'When the terms were accepted.';
comment on column public.booking_details.notes is 'What staff should know.';
comment on column public.booking_details.cancellation_reason is 'Why it was cancelled.';
comment on column public.booking_details.confirmed_at is 'When it was confirmed.';
comment on column public.booking_details.cancelled_at is 'When it was cancelled.';
comment on column public.booking_details.refunded_at is 'When it was refunded.';
comment on column public.booking_details.completed_at is 'When it was completed.';
comment on column public.booking_details.created_at is 'When it was booked. @notNull';
comment on column public.booking_details.updated_at is 'When it was last changed. @notNull';
comment on column public.booking_details.attendees is 'Who takes the places, the one to talk to first, as a JSON list. Empty for an older booking that does not say. @notNull @list booking_person';
comment on column public.booking_details.requirements is 'What they need, that the caller may read, as a JSON list. @notNull @list booking_need';
comment on column public.booking_details.payments is 'What was paid or is being paid, that the caller may read, the newest first, as a JSON list. @notNull @list booking_payment';
comment on column public.booking_details.refunds is 'What is given back, likewise. @notNull @list booking_refund';
comment on column public.booking_details.invoices is 'What is asked of the customer, likewise: one that is not void. @notNull @list booking_invoice';

create type public.invoice_document as (
  invoice_id uuid,
  invoice_number text,
  invoice_status text,
  issued_on date,
  due_on date,
  description text,
  organization_id text,
  organization_name text,
  organization_address jsonb,
  organization_email text,
  organization_phone text,
  time_zone text,
  customer_name text,
  customer_company text,
  customer_email text,
  customer_address jsonb,
  payment_terms text,
  booking_id uuid,
  booking_reference text,
  booking_status text,
  course_name text,
  venue_name text,
  venue_address jsonb,
  room text,
  starts_at timestamptz,
  ends_at timestamptz,
  attendees text[],
  quantity integer,
  unit_price numeric,
  subtotal numeric,
  discount numeric,
  total numeric,
  currency text,
  paid numeric,
  refunded numeric
);
comment on type public.invoice_document is 'What an invoice says, as public.invoice_document returns it.';
comment on column public.invoice_document.invoice_id is 'The invoice. @notNull';
comment on column public.invoice_document.invoice_number is 'Its number; null for a draft.';
comment on column public.invoice_document.invoice_status is 'Its status. @notNull @values invoices.status';
comment on column public.invoice_document.issued_on is 'The day of the invoice, in the time zone of the organization. @notNull';
comment on column public.invoice_document.due_on is 'The day on which it is due.';
comment on column public.invoice_document.description is 'What it is for. @notNull';
comment on column public.invoice_document.organization_id is 'The organization. @notNull';
comment on column public.invoice_document.organization_name is 'What it is called. @notNull';
comment on column public.invoice_document.organization_address is 'Its postal address, an object. @notNull';
comment on column public.invoice_document.organization_email is 'Its e-mail address.';
comment on column public.invoice_document.organization_phone is 'Its phone number.';
comment on column public.invoice_document.time_zone is 'Its time zone, in which the times are to be shown. @notNull';
comment on column public.invoice_document.customer_name is 'Who has booked; null where no name, company or e-mail address is known.';
comment on column public.invoice_document.customer_company is 'The company.';
comment on column public.invoice_document.customer_email is 'The e-mail address.';
comment on column public.invoice_document.customer_address is 'The postal address, an object.';
comment on column public.invoice_document.payment_terms is 'What was agreed on with the customer.';
comment on column public.invoice_document.booking_id is 'The booking. @notNull';
comment on column public.invoice_document.booking_reference is 'Its reference. @notNull';
comment on column public.invoice_document.booking_status is 'Its status. @notNull @values bookings.status';
comment on column public.invoice_document.course_name is 'The course. @notNull';
comment on column public.invoice_document.venue_name is 'Where it is.';
comment on column public.invoice_document.venue_address is 'Its postal address, an object.';
comment on column public.invoice_document.room is 'Which room of it. @notNull';
comment on column public.invoice_document.starts_at is 'When the session starts. @notNull';
comment on column public.invoice_document.ends_at is 'When it ends. @notNull';
comment on column public.invoice_document.attendees is 'The names of the attendees, the one to talk to first. @notNull';
comment on column public.invoice_document.quantity is 'How many places. @notNull';
comment on column public.invoice_document.unit_price is 'The price of a place. @notNull';
comment on column public.invoice_document.subtotal is 'The price of all places. @notNull';
comment on column public.invoice_document.discount is 'What group and code took off. @notNull';
comment on column public.invoice_document.total is 'What there is to pay. @notNull';
comment on column public.invoice_document.currency is 'The currency of the amounts. @notNull';
comment on column public.invoice_document.paid is 'What has been paid. @notNull';
comment on column public.invoice_document.refunded is 'What of that was given back. @notNull';

create type public.booking_export_row as (
  id uuid,
  reference text,
  status text,
  course text,
  starts_at timestamptz,
  ends_at timestamptz,
  venue text,
  customer_name text,
  company text,
  email text,
  phone text,
  attendees integer,
  total numeric,
  currency text,
  paid numeric,
  refunded numeric,
  booked_at timestamptz
);
comment on type public.booking_export_row is 'A booking for a spreadsheet, as public.export_bookings returns it.';
comment on column public.booking_export_row.id is 'The id: where the next page goes on. @notNull';
comment on column public.booking_export_row.reference is 'Its reference. @notNull';
comment on column public.booking_export_row.status is 'Its status. @notNull @values bookings.status';
comment on column public.booking_export_row.course is 'What the course is called. @notNull';
comment on column public.booking_export_row.starts_at is 'When the session starts. @notNull';
comment on column public.booking_export_row.ends_at is 'When it ends. @notNull';
comment on column public.booking_export_row.venue is 'Where it is.';
comment on column public.booking_export_row.customer_name is 'Who has booked: the customer, otherwise the contact details.';
comment on column public.booking_export_row.company is 'The company, likewise.';
comment on column public.booking_export_row.email is 'The e-mail address, likewise.';
comment on column public.booking_export_row.phone is 'The phone number, likewise.';
comment on column public.booking_export_row.attendees is 'How many places. @notNull';
comment on column public.booking_export_row.total is 'What there is to pay. @notNull';
comment on column public.booking_export_row.currency is 'The currency of the amounts. @notNull';
comment on column public.booking_export_row.paid is 'What has been paid. @notNull';
comment on column public.booking_export_row.refunded is 'What of that was given back. @notNull';
comment on column public.booking_export_row.booked_at is 'When it was booked. @notNull';

create type public.session_calendar_entry as (
  id uuid,
  course_id uuid,
  course_name text,
  course_type text,
  venue_id uuid,
  venue_name text,
  room text,
  instructor_id uuid,
  instructor_name text,
  starts_at timestamptz,
  ends_at timestamptz,
  status text,
  capacity integer,
  places_taken integer,
  places_held integer,
  places_left integer,
  fill_rate numeric,
  waiting_count integer
);
comment on type public.session_calendar_entry is 'A session with how full it is, as public.session_calendar returns them in the order of their start.';
comment on column public.session_calendar_entry.id is 'The session. @notNull';
comment on column public.session_calendar_entry.course_id is 'Its course. @notNull';
comment on column public.session_calendar_entry.course_name is 'What the course is called. @notNull';
comment on column public.session_calendar_entry.course_type is 'The type of the course. @notNull @values courses.course_type';
comment on column public.session_calendar_entry.venue_id is 'Where; null for an online course, or while it is not known.';
comment on column public.session_calendar_entry.venue_name is 'What the venue is called.';
comment on column public.session_calendar_entry.room is 'Which room of the venue; empty for all of it, or for its only one. @notNull';
comment on column public.session_calendar_entry.instructor_id is 'The member who teaches; null while nobody does.';
comment on column public.session_calendar_entry.instructor_name is 'The name of who teaches.';
comment on column public.session_calendar_entry.starts_at is 'When it starts. @notNull';
comment on column public.session_calendar_entry.ends_at is 'When it ends. @notNull';
comment on column public.session_calendar_entry.status is 'What has become of it. @notNull @values course_sessions.status';
comment on column public.session_calendar_entry.capacity is 'How many places there are. @notNull';
comment on column public.session_calendar_entry.places_taken is 'How many are booked. @notNull';
comment on column public.session_calendar_entry.places_held is 'How many are kept for whom the waitlist offers them to. @notNull';
comment on column public.session_calendar_entry.places_left is 'How many are free. @notNull';
comment on column public.session_calendar_entry.fill_rate is 'The share of the places that is booked, from 0 to 1. @notNull';
comment on column public.session_calendar_entry.waiting_count is 'How many wait, without those who have an offer. @notNull';

create type public.attendee_requirement as (
  kind text,
  priority text,
  note text
);
comment on type public.attendee_requirement is 'What an attendee needs.';
comment on column public.attendee_requirement.kind is 'The kind of need. @notNull @values booking_requirements.kind';
comment on column public.attendee_requirement.priority is 'How much it matters. @notNull @values booking_requirements.priority';
comment on column public.attendee_requirement.note is 'What there is to know. @notNull';

create type public.attendance_entry as (
  attendee_id uuid,
  name text,
  email text,
  is_primary boolean,
  date_of_birth date,
  booking_id uuid,
  reference text,
  booking_status text,
  contact_name text,
  contact_email text,
  contact_phone text,
  company_name text,
  requirements jsonb,
  status text,
  note text,
  recorded_at timestamptz,
  certificate_number text
);
comment on type public.attendance_entry is 'A line of an attendance sheet: somebody who takes a place of a live booking.';
comment on column public.attendance_entry.attendee_id is 'The attendee. @notNull';
comment on column public.attendance_entry.name is 'Who it is. @notNull';
comment on column public.attendance_entry.email is 'Their e-mail address.';
comment on column public.attendance_entry.is_primary is 'Whether it is the one of the booking to talk to. @notNull';
comment on column public.attendance_entry.date_of_birth is 'Their date of birth, where the course has a minimum age.';
comment on column public.attendance_entry.booking_id is 'The booking. @notNull';
comment on column public.attendance_entry.reference is 'The reference of the booking. @notNull';
comment on column public.attendance_entry.booking_status is 'What has become of the booking. @notNull @values bookings.status';
comment on column public.attendance_entry.contact_name is 'Who has booked.';
comment on column public.attendance_entry.contact_email is 'The e-mail address of who has booked.';
comment on column public.attendance_entry.contact_phone is 'The phone number of who has booked.';
comment on column public.attendance_entry.company_name is 'The company of who has booked.';
comment on column public.attendance_entry.requirements is 'What they need, and what all of the booking need, the most important first, as a JSON list; null for who may not read it. @list attendee_requirement';
comment on column public.attendance_entry.status is 'Whether they were there; null while it is not recorded. @values attendance.status';
comment on column public.attendance_entry.note is 'What was noted.';
comment on column public.attendance_entry.recorded_at is 'When it was recorded last.';
comment on column public.attendance_entry.certificate_number is 'The number of their certificate; null without one.';

create type public.waitlist_offer_mail as (
  entry_id uuid,
  email text,
  customer_name text,
  organization_name text,
  timezone text,
  session_id uuid,
  course_name text,
  venue_name text,
  room text,
  starts_at timestamptz,
  ends_at timestamptz,
  attendee_count integer,
  offer_expires_at timestamptz
);
comment on type public.waitlist_offer_mail is 'What the mail says that offers freed places.';
comment on column public.waitlist_offer_mail.entry_id is 'The entry of the waitlist. @notNull';
comment on column public.waitlist_offer_mail.email is 'Who gets it. @notNull';
comment on column public.waitlist_offer_mail.customer_name is 'Their name, or that of their company.';
comment on column public.waitlist_offer_mail.organization_name is 'Who offers. @notNull';
comment on column public.waitlist_offer_mail.timezone is 'The time zone that its times are told in. @notNull';
comment on column public.waitlist_offer_mail.session_id is 'The session. @notNull';
comment on column public.waitlist_offer_mail.course_name is 'What the course is called. @notNull';
comment on column public.waitlist_offer_mail.venue_name is 'Where it is; null for an online course.';
comment on column public.waitlist_offer_mail.room is 'Which room of the venue. @notNull';
comment on column public.waitlist_offer_mail.starts_at is 'When the session starts. @notNull';
comment on column public.waitlist_offer_mail.ends_at is 'When it ends. @notNull';
comment on column public.waitlist_offer_mail.attendee_count is 'How many places are offered. @notNull';
comment on column public.waitlist_offer_mail.offer_expires_at is 'Until when they are kept. @notNull';

-- The rules.

--! Included bookings/private/search_parts.sql
create or replace function private.search_parts (
  query text,
  out patterns text[],
  out others text[],
  out beginnings text[]
)
  language sql
  immutable
  set search_path = ''
  as $$
  select
    coalesce(
      array_agg(private.contains_pattern(part) order by length(part) desc, part)
        filter (where part ~ '[[:alnum:]]{3}'),
      '{}'
    ),
    coalesce(
      array_agg(private.contains_pattern(part))
        filter (where part !~ '[[:alnum:]]{3}' and part !~ '^[[:alnum:]]+$'),
      '{}'
    ),
    coalesce(array_agg(part) filter (where part ~ '^[[:alnum:]]{1,2}$'), '{}')
  from (
    select distinct part
    from unnest(string_to_array(private.clean_line(private.search_key(array[query])), ' ')) as part
    where part <> ''
  ) as words;
$$;

comment on function private.search_parts(text) is
  'Returns the words that somebody searches for: as patterns those of which a trigram can be made, the most telling first; as patterns those that no index knows, such as a lone "@"; and those of one or two characters, which stand at the beginning of a word. Takes what was typed.';

revoke execute on function private.search_parts(text) from public;
--! EndIncluded bookings/private/search_parts.sql
--! Included bookings/private/find_customer_ids.sql
create or replace function private.find_customer_ids (
  organization_id text,
  query text
)
  returns setof uuid
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  parts constant record := private.search_parts(query);
  patterns constant text[] := parts.patterns;
  others constant text[] := parts.others;
  beginnings constant tsquery := (select string_agg(part || ':*', ' & ') from unnest(parts.beginnings) as part)::tsquery;
begin
  -- Put together of what this search has, as private.search_customers does, and for the same reason.
  return query execute
    'select customer.id from public.customers as customer where customer.organization_id = $1'
    || case when cardinality(patterns) > 0 then ' and customer.search_text like $2[1]' else '' end
    || case when cardinality(patterns) > 1 then ' and customer.search_text like $2[2]' else '' end
    || case when cardinality(patterns) > 2 then ' and customer.search_text || '''' like all ($2[3:])' else '' end
    || case when beginnings is not null then ' and customer.search_words @@ $3' else '' end
    || case when cardinality(others) > 0 then ' and customer.search_text || '''' like all ($4)' else '' end
  using find_customer_ids.organization_id, patterns, beginnings, others;
end;
$$;

comment on function private.find_customer_ids(text, text) is
  'Returns the customers of an organization in whose company, name, e-mail address and phone number all words are found. Takes the organization and the words. For functions that have checked who calls.';

revoke execute on function private.find_customer_ids(text, text) from public;
--! EndIncluded bookings/private/find_customer_ids.sql
--! Included bookings/private/admin_list_customers.sql
create or replace function private.admin_list_customers (
  search text,
  customer_type text,
  has_bookings boolean,
  page integer,
  per_page integer
)
  returns public.customer_page
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('customers.read');
  is_search boolean;
  listed public.customer_page;
begin
  perform private.require_page(page, per_page, search);
  if customer_type not in ('residential', 'commercial', 'contractor', 'individual', 'corporate') then
    perform private.refuse(
      400, 'type_invalid', 'customer_type is residential, commercial, contractor, individual or corporate.'
    );
  end if;
  is_search := private.clean_line(search) is not null;
  listed.page := page;
  listed.per_page := per_page;
  -- As private.list_bookings does it: without a search, the page is read along the index of the order.
  execute format(
    'with found as %s (
      select customer.id, customer.last_booking_at
      from public.customers as customer
      where customer.organization_id = $1%s
    ),
    listed as (
      select found.*
      from found
      order by found.last_booking_at desc nulls last, found.id
      limit $2 offset ($3 - 1)::bigint * $2
    )
    select
      (select count(*) from found),
      coalesce(
        jsonb_agg(
          to_jsonb(
            row(
              customer.id, customer.company_name, customer.contact_person, customer.email, customer.phone,
              customer.customer_type, customer.is_active, customer.tags, customer.total_bookings, customer.total_spent,
              customer.last_booking_at, customer.created_at
            )::public.customer_summary
          )
          order by customer.last_booking_at desc nulls last, customer.id
        ),
        ''[]''
      )
    from listed
      join public.customers as customer on customer.organization_id = $1 and customer.id = listed.id',
    case when is_search then 'materialized' else 'not materialized' end,
    case when customer_type is not null then ' and customer.customer_type = $4' else '' end
    || case when has_bookings is not null then ' and (customer.total_bookings > 0) = $5' else '' end
    || case when is_search then ' and customer.id in (select private.find_customer_ids($1, $6))' else '' end
  )
  into listed.total, listed.customers
  using current_id, per_page, page, customer_type, has_bookings, search;
  return listed;
end;
$$;

comment on function private.admin_list_customers(text, text, boolean, integer, integer) is
  'Lists customers by their last booking: public.admin_list_customers with the rights that this takes.';

revoke execute on function private.admin_list_customers(text, text, boolean, integer, integer) from public;
grant execute
  on function private.admin_list_customers(text, text, boolean, integer, integer)
  to authenticated, service_role;
--! EndIncluded bookings/private/admin_list_customers.sql
--! Included bookings/private/allocate_refunds.sql
create or replace function private.allocate_refunds (
  organization_id text,
  refund_ids uuid[]
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  jobs jsonb[];
begin
  insert into public.refund_items (organization_id, refund_id, payment_id, amount, created_at)
  select
    refund.organization_id, refund.id, source.id, least(source.available, refund.amount - source.newer),
    clock_timestamp()
  from public.refunds as refund
    cross join lateral (
      select
        payment.id,
        payment.amount - payment.amount_refunded as available,
        coalesce(
          sum(payment.amount - payment.amount_refunded) over (
            order by payment.succeeded_at desc, payment.id desc rows between unbounded preceding and 1 preceding
          ),
          0
        ) as newer
      from public.payments as payment
      where payment.organization_id = refund.organization_id
        and payment.booking_id = refund.booking_id
        and payment.status = 'succeeded'
        and payment.amount_refunded < payment.amount
    ) as source
  where refund.organization_id = allocate_refunds.organization_id
    and refund.id = any (refund_ids)
    and source.newer < refund.amount;

  -- What was paid to staff, staff gives back: complete_refund.
  select array_agg(jsonb_build_object('organization_id', refund.organization_id, 'refund_id', refund.id))
  into jobs
  from public.refunds as refund
  where refund.organization_id = allocate_refunds.organization_id
    and refund.id = any (refund_ids)
    and exists (
      select
      from public.refund_items as item
        join public.payments as payment
          on payment.organization_id = item.organization_id and payment.id = item.payment_id
      where item.organization_id = refund.organization_id
        and item.refund_id = refund.id
        and payment.provider <> 'manual'
    );
  if jobs is not null then
    perform private.enqueue_batch('payments', 'bookings.refund', jobs);
  end if;
end;
$$;

comment on function private.allocate_refunds(text, uuid[]) is
  'Says which payments approved refunds give back, the newest first, and enqueues what a provider has to do. Takes the organization and the refunds; for functions that hold the locks of the bookings and have looked that so much is left.';

revoke execute on function private.allocate_refunds(text, uuid[]) from public;
--! EndIncluded bookings/private/allocate_refunds.sql
--! Included bookings/private/open_refund.sql
create or replace function private.open_refund (
  organization_id text,
  booking_id uuid,
  amount numeric,
  reason text,
  status text
)
  returns public.refunds
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  paid public.bookings;
  opened public.refunds;
begin
  select * into paid
  from public.bookings as booking
  where booking.organization_id = open_refund.organization_id and booking.id = open_refund.booking_id
  for no key update;
  if exists (
    select
    from public.refunds as refund
    where refund.organization_id = open_refund.organization_id
      and refund.booking_id = open_refund.booking_id
      and refund.status in ('pending', 'approved', 'processing')
  ) then
    perform private.refuse(
      409, 'refund_open', 'A refund of this booking is open.', 'Wait until it is decided on, and done.'
    );
  elsif paid.amount_paid <= paid.amount_refunded then
    perform private.refuse(409, 'no_payment', 'Nothing was paid for this booking that could be given back.');
  elsif
    (amount > 0 and amount = round(amount, 2) and amount <= paid.amount_paid - paid.amount_refunded) is not true
  then
    perform private.refuse(
      422,
      'invalid_amount',
      format('From 0.01 to %s %s can be given back.', paid.amount_paid - paid.amount_refunded, paid.currency),
      details => jsonb_build_object('maximum', paid.amount_paid - paid.amount_refunded)
    );
  end if;
  -- The clock, and not the start of the transaction: payments that come later are told by it.
  insert into public.refunds (
    organization_id, booking_id, amount, currency, status, reason, requested_by, approved_at, created_at
  )
  values (
    open_refund.organization_id, open_refund.booking_id, open_refund.amount, paid.currency, open_refund.status,
    open_refund.reason, auth.uid(), case when open_refund.status = 'approved' then clock_timestamp() end,
    clock_timestamp()
  )
  returning * into opened;
  if opened.status = 'approved' then
    perform private.allocate_refunds(opened.organization_id, array[opened.id]);
  end if;
  return opened;
end;
$$;

comment on function private.open_refund(text, uuid, numeric, text, text) is
  'Opens a refund of a booking; an approved one goes to the worker at once. Takes the organization, the booking, the amount, why or null, and pending or approved; for functions that have checked who calls and hold the lock of the booking. Returns the refund. Raises PT409 refund_open, no_payment; PT422 invalid_amount (maximum).';

revoke execute on function private.open_refund(text, uuid, numeric, text, text) from public;
--! EndIncluded bookings/private/open_refund.sql
--! Included bookings/private/apply_refund_results.sql
create or replace function private.apply_refund_results (
  organization_id text,
  refund_id uuid,
  results jsonb
)
  returns boolean
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  known public.refunds;
  next_status text;
  failure text;
  is_complete boolean;
  is_news boolean;
  rest numeric;
begin
  select * into known
  from public.refunds as refund
  where refund.organization_id = apply_refund_results.organization_id and refund.id = apply_refund_results.refund_id
  for no key update;

  -- What has succeeded stays so, whatever comes before or after it.
  with news as (
    select
      result.payment_id,
      bool_or(result.status = 'succeeded') as is_success,
      max(result.failure) filter (where result.status = 'failed') as failure,
      max(result.provider_refund_id) as provider_refund_id
    from jsonb_to_recordset(results) as result (payment_id uuid, provider_refund_id text, status text, failure text)
    group by result.payment_id
  )
  select
    bool_and(item.processed_at is not null or coalesce(news.is_success, false)),
    min(news.failure) filter (where item.processed_at is null and not news.is_success),
    coalesce(
      bool_or(
        item.processed_at is null and news.is_success
        or item.provider_refund_id is null and news.provider_refund_id is not null
      ),
      false
    )
  into is_complete, failure, is_news
  from public.refund_items as item
    left join news on news.payment_id = item.payment_id
  where item.organization_id = known.organization_id and item.refund_id = known.id;

  next_status := case
    when is_complete then 'processed'
    when failure is not null and known.status in ('approved', 'processing') then 'failed'
    when known.status = 'approved' and is_news then 'processing'
    else known.status
  end;
  if known.status = 'approved' and next_status <> 'approved' then
    update public.refunds as refund
    set status = 'processing'
    where refund.organization_id = known.organization_id and refund.id = known.id;
    is_news := true;
  end if;

  -- In one statement, so that the booking is settled once, with all of it.
  with news as (
    select
      result.payment_id,
      bool_or(result.status = 'succeeded') as is_success,
      max(result.provider_refund_id) as provider_refund_id
    from jsonb_to_recordset(results) as result (payment_id uuid, provider_refund_id text, status text, failure text)
    group by result.payment_id
  ),
  given_back as (
    update public.refund_items as item
    set provider_refund_id = coalesce(item.provider_refund_id, news.provider_refund_id),
      processed_at = case
        when news.is_success then coalesce(item.processed_at, clock_timestamp())
        else item.processed_at
      end
    from news
    where item.organization_id = known.organization_id
      and item.refund_id = known.id
      and item.payment_id = news.payment_id
      and (
        item.processed_at is null and news.is_success
        or item.provider_refund_id is null and news.provider_refund_id is not null
      )
  )
  update public.refunds as refund
  set status = next_status,
    failure_reason = case when next_status = 'failed' then left(failure, 1000) end,
    failed_at = case when next_status = 'failed' then clock_timestamp() end
  where refund.organization_id = known.organization_id and refund.id = known.id and refund.status <> next_status;

  -- A refund that was said to have failed, and was replaced, may succeed after all: what promises more than is left
  -- then, and nobody is at work on, gives way to what is left.
  with superseded as (
    update public.refunds as refund
    set status = 'rejected', rejection_reason = 'Part of it was given back by an earlier refund.'
    from public.bookings as booking
    where booking.organization_id = known.organization_id
      and booking.id = known.booking_id
      and refund.organization_id = booking.organization_id
      and refund.booking_id = booking.id
      and refund.id <> known.id
      and refund.status in ('pending', 'approved')
      and refund.amount > booking.amount_paid - booking.amount_refunded
    returning refund.approved_at, booking.amount_paid - booking.amount_refunded as amount
  )
  select superseded.amount into rest
  from superseded
  where superseded.approved_at is not null;
  if rest > 0 then
    perform private.open_refund(
      known.organization_id, known.booking_id, rest, 'Part of it was given back by an earlier refund.', 'approved'
    );
  end if;
  return is_news or next_status <> known.status;
end;
$$;

comment on function private.apply_refund_results(text, uuid, jsonb) is
  'Takes down what has become of the parts of a refund, and what the refund is by that: processed when all are given back, failed when one was not. Takes the organization, the refund, and a list of {payment_id, status: succeeded, failed or pending, provider_refund_id, failure}; for functions that hold the lock of the booking. Returns whether any of it is new.';

revoke execute on function private.apply_refund_results(text, uuid, jsonb) from public;
--! EndIncluded bookings/private/apply_refund_results.sql
--! Included bookings/private/judge_intent_events.sql
create or replace function private.judge_intent_events (
  provider text,
  intent_id text
)
  returns table (
    event_id text,
    occurred_at timestamptz,
    kind text,
    status text,
    failure text,
    refund_id uuid,
    provider_refund_id text,
    error text
  )
  language sql
  stable
  set search_path = ''
  as $$
  select
    event.event_id,
    event.occurred_at,
    event.change ->> 'kind',
    event.change ->> 'status',
    event.change ->> 'failure',
    item.refund_id,
    event.change ->> 'provider_refund_id',
    case
      when event.change ->> 'organization_id' <> intent.organization_id then 'organization_mismatch'
      when event.change ->> 'kind' = 'refund' and item.refund_id is null then 'refund_unknown'
      when (event.change ->> 'amount')::numeric <> coalesce(item.amount, payment.amount)
        or upper(event.change ->> 'currency') <> payment.currency
        then 'amount_mismatch'
      when event.change ->> 'kind' = 'refund' and refund.status in ('pending', 'rejected') then 'refund_not_approved'
      -- It was said to have failed, and the money was given back by another since.
      when event.change ->> 'kind' = 'refund'
        and event.change ->> 'status' = 'succeeded'
        and item.processed_at is null
        and payment.amount_refunded + item.amount
          -- What others are giving back at this moment counts as given.
          + (
            select coalesce(sum(part.amount), 0)
            from public.refund_items as part
              join public.refunds as other
                on other.organization_id = part.organization_id and other.id = part.refund_id
            where part.organization_id = payment.organization_id
              and part.payment_id = payment.id
              and part.processed_at is null
              and part.refund_id <> item.refund_id
              and other.status = 'processing'
          ) > payment.amount
        then 'refund_superseded'
    end
  from private.payment_intents as intent
    join public.payments as payment
      on payment.organization_id = intent.organization_id and payment.id = intent.payment_id
    join private.webhook_events as event
      on event.provider = intent.provider
        and event.change is not null
        and event.change ->> 'intent_id' = intent.intent_id
    left join lateral (
      select part.refund_id, part.amount, part.processed_at
      from public.refund_items as part
      where event.change ->> 'kind' = 'refund'
        and part.organization_id = payment.organization_id
        and part.payment_id = payment.id
        and (
          part.provider_refund_id = event.change ->> 'provider_refund_id'
          or (part.provider_refund_id is null and part.refund_id::text = event.change ->> 'refund_id')
        )
      order by part.provider_refund_id
      limit 1
    ) as item on true
    left join public.refunds as refund
      on refund.organization_id = payment.organization_id and refund.id = item.refund_id
  where intent.provider = judge_intent_events.provider and intent.intent_id = judge_intent_events.intent_id;
$$;

comment on function private.judge_intent_events(text, text) is
  'Returns what the events of an intent say of its payment and of refunds of it, and why one of them cannot be meant: it names another organization, another amount or currency, a refund that is not known or not approved, or money that was given back otherwise. Takes the provider and the id of the intent.';

revoke execute on function private.judge_intent_events(text, text) from public;
--! EndIncluded bookings/private/judge_intent_events.sql
--! Included bookings/private/enter_older_payments.sql
create or replace function private.enter_older_payments (
  organization_id text,
  booking_ids uuid[]
)
  returns void
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  insert into public.payments (
    organization_id, booking_id, provider, method, amount, currency, status, note, succeeded_at
  )
  select
    booking.organization_id,
    booking.id,
    'manual',
    'other',
    booking.amount_paid - booking.amount_refunded,
    booking.currency,
    'succeeded',
    'Paid before the booking was imported.',
    booking.created_at
  from public.bookings as booking
  where booking.organization_id = enter_older_payments.organization_id
    and booking.id = any (booking_ids)
    and booking.contact_details is not null
    and booking.amount_paid > booking.amount_refunded
    and not exists (
      select
      from public.payments as payment
      where payment.organization_id = booking.organization_id and payment.booking_id = booking.id
    );
$$;

comment on function private.enter_older_payments(text, uuid[]) is
  'Enters what was paid for older bookings before they were imported, and not given back, as a payment where none is: so that it is counted with what is paid later, and can be given back. What was given back before is then no longer part of either amount. Takes the organization and the bookings, which are locked; for functions that have checked who calls.';

revoke execute on function private.enter_older_payments(text, uuid[]) from public;
--! EndIncluded bookings/private/enter_older_payments.sql
--! Included bookings/private/lock_booking.sql
create or replace function private.lock_booking (
  organization_id text,
  booking_id uuid
)
  returns public.bookings
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  seen record;
  locked public.bookings;
begin
  loop
    select booking.session_id, booking.customer_id into seen
    from public.bookings as booking
    where booking.organization_id = lock_booking.organization_id and booking.id = lock_booking.booking_id;
    if not found then
      perform private.refuse(404, 'booking_not_found', 'There is no such booking.');
    end if;
    begin
      -- The customer before the session, as whoever books; and so that it is not merged away in between.
      perform
      from public.customers as customer
      where customer.organization_id = lock_booking.organization_id and customer.id = seen.customer_id
      for key share;
      perform
      from public.course_sessions as session
      where session.organization_id = lock_booking.organization_id and session.id = seen.session_id
      for no key update;
      select * into locked
      from public.bookings as booking
      where booking.organization_id = lock_booking.organization_id and booking.id = lock_booking.booking_id
      for no key update;
      if (locked.customer_id, locked.session_id) is distinct from (seen.customer_id, seen.session_id) then
        -- Customers were merged, or that of an older booking found: all locks are let go, and taken in order.
        raise exception using errcode = 'RH001', message = 'The booking has another customer by now.';
      end if;
      exit;
    exception
      when sqlstate 'RH001' then
        null;
    end;
  end loop;
  if locked.contact_details is not null and locked.amount_paid > locked.amount_refunded then
    perform private.enter_older_payments(locked.organization_id, array[locked.id]);
    select * into locked
    from public.bookings as booking
    where booking.organization_id = lock_booking.organization_id and booking.id = lock_booking.booking_id;
  end if;
  return locked;
end;
$$;

comment on function private.lock_booking(text, uuid) is
  'Locks a booking until the transaction ends, and before it its customer (against being merged away) and its session: the order in which everybody locks. Whatever changes a booking or its money calls this first. Takes the organization and the id; for functions that have checked who calls. Returns the booking as it is once it is locked. Raises PT404 booking_not_found.';

revoke execute on function private.lock_booking(text, uuid) from public;
--! EndIncluded bookings/private/lock_booking.sql
--! Included bookings/private/lock_payment_intent.sql
create or replace function private.lock_payment_intent (
  provider text,
  intent_id text
)
  returns void
  language sql
  volatile
  set search_path = ''
  as $$
  select pg_advisory_xact_lock(hashtextextended(format('payment intent %s %s', provider, intent_id), 0));
$$;

comment on function private.lock_payment_intent(text, text) is
  'Lets one transaction at a time find that nobody knows an intent, or say whose it is. Takes the provider and the id of the intent. Call it before any row is locked.';

revoke execute on function private.lock_payment_intent(text, text) from public;
--! EndIncluded bookings/private/lock_payment_intent.sql
--! Included bookings/private/refund_late_payments.sql
create or replace function private.refund_late_payments (
  organization_id text,
  booking_id uuid
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  due numeric;
begin
  select
    case
      -- A refund that was at work when the session was cancelled may have been of a part.
      when session.cancelled_at > coalesce(refunds.latest_at, '-infinity')
        -- One that was live then ended after it.
        and session.cancelled_at <= coalesce(booking.cancelled_at, booking.refunded_at, 'infinity')
        then booking.amount_paid - booking.amount_refunded
      else (
        select sum(payment.amount - payment.amount_refunded)
        from public.payments as payment
        where payment.organization_id = booking.organization_id
          and payment.booking_id = booking.id
          and payment.status = 'succeeded'
          and payment.succeeded_at > greatest(booking.cancelled_at, refunds.latest_at)
      )
    end
  into due
  from public.bookings as booking
    join public.course_sessions as session
      on session.organization_id = booking.organization_id and session.id = booking.session_id
    cross join lateral (
      select
        max(refund.created_at) as latest_at,
        coalesce(bool_or(refund.status in ('pending', 'approved', 'processing')), false) as is_open
      from public.refunds as refund
      where refund.organization_id = booking.organization_id and refund.booking_id = booking.id
    ) as refunds
  where booking.organization_id = refund_late_payments.organization_id
    and booking.id = refund_late_payments.booking_id
    and (booking.status in ('cancelled', 'refunded') or session.status = 'cancelled')
    and not refunds.is_open;
  if due > 0 then
    perform private.open_refund(
      refund_late_payments.organization_id, refund_late_payments.booking_id, due, 'Paid for a booking that had ended.',
      'approved'
    );
  end if;
end;
$$;

comment on function private.refund_late_payments(text, uuid) is
  'Opens an approved refund of what was paid for a booking after it was cancelled or refunded, or while its last refund was open. Does nothing while a refund is open: it is asked again when that has ended. Takes the organization and the booking; for functions that hold the lock of the booking.';

revoke execute on function private.refund_late_payments(text, uuid) from public;
--! EndIncluded bookings/private/refund_late_payments.sql
--! Included bookings/private/apply_intent_events.sql
create or replace function private.apply_intent_events (
  provider text,
  intent_id text
)
  returns boolean
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  intent private.payment_intents;
  known public.payments;
  latest record;
  concerned record;
  is_news boolean := false;
begin
  select * into intent
  from private.payment_intents as mapping
  where mapping.provider = apply_intent_events.provider and mapping.intent_id = apply_intent_events.intent_id;
  if not found then
    perform private.lock_payment_intent(provider, apply_intent_events.intent_id);
    select * into intent
    from private.payment_intents as mapping
    where mapping.provider = apply_intent_events.provider and mapping.intent_id = apply_intent_events.intent_id;
    if not found then
      return null;
    end if;
  end if;
  perform private.lock_booking(payment.organization_id, payment.booking_id)
  from public.payments as payment
  where payment.organization_id = intent.organization_id and payment.id = intent.payment_id;
  select * into known
  from public.payments as payment
  where payment.organization_id = intent.organization_id and payment.id = intent.payment_id
  for no key update;

  -- From all that was told of it, and not from what came last: money that came is money, and else what happened latest.
  select
    said.status,
    case when said.status in ('failed', 'cancelled') then left(said.failure, 1000) end as failure,
    min(said.occurred_at) filter (where said.status = 'failed') over () as failed_at
  into latest
  from private.judge_intent_events(intent.provider, intent.intent_id) as said
  where said.kind = 'payment' and said.error is null
  order by said.status = 'succeeded' desc, said.status = 'cancelled' desc, said.occurred_at desc, said.status,
    said.event_id
  limit 1;
  if found then
    -- What has succeeded otherwise stays so.
    if known.status = 'succeeded' then
      latest.status := known.status;
      latest.failure := null;
    end if;
    update public.payments as payment
    set status = latest.status,
      failure_reason = latest.failure,
      failed_at = latest.failed_at,
      -- Late payments are told by when they were booked, and not by when the provider had them.
      succeeded_at = case
        when latest.status = 'succeeded' then coalesce(payment.succeeded_at, clock_timestamp())
      end
    where payment.organization_id = known.organization_id
      and payment.id = known.id
      and (payment.status, payment.failure_reason, payment.failed_at)
        is distinct from (latest.status, latest.failure, latest.failed_at);
    is_news := (known.status, known.failure_reason) is distinct from (latest.status, latest.failure);
  end if;

  -- A few at most.
  for concerned in
    select
      said.refund_id,
      jsonb_agg(
        jsonb_build_object(
          'payment_id', known.id, 'status', said.status, 'provider_refund_id', said.provider_refund_id, 'failure',
          case when said.status = 'failed' then coalesce(said.failure, 'The provider does not say why.') end
        )
      ) as results
    from private.judge_intent_events(intent.provider, intent.intent_id) as said
    where said.kind = 'refund' and said.error is null
    group by said.refund_id
    order by said.refund_id
  loop
    is_news := private.apply_refund_results(intent.organization_id, concerned.refund_id, concerned.results) or is_news;
  end loop;
  perform private.refund_late_payments(known.organization_id, known.booking_id);

  -- What was judged otherwise before: it came too early, or stayed alone.
  update private.webhook_events as event
  set organization_id = intent.organization_id,
    outcome = case when said.error is null then 'applied' else 'failed' end,
    error = said.error,
    processed_at = case when said.error is null then coalesce(event.processed_at, clock_timestamp()) end
  from private.judge_intent_events(intent.provider, intent.intent_id) as said
  where event.provider = intent.provider
    and event.event_id = said.event_id
    and (event.organization_id is null or event.error is distinct from said.error)
    and not (event.outcome = 'applied' and said.error is not null);
  return is_news;
end;
$$;

comment on function private.apply_intent_events(text, text) is
  'Makes of a payment and its refunds what all events of its intent say, in whatever order they came. Takes the provider and the id of the intent; locks the booking. Returns whether anything was new; null when nobody knows the intent.';

revoke execute on function private.apply_intent_events(text, text) from public;
--! EndIncluded bookings/private/apply_intent_events.sql
--! Included bookings/private/apply_payment_event.sql
create or replace function private.apply_payment_event (
  provider text,
  event_id text
)
  returns public.payment_event_outcome
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  event private.webhook_events;
  result public.payment_event_outcome;
  is_news boolean;
begin
  select * into event
  from private.webhook_events as stored
  where stored.provider = apply_payment_event.provider and stored.event_id = apply_payment_event.event_id;
  if event.change is null then
    result.error := case when event.error = 'change_invalid' then event.error end;
    result.outcome := case when result.error is null then 'ignored' else 'failed' end;
  else
    begin
      is_news := private.apply_intent_events(event.provider, event.change ->> 'intent_id');
      select stored.error into result.error
      from private.webhook_events as stored
      where stored.provider = event.provider and stored.event_id = event.event_id;
      if is_news is null then
        result.outcome := 'ignored';
        result.error := 'intent_unknown';
      else
        result.outcome := case when result.error is not null then 'failed' when is_news then 'applied' else 'ignored' end;
      end if;
    exception
      -- It is kept with what went wrong: retry_payment_event.
      when others then
        result.outcome := 'failed';
        result.error := sqlerrm;
    end;
  end if;
  update private.webhook_events as stored
  set outcome = result.outcome,
    error = result.error,
    attempts = stored.attempts + 1,
    processed_at = case when result.outcome <> 'failed' then clock_timestamp() end
  where stored.provider = event.provider and stored.event_id = event.event_id;
  return result;
end;
$$;

comment on function private.apply_payment_event(text, text) is
  'Applies an event that is stored, and writes down what came of it; what goes wrong undoes all but that. Takes the provider and the id of the event. Returns the outcome and the error.';

revoke execute on function private.apply_payment_event(text, text) from public;
--! EndIncluded bookings/private/apply_payment_event.sql
--! Included bookings/private/taught_session_ids.sql
create or replace function private.taught_session_ids()
  returns uuid[]
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.organization_with('bookings.teach');
begin
  if current_id is null then
    return array[]::uuid[];
  end if;
  return array(
    select taught.id
    from public.course_sessions as taught
    where taught.organization_id = current_id and taught.instructor_id = auth.uid()
  );
end;
$$;

comment on function private.taught_session_ids() is
  'Returns the sessions that the caller teaches, whose bookings bookings.teach opens to them; none without that permission. Write it as (select private.taught_session_ids())::uuid[], so that it runs once per statement.';

revoke execute on function private.taught_session_ids() from public;
grant execute on function private.taught_session_ids() to authenticated, service_role;
--! EndIncluded bookings/private/taught_session_ids.sql
--! Included bookings/private/require_booking.sql
create or replace function private.require_booking (
  id uuid
)
  returns public.bookings
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  seen public.bookings;
begin
  select * into seen
  from public.bookings as booking
  where booking.organization_id = current_id and booking.id = require_booking.id;
  if seen.id is not null
    and (
      private.has_permission('bookings.read')
      or private.has_permission('bookings.write')
      or seen.customer_id = any (private.current_customer_ids())
      or seen.session_id = any (private.taught_session_ids())
    )
  then
    return seen;
  end if;
  perform private.refuse(404, 'booking_not_found', 'There is no such booking.');
  return null;
end;
$$;

comment on function private.require_booking(uuid) is
  'Returns a booking of the current organization that the caller may see: any with bookings.read or bookings.write, those of the customers that they act for or look after, those of the sessions that they teach. Takes the id. Locks nothing. Raises PT401 not_authenticated; PT403 organization_required; PT404 booking_not_found, also for what the caller may not see.';

revoke execute on function private.require_booking(uuid) from public;
--! EndIncluded bookings/private/require_booking.sql
--! Included bookings/private/require_money_booking.sql
create or replace function private.require_money_booking (
  booking_id uuid,
  is_own_enough boolean
)
  returns public.bookings
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
begin
  if not private.has_permission('bookings.payments')
    and not (
      is_own_enough
      and exists (
        select
        from public.bookings as booking
        where booking.organization_id = current_id
          and booking.id = require_money_booking.booking_id
          and (
            booking.customer_id = any (private.own_customer_ids())
            -- A website goes on with what it has booked.
            or booking.created_by = auth.uid() and private.has_permission('bookings.book')
          )
      )
    )
  then
    -- What is not seen does not exist, and what is seen takes the permission.
    perform private.require_booking(booking_id);
    perform private.require_permission('bookings.payments');
  end if;
  return private.lock_booking(current_id, booking_id);
end;
$$;

comment on function private.require_money_booking(uuid, boolean) is
  'Returns a booking of the current organization whose money the caller may deal with, and locks it until the transaction ends. Takes the id, and whether it is enough, without bookings.payments, to act for its customer, or to have booked it with bookings.book. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found, also for what the caller may not see.';

revoke execute on function private.require_money_booking(uuid, boolean) from public;
--! EndIncluded bookings/private/require_money_booking.sql
--! Included bookings/private/sees_money.sql
create or replace function private.sees_money (
  organization_id text,
  booking_id uuid
)
  returns boolean
  language sql
  stable
  set search_path = ''
  as $$
  select private.has_permission('bookings.payments')
    or private.has_permission('bookings.read')
    or exists (
      select
      from public.bookings as booking
      where booking.organization_id = sees_money.organization_id
        and booking.id = sees_money.booking_id
        and booking.customer_id = any ((select private.current_customer_ids())::uuid[])
    );
$$;

comment on function private.sees_money(text, uuid) is
  'Returns whether the caller sees what was paid for a booking, as the policies of payments, refunds and invoices say. Takes the current organization and the booking.';

revoke execute on function private.sees_money(text, uuid) from public;
--! EndIncluded bookings/private/sees_money.sql
--! Included bookings/private/require_refund.sql
create or replace function private.require_refund (
  id uuid
)
  returns public.refunds
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  locked public.refunds;
begin
  select * into locked
  from public.refunds as refund
  where refund.organization_id = current_id and refund.id = require_refund.id;
  if not found or not private.sees_money(current_id, locked.booking_id) then
    perform private.refuse(404, 'refund_not_found', 'There is no such refund.');
  end if;
  perform private.require_money_booking(locked.booking_id, is_own_enough => false);
  select * into locked
  from public.refunds as refund
  where refund.organization_id = current_id and refund.id = require_refund.id
  for no key update;
  return locked;
end;
$$;

comment on function private.require_refund(uuid) is
  'Returns a refund of the current organization that the caller may decide on (bookings.payments), and locks it and its booking until the transaction ends. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 refund_not_found, also for what the caller may not see.';

revoke execute on function private.require_refund(uuid) from public;
--! EndIncluded bookings/private/require_refund.sql
--! Included bookings/private/approve_refund.sql
create or replace function private.approve_refund (
  id uuid
)
  returns public.refunds
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  approved public.refunds := private.require_refund(approve_refund.id);
begin
  perform private.require_transition('refunds', approved.status, 'approved');
  -- A provider may have given back by now what it said had failed.
  if not exists (
    select
    from public.bookings as booking
    where booking.organization_id = approved.organization_id
      and booking.id = approved.booking_id
      and booking.amount_paid - booking.amount_refunded >= approved.amount
  ) then
    perform private.refuse(
      409,
      'no_payment',
      'So much is no longer left of what was paid.',
      'Reject this refund, and ask for one of what is left.'
    );
  end if;
  update public.refunds as refund
  set status = 'approved',
    decided_by = auth.uid()
  where refund.organization_id = approved.organization_id and refund.id = approved.id
  returning * into approved;
  perform private.allocate_refunds(approved.organization_id, array[approved.id]);
  return approved;
end;
$$;

comment on function private.approve_refund(uuid) is
  'Approves a refund: public.approve_refund with the rights that this takes.';

revoke execute on function private.approve_refund(uuid) from public;
grant execute on function private.approve_refund(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/approve_refund.sql
--! Included bookings/private/attach_payment_intent.sql
create or replace function private.attach_payment_intent (
  organization_id text,
  payment_id uuid,
  provider_intent_id text
)
  returns public.payments
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  attached public.payments;
begin
  if (length(provider_intent_id) between 1 and 255) is not true then
    perform private.refuse(400, 'intent_invalid', 'The id of an intent has 1 to 255 characters.');
  end if;
  -- An event of it that comes at this moment waits, and finds whose it is.
  perform private.lock_payment_intent('stripe', provider_intent_id);
  select * into attached
  from public.payments as payment
  where payment.organization_id = attach_payment_intent.organization_id
    and payment.id = attach_payment_intent.payment_id
    and payment.provider = 'stripe';
  if not found then
    perform private.refuse(404, 'payment_not_found', 'There is no such payment by Stripe.');
  end if;
  perform private.lock_booking(attached.organization_id, attached.booking_id);
  select * into attached
  from public.payments as payment
  where payment.organization_id = attach_payment_intent.organization_id
    and payment.id = attach_payment_intent.payment_id
  for no key update;
  if
    attached.provider_intent_id <> attach_payment_intent.provider_intent_id
    or exists (
      select
      from private.payment_intents as intent
      where intent.provider = 'stripe'
        and intent.intent_id = attach_payment_intent.provider_intent_id
        and (intent.organization_id, intent.payment_id) <> (attached.organization_id, attached.id)
    )
  then
    perform private.refuse(409, 'intent_taken', 'An intent is of one payment, and a payment has one intent.');
  end if;
  insert into private.payment_intents (provider, intent_id, organization_id, payment_id)
  values ('stripe', attach_payment_intent.provider_intent_id, attached.organization_id, attached.id)
  on conflict on constraint payment_intents_pkey do nothing;
  update public.payments as payment
  set provider_intent_id = attach_payment_intent.provider_intent_id
  where payment.organization_id = attached.organization_id
    and payment.id = attached.id
    and payment.provider_intent_id is null;
  -- What was told of it before anybody knew whose it is.
  perform private.apply_intent_events('stripe', attach_payment_intent.provider_intent_id);
  select * into attached
  from public.payments as payment
  where payment.organization_id = attach_payment_intent.organization_id
    and payment.id = attach_payment_intent.payment_id;
  return attached;
end;
$$;

comment on function private.attach_payment_intent(text, uuid, text) is
  'Attaches an intent of a provider: public.attach_payment_intent with the rights that this takes.';

revoke execute on function private.attach_payment_intent(text, uuid, text) from public;
grant execute on function private.attach_payment_intent(text, uuid, text) to service_role;
--! EndIncluded bookings/private/attach_payment_intent.sql
--! Included bookings/private/booking_contact.sql
create or replace function private.booking_contact (
  booking public.bookings,
  out name text,
  out email text,
  out phone text,
  out company text
)
  language sql
  stable
  set search_path = ''
  as $$
  select
    coalesce(customer.contact_person, private.contact_text(booking.contact_details -> 'name', 200)),
    coalesce(customer.email, booking.contact_email),
    coalesce(customer.phone, private.contact_text(booking.contact_details -> 'phone', 50)),
    coalesce(customer.company_name, private.contact_text(booking.contact_details -> 'company', 200))
  from (select) as one
    left join public.customers as customer
      on customer.organization_id = booking.organization_id and customer.id = booking.customer_id;
$$;

comment on function private.booking_contact(public.bookings) is
  'Returns who has booked: name, e-mail address, phone number and company of the customer; what it has not, or while there is none, as the details of an older booking state it. Takes the booking. For functions that have checked who calls.';

revoke execute on function private.booking_contact(public.bookings) from public;
--! EndIncluded bookings/private/booking_contact.sql
--! Included bookings/private/attendance_entries.sql
create or replace function private.attendance_entries (
  organization_id text,
  session_id uuid,
  with_requirements boolean
)
  returns setof public.attendance_entry
  language sql
  stable
  set search_path = ''
  as $$
  select
    attendee.id,
    attendee.name,
    attendee.email,
    attendee.is_primary,
    attendee.date_of_birth,
    booking.id,
    booking.reference,
    booking.status,
    contact.name,
    contact.email,
    contact.phone,
    contact.company,
    case when attendance_entries.with_requirements then needs.list end,
    attended.status,
    attended.note,
    attended.updated_at,
    certificate.number
  from public.bookings as booking
    join public.booking_attendees as attendee
      on attendee.organization_id = booking.organization_id and attendee.booking_id = booking.id
    cross join lateral private.booking_contact(booking) as contact
    left join public.attendance as attended
      on attended.organization_id = attendee.organization_id and attended.attendee_id = attendee.id
    left join public.certificates as certificate
      on certificate.organization_id = attendee.organization_id and certificate.attendee_id = attendee.id
    cross join lateral (
      select
        coalesce(
          jsonb_agg(
            jsonb_build_object('kind', need.kind, 'priority', need.priority, 'note', need.note)
            order by array_position(array['critical', 'high', 'normal', 'low'], need.priority), need.id
          ),
          '[]'
        ) as list
      from public.booking_requirements as need
      where need.organization_id = booking.organization_id
        and need.booking_id = booking.id
        and (need.attendee_id is null or need.attendee_id = attendee.id)
    ) as needs
  where booking.organization_id = attendance_entries.organization_id
    and booking.session_id = attendance_entries.session_id
    and booking.status not in ('cancelled', 'refunded')
  order by lower(attendee.name), attendee.id;
$$;

comment on function private.attendance_entries(text, uuid, boolean) is
  'Returns who takes the places of the live bookings of a session, by name. Takes the organization, the session, and whether to say what they need; for functions that have checked who calls.';

revoke execute on function private.attendance_entries(text, uuid, boolean) from public;
--! EndIncluded bookings/private/attendance_entries.sql
--! Included bookings/private/require_attendance_session.sql
create or replace function private.require_attendance_session (
  session_id uuid,
  is_change boolean
)
  returns public.course_sessions
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  may_change_all constant boolean := private.has_permission('bookings.write');
  may_read_all constant boolean := may_change_all or private.has_permission('bookings.read');
  may_teach constant boolean := private.has_permission('bookings.teach');
  found_session public.course_sessions;
begin
  if not may_read_all and not may_teach then
    perform private.require_permission('bookings.read');
  end if;
  select * into found_session
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = require_attendance_session.session_id;
  if found_session.id is not null then
    if may_change_all or may_teach and found_session.instructor_id = auth.uid() then
      return found_session;
    elsif may_read_all then
      if is_change then
        perform private.require_permission('bookings.write');
      end if;
      return found_session;
    end if;
  end if;
  perform private.refuse(404, 'session_not_found', 'There is no such session.');
  return null;
end;
$$;

comment on function private.require_attendance_session(uuid, boolean) is
  'Returns a session of the current organization whose attendees the caller may see: any with bookings.read or bookings.write, otherwise, with bookings.teach, one that they teach. Takes the session, and whether its attendance is to be changed, which takes bookings.write or teaching it. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found, also for what somebody else teaches.';

revoke execute on function private.require_attendance_session(uuid, boolean) from public;
--! EndIncluded bookings/private/require_attendance_session.sql
--! Included bookings/private/attendance_sheet.sql
create or replace function private.attendance_sheet (
  session_id uuid
)
  returns setof public.attendance_entry
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  seen constant public.course_sessions := private.require_attendance_session(session_id, is_change => false);
begin
  return query
  select *
  from private.attendance_entries(
    seen.organization_id,
    seen.id,
    with_requirements => private.has_permission('customers.health')
      or private.has_permission('bookings.teach') and seen.instructor_id is not distinct from auth.uid()
  );
end;
$$;

comment on function private.attendance_sheet(uuid) is
  'Returns who attends a session: public.attendance_sheet with the rights that this takes.';

revoke execute on function private.attendance_sheet(uuid) from public;
grant execute on function private.attendance_sheet(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/attendance_sheet.sql
--! Included bookings/private/backfill_booking_batch.sql
create or replace function private.backfill_booking_batch (
  organization_id text,
  batch_size integer,
  out examined integer,
  out linked integer,
  out created integer
)
  language plpgsql
  volatile
  security definer
  set search_path = ''
  -- Made while there are few customers, a plan for any batch would go on reading all of them when there are many.
  set plan_cache_mode = 'force_custom_plan'
  as $$
declare
  -- What is left of a text by private.contact_text, which costs more.
  legible constant text := '[^[:space:][:cntrl:]\u0080-\u00A0\u2007\u2028-\u202F\u2066-\u2069]';
  waiting uuid[];
  addresses text[];
begin
  -- One batch of an organization at a time: two would want the same bookings, and the same customers.
  perform pg_advisory_xact_lock(hashtextextended('rowhouse.backfill_booking_batch ' || organization_id, 0));
  -- What somebody is changing is for a later batch. Customers are locked before bookings, as everybody does it: so
  -- these locks only find out what is free, and are let go.
  begin
    select
      coalesce(array_agg(chosen.id), '{}'),
      coalesce(array_agg(distinct chosen.contact_email), '{}')
    into waiting, addresses
    from (
      select booking.id, booking.contact_email
      from public.bookings as booking
      where booking.organization_id = backfill_booking_batch.organization_id
        and booking.customer_id is null
        and booking.contact_problem is null
      order by booking.contact_email, booking.id
      limit batch_size
      for no key update skip locked
    ) as chosen;
    raise exception using errcode = 'RH001', message = 'The locks are let go.';
  exception
    when sqlstate 'RH001' then
      null;
  end;
  examined := 0;
  linked := 0;
  created := 0;
  if cardinality(waiting) = 0 then
    return;
  end if;

  -- A customer is made of all older bookings that have its address, the latest first, not only of those in this batch:
  -- whatever the batches, and however many run at once, the same comes of it. In the order of the addresses, in which
  -- who needs the same customers had better ask for them.
  insert into public.customers (
    organization_id, email, contact_person, phone, company_name, customer_type, customer_since
  )
  select
    organization.id,
    stated.email,
    private.contact_text(stated.name, 200),
    private.contact_text(stated.phone, 50),
    private.contact_text(stated.company, 200),
    case when private.contact_text(stated.company, 200) is null then 'residential' else 'corporate' end,
    coalesce((stated.since at time zone organization.timezone)::date, private.today(organization.id))
  from (
    select
      booking.contact_email as email,
      (
        array_agg(booking.contact_details -> 'name' order by booking.created_at desc, booking.id desc)
          filter (
            where jsonb_typeof(booking.contact_details -> 'name') in ('string', 'number')
              and booking.contact_details ->> 'name' ~ legible
          )
      )[1] as name,
      (
        array_agg(booking.contact_details -> 'phone' order by booking.created_at desc, booking.id desc)
          filter (
            where jsonb_typeof(booking.contact_details -> 'phone') in ('string', 'number')
              and booking.contact_details ->> 'phone' ~ legible
          )
      )[1] as phone,
      (
        array_agg(booking.contact_details -> 'company' order by booking.created_at desc, booking.id desc)
          filter (
            where jsonb_typeof(booking.contact_details -> 'company') in ('string', 'number')
              and booking.contact_details ->> 'company' ~ legible
          )
      )[1] as company,
      min(booking.created_at) filter (where isfinite(booking.created_at)) as since
    from public.bookings as booking
    where booking.organization_id = backfill_booking_batch.organization_id
      and booking.customer_id is null
      and booking.contact_problem is null
      and booking.contact_email = any (addresses)
      and not exists (
        select
        from public.customers as known
        where known.organization_id = booking.organization_id and known.email = booking.contact_email
      )
    group by booking.contact_email
  ) as stated
    join public.organizations as organization on organization.id = backfill_booking_batch.organization_id
  order by stated.email
  on conflict on constraint customers_email_key do nothing;
  get diagnostics created = row_count;

  -- In the order in which a merge takes them.
  perform
  from public.customers as customer
  where customer.organization_id = backfill_booking_batch.organization_id and customer.email = any (addresses)
  order by customer.id
  for key share;
  -- What was taken meanwhile, or has another address, is for the next batch, as is a customer that was deleted.
  waiting := array(
    select booking.id
    from public.bookings as booking
    where booking.organization_id = backfill_booking_batch.organization_id
      and booking.id = any (waiting)
      and booking.customer_id is null
      and booking.contact_email = any (addresses)
    for no key update skip locked
  );
  examined := cardinality(waiting);
  update public.bookings as booking
  set customer_id = customer.id
  from public.customers as customer
  where booking.organization_id = backfill_booking_batch.organization_id
    and booking.id = any (waiting)
    and customer.organization_id = booking.organization_id
    and customer.email = booking.contact_email;
  get diagnostics linked = row_count;
end;
$$;

comment on function private.backfill_booking_batch(text, integer) is
  'Does one batch of the backfill of an organization; the command line calls it, each batch in a transaction of its own. Takes the organization and how many bookings at most. Returns how many it took, linked, and how many customers it made; takes none when nothing is left that nobody else is at work on. Never changes contact_details.';

revoke execute on function private.backfill_booking_batch(text, integer) from public;
--! EndIncluded bookings/private/backfill_booking_batch.sql
--! Included bookings/private/backfill_booking_customers_of.sql
create or replace function private.backfill_booking_customers_of (
  organization_id text,
  batch_size integer,
  dry_run boolean
)
  returns public.booking_backfill
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  report public.booking_backfill;
begin
  if dry_run then
    select
      count(*),
      count(*),
      count(distinct booking.contact_email) filter (where customer.id is null)
    into report.examined, report.linked, report.created
    from public.bookings as booking
      left join public.customers as customer
        on customer.organization_id = booking.organization_id and customer.email = booking.contact_email
    where booking.organization_id = backfill_booking_customers_of.organization_id
      and booking.customer_id is null
      and booking.contact_problem is null;
  else
    select batch.examined, batch.linked, batch.created
    into report.examined, report.linked, report.created
    from private.backfill_booking_batch(organization_id, batch_size) as batch;
  end if;
  report.remaining := (
    select count(*)
    from public.bookings as booking
    where booking.organization_id = backfill_booking_customers_of.organization_id
      and booking.customer_id is null
      and booking.contact_problem is null
  );
  report.unusable := to_jsonb(array(
    select row(booking.id, booking.reference, booking.contact_problem)::public.unusable_booking
    from public.bookings as booking
    where booking.organization_id = backfill_booking_customers_of.organization_id
      and booking.customer_id is null
      and booking.contact_problem is not null
    order by booking.id
  ));
  return report;
end;
$$;

comment on function private.backfill_booking_customers_of(text, integer, boolean) is
  'Does one batch of the backfill of an organization, or in a dry run none, and reports: public.backfill_booking_customers for an organization that the operator names. Takes the organization, how many bookings at most, and whether only to look.';

revoke execute on function private.backfill_booking_customers_of(text, integer, boolean) from public;
--! EndIncluded bookings/private/backfill_booking_customers_of.sql
--! Included bookings/private/backfill_booking_customers.sql
create or replace function private.backfill_booking_customers (
  batch_size integer,
  dry_run boolean
)
  returns public.booking_backfill
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('bookings.manage');
begin
  if (batch_size between 1 and 100000) is not true then
    perform private.refuse(400, 'batch_size_invalid', 'batch_size is a number from 1 to 100,000.');
  end if;
  return private.backfill_booking_customers_of(current_id, batch_size, coalesce(dry_run, false));
end;
$$;

comment on function private.backfill_booking_customers(integer, boolean) is
  'Does one batch of the backfill: public.backfill_booking_customers with the rights that this takes.';

revoke execute on function private.backfill_booking_customers(integer, boolean) from public;
grant execute on function private.backfill_booking_customers(integer, boolean) to authenticated, service_role;
--! EndIncluded bookings/private/backfill_booking_customers.sql
--! Included bookings/private/line_problem.sql
create or replace function private.line_problem (
  given jsonb,
  max_length integer
)
  returns text
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
begin
  return case
    when jsonb_typeof(given) not in ('string', 'null') then 'It is a text.'
    -- Before anything looks at each character.
    when length(given #>> '{}') > 4 * max_length or length(private.clean_line(left(given #>> '{}', 5000))) > max_length
      then format('It has at most %s characters.', max_length)
    when private.clean_line(given #>> '{}') ~ '[[:cntrl:]]' then 'It contains a character that cannot be read.'
  end;
end;
$$;

comment on function private.line_problem(jsonb, integer) is
  'Returns what is wrong with a line of text that came as JSON, as a sentence; null when nothing is, as when there is none. Takes the value and how long it may be.';

revoke execute on function private.line_problem(jsonb, integer) from public;
--! EndIncluded bookings/private/line_problem.sql
--! Included bookings/private/booking_customer.sql
create or replace function private.booking_customer (
  contact jsonb
)
  returns uuid
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  stated constant jsonb := coalesce(nullif(contact, 'null'), '{}');
  current_id constant text := private.require_organization();
  is_for_others constant boolean :=
    private.has_permission('bookings.book') or private.has_permission('bookings.write');
  stated_email text;
  problems jsonb;
  own public.customers;
  found_id uuid;
begin
  if jsonb_typeof(stated) <> 'object' then
    problems := '[{"field": "contact", "message": "It is an object with email, name, phone, company."}]';
  else
    select jsonb_agg(jsonb_build_object('field', wrong.field, 'message', wrong.message))
    into problems
    from (
      select left(given.key, 100) as field, checked.message
      from jsonb_each(stated) as given,
        lateral (
          select case
            when given.key not in ('email', 'name', 'phone', 'company') then 'A contact has no such field.'
            else
              coalesce(
                private.line_problem(
                  given.value, case given.key when 'email' then 320 when 'phone' then 50 else 200 end
                ),
                case
                  when given.key = 'email'
                    and private.is_email(lower(private.clean_line(given.value #>> '{}'))) is false
                    then 'It is no e-mail address.'
                end
              )
          end as message
        ) as checked
      where checked.message is not null
      order by 1
      fetch first 20 rows only
    ) as wrong;
    stated_email := case when problems is null then lower(private.clean_line(stated ->> 'email')) end;
  end if;
  if problems is null and is_for_others and stated_email is null then
    problems := '[{"field": "email", "message": "It is required."}]';
  end if;
  if problems is not null then
    perform private.refuse(
      422,
      'invalid_contact',
      format(
        'The contact cannot be used. %s: %s',
        problems -> 0 ->> 'field',
        problems -> 0 ->> 'message'
      ),
      'details.fields says what is wrong with each field.',
      jsonb_build_object('fields', problems)
    );
  end if;

  if is_for_others then
    -- Locked against being merged away until the transaction ends. One that is known costs no more than this.
    select customer.id into found_id
    from public.customers as customer
    where customer.organization_id = current_id and customer.email = stated_email
    for key share;
    if not found then
      select made.customer_id into found_id
      from private.find_or_insert_customer(
        current_id,
        stated_email,
        private.clean_line(stated ->> 'name'),
        private.clean_line(stated ->> 'phone'),
        private.clean_line(stated ->> 'company')
      ) as made;
    end if;
    return found_id;
  end if;

  -- Merged away between the look and the lock: then there is another to be found.
  while found_id is null loop
    own := private.get_or_create_customer();
    select customer.id into found_id
    from public.customers as customer
    where customer.organization_id = current_id and customer.id = own.id
    for key share;
  end loop;
  if stated_email <> own.email or own.email is null and stated_email is not null then
    perform private.record_denial('customer_authorization');
    perform private.refuse(
      403,
      'customer_authorization',
      'You book for yourself, and this is not your e-mail address.',
      'Leave it out, or ask the organization to book for somebody else.'
    );
  end if;
  return found_id;
end;
$$;

comment on function private.booking_customer(jsonb) is
  'Returns the customer that a booking or a wait is for, locked against being merged or deleted until the transaction ends. With bookings.write or bookings.book it is the one with the e-mail address of the contact, made where there is none; otherwise that of the caller. Takes the contact: an object of email, name, phone, company, or null. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization, email_not_verified; PT422 invalid_contact with fields, customer_creation_failed.';

revoke execute on function private.booking_customer(jsonb) from public;
--! EndIncluded bookings/private/booking_customer.sql
--! Included bookings/private/booking_details_of.sql
create or replace function private.booking_details_of (
  organization_id text,
  booking_id uuid,
  sees_customer boolean,
  sees_drafts boolean,
  sees_requirements boolean
)
  returns setof public.booking_details
  language sql
  stable
  set search_path = ''
  as $$
  select
    booking.id,
    booking.reference,
    booking.status,
    organization.id,
    organization.name,
    organization.address,
    organization.contact_email,
    organization.contact_phone,
    organization.timezone,
    held.id,
    held.status,
    course.id,
    course.name,
    course.course_type,
    held.starts_at,
    held.ends_at,
    venue.id,
    venue.name,
    venue.address,
    venue.directions,
    held.room,
    (
      select profile.display_name from public.user_profiles as profile where profile.user_id = held.instructor_id
    ),
    held.revision + case booking.status
      when 'pending' then 0
      when 'confirmed' then 1
      when 'cancelled' then 3
      when 'refunded' then 4
      else 2
    end,
    booking.customer_id,
    coalesce(contact.name, contact.company, case when sees_customer then contact.email end),
    contact.company,
    case when sees_customer then contact.email end,
    case when sees_customer then contact.phone end,
    case when sees_customer then customer.address end,
    case when sees_customer then customer.payment_terms end,
    booking.attendee_count,
    booking.unit_price,
    booking.subtotal,
    booking.group_discount,
    (
      select discount.code
      from public.discount_codes as discount
      where discount.organization_id = booking.organization_id and discount.id = booking.discount_code_id
    ),
    booking.code_discount,
    booking.total,
    booking.currency,
    booking.amount_paid,
    booking.amount_refunded,
    case
      when booking.status in ('cancelled', 'refunded') then 0
      else greatest(booking.total - booking.amount_paid + booking.amount_refunded, 0)
    end,
    held.starts_at - make_interval(
      hours => coalesce(
        (
          select settled.cancellation_hours
          from public.booking_settings as settled
          where settled.organization_id = booking.organization_id
        ),
        48
      )
    ),
    booking.terms_accepted_at,
    booking.notes,
    booking.cancellation_reason,
    booking.confirmed_at,
    booking.cancelled_at,
    booking.refunded_at,
    booking.completed_at,
    booking.created_at,
    greatest(booking.updated_at, held.updated_at),
    to_jsonb(array(
      select
        row(
          attendee.id, attendee.name, attendee.email, attendee.is_primary, attendee.date_of_birth, attended.status,
          certificate.number, certificate.expires_on
        )::public.booking_person
      from public.booking_attendees as attendee
        left join public.attendance as attended
          on attended.organization_id = attendee.organization_id and attended.attendee_id = attendee.id
        left join public.certificates as certificate
          on certificate.organization_id = attendee.organization_id and certificate.attendee_id = attendee.id
      where attendee.organization_id = booking.organization_id and attendee.booking_id = booking.id
      order by attendee.is_primary desc, attendee.id
    )),
    to_jsonb(array(
      select
        row(
          requirement.id, requirement.attendee_id, requirement.kind, requirement.priority, requirement.note
        )::public.booking_need
      from public.booking_requirements as requirement
      where sees_requirements
        and requirement.organization_id = booking.organization_id
        and requirement.booking_id = booking.id
      order by requirement.id
    )),
    to_jsonb(array(
      select
        row(
          payment.id, payment.provider, payment.method, payment.status, payment.amount, payment.amount_refunded,
          payment.currency, payment.note, payment.failure_reason, payment.succeeded_at, payment.created_at
        )::public.booking_payment
      from public.payments as payment
      where sees_customer and payment.organization_id = booking.organization_id and payment.booking_id = booking.id
      order by payment.created_at desc, payment.id desc
    )),
    to_jsonb(array(
      select
        row(
          refund.id, refund.status, refund.amount, refund.currency, refund.reason, refund.rejection_reason,
          refund.processed_at, refund.created_at
        )::public.booking_refund
      from public.refunds as refund
      where sees_customer and refund.organization_id = booking.organization_id and refund.booking_id = booking.id
      order by refund.created_at desc, refund.id desc
    )),
    to_jsonb(array(
      select
        row(
          invoice.id, invoice.number, invoice.status, invoice.total, invoice.amount_paid, invoice.amount_refunded,
          invoice.currency, invoice.due_on, invoice.sent_at, invoice.paid_at, invoice.created_at
        )::public.booking_invoice
      from public.invoices as invoice
      where sees_customer
        and invoice.organization_id = booking.organization_id
        and invoice.booking_id = booking.id
        and (sees_drafts or invoice.status <> 'draft')
      order by invoice.created_at desc, invoice.id desc
    ))
  from public.bookings as booking
    cross join lateral private.booking_contact(booking) as contact
    join public.organizations as organization on organization.id = booking.organization_id
    join public.course_sessions as held
      on held.organization_id = booking.organization_id and held.id = booking.session_id
    join public.courses as course
      on course.organization_id = held.organization_id and course.id = held.course_id
    left join public.venues as venue on venue.organization_id = held.organization_id and venue.id = held.venue_id
    left join public.customers as customer
      on customer.organization_id = booking.organization_id and customer.id = booking.customer_id
  where booking.organization_id = booking_details_of.organization_id and booking.id = booking_details_of.booking_id;
$$;

comment on function private.booking_details_of(text, uuid, boolean, boolean, boolean) is
  'Returns all there is to a booking. Takes the organization, the booking, and whether to show how to reach the customer with the money, drafts of invoices, and what attendees need. For functions that have checked who calls.';

revoke execute on function private.booking_details_of(text, uuid, boolean, boolean, boolean) from public;
--! EndIncluded bookings/private/booking_details_of.sql
--! Included bookings/private/booking_details.sql
create or replace function private.booking_details (
  id uuid
)
  returns public.booking_details
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  booking constant public.bookings := private.require_booking(booking_details.id);
  may_read_all constant boolean := private.has_permission('bookings.read');
  details public.booking_details;
begin
  -- What the policies of the tables show.
  select *
  into details
  from private.booking_details_of(
    booking.organization_id,
    booking.id,
    sees_customer => may_read_all or coalesce(booking.customer_id = any (private.current_customer_ids()), false),
    sees_drafts => may_read_all,
    sees_requirements => coalesce(booking.customer_id = any (private.own_customer_ids()), false)
      or booking.session_id = any (private.taught_session_ids())
      or private.has_permission('customers.health')
  );
  return details;
end;
$$;

comment on function private.booking_details(uuid) is
  'Returns all there is to a booking: public.booking_details with the rights that this takes.';

revoke execute on function private.booking_details(uuid) from public;
grant execute on function private.booking_details(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/booking_details.sql
--! Included bookings/private/booking_document.sql
create or replace function private.booking_document (
  organization_id text,
  booking_id uuid
)
  returns setof public.booking_details
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select details.*
  from public.organizations as organization
    cross join lateral private.booking_details_of(
      organization.id,
      booking_document.booking_id,
      sees_customer => true,
      sees_drafts => false,
      sees_requirements => false
    ) as details
  where organization.id = booking_document.organization_id and organization.status = 'active';
$$;

comment on function private.booking_document(text, uuid) is
  'Returns what the mails and documents of a booking say: public.booking_document with the rights that this takes.';

revoke execute on function private.booking_document(text, uuid) from public;
grant execute on function private.booking_document(text, uuid) to service_role;
--! EndIncluded bookings/private/booking_document.sql
--! Included bookings/private/refuse_discount_code.sql
create or replace function private.refuse_discount_code (
  reason text,
  minimum_total numeric default null
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
begin
  perform private.refuse(
    422,
    'discount_code_invalid',
    case reason
      when 'unknown' then 'There is no such discount code.'
      when 'inactive' then 'This discount code is no longer used.'
      when 'not_yet' then 'This discount code cannot be used yet.'
      when 'expired' then 'This discount code has expired.'
      when 'other_course' then 'This discount code is for another course.'
      when 'other_currency' then 'This discount code is for another currency.'
      when 'minimum_total' then format('This discount code counts from %s on.', minimum_total)
      else 'This discount code has been used as often as it may be.'
    end,
    'Book without it.',
    jsonb_strip_nulls(jsonb_build_object('reason', reason, 'minimum_total', minimum_total))
  );
end;
$$;

comment on function private.refuse_discount_code(text, numeric) is
  'Refuses a discount code. Takes the reason, and from which total on it would count. Never returns: raises PT422 discount_code_invalid with both.';

revoke execute on function private.refuse_discount_code(text, numeric) from public;
--! EndIncluded bookings/private/refuse_discount_code.sql
--! Included bookings/private/price_booking.sql
create or replace function private.price_booking (
  organization_id text,
  session_id uuid,
  attendee_count integer,
  discount_code text default null,
  customer_id uuid default null
)
  returns public.booking_price
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  priced public.booking_price;
  course_id uuid;
  after_group numeric;
  code public.discount_codes;
  reason text;
begin
  select
    session.id,
    price_booking.attendee_count,
    coalesce(session.price, course.price),
    coalesce(session.price, course.price) * price_booking.attendee_count,
    coalesce(tier.discount_percent, 0),
    round(
      coalesce(session.price, course.price) * price_booking.attendee_count * coalesce(tier.discount_percent, 0) / 100, 2
    ),
    null::uuid,
    0.00,
    0.00,
    course.currency
  into priced
  from public.course_sessions as session
    join public.courses as course
      on course.organization_id = session.organization_id and course.id = session.course_id
    left join lateral (
      select met.discount_percent
      from public.course_price_tiers as met
      where met.organization_id = session.organization_id
        and met.course_id = session.course_id
        and met.min_attendees <= price_booking.attendee_count
      order by met.min_attendees desc
      fetch first row only
    ) as tier on true
  where session.organization_id = price_booking.organization_id and session.id = price_booking.session_id;
  after_group := priced.subtotal - priced.group_discount;

  if discount_code is not null then
    select * into code
    from public.discount_codes as known
    where known.organization_id = price_booking.organization_id and known.code = upper(discount_code);
    if found and code.course_id is not null then
      select session.course_id into course_id
      from public.course_sessions as session
      where session.organization_id = price_booking.organization_id and session.id = price_booking.session_id;
    end if;
    reason := case
      when code.id is null then 'unknown'
      when not code.is_active then 'inactive'
      when code.valid_from > clock_timestamp() then 'not_yet'
      when code.valid_until <= clock_timestamp() then 'expired'
      when code.course_id <> course_id then 'other_course'
      when code.currency <> priced.currency then 'other_currency'
      when code.minimum_total > after_group then 'minimum_total'
      when code.used_count >= code.max_uses then 'used_up'
    end;
    if reason is null and code.max_uses_per_customer is not null and customer_id is not null then
      select 'used_up' into reason
      from public.bookings as booking
      where booking.organization_id = price_booking.organization_id
        and booking.customer_id = price_booking.customer_id
        and booking.discount_code_id = code.id
        and booking.status not in ('cancelled', 'refunded')
      having count(*) >= code.max_uses_per_customer;
    end if;
    if reason is not null then
      perform private.refuse_discount_code(reason, code.minimum_total);
    end if;
    priced.discount_code_id := code.id;
    priced.code_discount := least(
      case code.kind when 'percentage' then round(after_group * code.amount / 100, 2) else code.amount end, after_group
    );
  end if;
  priced.total := after_group - priced.code_discount;
  return priced;
end;
$$;

comment on function private.price_booking(text, uuid, integer, text, uuid) is
  'Returns what places in a session cost: the price of the session, or else of its course, for each; less the discount of the largest group that is met; less that of the code. Takes the organization, the session, how many places, the discount code, and whose booking it is (null: who has used the code how often is not asked). For functions that have checked who calls. The reason of a refusal is unknown, inactive, not_yet, expired, other_course, other_currency, minimum_total or used_up. Raises PT422 discount_code_invalid (reason).';

revoke execute on function private.price_booking(text, uuid, integer, text, uuid) from public;
--! EndIncluded bookings/private/price_booking.sql
--! Included bookings/private/require_session.sql
create or replace function private.require_session (
  organization_id text,
  session_id uuid
)
  returns public.course_sessions
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  seen public.course_sessions;
begin
  select * into seen
  from public.course_sessions as session
  where session.organization_id = require_session.organization_id and session.id = require_session.session_id;
  -- What was never published is for staff.
  if seen.id is null
    or seen.published_at is null
    and not private.has_permission('bookings.write')
    and not private.has_permission('bookings.read')
  then
    perform private.refuse(404, 'session_not_found', 'There is no such session.');
  end if;
  return seen;
end;
$$;

comment on function private.require_session(text, uuid) is
  'Returns a session that the caller may know of: any with bookings.read or bookings.write, otherwise one that was published. Takes the organization and the id. Raises PT404 session_not_found.';

revoke execute on function private.require_session(text, uuid) from public;
--! EndIncluded bookings/private/require_session.sql
--! Included bookings/private/booking_price.sql
create or replace function private.booking_price (
  session_id uuid,
  places integer,
  discount_code text
)
  returns public.booking_price
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
begin
  if (places between 1 and 100) is not true then
    perform private.refuse(
      422,
      'invalid_participants',
      'A booking has 1 to 100 participants.',
      details => '{"participants": [{"index": null, "field": "places", "message": "It is a number from 1 to 100."}]}'
    );
  end if;
  perform private.require_session(current_id, booking_price.session_id);
  return private.price_booking(
    current_id,
    booking_price.session_id,
    places,
    nullif(btrim(left(discount_code, 1000)), ''),
    case
      when not private.has_permission('bookings.write') and not private.has_permission('bookings.book')
        then (private.own_customer_ids())[1]
    end
  );
end;
$$;

comment on function private.booking_price(uuid, integer, text) is
  'Returns what places in a session cost: public.booking_price with the rights that this takes.';

revoke execute on function private.booking_price(uuid, integer, text) from public;
grant execute on function private.booking_price(uuid, integer, text) to authenticated, service_role;
--! EndIncluded bookings/private/booking_price.sql
--! Included bookings/private/booking_settings_of.sql
create or replace function private.booking_settings_of (
  organization_id text
)
  returns public.booking_settings
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  settled public.booking_settings;
begin
  select * into settled
  from public.booking_settings as settings
  where settings.organization_id = booking_settings_of.organization_id;
  if not found then
    settled.organization_id := booking_settings_of.organization_id;
    settled.cancellation_hours := 48;
    settled.waitlist_offer_hours := 24;
    settled.invoice_due_days := 14;
  end if;
  return settled;
end;
$$;

comment on function private.booking_settings_of(text) is
  'Returns what an organization has settled on for its bookings: its row of public.booking_settings, or the defaults of that table. Takes the organization; for functions that have checked who calls.';

revoke execute on function private.booking_settings_of(text) from public;
--! EndIncluded bookings/private/booking_settings_of.sql
--! Included bookings/private/calendar_date.sql
create or replace function private.calendar_date (
  candidate text
)
  returns date
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  -- One condition inside the other: those of one and are evaluated in any order.
  select case
    when candidate ~ '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' then
      case
        when
          right(candidate, 2)::integer <= extract(
            day from make_date(left(candidate, 4)::integer, substr(candidate, 6, 2)::integer, 1) + interval '1 month - 1 day'
          )
        then make_date(left(candidate, 4)::integer, substr(candidate, 6, 2)::integer, right(candidate, 2)::integer)
      end
  end;
$$;

comment on function private.calendar_date(text) is
  'Returns the date that a text such as 2004-02-29 names, from 1900 to 2099; null for everything else. Takes the text.';

revoke execute on function private.calendar_date(text) from public;
--! EndIncluded bookings/private/calendar_date.sql
--! Included bookings/private/refund_share.sql
create or replace function private.refund_share (
  organization_id text,
  starts_at timestamptz,
  cancelled_at timestamptz default now()
)
  returns numeric
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  with rule as (
    select settled.hours_before, settled.refund_percent
    from public.refund_rules as settled
    where settled.organization_id = refund_share.organization_id
    union all
    select standard.hours_before, standard.refund_percent
    from (values (168, 100.00), (48, 50.00)) as standard (hours_before, refund_percent)
    where not exists (
      select from public.refund_rules as settled where settled.organization_id = refund_share.organization_id
    )
  )
  select coalesce(
    (
      select rule.refund_percent
      from rule
      where refund_share.cancelled_at <= refund_share.starts_at - make_interval(hours => rule.hours_before)
      order by rule.hours_before desc
      fetch first row only
    ),
    0
  );
$$;

comment on function private.refund_share(text, timestamptz, timestamptz) is
  'Returns which share of what was paid comes back, in percent, to who cancels at a moment: that of the rule in public.refund_rules with the most hours that are met, or of the rules that hold without any (everything until 168 hours before the start, half until 48). Takes the organization, the start of the session, and the moment; for functions that have checked who calls.';

revoke execute on function private.refund_share(text, timestamptz, timestamptz) from public;
--! EndIncluded bookings/private/refund_share.sql
--! Included bookings/private/require_no_open_refund.sql
create or replace function private.require_no_open_refund (
  organization_id text,
  booking_id uuid
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  if exists (
    select
    from public.refunds as refund
    where refund.organization_id = require_no_open_refund.organization_id
      and refund.booking_id = require_no_open_refund.booking_id
      and refund.status in ('pending', 'approved', 'processing')
  ) then
    perform private.refuse(
      409,
      'refund_open',
      'A refund of this booking is under way: until it is decided and done, the booking stays as it is.',
      'Approve or reject it, or wait for it.'
    );
  end if;
end;
$$;

comment on function private.require_no_open_refund(text, uuid) is
  'Refuses to change a booking while a refund of it is pending, approved or processing. Takes the organization and the booking, which is locked. Raises PT409 refund_open.';

revoke execute on function private.require_no_open_refund(text, uuid) from public;
--! EndIncluded bookings/private/require_no_open_refund.sql
--! Included bookings/private/cancel_booking.sql
create or replace function private.cancel_booking (
  id uuid,
  reason text
)
  returns public.bookings
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  is_staff constant boolean := private.has_permission('bookings.write');
  cancelled public.bookings;
  starts_at timestamptz;
  settled public.booking_settings;
  open_amount numeric;
  refund_amount numeric;
begin
  cancelled := private.require_booking(cancel_booking.id);
  if not is_staff and (cancelled.customer_id = any (private.own_customer_ids())) is not true then
    -- It is seen, and that is all.
    perform private.require_permission('bookings.write');
  elsif length(btrim(reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  cancelled := private.lock_booking(cancelled.organization_id, cancelled.id);
  if cancelled.status in ('completed', 'no_show') then
    perform private.refuse(
      409, 'booking_completed', 'The session is over, and the booking with it.', 'What was paid can be refunded.'
    );
  end if;
  perform private.require_transition('bookings', cancelled.status, 'cancelled');
  perform private.require_no_open_refund(cancelled.organization_id, cancelled.id);
  select session.starts_at into starts_at
  from public.course_sessions as session
  where session.organization_id = cancelled.organization_id and session.id = cancelled.session_id;
  open_amount := cancelled.amount_paid - cancelled.amount_refunded;
  if not is_staff then
    settled := private.booking_settings_of(cancelled.organization_id);
    if clock_timestamp() >= starts_at
      or open_amount > 0 and clock_timestamp() > starts_at - make_interval(hours => settled.cancellation_hours)
    then
      perform private.refuse(
        409,
        'cancellation_too_late',
        case
          when clock_timestamp() >= starts_at then 'What has started can no longer be cancelled.'
          else format('What is paid can be cancelled until %s hours before the start.', settled.cancellation_hours)
        end,
        'Ask the organization.',
        jsonb_build_object('hours', settled.cancellation_hours)
      );
    end if;
  end if;

  update public.bookings as booking
  -- The clock, and not the start of the transaction: payments that come later are told by it.
  set status = 'cancelled', cancellation_reason = nullif(btrim(reason), ''), cancelled_at = clock_timestamp()
  where booking.organization_id = cancelled.organization_id and booking.id = cancelled.id
  returning * into cancelled;
  if cancelled.amount_paid = 0 then
    update public.invoices as invoice
    set status = 'void'
    where invoice.organization_id = cancelled.organization_id
      and invoice.booking_id = cancelled.id
      and invoice.status in ('draft', 'sent');
  end if;
  -- What was paid too much comes back whatever the rules.
  refund_amount := greatest(open_amount - cancelled.total, 0) + round(
    least(open_amount, cancelled.total)
      * private.refund_share(cancelled.organization_id, starts_at, clock_timestamp()) / 100,
    2
  );
  if refund_amount > 0 then
    perform private.open_refund(
      cancelled.organization_id, cancelled.id, refund_amount, cancelled.cancellation_reason, 'approved'
    );
  end if;
  perform private.enqueue(
    'bookings',
    'bookings.cancellation',
    jsonb_build_object('organization_id', cancelled.organization_id, 'booking_id', cancelled.id)
  );
  return cancelled;
end;
$$;

comment on function private.cancel_booking(uuid, text) is
  'Cancels a booking: public.cancel_booking with the rights that this takes.';

revoke execute on function private.cancel_booking(uuid, text) from public;
grant execute on function private.cancel_booking(uuid, text) to authenticated, service_role;
--! EndIncluded bookings/private/cancel_booking.sql
--! Included bookings/private/lock_session_bookings.sql
create or replace function private.lock_session_bookings (
  organization_id text,
  session_id uuid
)
  returns public.course_sessions
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  customer_ids uuid[];
  locked public.course_sessions;
begin
  loop
    begin
      with customer as (
        select booker.id
        from public.customers as booker
        where booker.organization_id = lock_session_bookings.organization_id
          and booker.id = any (
            array(
              select booking.customer_id
              from public.bookings as booking
              where booking.organization_id = lock_session_bookings.organization_id
                and booking.session_id = lock_session_bookings.session_id
                and booking.status not in ('cancelled', 'refunded')
            )
          )
        order by booker.id
        for key share
      )
      select array_agg(customer.id) into customer_ids from customer;
      select * into locked
      from public.course_sessions as session
      where session.organization_id = lock_session_bookings.organization_id
        and session.id = lock_session_bookings.session_id
      for no key update;
      if exists (
        select
        from public.bookings as booking
        where booking.organization_id = lock_session_bookings.organization_id
          and booking.session_id = lock_session_bookings.session_id
          and booking.status not in ('cancelled', 'refunded')
          and booking.customer_id is not null
          and booking.customer_id <> all (coalesce(customer_ids, '{}'))
      ) then
        -- Somebody has booked in between: all locks are let go, and taken in order.
        raise exception using errcode = 'RH001', message = 'The session has other customers by now.';
      end if;
      perform
      from public.bookings as booking
      where booking.organization_id = lock_session_bookings.organization_id
        and booking.session_id = lock_session_bookings.session_id
        and booking.status not in ('cancelled', 'refunded')
      order by booking.id
      for no key update;
      exit;
    exception
      when sqlstate 'RH001' then
        null;
    end;
  end loop;
  perform private.enter_older_payments(
    lock_session_bookings.organization_id,
    array(
      select booking.id
      from public.bookings as booking
      where booking.organization_id = lock_session_bookings.organization_id
        and booking.session_id = lock_session_bookings.session_id
        and booking.status not in ('cancelled', 'refunded')
    )
  );
  return locked;
end;
$$;

comment on function private.lock_session_bookings(text, uuid) is
  'Locks a session with all its bookings that are neither cancelled nor refunded until the transaction ends, and before them their customers (against being merged away): the order in which everybody locks. Takes the organization and the session; for functions that have checked who calls. Returns the session as it is once it is locked; null where there is none.';

revoke execute on function private.lock_session_bookings(text, uuid) from public;
--! EndIncluded bookings/private/lock_session_bookings.sql
--! Included bookings/private/open_refunds.sql
create or replace function private.open_refunds (
  organization_id text,
  booking_ids uuid[],
  reason text
)
  returns bigint
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  opened uuid[];
begin
  -- A wish that nobody has decided on, and a part that nobody has given back yet, give way to all of it.
  update public.refunds as refund
  set status = 'rejected',
    rejection_reason = open_refunds.reason
  from public.bookings as booking
  where refund.organization_id = open_refunds.organization_id
    and refund.booking_id = any (booking_ids)
    and refund.status in ('pending', 'approved')
    and booking.organization_id = refund.organization_id
    and booking.id = refund.booking_id
    and (refund.status = 'pending' or refund.amount < booking.amount_paid - booking.amount_refunded);

  with inserted as (
    insert into public.refunds (
      organization_id, booking_id, amount, currency, status, reason, requested_by, approved_at, created_at
    )
    select
      booking.organization_id, booking.id, booking.amount_paid - booking.amount_refunded, booking.currency, 'approved',
      open_refunds.reason, auth.uid(), clock_timestamp(), clock_timestamp()
    from public.bookings as booking
    where booking.organization_id = open_refunds.organization_id
      and booking.id = any (booking_ids)
      and booking.amount_paid > booking.amount_refunded
      and not exists (
        select
        from public.refunds as refund
        where refund.organization_id = booking.organization_id
          and refund.booking_id = booking.id
          and refund.status in ('approved', 'processing')
      )
    returning id
  )
  select array_agg(inserted.id) into opened
  from inserted;
  if opened is null then
    return 0;
  end if;
  perform private.allocate_refunds(open_refunds.organization_id, opened);
  return cardinality(opened);
end;
$$;

comment on function private.open_refunds(text, uuid[], text) is
  'Opens approved refunds of all that was paid for bookings and not given back. Open ones give way, unless they give back as much; where a provider is at work on one, private.refund_late_payments opens that of the rest when it has ended. Takes the organization, the bookings, and why; for functions that have checked who calls and hold the locks of the bookings, after these are cancelled. Returns how many it opened.';

revoke execute on function private.open_refunds(text, uuid[], text) from public;
--! EndIncluded bookings/private/open_refunds.sql
--! Included bookings/private/cancel_session.sql
create or replace function private.cancel_session (
  id uuid,
  reason text
)
  returns public.course_sessions
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('bookings.catalog');
  stated constant text := btrim(reason);
  cancelled public.course_sessions;
  booking_ids uuid[];
begin
  if coalesce(stated, '') = '' then
    perform private.refuse(400, 'reason_required', 'Cancelling a session takes a reason: who has booked reads it.');
  elsif length(stated) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  cancelled := private.lock_session_bookings(current_id, cancel_session.id);
  if cancelled.id is null then
    perform private.refuse(404, 'session_not_found', 'There is no such session.');
  end if;
  perform private.require_transition('course_sessions', cancelled.status, 'cancelled');

  -- The session first: what becomes free in it is then offered to nobody.
  update public.course_sessions as session
  set status = 'cancelled', cancellation_reason = stated, cancelled_at = clock_timestamp()
  where session.organization_id = current_id and session.id = cancelled.id;
  update public.booking_waitlist as entry
  set status = 'expired'
  where entry.organization_id = current_id
    and entry.session_id = cancelled.id
    and entry.status in ('waiting', 'notified');
  with ended as (
    update public.bookings as booking
    -- The clock, and not the start of the transaction: payments that come later are told by it.
    set status = 'cancelled', cancellation_reason = stated, cancelled_at = clock_timestamp()
    where booking.organization_id = current_id
      and booking.session_id = cancelled.id
      and booking.status not in ('cancelled', 'refunded')
    returning booking.id
  )
  select coalesce(array_agg(ended.id), '{}') into booking_ids from ended;
  update public.invoices as invoice
  set status = 'void'
  from public.bookings as booking
  where booking.organization_id = current_id
    and booking.id = any (booking_ids)
    and booking.amount_paid = 0
    and invoice.organization_id = current_id
    and invoice.booking_id = booking.id
    and invoice.status in ('draft', 'sent');

  -- Everything comes back: what was asked for before may have been less.
  perform private.open_refunds(current_id, booking_ids, stated);
  perform private.enqueue_batch(
    'bookings',
    'bookings.cancellation',
    array(
      select jsonb_build_object('organization_id', current_id, 'booking_id', booking_id)
      from unnest(booking_ids) as booking_id
    )
  );
  select * into cancelled
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = cancelled.id;
  return cancelled;
end;
$$;

comment on function private.cancel_session(uuid, text) is
  'Cancels a session: public.cancel_session with the rights that this takes.';

revoke execute on function private.cancel_session(uuid, text) from public;
grant execute on function private.cancel_session(uuid, text) to authenticated, service_role;
--! EndIncluded bookings/private/cancel_session.sql
--! Included bookings/private/store_response.sql
create or replace function private.store_response (
  organization_id text,
  operation text,
  key text,
  response jsonb
)
  returns void
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  update private.idempotency_keys as known
  set response = store_response.response
  where known.organization_id = store_response.organization_id
    and known.operation = store_response.operation
    and known.key = store_response.key;
$$;

comment on function private.store_response(text, text, text, jsonb) is
  'Keeps what is answered, for who asks again with the same key. Takes the organization, the function, the key that private.claim_idempotency has claimed in this transaction (null: nothing is kept), and the answer.';

revoke execute on function private.store_response(text, text, text, jsonb) from public;
--! EndIncluded bookings/private/store_response.sql
--! Included bookings/private/claim_idempotency.sql
create or replace function private.claim_idempotency (
  organization_id text,
  operation text,
  key text,
  request jsonb
)
  returns jsonb
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  request_hash bytea;
  claimed record;
begin
  if key is null then
    return null;
  elsif length(key) not between 1 and 255 then
    perform private.refuse(400, 'idempotency_key_invalid', 'An idempotency key has 1 to 255 characters.');
  end if;
  -- Who asks belongs to what is asked: nobody gets the answer that another got.
  request_hash := sha256(convert_to(jsonb_build_object('caller', auth.uid(), 'request', request)::text, 'UTF8'));
  loop
    -- Waits for whoever has the same key at this moment.
    insert into private.idempotency_keys (organization_id, operation, key, request_hash)
    values (
      claim_idempotency.organization_id,
      claim_idempotency.operation,
      claim_idempotency.key,
      request_hash
    )
    on conflict on constraint idempotency_keys_pkey do nothing;
    if found then
      return null;
    end if;
    select known.request_hash, known.response into claimed
    from private.idempotency_keys as known
    where known.organization_id = claim_idempotency.organization_id
      and known.operation = claim_idempotency.operation
      and known.key = claim_idempotency.key;
    -- Otherwise it was purged in between.
    exit when found;
  end loop;
  if claimed.request_hash <> request_hash then
    perform private.refuse(
      422,
      'idempotency_mismatch',
      'This idempotency key was used for another request.',
      'Use a new key for each request, and the same only to repeat it unchanged.'
    );
  end if;
  return claimed.response;
end;
$$;

comment on function private.claim_idempotency(text, text, text, jsonb) is
  'Begins what is done once for a key, however often it is asked for: returns null to who is the first, who then calls private.store_response in the same transaction, and what was answered to everybody after that. Waits while another transaction works on the same key. Takes the organization, the function, the key (null: it is not repeatable, and nothing is kept) and all that was asked for; the same key in another organization, or for another function, is another. For functions that have checked who calls. Raises PT400 idempotency_key_invalid; PT422 idempotency_mismatch when the key came with another request, or from somebody else.';

revoke execute on function private.claim_idempotency(text, text, text, jsonb) from public;
--! EndIncluded bookings/private/claim_idempotency.sql
--! Included bookings/private/insert_sessions.sql
create or replace function private.insert_sessions (
  template public.course_sessions,
  starts timestamptz[],
  duration interval
)
  returns setof public.course_sessions
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.insert_sessions(public.course_sessions, timestamptz[], interval) is
  'Enters drafts of sessions that differ in their start, all of them or none, and returns them in order. Takes one that says what they share, when they start, and how long they take; for functions that have checked who calls. Raises PT409 session_conflict with the days, in the time zone of the organization, on which the instructor or the room is in another session.';

revoke execute
  on function private.insert_sessions(public.course_sessions, timestamptz[], interval)
  from public;
--! EndIncluded bookings/private/insert_sessions.sql
--! Included bookings/private/clone_session.sql
create or replace function private.clone_session (
  id uuid,
  starts_at timestamptz,
  with_instructor boolean
)
  returns public.course_sessions
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('bookings.catalog');
  source public.course_sessions;
  cloned public.course_sessions;
begin
  if (starts_at between '2000-01-01' and '2200-01-01') is not true then
    perform private.refuse(400, 'starts_at_invalid', 'starts_at is a moment from 2000 to 2199.');
  end if;
  select * into source
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = clone_session.id;
  if not found then
    perform private.refuse(404, 'session_not_found', 'There is no such session.');
  end if;
  if with_instructor is not true then
    source.instructor_id := null;
  end if;
  select * into cloned
  from private.insert_sessions(source, array[clone_session.starts_at], source.ends_at - source.starts_at);
  return cloned;
end;
$$;

comment on function private.clone_session(uuid, timestamptz, boolean) is
  'Enters a session like another: public.clone_session with the rights that this takes.';

revoke execute on function private.clone_session(uuid, timestamptz, boolean) from public;
grant execute on function private.clone_session(uuid, timestamptz, boolean) to authenticated, service_role;
--! EndIncluded bookings/private/clone_session.sql
--! Included bookings/private/complete_refund.sql
create or replace function private.complete_refund (
  id uuid
)
  returns public.refunds
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  completed public.refunds := private.require_refund(complete_refund.id);
  results jsonb;
begin
  if completed.status <> 'processing' then
    perform private.require_transition('refunds', completed.status, 'processing');
  end if;
  select jsonb_agg(jsonb_build_object('payment_id', item.payment_id, 'status', 'succeeded')) into results
  from public.refund_items as item
    join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
  where item.organization_id = completed.organization_id
    and item.refund_id = completed.id
    and item.processed_at is null
    and payment.provider = 'manual';
  if results is null then
    perform private.refuse(
      409, 'refund_not_manual', 'Nothing of this refund is left for staff to give back.', 'The provider does it.'
    );
  end if;
  perform private.apply_refund_results(completed.organization_id, completed.id, results);
  perform private.refund_late_payments(completed.organization_id, completed.booking_id);
  select * into completed
  from public.refunds as refund
  where refund.organization_id = completed.organization_id and refund.id = completed.id;
  return completed;
end;
$$;

comment on function private.complete_refund(uuid) is
  'Takes down that staff has given money back: public.complete_refund with the rights that this takes.';

revoke execute on function private.complete_refund(uuid) from public;
grant execute on function private.complete_refund(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/complete_refund.sql
--! Included bookings/private/next_yearly_number.sql
create or replace function private.next_yearly_number (
  document text,
  organization_id text,
  amount integer default 1
)
  returns setof text
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  year constant date := date_trunc('year', private.today(next_yearly_number.organization_id))::date;
  last_given integer;
begin
  insert into private.number_counters as counter (organization_id, document, day, last_number)
  values (next_yearly_number.organization_id, next_yearly_number.document, year, amount)
  on conflict on constraint number_counters_pkey do update
  set last_number = counter.last_number + amount
  returning counter.last_number into last_given;
  return query
  select format('%s-%s-%s', document, to_char(year, 'YYYY'), lpad(given::text, greatest(5, length(given::text)), '0'))
  from generate_series(last_given - amount + 1, last_given) as given;
end;
$$;

comment on function private.next_yearly_number(text, text, integer) is
  'Returns the next numbers of a document, such as INV-2026-00001: the letters, the year in the time zone of the organization, a count of at least five digits that begins with 1 each year. Takes the letters, the organization, and how many; for functions that have checked who calls. Until the transaction ends, others of the same organization wait for theirs: what is rolled back leaves no gap, and no number is given twice.';

revoke execute on function private.next_yearly_number(text, text, integer) from public;
--! EndIncluded bookings/private/next_yearly_number.sql
--! Included bookings/private/issue_certificates.sql
create or replace function private.issue_certificates (
  organization_id text,
  session_id uuid
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  attendee_ids uuid[];
begin
  attendee_ids := array(
    select attended.attendee_id
    from public.attendance as attended
      join public.course_sessions as session
        on session.organization_id = attended.organization_id and session.id = attended.session_id
      join public.courses as course
        on course.organization_id = session.organization_id and course.id = session.course_id
      join public.booking_attendees as attendee
        on attendee.organization_id = attended.organization_id and attendee.id = attended.attendee_id
      join public.bookings as booking
        on booking.organization_id = attendee.organization_id and booking.id = attendee.booking_id
    where attended.organization_id = issue_certificates.organization_id
      and attended.session_id = issue_certificates.session_id
      and attended.status in ('present', 'late')
      and course.has_certificate
      and booking.status = 'completed'
      and not exists (
        select
        from public.certificates as certificate
        where certificate.organization_id = attended.organization_id and certificate.attendee_id = attended.attendee_id
      )
    order by lower(attendee.name), attendee.id
  );
  if cardinality(attendee_ids) = 0 then
    return;
  end if;
  insert into public.certificates (
    organization_id, attendee_id, course_id, number, holder_name, issued_on, expires_on
  )
  select
    attendee.organization_id,
    attendee.id,
    course.id,
    given.number,
    attendee.name,
    day.attended_on,
    (day.attended_on + make_interval(months => course.certificate_months))::date
  from unnest(attendee_ids) with ordinality as entitled (id, ordinal)
    join private.next_yearly_number(
      'CERT', issue_certificates.organization_id, cardinality(attendee_ids)
    ) with ordinality as given (number, ordinal) on given.ordinal = entitled.ordinal
    join public.booking_attendees as attendee
      on attendee.organization_id = issue_certificates.organization_id and attendee.id = entitled.id
    join public.course_sessions as session
      on session.organization_id = attendee.organization_id and session.id = issue_certificates.session_id
    join public.courses as course
      on course.organization_id = session.organization_id and course.id = session.course_id
    join public.organizations as organization on organization.id = session.organization_id
    -- The last day; what ends at midnight is of the day before.
    cross join lateral (
      select ((session.ends_at - interval '1 microsecond') at time zone organization.timezone)::date as attended_on
    ) as day;
end;
$$;

comment on function private.issue_certificates(text, uuid) is
  'Issues the certificates of a completed session: one for each attendee who was there and has none yet, when its course has them. Valid from its last day, in the time zone of the organization, for as many months as the course says. Takes the organization and the session, whose row the caller has locked; for functions that have checked who calls.';

revoke execute on function private.issue_certificates(text, uuid) from public;
--! EndIncluded bookings/private/issue_certificates.sql
--! Included bookings/private/settle_attendance.sql
create or replace function private.settle_attendance (
  organization_id text,
  session_id uuid
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
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
$$;

comment on function private.settle_attendance(text, uuid) is
  'Makes of the open bookings of a session that is over what its attendance says: completed where anybody was there, otherwise no_show, which becomes completed when somebody was there after all; and issues the certificates. Takes the organization and the session, which the caller has locked with its bookings; for functions that have checked who calls.';

revoke execute on function private.settle_attendance(text, uuid) from public;
--! EndIncluded bookings/private/settle_attendance.sql
--! Included bookings/private/complete_session.sql
create or replace function private.complete_session (
  id uuid
)
  returns public.course_sessions
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  seen constant public.course_sessions := private.require_attendance_session(complete_session.id, is_change => true);
  completed public.course_sessions := private.lock_session_bookings(seen.organization_id, seen.id);
begin
  perform private.require_transition('course_sessions', completed.status, 'completed');
  if completed.ends_at > now() then
    perform private.refuse(409, 'session_not_over', 'The session is not over.', 'Complete it when it has ended.');
  end if;
  perform private.settle_attendance(completed.organization_id, completed.id);
  update public.booking_waitlist as entry
  set status = 'expired'
  where entry.organization_id = completed.organization_id
    and entry.session_id = completed.id
    and entry.status in ('waiting', 'notified');
  update public.course_sessions as session
  set status = 'completed'
  where session.organization_id = completed.organization_id and session.id = completed.id
  returning * into completed;
  return completed;
end;
$$;

comment on function private.complete_session(uuid) is
  'Completes a session: public.complete_session with the rights that this takes.';

revoke execute on function private.complete_session(uuid) from public;
grant execute on function private.complete_session(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/complete_session.sql
--! Included bookings/private/confirm_booking.sql
create or replace function private.confirm_booking (
  id uuid
)
  returns public.bookings
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  confirmed public.bookings;
begin
  confirmed := private.require_booking(confirm_booking.id);
  perform private.require_permission('bookings.write');
  confirmed := private.lock_booking(confirmed.organization_id, confirmed.id);
  perform private.require_transition('bookings', confirmed.status, 'confirmed');
  perform private.require_no_open_refund(confirmed.organization_id, confirmed.id);
  update public.bookings as booking
  set status = 'confirmed'
  where booking.organization_id = confirmed.organization_id and booking.id = confirmed.id
  returning * into confirmed;
  return confirmed;
end;
$$;

comment on function private.confirm_booking(uuid) is
  'Confirms a booking: public.confirm_booking with the rights that this takes.';

revoke execute on function private.confirm_booking(uuid) from public;
grant execute on function private.confirm_booking(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/confirm_booking.sql
--! Included bookings/private/require_participants.sql
create or replace function private.require_participants (
  participants jsonb
)
  returns integer
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  amount constant integer :=
    case when jsonb_typeof(participants) = 'array' then jsonb_array_length(participants) end;
  problems jsonb;
begin
  if amount between 1 and 100 then
    select jsonb_agg(jsonb_build_object('index', wrong.index, 'field', wrong.field, 'message', wrong.message))
    into problems
    from (
      select person.position - 1 as index, checked.field, checked.message
      from jsonb_array_elements(participants) with ordinality as person (value, position),
        lateral (
          select null as field, 'A participant is an object with a name.' as message
          where jsonb_typeof(person.value) <> 'object'
          union all
          select 'name', 'It is required.'
          where private.clean_line(left(person.value ->> 'name', 1000)) is null
            and coalesce(jsonb_typeof(person.value -> 'name'), 'null') in ('string', 'null')
            and jsonb_typeof(person.value) = 'object'
          union all
          select
            left(given.key, 100),
            case given.key
              when 'name' then private.line_problem(given.value, 200)
              when 'email' then
                coalesce(
                  private.line_problem(given.value, 320),
                  case
                    when private.is_email(lower(private.clean_line(given.value #>> '{}'))) is false
                      then 'It is no e-mail address.'
                  end
                )
              when 'is_primary' then
                case when jsonb_typeof(given.value) not in ('boolean', 'null') then 'It is true or false.' end
              when 'date_of_birth' then
                case
                  when jsonb_typeof(given.value) = 'null' then null
                  when jsonb_typeof(given.value) <> 'string' or private.calendar_date(given.value #>> '{}') is null
                    then 'It is a date such as 2004-02-29.'
                  when private.calendar_date(given.value #>> '{}') > now()::date + 1 then 'It lies in the future.'
                end
              when 'requirements' then
                case
                  when jsonb_typeof(given.value) = 'null' then null
                  when jsonb_typeof(given.value) <> 'array' then 'It is a list.'
                  when jsonb_array_length(given.value) > 20 then 'There are at most 20.'
                end
              else 'A participant has no such field.'
            end
          from jsonb_each(case jsonb_typeof(person.value) when 'object' then person.value else '{}' end) as given
          union all
          select rtrim(format('requirements.%s.%s', need.position - 1, left(detail.key, 100)), '.'), detail.message
          from jsonb_array_elements(
              case jsonb_typeof(person.value -> 'requirements')
                when 'array' then person.value -> 'requirements'
                else '[]'
              end
            ) with ordinality as need (value, position),
            lateral (
              select '' as key, 'It is an object of kind and note.' as message
              where jsonb_typeof(need.value) <> 'object'
              union all
              select wanted.key, 'It is required.'
              from (values ('kind'), ('note')) as wanted (key)
              where jsonb_typeof(need.value) = 'object'
                and coalesce(need.value -> wanted.key, 'null') = 'null'
              union all
              select
                given.key,
                case
                  when given.key not in ('kind', 'note', 'priority') then 'There is no such field.'
                  when jsonb_typeof(given.value) not in ('string', 'null') then 'It is a text.'
                  when given.key = 'kind'
                    and given.value #>> '{}' not in ('accessibility', 'dietary', 'medical', 'other')
                    then 'It is accessibility, dietary, medical or other.'
                  when given.key = 'priority' and given.value #>> '{}' not in ('low', 'normal', 'high', 'critical')
                    then 'It is low, normal, high or critical.'
                  when given.key = 'note' and length(btrim(given.value #>> '{}', E' \t\r\n')) not between 1 and 2000
                    then 'It has 1 to 2,000 characters.'
                end
              from jsonb_each(case jsonb_typeof(need.value) when 'object' then need.value else '{}' end) as given
            ) as detail
          where need.position <= 20
        ) as checked
      where checked.message is not null
      union all
      select min(chosen.position) - 1, 'is_primary', 'Only one is the primary participant.'
      from (
        select person.position
        from jsonb_array_elements(participants) with ordinality as person (value, position)
        where jsonb_typeof(person.value) = 'object' and person.value -> 'is_primary' = 'true'
        order by person.position
        offset 1
      ) as chosen
      having count(*) > 0
      order by 1, 2
      fetch first 100 rows only
    ) as wrong;
    if problems is null then
      return amount;
    end if;
  else
    problems := jsonb_build_array(
      jsonb_build_object('index', null, 'field', 'participants', 'message', 'It is a list of 1 to 100 participants.')
    );
  end if;
  perform private.refuse(
    422,
    'invalid_participants',
    format(
      'The participants cannot be booked. %s: %s',
      coalesce('No. ' || (problems -> 0 ->> 'index')::integer + 1 || ', ', '')
        || coalesce(problems -> 0 ->> 'field', 'participant'),
      problems -> 0 ->> 'message'
    ),
    'details.participants says what is wrong with whom: index counts from 0.',
    jsonb_build_object('participants', problems)
  );
  return null;
end;
$$;

comment on function private.require_participants(jsonb) is
  'Refuses participants that cannot be booked. Takes a list of 1 to 100 objects: name, and where there is one email, is_primary (of one at most), date_of_birth, requirements (up to 20 of kind, note, and priority). Returns how many there are. Raises PT422 invalid_participants with participants: index, field and message of each mistake, up to 100.';

revoke execute on function private.require_participants(jsonb) from public;
--! EndIncluded bookings/private/require_participants.sql
--! Included bookings/private/insert_attendees.sql
create or replace function private.insert_attendees (
  organization_id text,
  booking_id uuid,
  participants jsonb,
  with_birth boolean
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  has_primary constant boolean := participants @> '[{"is_primary": true}]';
begin
  -- Most need nothing.
  if not participants @? '$[*].requirements[*]' then
    insert into public.booking_attendees (organization_id, booking_id, name, email, is_primary, date_of_birth)
    select
      insert_attendees.organization_id,
      insert_attendees.booking_id,
      private.clean_line(person.value ->> 'name'),
      lower(private.clean_line(person.value ->> 'email')),
      case when has_primary then coalesce((person.value ->> 'is_primary')::boolean, false) else person.position = 1 end,
      -- It is kept where it is needed, and nowhere else.
      case when with_birth then private.calendar_date(person.value ->> 'date_of_birth') end
    from jsonb_array_elements(participants) with ordinality as person (value, position);
    return;
  end if;
  with person as materialized (
    select private.uuid_v7() as id, listed.value, listed.position
    from jsonb_array_elements(participants) with ordinality as listed (value, position)
  ),
  attendee as (
    insert into public.booking_attendees (organization_id, id, booking_id, name, email, is_primary, date_of_birth)
    select
      insert_attendees.organization_id,
      person.id,
      insert_attendees.booking_id,
      private.clean_line(person.value ->> 'name'),
      lower(private.clean_line(person.value ->> 'email')),
      case when has_primary then coalesce((person.value ->> 'is_primary')::boolean, false) else person.position = 1 end,
      case when with_birth then private.calendar_date(person.value ->> 'date_of_birth') end
    from person
  )
  insert into public.booking_requirements (organization_id, booking_id, attendee_id, kind, priority, note)
  select
    insert_attendees.organization_id,
    insert_attendees.booking_id,
    person.id,
    need.value ->> 'kind',
    coalesce(need.value ->> 'priority', 'normal'),
    btrim(need.value ->> 'note', E' \t\r\n')
  from person
    cross join lateral jsonb_array_elements(
      case jsonb_typeof(person.value -> 'requirements') when 'array' then person.value -> 'requirements' else '[]' end
    ) as need (value);
end;
$$;

comment on function private.insert_attendees(text, uuid, jsonb, boolean) is
  'Inserts the attendees of a booking, and what they need. Takes the organization, the booking, the participants, as private.require_participants has let them through, and whether dates of birth are kept. The first is primary where none says so.';

revoke execute on function private.insert_attendees(text, uuid, jsonb, boolean) from public;
--! EndIncluded bookings/private/insert_attendees.sql
--! Included bookings/private/offer_places.sql
create or replace function private.offer_places (
  organization_id text,
  session_id uuid
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.offer_places(text, uuid) is
  'Offers what is free in a session to who waits for it: in the order of their positions to the first who fit into what is left, who have it kept for them for as many hours as the organization has settled on, and not beyond the start. Each gets a mail. Takes the organization and the session, whose row the caller has locked; for functions that have checked who calls. Does nothing for a session that is not open.';

revoke execute on function private.offer_places(text, uuid) from public;
--! EndIncluded bookings/private/offer_places.sql
--! Included bookings/private/random_reference.sql
create or replace function private.random_reference()
  returns text
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  -- 32 letters and digits: five bits each, so that none is drawn more often.
  alphabet constant text := 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  -- Of a random UUID, the bytes 6 and 8 are not all random.
  random constant bytea := uuid_send(gen_random_uuid());
begin
  return substr(alphabet, (get_byte(random, 0) & 31) + 1, 1) || substr(alphabet, (get_byte(random, 1) & 31) + 1, 1)
    || substr(alphabet, (get_byte(random, 2) & 31) + 1, 1) || substr(alphabet, (get_byte(random, 3) & 31) + 1, 1)
    || substr(alphabet, (get_byte(random, 4) & 31) + 1, 1) || substr(alphabet, (get_byte(random, 5) & 31) + 1, 1)
    || substr(alphabet, (get_byte(random, 9) & 31) + 1, 1) || substr(alphabet, (get_byte(random, 10) & 31) + 1, 1);
end;
$$;

comment on function private.random_reference() is
  'Returns a reference of a booking: eight characters of ABCDEFGHJKLMNPQRSTUVWXYZ23456789 (no O, 0, I, 1), each drawn evenly from PostgreSQL''s strong random source, so that none lets another be guessed.';

revoke execute on function private.random_reference() from public;
--! EndIncluded bookings/private/random_reference.sql
--! Included bookings/private/require_age.sql
create or replace function private.require_age (
  participants jsonb,
  minimum_age integer,
  day date
)
  returns void
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  missing jsonb;
  young integer;
begin
  select
    jsonb_agg(
      jsonb_build_object('index', person.position - 1, 'field', 'date_of_birth', 'message', 'It is required.')
      order by person.position
    ) filter (where person.value ->> 'date_of_birth' is null),
    min(person.position - 1) filter (
      where extract(year from age(day, private.calendar_date(person.value ->> 'date_of_birth'))) < minimum_age
    )
  into missing, young
  from jsonb_array_elements(participants) with ordinality as person (value, position);
  if missing is not null then
    perform private.refuse(
      422,
      'invalid_participants',
      format('The course has a minimum age of %s: everybody has a date of birth.', minimum_age),
      'details.participants says who has none: index counts from 0.',
      jsonb_build_object('participants', missing)
    );
  elsif young is not null then
    perform private.refuse(
      422,
      'minimum_age',
      format('No. %s of the participants will not be %s on the day of the session.', young + 1, minimum_age),
      'Choose a later session.',
      jsonb_build_object('index', young, 'minimum_age', minimum_age)
    );
  end if;
end;
$$;

comment on function private.require_age(jsonb, integer, date) is
  'Refuses participants who are too young. Takes them, as private.require_participants has let them through, the age, and the day on which they must have it. Raises PT422 invalid_participants for who has no date of birth, minimum_age with index and minimum_age.';

revoke execute on function private.require_age(jsonb, integer, date) from public;
--! EndIncluded bookings/private/require_age.sql
--! Included bookings/private/require_places.sql
create or replace function private.require_places (
  session public.course_sessions,
  customer_id uuid,
  attendee_count integer
)
  returns public.booking_waitlist
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  entry public.booking_waitlist;
  free_places integer := session.capacity - session.places_taken - session.places_held;
begin
  if session.status not in ('published', 'full') or session.starts_at <= clock_timestamp() then
    perform private.refuse(
      409,
      'invalid_session_status',
      case
        when session.status in ('published', 'full') then 'The session has started.'
        else format('The session is %s.', session.status)
      end,
      'Choose another.',
      jsonb_build_object('status', session.status)
    );
  elsif
    exists (
      select
      from public.bookings as booking
      where booking.organization_id = session.organization_id
        and booking.session_id = session.id
        and booking.customer_id = require_places.customer_id
        and booking.status not in ('cancelled', 'refunded')
    )
    or exists (
      -- Older ones, whose customer has not been looked for.
      select
      from public.customers as customer
        join public.bookings as older
          on older.organization_id = customer.organization_id and older.contact_email = customer.email
      where customer.organization_id = session.organization_id
        and customer.id = require_places.customer_id
        and older.session_id = session.id
        and older.customer_id is null
        and older.contact_problem is null
        and older.status not in ('cancelled', 'refunded')
    )
  then
    perform private.refuse(
      409,
      'duplicate_booking',
      'There is a booking of this session with this e-mail address already.',
      'Cancel it first, or use another address.'
    );
  end if;
  select * into entry
  from public.booking_waitlist as open_entry
  where open_entry.organization_id = session.organization_id
    and open_entry.session_id = session.id
    and open_entry.customer_id = require_places.customer_id
    and open_entry.status in ('waiting', 'notified')
  -- Of customers who were merged there may be more.
  order by open_entry.status = 'notified' desc, open_entry.position
  fetch first row only;
  if entry.status = 'notified' then
    free_places := free_places + entry.attendee_count;
  end if;
  if attendee_count > free_places then
    perform private.refuse(
      409,
      'insufficient_capacity',
      case
        when free_places <= 0 then 'There is no place left.'
        when free_places = 1 then 'There is one place left.'
        else format('There are %s places left.', free_places)
      end,
      'Book fewer, choose another session, or join the waitlist.',
      jsonb_build_object('places_left', greatest(free_places, 0))
    );
  end if;
  return entry;
end;
$$;

comment on function private.require_places(public.course_sessions, uuid, integer) is
  'Refuses a booking that a session has no place for. Takes the session, as it was read last, the customer, and how many places. Returns the entry of the waitlist that the booking uses up: that of the customer who waits, or for whom places are kept, which then are free for it; null where there is none. Raises PT409 invalid_session_status (status), duplicate_booking, insufficient_capacity (places_left).';

revoke execute on function private.require_places(public.course_sessions, uuid, integer) from public;
--! EndIncluded bookings/private/require_places.sql
--! Included bookings/private/create_booking.sql
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
  volatile
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text) is
  'Books: public.create_booking with the rights that this takes.';

revoke execute
  on function private.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)
  from public;
grant execute
  on function private.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)
  to authenticated, service_role;
--! EndIncluded bookings/private/create_booking.sql
--! Included bookings/private/refuse_idempotency_mismatch.sql
create or replace function private.refuse_idempotency_mismatch()
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
begin
  perform private.refuse(
    422,
    'idempotency_mismatch',
    'This idempotency key was used for another request.',
    'Choose a new key for each request, and keep it only to send the same request again.'
  );
end;
$$;

comment on function private.refuse_idempotency_mismatch() is
  'Refuses a payment whose idempotency key was used for another. Never returns: raises PT422 idempotency_mismatch.';

revoke execute on function private.refuse_idempotency_mismatch() from public;
--! EndIncluded bookings/private/refuse_idempotency_mismatch.sql
--! Included bookings/private/insert_payment.sql
create or replace function private.insert_payment (
  wanted public.payments
)
  returns public.payments
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  inserted public.payments;
begin
  insert into public.payments (
    organization_id, booking_id, provider, method, amount, currency, status, idempotency_key, note, created_by,
    succeeded_at
  )
  values (
    wanted.organization_id, wanted.booking_id, wanted.provider, wanted.method, wanted.amount, wanted.currency,
    wanted.status, wanted.idempotency_key, wanted.note, auth.uid(),
    -- The clock, and not the start of the transaction: the booking was locked between them.
    case when wanted.status = 'succeeded' then clock_timestamp() end
  )
  on conflict on constraint payments_idempotency_key_key do nothing
  returning * into inserted;
  if not found then
    perform private.refuse_idempotency_mismatch();
  end if;
  return inserted;
end;
$$;

comment on function private.insert_payment(public.payments) is
  'Inserts a payment of the caller. Takes what it is of, by which provider, how, how much, its status, key and note; for functions that have checked all of it. Returns the payment. Raises PT422 idempotency_mismatch when its key was used for another.';

revoke execute on function private.insert_payment(public.payments) from public;
--! EndIncluded bookings/private/insert_payment.sql
--! Included bookings/private/payment_of_key.sql
create or replace function private.payment_of_key (
  wanted public.payments
)
  returns public.payments
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  known public.payments;
begin
  if wanted.idempotency_key is null then
    return null;
  elsif length(wanted.idempotency_key) not between 1 and 255 then
    perform private.refuse(400, 'idempotency_key_invalid', 'An idempotency key has 1 to 255 characters.');
  end if;
  select * into known
  from public.payments as payment
  where payment.organization_id = wanted.organization_id and payment.idempotency_key = wanted.idempotency_key;
  if
    known.id is not null
    and (
      known.booking_id, known.provider, known.created_by, known.method, coalesce(known.note, ''),
      coalesce(wanted.amount, known.amount)
    ) is distinct from (
      wanted.booking_id, wanted.provider, auth.uid(), wanted.method, coalesce(wanted.note, ''), known.amount
    )
  then
    perform private.refuse_idempotency_mismatch();
  end if;
  return known;
end;
$$;

comment on function private.payment_of_key(public.payments) is
  'Returns the payment that the caller has recorded or begun with an idempotency key; null when there is none, or no key. Takes the payment that is wanted, with an amount or null for any. Raises PT400 idempotency_key_invalid; PT422 idempotency_mismatch when the key was used for another.';

revoke execute on function private.payment_of_key(public.payments) from public;
--! EndIncluded bookings/private/payment_of_key.sql
--! Included bookings/private/require_open_amount.sql
create or replace function private.require_open_amount (
  booking public.bookings
)
  returns numeric
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  open_amount constant numeric := booking.total - booking.amount_paid + booking.amount_refunded;
begin
  if
    booking.status in ('cancelled', 'refunded')
    or open_amount <= 0
    or exists (
      select
      from public.refunds as refund
      where refund.organization_id = booking.organization_id
        and refund.booking_id = booking.id
        and refund.status in ('pending', 'approved', 'processing')
    )
  then
    perform private.refuse(
      409,
      'booking_not_payable',
      'There is nothing to pay for this booking.',
      'It is paid, cancelled or refunded, or a refund of it is open.',
      jsonb_build_object('status', booking.status)
    );
  end if;
  return open_amount;
end;
$$;

comment on function private.require_open_amount(public.bookings) is
  'Returns what is still to be paid for a booking. Takes the booking, locked. Raises PT409 booking_not_payable (status) when nothing is.';

revoke execute on function private.require_open_amount(public.bookings) from public;
--! EndIncluded bookings/private/require_open_amount.sql
--! Included bookings/private/create_payment.sql
create or replace function private.create_payment (
  booking_id uuid,
  idempotency_key text
)
  returns public.payments
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  booking constant public.bookings := private.require_money_booking(create_payment.booking_id, is_own_enough => true);
  wanted public.payments;
  known public.payments;
begin
  wanted.organization_id := booking.organization_id;
  wanted.booking_id := booking.id;
  wanted.provider := 'stripe';
  wanted.method := 'card';
  wanted.currency := booking.currency;
  wanted.status := 'pending';
  wanted.idempotency_key := create_payment.idempotency_key;
  known := private.payment_of_key(wanted);
  if known.id is not null then
    return known;
  end if;
  wanted.amount := private.require_open_amount(booking);
  if wanted.idempotency_key is null then
    -- Who comes back to the page goes on with the payment that was begun: two could both be paid.
    select * into known
    from public.payments as payment
    where payment.organization_id = booking.organization_id
      and payment.booking_id = booking.id
      and payment.provider = 'stripe'
      and payment.status in ('pending', 'processing')
      and payment.amount = wanted.amount
    -- A transfer that is on its way takes days.
    order by payment.status = 'processing' desc, payment.id desc
    limit 1;
    if found then
      return known;
    end if;
  end if;
  return private.insert_payment(wanted);
end;
$$;

comment on function private.create_payment(uuid, text) is
  'Begins a payment: public.create_payment with the rights that this takes.';

revoke execute on function private.create_payment(uuid, text) from public;
grant execute on function private.create_payment(uuid, text) to authenticated, service_role;
--! EndIncluded bookings/private/create_payment.sql
--! Included bookings/private/create_recurring_sessions.sql
create or replace function private.create_recurring_sessions (
  course_id uuid,
  venue_id uuid,
  room text,
  instructor_id uuid,
  first_starts_at timestamptz,
  frequency text,
  occurrences integer,
  capacity integer,
  price numeric
)
  returns setof public.course_sessions
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('bookings.catalog');
  step constant interval := case create_recurring_sessions.frequency
    when 'daily' then interval '1 day'
    when 'weekly' then interval '7 days'
    when 'biweekly' then interval '14 days'
    when 'monthly' then interval '1 month'
  end;
  duration interval;
  starts timestamptz[];
  template public.course_sessions;
begin
  if step is null then
    perform private.refuse(400, 'frequency_invalid', 'frequency is daily, weekly, biweekly or monthly.');
  elsif (occurrences between 1 and 104) is not true then
    perform private.refuse(400, 'occurrences_invalid', 'occurrences is a number from 1 to 104.');
  elsif (first_starts_at between '2000-01-01' and '2200-01-01') is not true then
    perform private.refuse(400, 'starts_at_invalid', 'first_starts_at is a moment from 2000 to 2199.');
  elsif (capacity between 1 and 10000) is not true then
    perform private.refuse(400, 'capacity_invalid', 'capacity is a number from 1 to 10,000.');
  elsif not coalesce(price between 0 and 1000000000, true) then
    perform private.refuse(400, 'price_invalid', 'price is an amount from 0 on, or null for that of the course.');
  elsif length(room) > 100 then
    perform private.refuse(400, 'room_invalid', 'room has at most 100 characters.');
  end if;
  -- Kept while the sessions are entered.
  select make_interval(mins => course.duration_minutes) into duration
  from public.courses as course
  where course.organization_id = current_id and course.id = create_recurring_sessions.course_id
  for share;
  if not found then
    perform private.refuse(404, 'course_not_found', 'There is no such course.');
  end if;
  perform
  from public.venues as venue
  where venue.organization_id = current_id and venue.id = create_recurring_sessions.venue_id
  for key share;
  if not found and create_recurring_sessions.venue_id is not null then
    perform private.refuse(404, 'venue_not_found', 'There is no such venue.');
  end if;
  perform
  from public.members as member
  where member.organization_id = current_id and member.user_id = create_recurring_sessions.instructor_id
  for key share;
  if not found and create_recurring_sessions.instructor_id is not null then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  end if;

  -- Counted from the first, at its hour on the clock: after a 31st of January comes the last of February, then again
  -- a 31st. The first is what was asked for, also in the hour that a clock shows twice.
  select
    array_agg(
      case ordinal
        when 0 then first_starts_at
        else (first_starts_at at time zone organization.timezone + ordinal * step) at time zone organization.timezone
      end
      order by ordinal
    )
  into starts
  from public.organizations as organization, generate_series(0, occurrences - 1) as ordinal
  where organization.id = current_id;

  template.organization_id := current_id;
  template.course_id := create_recurring_sessions.course_id;
  template.venue_id := create_recurring_sessions.venue_id;
  template.room := coalesce(btrim(create_recurring_sessions.room), '');
  template.instructor_id := create_recurring_sessions.instructor_id;
  template.capacity := create_recurring_sessions.capacity;
  template.price := create_recurring_sessions.price;
  return query
  select * from private.insert_sessions(template, starts, duration);
end;
$$;

comment on function private.create_recurring_sessions(
  uuid, uuid, text, uuid, timestamptz, text, integer, integer, numeric
) is
  'Enters sessions that recur: public.create_recurring_sessions with the rights that this takes.';

revoke execute
  on function
    private.create_recurring_sessions(uuid, uuid, text, uuid, timestamptz, text, integer, integer, numeric)
  from public;
grant execute
  on function
    private.create_recurring_sessions(uuid, uuid, text, uuid, timestamptz, text, integer, integer, numeric)
  to authenticated, service_role;
--! EndIncluded bookings/private/create_recurring_sessions.sql
--! Included bookings/private/customer_statistics_differences.sql
create or replace function private.customer_statistics_differences (
  organization_id text,
  customer_ids uuid[] default null
)
  returns setof public.customer_statistics_difference
  language sql
  stable
  set search_path = ''
  as $$
  select
    customer.id,
    customer.total_bookings,
    computed.total_bookings,
    customer.total_spent,
    computed.total_spent,
    customer.first_booking_at,
    computed.first_booking_at,
    customer.last_booking_at,
    computed.last_booking_at
  from public.customers as customer
    left join (
      select
        booking.customer_id,
        (count(*) filter (where booking.status not in ('cancelled', 'refunded')))::integer as bookings,
        sum(booking.amount_paid - booking.amount_refunded) as spent,
        min(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as first_at,
        max(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as last_at
      from public.bookings as booking
      where booking.organization_id = customer_statistics_differences.organization_id
        and booking.customer_id is not null
        and (customer_ids is null or booking.customer_id = any (customer_ids))
      group by booking.customer_id
    ) as made on made.customer_id = customer.id
    cross join lateral (
      select
        coalesce(made.bookings, 0) as total_bookings,
        coalesce(made.spent, 0) as total_spent,
        made.first_at as first_booking_at,
        made.last_at as last_booking_at
    ) as computed
  where customer.organization_id = customer_statistics_differences.organization_id
    and (customer_ids is null or customer.id = any (customer_ids))
    and (
      (customer.total_bookings, customer.total_spent) <> (computed.total_bookings, computed.total_spent)
      or customer.first_booking_at is distinct from computed.first_booking_at
      or customer.last_booking_at is distinct from computed.last_booking_at
    )
  order by customer.id;
$$;

comment on function private.customer_statistics_differences(text, uuid[]) is
  'Returns the customers of an organization whose statistics are not what their bookings come to, with both. Takes the organization, and the customers to look at (null: all). For functions that have checked who calls.';

revoke execute on function private.customer_statistics_differences(text, uuid[]) from public;
--! EndIncluded bookings/private/customer_statistics_differences.sql
--! Included bookings/private/expire_waitlist_offers.sql
create or replace function private.expire_waitlist_offers()
  returns integer
  language plpgsql
  volatile
  set search_path = ''
  as $$
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
$$;

comment on function private.expire_waitlist_offers() is
  'Ends the offers of all organizations that nobody has taken in time, and offers the places to the next; also ends the waiting for sessions that have started or take place no more. Run by pg_cron every five minutes; sessions that somebody works on at that moment wait for the next run. Returns how many entries have ended.';

revoke execute on function private.expire_waitlist_offers() from public;
--! EndIncluded bookings/private/expire_waitlist_offers.sql
--! Included bookings/private/export_bookings.sql
create or replace function private.export_bookings (
  starts_from timestamptz,
  starts_before timestamptz,
  after uuid,
  amount integer
)
  returns setof public.booking_export_row
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('bookings.read');
begin
  if (amount between 1 and 10000) is not true then
    perform private.refuse(400, 'amount_invalid', 'amount is a number from 1 to 10,000.');
  end if;
  return query
  select
    booking.id,
    booking.reference,
    booking.status,
    course.name,
    held.starts_at,
    held.ends_at,
    venue.name,
    -- As private.booking_contact, a call of which for each row would take as long as all the rest.
    coalesce(customer.contact_person, private.contact_text(booking.contact_details -> 'name', 200)),
    coalesce(customer.company_name, private.contact_text(booking.contact_details -> 'company', 200)),
    coalesce(customer.email, booking.contact_email),
    coalesce(customer.phone, private.contact_text(booking.contact_details -> 'phone', 50)),
    booking.attendee_count,
    booking.total,
    booking.currency,
    booking.amount_paid,
    booking.amount_refunded,
    booking.created_at
  from (
    select listed.id
    from public.bookings as listed
    where listed.organization_id = current_id
      and (export_bookings.after is null or listed.id > export_bookings.after)
      and (
        starts_from is null and starts_before is null
        or listed.session_id in (
          select chosen.id
          from public.course_sessions as chosen
          where chosen.organization_id = current_id
            and (starts_from is null or chosen.starts_at >= starts_from)
            and (starts_before is null or chosen.starts_at < starts_before)
        )
      )
    order by listed.id
    limit amount
  ) as listed
    join public.bookings as booking on booking.organization_id = current_id and booking.id = listed.id
    join public.course_sessions as held on held.organization_id = current_id and held.id = booking.session_id
    join public.courses as course on course.organization_id = current_id and course.id = held.course_id
    left join public.venues as venue on venue.organization_id = current_id and venue.id = held.venue_id
    left join public.customers as customer
      on customer.organization_id = current_id and customer.id = booking.customer_id
  order by booking.id;
end;
$$;

comment on function private.export_bookings(timestamptz, timestamptz, uuid, integer) is
  'Lists bookings for a spreadsheet: public.export_bookings with the rights that this takes.';

revoke execute on function private.export_bookings(timestamptz, timestamptz, uuid, integer) from public;
grant execute
  on function private.export_bookings(timestamptz, timestamptz, uuid, integer)
  to authenticated, service_role;
--! EndIncluded bookings/private/export_bookings.sql
--! Included bookings/private/find_booking_ids.sql
create or replace function private.find_booking_ids (
  organization_id text,
  query text
)
  returns setof uuid
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  parts constant record := private.search_parts(query);
  patterns constant text[] := parts.patterns;
  others constant text[] := parts.others;
  beginnings constant text[] := array(select '(^|[^[:alnum:]])' || part from unnest(parts.beginnings) as part);
begin
  return query
  select booking.id
  from public.bookings as booking
  where booking.organization_id = find_booking_ids.organization_id
    and booking.reference = upper(regexp_replace(query, '[^[:alnum:]]+', '', 'g'));
  return query
  select booking.id
  from private.find_customer_ids(organization_id, query) as found (customer_id)
    join public.bookings as booking
      on booking.organization_id = find_booking_ids.organization_id and booking.customer_id = found.customer_id;
  -- What has no customer yet, as it names itself.
  return query execute
    'select booking.id
    from public.bookings as booking
    where booking.organization_id = $1 and booking.customer_id is null'
    || case when cardinality(patterns) > 0 then
      ' and private.contact_search(booking.contact_details) like $2[1]'
    else '' end
    || case when cardinality(patterns) > 1 then
      ' and private.contact_search(booking.contact_details) like $2[2]'
    else '' end
    || case when cardinality(patterns) > 2 then
      ' and private.contact_search(booking.contact_details) || '''' like all ($2[3:])'
    else '' end
    || case when cardinality(others) > 0 then
      ' and private.contact_search(booking.contact_details) || '''' like all ($3)'
    else '' end
    || case when cardinality(beginnings) > 0 then
      ' and private.contact_search(booking.contact_details) || '''' ~ all ($4)'
    else '' end
  using find_booking_ids.organization_id, patterns, others, beginnings;
end;
$$;

comment on function private.find_booking_ids(text, text) is
  'Returns the bookings of an organization that have a reference, or whose customer has all words in company, name, e-mail address and phone number; without a customer, the contact details. Takes the organization and what was typed. For functions that have checked who calls.';

revoke execute on function private.find_booking_ids(text, text) from public;
--! EndIncluded bookings/private/find_booking_ids.sql
--! Included bookings/private/finish_refund.sql
create or replace function private.finish_refund (
  organization_id text,
  refund_id uuid,
  results jsonb
)
  returns public.refunds
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  finished public.refunds;
begin
  select * into finished
  from public.refunds as refund
  where refund.organization_id = finish_refund.organization_id and refund.id = finish_refund.refund_id;
  if not found then
    perform private.refuse(404, 'refund_not_found', 'There is no such refund.');
  end if;
  perform private.lock_booking(finished.organization_id, finished.booking_id);
  select * into finished
  from public.refunds as refund
  where refund.organization_id = finish_refund.organization_id and refund.id = finish_refund.refund_id;
  if finished.status in ('pending', 'approved', 'rejected') then
    perform private.require_transition('refunds', finished.status, 'processed');
  elsif exists (
    select
    from jsonb_to_recordset(results) as result (payment_id uuid, status text)
    where coalesce(result.status, 'succeeded') not in ('succeeded', 'failed', 'pending')
      or not exists (
        select
        from public.refund_items as item
        where item.organization_id = finished.organization_id
          and item.refund_id = finished.id
          and item.payment_id = result.payment_id
      )
  ) then
    perform private.refuse(
      400,
      'results_invalid',
      'A result names a payment that this refund gives back, and is succeeded, failed or pending.'
    );
  end if;
  perform private.apply_refund_results(
    finished.organization_id,
    finished.id,
    (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'payment_id', result.payment_id,
            'provider_refund_id', result.provider_refund_id,
            'status', case when result.failure is not null then 'failed' else coalesce(result.status, 'succeeded') end,
            'failure', coalesce(result.failure, 'The provider does not say why.')
          )
        ),
        '[]'
      )
      from jsonb_to_recordset(results) as result (payment_id uuid, provider_refund_id text, status text, failure text)
    )
  );
  -- What was told of it before anybody knew the provider's id.
  perform private.apply_intent_events(payment.provider, payment.provider_intent_id)
  from public.refund_items as item
    join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
    join private.payment_intents as intent
      on intent.provider = payment.provider and intent.intent_id = payment.provider_intent_id
  where item.organization_id = finished.organization_id and item.refund_id = finished.id;
  perform private.refund_late_payments(finished.organization_id, finished.booking_id);
  select * into finished
  from public.refunds as refund
  where refund.organization_id = finish_refund.organization_id and refund.id = finish_refund.refund_id;
  return finished;
end;
$$;

comment on function private.finish_refund(text, uuid, jsonb) is
  'Takes down what a provider has done about a refund: public.finish_refund with the rights that this takes.';

revoke execute on function private.finish_refund(text, uuid, jsonb) from public;
grant execute on function private.finish_refund(text, uuid, jsonb) to service_role;
--! EndIncluded bookings/private/finish_refund.sql
--! Included bookings/private/invoice_document.sql
create or replace function private.invoice_document (
  organization_id text,
  invoice_id uuid
)
  returns setof public.invoice_document
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select
    invoice.id,
    invoice.number,
    invoice.status,
    (coalesce(invoice.sent_at, invoice.paid_at, invoice.created_at) at time zone organization.timezone)::date,
    invoice.due_on,
    invoice.description,
    organization.id,
    organization.name,
    organization.address,
    organization.contact_email,
    organization.contact_phone,
    organization.timezone,
    coalesce(contact.name, contact.company, contact.email),
    contact.company,
    contact.email,
    customer.address,
    customer.payment_terms,
    booking.id,
    booking.reference,
    booking.status,
    course.name,
    venue.name,
    venue.address,
    held.room,
    held.starts_at,
    held.ends_at,
    array(
      select attendee.name
      from public.booking_attendees as attendee
      where attendee.organization_id = booking.organization_id and attendee.booking_id = booking.id
      order by attendee.is_primary desc, attendee.id
    ),
    invoice.quantity,
    invoice.unit_price,
    invoice.subtotal,
    invoice.discount_amount,
    invoice.total,
    invoice.currency,
    invoice.amount_paid,
    invoice.amount_refunded
  from public.invoices as invoice
    join public.organizations as organization
      on organization.id = invoice.organization_id and organization.status = 'active'
    join public.bookings as booking
      on booking.organization_id = invoice.organization_id and booking.id = invoice.booking_id
    cross join lateral private.booking_contact(booking) as contact
    join public.course_sessions as held
      on held.organization_id = booking.organization_id and held.id = booking.session_id
    join public.courses as course
      on course.organization_id = held.organization_id and course.id = held.course_id
    left join public.venues as venue on venue.organization_id = held.organization_id and venue.id = held.venue_id
    left join public.customers as customer
      on customer.organization_id = booking.organization_id and customer.id = booking.customer_id
  where invoice.organization_id = invoice_document.organization_id and invoice.id = invoice_document.invoice_id;
$$;

comment on function private.invoice_document(text, uuid) is
  'Returns what an invoice says: public.invoice_document with the rights that this takes.';

revoke execute on function private.invoice_document(text, uuid) from public;
grant execute on function private.invoice_document(text, uuid) to service_role;
--! EndIncluded bookings/private/invoice_document.sql
--! Included bookings/private/is_invoice_paid.sql
create or replace function private.is_invoice_paid (
  invoice public.invoices,
  booking public.bookings
)
  returns boolean
  language sql
  stable
  set search_path = ''
  as $$
  select booking.status not in ('cancelled', 'refunded')
    and booking.amount_paid - booking.amount_refunded >= invoice.total
    and not exists (
      select
      from public.refunds as refund
      where refund.organization_id = booking.organization_id
        and refund.booking_id = booking.id
        and refund.status in ('pending', 'approved', 'processing')
    );
$$;

comment on function private.is_invoice_paid(public.invoices, public.bookings) is
  'Returns whether all of an invoice is paid, and not being given back. Takes the invoice and its booking.';

revoke execute on function private.is_invoice_paid(public.invoices, public.bookings) from public;
--! EndIncluded bookings/private/is_invoice_paid.sql
--! Included bookings/private/is_payment_change.sql
create or replace function private.is_payment_change (
  change jsonb
)
  returns boolean
  language sql
  immutable
  set search_path = ''
  as $$
  select coalesce(
    jsonb_typeof(change) = 'object'
    and jsonb_typeof(change -> 'intent_id') = 'string'
    and length(change ->> 'intent_id') between 1 and 255
    and (
      jsonb_typeof(change -> 'amount') = 'number'
      or jsonb_typeof(change -> 'amount') = 'string' and change ->> 'amount' ~ '^[0-9]{1,12}([.][0-9]{1,4})?$'
    )
    and jsonb_typeof(change -> 'currency') = 'string'
    and coalesce(jsonb_typeof(change -> 'organization_id'), 'null') in ('string', 'null')
    and coalesce(jsonb_typeof(change -> 'failure'), 'null') in ('string', 'null')
    and case change ->> 'kind'
      when 'payment' then change ->> 'status' in ('processing', 'succeeded', 'failed', 'cancelled')
      when 'refund' then change ->> 'status' in ('succeeded', 'failed', 'pending')
        and coalesce(jsonb_typeof(change -> 'refund_id'), 'null') in ('string', 'null')
        and jsonb_typeof(change -> 'provider_refund_id') = 'string'
        and length(change ->> 'provider_refund_id') between 1 and 255
    end,
    false
  );
$$;

comment on function private.is_payment_change(jsonb) is
  'Returns whether this says what has become of a payment or a refund, as record_payment_event takes it: kind, status, intent_id, amount (a number, or a decimal as text), currency, and for a refund provider_refund_id. Takes the change.';

revoke execute on function private.is_payment_change(jsonb) from public;
--! EndIncluded bookings/private/is_payment_change.sql
--! Included bookings/private/join_waitlist.sql
create or replace function private.join_waitlist (
  session_id uuid,
  contact jsonb,
  attendee_count integer
)
  returns public.booking_waitlist
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  for_id uuid;
  wanted public.course_sessions;
  joined public.booking_waitlist;
begin
  if (attendee_count between 1 and 100) is not true then
    perform private.refuse(422, 'invalid_participants', 'attendee_count is a number from 1 to 100.');
  end if;
  perform private.require_session(current_id, session_id);
  for_id := private.booking_customer(contact);
  -- Locked, so that nobody else gets the same position, and no place becomes free unseen.
  select * into wanted
  from public.course_sessions as session
  where session.organization_id = current_id
    and session.id = join_waitlist.session_id
  for no key update;
  if wanted.status not in ('published', 'full') or wanted.starts_at <= clock_timestamp() then
    perform private.refuse(
      409,
      'invalid_session_status',
      case
        when wanted.status in ('published', 'full') then 'The session has started.'
        else format('The session is %s.', wanted.status)
      end,
      'Choose another.',
      jsonb_build_object('status', wanted.status)
    );
  elsif join_waitlist.attendee_count > wanted.capacity then
    perform private.refuse(
      422, 'invalid_participants', format('The session has %s places in all.', wanted.capacity), 'Wait for fewer.'
    );
  elsif
    exists (
      select
      from public.bookings as booking
      where booking.organization_id = current_id
        and booking.session_id = wanted.id
        and booking.status not in ('cancelled', 'refunded')
        and (
          booking.customer_id = for_id
          -- An older one, whose customer has not been looked for.
          or booking.customer_id is null
          and booking.contact_email = (
            select customer.email
            from public.customers as customer
            where customer.organization_id = current_id and customer.id = for_id
          )
        )
    )
  then
    perform private.refuse(409, 'duplicate_booking', 'They have booked this session already.');
  elsif
    exists (
      select
      from public.booking_waitlist as entry
      where entry.organization_id = current_id
        and entry.session_id = wanted.id
        and entry.customer_id = for_id
        and entry.status in ('waiting', 'notified')
    )
  then
    perform private.refuse(
      409,
      'already_waiting',
      'They wait for this session already.',
      'Leave the waitlist first, to wait for more places or fewer.'
    );
  elsif wanted.capacity - wanted.places_taken - wanted.places_held >= join_waitlist.attendee_count then
    perform private.refuse(
      409,
      'places_available',
      'There are places: nobody has to wait.',
      'Book them.',
      jsonb_build_object('places_left', wanted.capacity - wanted.places_taken - wanted.places_held)
    );
  end if;

  insert into public.booking_waitlist (organization_id, session_id, customer_id, position, attendee_count, created_at)
  select
    current_id,
    wanted.id,
    for_id,
    coalesce(max(entry.position), 0) + 1,
    join_waitlist.attendee_count,
    clock_timestamp()
  from public.booking_waitlist as entry
  where entry.organization_id = current_id and entry.session_id = wanted.id
  returning * into joined;
  return joined;
end;
$$;

comment on function private.join_waitlist(uuid, jsonb, integer) is
  'Puts a customer on the waitlist of a session: public.join_waitlist with the rights that this takes.';

revoke execute on function private.join_waitlist(uuid, jsonb, integer) from public;
grant execute on function private.join_waitlist(uuid, jsonb, integer) to authenticated, service_role;
--! EndIncluded bookings/private/join_waitlist.sql
--! Included bookings/private/leave_waitlist.sql
create or replace function private.leave_waitlist (
  id uuid
)
  returns public.booking_waitlist
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  is_staff constant boolean := private.has_permission('bookings.write') or private.has_permission('bookings.book');
  own_ids constant uuid[] := private.own_customer_ids();
  left_entry public.booking_waitlist;
begin
  perform
  from public.course_sessions as session
  where session.organization_id = current_id
    and session.id = (
      select entry.session_id
      from public.booking_waitlist as entry
      where entry.organization_id = current_id
        and entry.id = leave_waitlist.id
        and (is_staff or entry.customer_id = any (own_ids))
    )
  for no key update;
  select * into left_entry
  from public.booking_waitlist as entry
  where entry.organization_id = current_id
    and entry.id = leave_waitlist.id
    and (is_staff or entry.customer_id = any (own_ids))
  for no key update;
  if not found then
    -- Staff that sees the list, and may not change it, is told so.
    if private.has_permission('bookings.read') and not is_staff then
      perform private.require_permission('bookings.write');
    end if;
    perform private.refuse(404, 'waitlist_entry_not_found', 'There is no such entry of a waitlist.');
  end if;
  perform private.require_transition('booking_waitlist', left_entry.status, 'expired');
  update public.booking_waitlist as entry
  set status = 'expired'
  where entry.organization_id = current_id and entry.id = left_entry.id;
  if left_entry.status = 'notified' then
    perform private.offer_places(current_id, left_entry.session_id);
  end if;
  select * into left_entry
  from public.booking_waitlist as entry
  where entry.organization_id = current_id and entry.id = leave_waitlist.id;
  return left_entry;
end;
$$;

comment on function private.leave_waitlist(uuid) is
  'Takes a customer off a waitlist: public.leave_waitlist with the rights that this takes.';

revoke execute on function private.leave_waitlist(uuid) from public;
grant execute on function private.leave_waitlist(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/leave_waitlist.sql
--! Included bookings/private/list_bookings.sql
create or replace function private.list_bookings (
  query text,
  status text,
  session_id uuid,
  customer_id uuid,
  starts_from timestamptz,
  starts_before timestamptz,
  page integer,
  per_page integer
)
  returns public.booking_page
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.list_bookings(text, text, uuid, uuid, timestamptz, timestamptz, integer, integer)
  is
  'Lists bookings: public.list_bookings with the rights that this takes.';

revoke execute
  on function private.list_bookings(text, text, uuid, uuid, timestamptz, timestamptz, integer, integer)
  from public;
grant execute
  on function private.list_bookings(text, text, uuid, uuid, timestamptz, timestamptz, integer, integer)
  to authenticated, service_role;
--! EndIncluded bookings/private/list_bookings.sql
--! Included bookings/private/lock_settled.sql
create or replace function private.lock_settled (
  organization_ids text[],
  session_ids uuid[],
  discount_code_ids uuid[],
  customer_ids uuid[]
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
begin
  perform
  from public.course_sessions as session
  where session.organization_id = any (organization_ids) and session.id = any (session_ids)
  order by session.id
  for no key update;
  perform
  from public.discount_codes as code
  where code.organization_id = any (organization_ids) and code.id = any (discount_code_ids)
  order by code.id
  for no key update;
  perform
  from public.customers as customer
  where customer.organization_id = any (organization_ids) and customer.id = any (customer_ids)
  order by customer.id
  for no key update;
end;
$$;

comment on function private.lock_settled(text[], uuid[], uuid[], uuid[]) is
  'Locks what a statement on several bookings changes, in the order in which everybody locks: sessions, discount codes, customers, each by id. Takes the organizations and the ids.';

revoke execute on function private.lock_settled(text[], uuid[], uuid[], uuid[]) from public;
--! EndIncluded bookings/private/lock_settled.sql
--! Included bookings/private/payment_events.sql
create or replace function private.payment_events (
  outcome text,
  page integer,
  per_page integer
)
  returns public.payment_event_page
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  listed public.payment_event_page;
begin
  perform private.require_page(page, per_page, null);
  if outcome not in ('applied', 'ignored', 'failed') then
    perform private.refuse(400, 'outcome_invalid', 'outcome is applied, ignored or failed.');
  end if;
  listed.page := page;
  listed.per_page := per_page;
  select count(*) into listed.total
  from private.webhook_events as event
  where payment_events.outcome is null or event.outcome = payment_events.outcome;
  listed.events := to_jsonb(array(
    select
      row(
        event.provider, event.event_id, event.event_type, event.organization_id, event.occurred_at, event.outcome,
        event.error, event.attempts, event.received_at, event.processed_at
      )::public.payment_event
    from private.webhook_events as event
    where payment_events.outcome is null or event.outcome = payment_events.outcome
    order by event.received_at desc, event.provider, event.event_id
    limit payment_events.per_page
    offset (payment_events.page - 1)::bigint * payment_events.per_page
  ));
  return listed;
end;
$$;

comment on function private.payment_events(text, integer, integer) is
  'Lists events of payment providers: public.payment_events with the rights that this takes.';

revoke execute on function private.payment_events(text, integer, integer) from public;
grant execute on function private.payment_events(text, integer, integer) to service_role;
--! EndIncluded bookings/private/payment_events.sql
--! Included bookings/private/publish_session.sql
create or replace function private.publish_session (
  id uuid
)
  returns public.course_sessions
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('bookings.catalog');
  published public.course_sessions;
begin
  select * into published
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = publish_session.id
  for no key update;
  if not found then
    perform private.refuse(404, 'session_not_found', 'There is no such session.');
  end if;
  perform private.require_transition(
    'course_sessions',
    -- What is full was published, and becomes it again by itself.
    case published.status when 'full' then 'published' else published.status end,
    'published'
  );
  if published.starts_at <= clock_timestamp() then
    perform private.refuse(
      409,
      'invalid_session_status',
      'The session has started.',
      'Set a later start first.',
      jsonb_build_object('status', published.status)
    );
  end if;
  update public.course_sessions as session
  set status = 'published'
  where session.organization_id = current_id and session.id = published.id
  returning * into published;
  return published;
end;
$$;

comment on function private.publish_session(uuid) is
  'Publishes a session: public.publish_session with the rights that this takes.';

revoke execute on function private.publish_session(uuid) from public;
grant execute on function private.publish_session(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/publish_session.sql
--! Included bookings/private/purge_idempotency_keys.sql
create or replace function private.purge_idempotency_keys()
  returns bigint
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  with purged as (
    delete from private.idempotency_keys as known
    where known.created_at < now() - interval '48 hours'
    returning 1
  )
  select count(*) from purged;
$$;

comment on function private.purge_idempotency_keys() is
  'Forgets the answers that are older than 48 hours: a key is good for a repetition within 24. Run by pg_cron every night. Returns how many.';

revoke execute on function private.purge_idempotency_keys() from public;
--! EndIncluded bookings/private/purge_idempotency_keys.sql
--! Included bookings/private/recalculate_customer_statistics.sql
create or replace function private.recalculate_customer_statistics (
  customer_id uuid,
  dry_run boolean
)
  returns setof public.customer_statistics_difference
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('bookings.manage');
  different uuid[];
begin
  if customer_id is not null and not exists (
    select
    from public.customers as customer
    where customer.organization_id = current_id and customer.id = recalculate_customer_statistics.customer_id
  ) then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;
  if coalesce(dry_run, false) then
    return query
    select *
    from private.customer_statistics_differences(
      current_id, case when customer_id is not null then array[customer_id] end
    );
    return;
  end if;

  different := array(
    select difference.customer_id
    from private.customer_statistics_differences(
      current_id, case when recalculate_customer_statistics.customer_id is not null then
        array[recalculate_customer_statistics.customer_id]
      end
    ) as difference
  );
  -- Those that are different once nobody else is at work on them.
  perform
  from public.customers as customer
  where customer.organization_id = current_id and customer.id = any (different)
  order by customer.id
  for no key update;
  return query
  with difference as materialized (
    select * from private.customer_statistics_differences(current_id, different)
  ),
  repaired as (
    update public.customers as customer
    set total_bookings = difference.total_bookings,
      total_spent = difference.total_spent,
      first_booking_at = difference.first_booking_at,
      last_booking_at = difference.last_booking_at
    from difference
    where customer.organization_id = current_id and customer.id = difference.customer_id
  )
  select * from difference;
end;
$$;

comment on function private.recalculate_customer_statistics(uuid, boolean) is
  'Recalculates the statistics of customers: public.recalculate_customer_statistics with the rights that this takes.';

revoke execute on function private.recalculate_customer_statistics(uuid, boolean) from public;
grant execute
  on function private.recalculate_customer_statistics(uuid, boolean)
  to authenticated, service_role;
--! EndIncluded bookings/private/recalculate_customer_statistics.sql
--! Included bookings/private/record_attendance.sql
create or replace function private.record_attendance (
  session_id uuid,
  entries jsonb
)
  returns setof public.attendance_entry
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.record_attendance(uuid, jsonb) is
  'Records who was there: public.record_attendance with the rights that this takes.';

revoke execute on function private.record_attendance(uuid, jsonb) from public;
grant execute on function private.record_attendance(uuid, jsonb) to authenticated, service_role;
--! EndIncluded bookings/private/record_attendance.sql
--! Included bookings/private/record_payment.sql
create or replace function private.record_payment (
  booking_id uuid,
  amount numeric,
  method text,
  note text,
  idempotency_key text
)
  returns public.payments
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  booking constant public.bookings := private.require_money_booking(record_payment.booking_id, is_own_enough => false);
  wanted public.payments;
  known public.payments;
  open_amount numeric;
begin
  if method is null or method not in ('card', 'cash', 'bank_transfer', 'other') then
    perform private.refuse(400, 'method_invalid', 'method is card, cash, bank_transfer or other.');
  elsif length(btrim(note)) > 1000 then
    perform private.refuse(400, 'note_invalid', 'A note has at most 1,000 characters.');
  end if;
  wanted.organization_id := booking.organization_id;
  wanted.booking_id := booking.id;
  wanted.provider := 'manual';
  wanted.method := record_payment.method;
  -- What no column can hold is nothing.
  wanted.amount := case when abs(record_payment.amount) < 1000000000000 then record_payment.amount end;
  wanted.currency := booking.currency;
  wanted.status := 'succeeded';
  wanted.idempotency_key := record_payment.idempotency_key;
  wanted.note := nullif(btrim(record_payment.note), '');
  known := private.payment_of_key(wanted);
  if known.id is not null then
    return known;
  end if;
  open_amount := private.require_open_amount(booking);
  if (record_payment.amount > 0
    and record_payment.amount = round(record_payment.amount, 2)
    and record_payment.amount <= open_amount) is not true
  then
    perform private.refuse(
      422,
      'invalid_amount',
      format('From 0.01 to %s %s can be paid.', open_amount, booking.currency),
      details => jsonb_build_object('maximum', open_amount)
    );
  end if;
  return private.insert_payment(wanted);
end;
$$;

comment on function private.record_payment(uuid, numeric, text, text, text) is
  'Records a payment: public.record_payment with the rights that this takes.';

revoke execute on function private.record_payment(uuid, numeric, text, text, text) from public;
grant execute
  on function private.record_payment(uuid, numeric, text, text, text)
  to authenticated, service_role;
--! EndIncluded bookings/private/record_payment.sql
--! Included bookings/private/record_payment_event.sql
create or replace function private.record_payment_event (
  provider text,
  event_id text,
  event_type text,
  occurred_at timestamptz,
  payload jsonb,
  change jsonb
)
  returns public.payment_event_outcome
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  is_change constant boolean := private.is_payment_change(change);
  result public.payment_event_outcome;
begin
  insert into private.webhook_events (
    provider, event_id, event_type, occurred_at, payload, change, attempts, outcome, error
  )
  values (
    record_payment_event.provider, record_payment_event.event_id, record_payment_event.event_type,
    record_payment_event.occurred_at, record_payment_event.payload,
    case when is_change then record_payment_event.change end, 0, 'ignored',
    -- What cannot be read is kept as it came, in the payload, and does not get in the way of others.
    case when not is_change and jsonb_typeof(record_payment_event.change) <> 'null' then 'change_invalid' end
  )
  on conflict on constraint webhook_events_pkey do nothing;
  -- One that has failed is tried again when it comes again.
  if not found and not exists (
    select
    from private.webhook_events as event
    where event.provider = record_payment_event.provider
      and event.event_id = record_payment_event.event_id
      and event.outcome = 'failed'
  ) then
    result.outcome := 'duplicate';
    return result;
  end if;
  return private.apply_payment_event(record_payment_event.provider, record_payment_event.event_id);
end;
$$;

comment on function private.record_payment_event(text, text, text, timestamptz, jsonb, jsonb) is
  'Stores and applies an event of a provider: public.record_payment_event with the rights that this takes.';

revoke execute
  on function private.record_payment_event(text, text, text, timestamptz, jsonb, jsonb)
  from public;
grant execute
  on function private.record_payment_event(text, text, text, timestamptz, jsonb, jsonb)
  to service_role;
--! EndIncluded bookings/private/record_payment_event.sql
--! Included bookings/private/refresh_customer_statistics.sql
create or replace function private.refresh_customer_statistics (
  organization_id text,
  customer_ids uuid[]
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
begin
  -- In one order; and before the statement that counts, which then sees what those have done who had the lock before.
  perform
  from public.customers as customer
  where customer.organization_id = refresh_customer_statistics.organization_id and customer.id = any (customer_ids)
  order by customer.id
  for no key update;
  update public.customers as customer
  set total_bookings = counted.bookings,
    total_spent = counted.spent,
    first_booking_at = counted.first_at,
    last_booking_at = counted.last_at
  from unnest(customer_ids) as listed (id),
    lateral (
      select
        count(*) filter (where booking.status not in ('cancelled', 'refunded')) as bookings,
        coalesce(sum(booking.amount_paid - booking.amount_refunded), 0) as spent,
        min(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as first_at,
        max(booking.created_at) filter (where booking.status not in ('cancelled', 'refunded')) as last_at
      from public.bookings as booking
      where booking.organization_id = refresh_customer_statistics.organization_id and booking.customer_id = listed.id
    ) as counted
  where customer.organization_id = refresh_customer_statistics.organization_id
    and customer.id = listed.id
    and (customer.total_bookings, customer.total_spent, customer.first_booking_at, customer.last_booking_at)
      is distinct from (counted.bookings, counted.spent, counted.first_at, counted.last_at);
end;
$$;

comment on function private.refresh_customer_statistics(text, uuid[]) is
  'Computes the statistics of customers from their bookings, from scratch: how many there are that are neither cancelled nor refunded, when the first and the last of these were made, and what was paid for all less what was given back. Takes the organization and the customers, each once; for functions that have checked who calls.';

revoke execute on function private.refresh_customer_statistics(text, uuid[]) from public;
--! EndIncluded bookings/private/refresh_customer_statistics.sql
--! Included bookings/private/refund_to_process.sql
create or replace function private.refund_to_process (
  message_id bigint,
  organization_id text,
  refund_id uuid
)
  returns setof public.refund_part
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  known public.refunds;
begin
  select * into known
  from public.refunds as refund
  where refund.organization_id = refund_to_process.organization_id and refund.id = refund_to_process.refund_id;
  if not found then
    return;
  end if;
  perform private.lock_booking(known.organization_id, known.booking_id);
  -- Only once, so that a message that is delivered again finds what is left to do, and nothing that was decided since.
  if private.is_first_effect('payments', refund_to_process.message_id) then
    update public.refunds as refund
    set status = 'processing'
    where refund.organization_id = known.organization_id and refund.id = known.id and refund.status = 'approved';
  end if;
  return query
  select item.refund_id, item.payment_id, payment.provider, payment.provider_intent_id, item.amount, payment.currency
  from public.refunds as refund
    join public.refund_items as item on item.organization_id = refund.organization_id and item.refund_id = refund.id
    join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
  where refund.organization_id = known.organization_id
    and refund.id = known.id
    and refund.status = 'processing'
    and payment.provider <> 'manual'
    and item.processed_at is null
    and item.provider_refund_id is null
  order by item.payment_id;
end;
$$;

comment on function private.refund_to_process(bigint, text, uuid) is
  'Begins to give back what a refund says: public.refund_to_process with the rights that this takes.';

revoke execute on function private.refund_to_process(bigint, text, uuid) from public;
grant execute on function private.refund_to_process(bigint, text, uuid) to service_role;
--! EndIncluded bookings/private/refund_to_process.sql
--! Included bookings/private/reject_refund.sql
create or replace function private.reject_refund (
  id uuid,
  reason text
)
  returns public.refunds
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  rejected public.refunds := private.require_refund(reject_refund.id);
begin
  perform private.require_transition('refunds', rejected.status, 'rejected');
  if length(btrim(reject_refund.reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  update public.refunds as refund
  set status = 'rejected',
    rejection_reason = nullif(btrim(reject_refund.reason), ''),
    decided_by = auth.uid()
  where refund.organization_id = rejected.organization_id and refund.id = rejected.id
  returning * into rejected;
  perform private.refund_late_payments(rejected.organization_id, rejected.booking_id);
  return rejected;
end;
$$;

comment on function private.reject_refund(uuid, text) is
  'Rejects a refund: public.reject_refund with the rights that this takes.';

revoke execute on function private.reject_refund(uuid, text) from public;
grant execute on function private.reject_refund(uuid, text) to authenticated, service_role;
--! EndIncluded bookings/private/reject_refund.sql
--! Included bookings/private/request_refund.sql
create or replace function private.request_refund (
  booking_id uuid,
  reason text,
  amount numeric
)
  returns public.refunds
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  booking constant public.bookings := private.require_money_booking(request_refund.booking_id, is_own_enough => true);
  available numeric := booking.amount_paid - booking.amount_refunded;
begin
  if length(btrim(reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  -- The rules hold for customers. What is open, or nothing, is told first.
  if available > 0 and not private.has_permission('bookings.payments') then
    select
      case
        when session.status = 'cancelled' then available
        else least(
          available,
          greatest(
            -- What was paid too much comes back whole.
            greatest(booking.amount_paid - booking.total, 0)
              + round(
                least(booking.amount_paid, booking.total)
                  * private.refund_share(
                    booking.organization_id, session.starts_at, coalesce(booking.cancelled_at, clock_timestamp())
                  ) / 100,
                2
              ) - booking.amount_refunded,
            0
          )
        )
      end
    into available
    from public.course_sessions as session
    where session.organization_id = booking.organization_id and session.id = booking.session_id;
    if
      coalesce(request_refund.amount, 0.01) > available
      and not exists (
        select
        from public.refunds as refund
        where refund.organization_id = booking.organization_id
          and refund.booking_id = booking.id
          and refund.status in ('pending', 'approved', 'processing')
      )
    then
      perform private.refuse(
        422,
        'invalid_amount',
        format('By the rules, up to %s %s can be given back.', available, booking.currency),
        'Ask the staff.',
        jsonb_build_object('maximum', available)
      );
    end if;
  end if;
  return private.open_refund(
    booking.organization_id, booking.id, coalesce(request_refund.amount, available),
    nullif(btrim(request_refund.reason), ''), 'pending'
  );
end;
$$;

comment on function private.request_refund(uuid, text, numeric) is
  'Asks for a refund: public.request_refund with the rights that this takes.';

revoke execute on function private.request_refund(uuid, text, numeric) from public;
grant execute on function private.request_refund(uuid, text, numeric) to authenticated, service_role;
--! EndIncluded bookings/private/request_refund.sql
--! Included bookings/private/require_invoice.sql
create or replace function private.require_invoice (
  id uuid
)
  returns public.invoices
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  locked public.invoices;
begin
  select * into locked
  from public.invoices as invoice
  where invoice.organization_id = current_id and invoice.id = require_invoice.id;
  if
    not found
    or not private.sees_money(current_id, locked.booking_id)
    -- A draft does not exist for the customer.
    or (
      locked.status = 'draft'
      and not (private.has_permission('bookings.payments') or private.has_permission('bookings.read'))
    )
  then
    perform private.refuse(404, 'invoice_not_found', 'There is no such invoice.');
  end if;
  perform private.require_money_booking(locked.booking_id, is_own_enough => false);
  select * into locked
  from public.invoices as invoice
  where invoice.organization_id = current_id and invoice.id = require_invoice.id
  for no key update;
  return locked;
end;
$$;

comment on function private.require_invoice(uuid) is
  'Returns an invoice of the current organization that the caller may send (bookings.payments), and locks it and its booking until the transaction ends. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 invoice_not_found, also for what the caller may not see.';

revoke execute on function private.require_invoice(uuid) from public;
--! EndIncluded bookings/private/require_invoice.sql
--! Included bookings/private/resend_confirmation.sql
create or replace function private.resend_confirmation (
  booking_id uuid
)
  returns text
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('bookings.write');
  booking public.bookings;
  address text;
begin
  select * into booking
  from public.bookings as known
  where known.organization_id = current_id and known.id = resend_confirmation.booking_id;
  if not found then
    perform private.refuse(404, 'booking_not_found', 'The organization has no such booking.');
  elsif booking.status in ('cancelled', 'refunded') then
    perform private.refuse(
      409,
      'booking_cancelled',
      format('This booking is %s: there is nothing to confirm.', booking.status),
      details => jsonb_build_object('status', booking.status)
    );
  end if;
  address := (select contact.email from private.booking_contact(booking) as contact);
  if address is null then
    perform private.refuse(
      422, 'contact_missing', 'Nobody knows an e-mail address for this booking.', 'Enter one with the customer.'
    );
  end if;
  perform private.enqueue(
    'bookings',
    'bookings.confirmation',
    jsonb_build_object('organization_id', current_id, 'booking_id', booking.id)
  );
  return address;
end;
$$;

comment on function private.resend_confirmation(uuid) is
  'Sends the confirmation of a booking once more: public.resend_confirmation with the rights that this takes.';

revoke execute on function private.resend_confirmation(uuid) from public;
grant execute on function private.resend_confirmation(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/resend_confirmation.sql
--! Included bookings/private/retry_payment_event.sql
create or replace function private.retry_payment_event (
  provider text,
  event_id text
)
  returns public.payment_event_outcome
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
begin
  if not exists (
    select
    from private.webhook_events as event
    where event.provider = retry_payment_event.provider and event.event_id = retry_payment_event.event_id
  ) then
    perform private.refuse(404, 'payment_event_not_found', 'There is no such event.');
  end if;
  return private.apply_payment_event(retry_payment_event.provider, retry_payment_event.event_id);
end;
$$;

comment on function private.retry_payment_event(text, text) is
  'Applies an event again: public.retry_payment_event with the rights that this takes.';

revoke execute on function private.retry_payment_event(text, text) from public;
grant execute on function private.retry_payment_event(text, text) to service_role;
--! EndIncluded bookings/private/retry_payment_event.sql
--! Included bookings/private/settle_money.sql
create or replace function private.settle_money (
  organization_id text,
  booking_ids uuid[]
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  newly_paid uuid[];
  numbers text[];
begin
  -- Before anything is summed: the next statements see what others have committed until then.
  perform
  from public.bookings as booking
  where booking.organization_id = settle_money.organization_id and booking.id = any (booking_ids)
  order by booking.id
  for no key update;

  update public.payments as payment
  set amount_refunded = summed.given_back
  from (
    select candidate.id, coalesce(sum(item.amount), 0) as given_back
    from public.payments as candidate
      left join public.refund_items as item
        on item.organization_id = candidate.organization_id
          and item.payment_id = candidate.id
          and item.processed_at is not null
    where candidate.organization_id = settle_money.organization_id and candidate.booking_id = any (booking_ids)
    group by candidate.id
  ) as summed
  where payment.organization_id = settle_money.organization_id
    and payment.id = summed.id
    and payment.amount_refunded <> summed.given_back;

  update public.bookings as booking
  set amount_paid = settled.paid,
    amount_refunded = settled.given_back,
    status = settled.status
  from (
    select
      candidate.id,
      money.paid,
      money.given_back,
      case
        when refunds.is_open then candidate.status
        when refunds.is_final then 'refunded'
        when candidate.status = 'pending' and money.paid > 0 and money.paid - money.given_back >= candidate.total
          then 'confirmed'
        else candidate.status
      end as status
    from public.bookings as candidate
      cross join lateral (
        select coalesce(sum(payment.amount), 0) as paid, coalesce(sum(payment.amount_refunded), 0) as given_back
        from public.payments as payment
        where payment.organization_id = candidate.organization_id
          and payment.booking_id = candidate.id
          and payment.status = 'succeeded'
      ) as money
      cross join lateral (
        select
          coalesce(bool_or(refund.status in ('pending', 'approved', 'processing')), false) as is_open,
          -- Who has paid twice, and gets back what was too much, has still paid.
          coalesce(
            bool_or(
              refund.status = 'processed'
              and (
                select coalesce(sum(payment.amount), 0)
                from public.payments as payment
                where payment.organization_id = refund.organization_id
                  and payment.booking_id = refund.booking_id
                  and payment.status = 'succeeded'
                  and payment.succeeded_at <= refund.created_at
              ) - (
                select coalesce(sum(item.amount), 0)
                from public.refunds as earlier
                  join public.refund_items as item
                    on item.organization_id = earlier.organization_id and item.refund_id = earlier.id
                where earlier.organization_id = refund.organization_id
                  and earlier.booking_id = refund.booking_id
                  and earlier.created_at <= refund.created_at
                  and item.processed_at is not null
              ) < candidate.total
            ),
            false
          ) as is_final
        from public.refunds as refund
        where refund.organization_id = candidate.organization_id and refund.booking_id = candidate.id
      ) as refunds
    where candidate.organization_id = settle_money.organization_id and candidate.id = any (booking_ids)
  ) as settled
  where booking.organization_id = settle_money.organization_id
    and booking.id = settled.id
    and (booking.amount_paid, booking.amount_refunded, booking.status)
      is distinct from (settled.paid, settled.given_back, settled.status);

  select array_agg(invoice.id order by invoice.created_at, invoice.id) into newly_paid
  from public.invoices as invoice
    join public.bookings as booking
      on booking.organization_id = invoice.organization_id and booking.id = invoice.booking_id
  where invoice.organization_id = settle_money.organization_id
    and invoice.booking_id = any (booking_ids)
    and invoice.status = 'draft'
    and private.is_invoice_paid(invoice, booking);
  if newly_paid is not null then
    numbers := array(
      select private.next_yearly_number('INV', settle_money.organization_id, cardinality(newly_paid))
    );
  end if;

  update public.invoices as invoice
  set amount_paid = settled.amount_paid,
    amount_refunded = settled.amount_refunded,
    status = settled.status,
    number = coalesce(invoice.number, settled.number)
  from (
    select
      candidate.id,
      booking.amount_paid,
      booking.amount_refunded,
      given.number,
      case
        -- Nobody has seen a draft.
        when booking.status = 'refunded' and candidate.status = 'draft' then 'void'
        when booking.status = 'refunded' then 'refunded'
        when candidate.status in ('draft', 'sent') and private.is_invoice_paid(candidate, booking) then 'paid'
        else candidate.status
      end as status
    from public.invoices as candidate
      join public.bookings as booking
        on booking.organization_id = candidate.organization_id and booking.id = candidate.booking_id
      left join unnest(newly_paid, numbers) as given (id, number) on given.id = candidate.id
    where candidate.organization_id = settle_money.organization_id
      and candidate.booking_id = any (booking_ids)
      and candidate.status <> 'void'
  ) as settled
  where invoice.organization_id = settle_money.organization_id
    and invoice.id = settled.id
    and (invoice.amount_paid, invoice.amount_refunded, invoice.status)
      is distinct from (settled.amount_paid, settled.amount_refunded, settled.status);

  if newly_paid is not null then
    perform private.enqueue_batch(
      'bookings',
      'bookings.invoice',
      array(
        select jsonb_build_object('organization_id', settle_money.organization_id, 'invoice_id', paid.id)
        from unnest(newly_paid) as paid (id)
      )
    );
  end if;
end;
$$;

comment on function private.settle_money(text, uuid[]) is
  'Makes amounts and statuses of bookings, and the amounts and invoices that follow, what their payments and refunds say: from scratch, so that it does not matter in which order these came, or how often it is asked. A booking that is paid is confirmed, one whose refund is done is refunded; while a refund is open it stays what it is. Takes the organization and the bookings; for functions that have checked who calls.';

revoke execute on function private.settle_money(text, uuid[]) from public;
--! EndIncluded bookings/private/settle_money.sql
--! Included bookings/private/send_invoice.sql
create or replace function private.send_invoice (
  id uuid
)
  returns public.invoices
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  sent public.invoices := private.require_invoice(send_invoice.id);
  settings constant public.booking_settings := private.booking_settings_of(sent.organization_id);
  given_number text;
begin
  perform private.require_transition('invoices', sent.status, 'sent');
  if exists (
    select
    from public.bookings as booking
    where booking.organization_id = sent.organization_id
      and booking.id = sent.booking_id
      and booking.status in ('cancelled', 'refunded')
  ) then
    perform private.refuse(
      409, 'booking_not_payable', 'There is nothing to pay for a booking that has ended.', 'Declare the invoice void.'
    );
  end if;
  -- The last lock of all: others wait for their numbers until this is done.
  select given into given_number
  from private.next_yearly_number('INV', sent.organization_id) as given;
  update public.invoices as invoice
  set status = 'sent',
    number = given_number,
    due_on = private.today(invoice.organization_id) + settings.invoice_due_days
  where invoice.organization_id = sent.organization_id and invoice.id = sent.id;
  perform private.enqueue(
    'bookings',
    'bookings.invoice',
    jsonb_build_object('organization_id', sent.organization_id, 'invoice_id', sent.id)
  );
  -- Of nothing, nothing is open.
  perform private.settle_money(sent.organization_id, array[sent.booking_id]);
  select * into sent
  from public.invoices as invoice
  where invoice.organization_id = sent.organization_id and invoice.id = sent.id;
  return sent;
end;
$$;

comment on function private.send_invoice(uuid) is
  'Sends an invoice: public.send_invoice with the rights that this takes.';

revoke execute on function private.send_invoice(uuid) from public;
grant execute on function private.send_invoice(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/send_invoice.sql
--! Included bookings/private/session_calendar.sql
create or replace function private.session_calendar (
  starts_from timestamptz,
  starts_before timestamptz,
  course_id uuid,
  venue_id uuid,
  instructor_id uuid
)
  returns setof public.session_calendar_entry
  language plpgsql
  stable
  security definer
  set search_path = ''
  set plan_cache_mode = force_custom_plan
  as $$
declare
  is_teacher constant boolean :=
    not private.has_permission('bookings.read') and private.has_permission('bookings.teach');
  current_id constant text := private.require_permission(
    case when is_teacher then 'bookings.teach' else 'bookings.read' end
  );
  -- Who teaches sees what they teach.
  caller constant uuid := case when is_teacher then auth.uid() end;
begin
  if (starts_from < starts_before) is not true then
    perform private.refuse(400, 'range_invalid', 'starts_from is a moment before starts_before.');
  end if;
  return query
  select
    session.id,
    session.course_id,
    course.name,
    course.course_type,
    session.venue_id,
    venue.name,
    session.room,
    session.instructor_id,
    instructor.display_name,
    session.starts_at,
    session.ends_at,
    session.status,
    session.capacity,
    session.places_taken,
    session.places_held,
    session.capacity - session.places_taken - session.places_held,
    round(session.places_taken::numeric / session.capacity, 4),
    coalesce(waiting.amount, 0)
  from public.course_sessions as session
    join public.courses as course
      on course.organization_id = session.organization_id and course.id = session.course_id
    left join public.venues as venue
      on venue.organization_id = session.organization_id and venue.id = session.venue_id
    left join public.user_profiles as instructor on instructor.user_id = session.instructor_id
    left join (
      select entry.session_id, count(*)::integer as amount
      from public.booking_waitlist as entry
      where entry.organization_id = current_id and entry.status = 'waiting'
      group by entry.session_id
    ) as waiting on waiting.session_id = session.id
  where session.organization_id = current_id
    and session.starts_at >= session_calendar.starts_from
    and session.starts_at < session_calendar.starts_before
    and (session_calendar.course_id is null or session.course_id = session_calendar.course_id)
    and (session_calendar.venue_id is null or session.venue_id = session_calendar.venue_id)
    and (session_calendar.instructor_id is null or session.instructor_id = session_calendar.instructor_id)
    and (caller is null or session.instructor_id = caller)
  order by session.starts_at, session.id;
end;
$$;

comment on function private.session_calendar(timestamptz, timestamptz, uuid, uuid, uuid) is
  'Returns the sessions of a time: public.session_calendar with the rights that this takes.';

revoke execute on function private.session_calendar(timestamptz, timestamptz, uuid, uuid, uuid) from public;
grant execute
  on function private.session_calendar(timestamptz, timestamptz, uuid, uuid, uuid)
  to authenticated, service_role;
--! EndIncluded bookings/private/session_calendar.sql
--! Included bookings/private/tg__money_frozen.sql
create or replace function private.tg__money_frozen()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if tg_op = 'DELETE' then
    -- It goes with its organization, and not before.
    if not exists (select from public.organizations as organization where organization.id = old.organization_id) then
      return old;
    end if;
  elsif to_jsonb(new) - tg_argv[0]::text[] is not distinct from to_jsonb(old) - tg_argv[0]::text[] then
    return new;
  end if;
  perform private.refuse(
    409,
    'money_frozen',
    format('What %s say of money no longer changes.', replace(tg_table_name, '_', ' ')),
    'What was wrong is put right by another payment, refund or invoice.'
  );
  return null;
end;
$$;

comment on function private.tg__money_frozen() is
  'Trigger function of payments, refunds and invoices that are no draft: what is not listed in its argument never changes, and nothing is deleted before its organization, whoever asks. Raises PT409 money_frozen.';

revoke execute on function private.tg__money_frozen() from public;
--! EndIncluded bookings/private/tg__money_frozen.sql
--! Included bookings/private/tg_booking_waitlist__settle.sql
create or replace function private.tg_booking_waitlist__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.tg_booking_waitlist__settle() is
  'Trigger function of booking_waitlist, for each statement: keeps the places that are held in sessions. Who changes an entry has locked its session. What becomes free is offered to nobody by this: who frees it calls private.offer_places.';

revoke execute on function private.tg_booking_waitlist__settle() from public;
--! EndIncluded bookings/private/tg_booking_waitlist__settle.sql
--! Included bookings/private/tg_bookings__settle.sql
create or replace function private.tg_bookings__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.tg_bookings__settle() is
  'Trigger function of bookings, for each statement: keeps what follows from them. The places that are taken in sessions (which refuse more than they have: course_sessions_never_oversold), and the offer of those that became free to the waitlist; the uses of discount codes; the statistics of customers. Raises PT422 discount_code_invalid (reason used_up) when a code is used more often than it may be.';

revoke execute on function private.tg_bookings__settle() from public;
--! EndIncluded bookings/private/tg_bookings__settle.sql
--! Included bookings/private/tg_course_sessions__flip.sql
create or replace function private.tg_course_sessions__flip()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if new.status in ('published', 'full') then
    new.status := case when new.places_taken + new.places_held >= new.capacity then 'full' else 'published' end;
  end if;
  if tg_op = 'UPDATE'
    and (new.course_id, new.venue_id, new.room, new.starts_at, new.ends_at, new.status = 'cancelled')
      is distinct from (old.course_id, old.venue_id, old.room, old.starts_at, old.ends_at, old.status = 'cancelled')
  then
    new.revision := old.revision + 1;
  end if;
  return new;
end;
$$;

comment on function private.tg_course_sessions__flip() is
  'Trigger function of course_sessions: what is published and has no free place is full, and what is full and has one is published; counts the changes that calendars show.';

revoke execute on function private.tg_course_sessions__flip() from public;
--! EndIncluded bookings/private/tg_course_sessions__flip.sql
--! Included bookings/private/tg_course_sessions__offer.sql
create or replace function private.tg_course_sessions__offer()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.offer_places(new.organization_id, new.id);
  return null;
end;
$$;

comment on function private.tg_course_sessions__offer() is
  'Trigger function of course_sessions: offers the places to the waitlist that a session got more, or has again since it starts later.';

revoke execute on function private.tg_course_sessions__offer() from public;
--! EndIncluded bookings/private/tg_course_sessions__offer.sql
--! Included bookings/private/tg_organizations__delete_documents.sql
create or replace function private.tg_organizations__delete_documents()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.enqueue('bookings', 'bookings.delete_documents', jsonb_build_object('organization_id', old.id));
  return null;
end;
$$;

comment on function private.tg_organizations__delete_documents() is
  'Trigger function of organizations that are deleted: has the worker delete their documents from Storage, which no statement can.';

revoke execute on function private.tg_organizations__delete_documents() from public;
--! EndIncluded bookings/private/tg_organizations__delete_documents.sql
--! Included bookings/private/tg_payments__settle.sql
create or replace function private.tg_payments__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if tg_op = 'INSERT' then
    perform private.settle_money(concerned.organization_id, concerned.booking_ids)
    from (
      select changed.organization_id, array_agg(distinct changed.booking_id) as booking_ids
      from new_rows as changed
      where changed.status = 'succeeded'
      group by changed.organization_id
      order by changed.organization_id
    ) as concerned;
  else
    perform private.settle_money(concerned.organization_id, concerned.booking_ids)
    from (
      select changed.organization_id, array_agg(distinct changed.booking_id) as booking_ids
      from new_rows as changed
        join old_rows as before on before.organization_id = changed.organization_id and before.id = changed.id
      where changed.status = 'succeeded' and before.status <> 'succeeded'
      group by changed.organization_id
      order by changed.organization_id
    ) as concerned;
  end if;
  return null;
end;
$$;

comment on function private.tg_payments__settle() is
  'Trigger function of payments: settles the bookings of those that have succeeded, once per statement.';

revoke execute on function private.tg_payments__settle() from public;
--! EndIncluded bookings/private/tg_payments__settle.sql
--! Included bookings/private/tg_refund_items__settle.sql
create or replace function private.tg_refund_items__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if tg_op = 'INSERT' then
    perform private.settle_money(concerned.organization_id, concerned.booking_ids)
    from (
      select refund.organization_id, array_agg(distinct refund.booking_id) as booking_ids
      from new_rows as changed
        join public.refunds as refund
          on refund.organization_id = changed.organization_id and refund.id = changed.refund_id
      where changed.processed_at is not null
      group by refund.organization_id
      order by refund.organization_id
    ) as concerned;
  else
    perform private.settle_money(concerned.organization_id, concerned.booking_ids)
    from (
      select refund.organization_id, array_agg(distinct refund.booking_id) as booking_ids
      from new_rows as changed
        join old_rows as before
          on before.organization_id = changed.organization_id
            and before.refund_id = changed.refund_id
            and before.payment_id = changed.payment_id
        join public.refunds as refund
          on refund.organization_id = changed.organization_id and refund.id = changed.refund_id
      where changed.processed_at is distinct from before.processed_at
      group by refund.organization_id
      order by refund.organization_id
    ) as concerned;
  end if;
  return null;
end;
$$;

comment on function private.tg_refund_items__settle() is
  'Trigger function of the items of refunds: settles the bookings of those that were given back, once per statement.';

revoke execute on function private.tg_refund_items__settle() from public;
--! EndIncluded bookings/private/tg_refund_items__settle.sql
--! Included bookings/private/tg_refunds__settle.sql
create or replace function private.tg_refunds__settle()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.settle_money(concerned.organization_id, concerned.booking_ids)
  from (
    select changed.organization_id, array_agg(distinct changed.booking_id) as booking_ids
    from new_rows as changed
      join old_rows as before on before.organization_id = changed.organization_id and before.id = changed.id
    where changed.status <> before.status
    group by changed.organization_id
    order by changed.organization_id
  ) as concerned;
  return null;
end;
$$;

comment on function private.tg_refunds__settle() is
  'Trigger function of refunds: settles the bookings of those whose status has changed, once per statement.';

revoke execute on function private.tg_refunds__settle() from public;
--! EndIncluded bookings/private/tg_refunds__settle.sql
--! Included bookings/private/void_invoice.sql
create or replace function private.void_invoice (
  id uuid
)
  returns public.invoices
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  declared public.invoices := private.require_invoice(void_invoice.id);
begin
  perform private.require_transition('invoices', declared.status, 'void');
  if declared.amount_paid > declared.amount_refunded
    -- What is kept of a booking that was cancelled is no reason to go on asking for the rest.
    and not exists (
      select
      from public.bookings as booking
      where booking.organization_id = declared.organization_id
        and booking.id = declared.booking_id
        and booking.status = 'cancelled'
    )
  then
    perform private.refuse(
      409, 'invoice_paid', 'Something was paid of this invoice.', 'Give it back first: request_refund.'
    );
  end if;
  update public.invoices as invoice
  set status = 'void'
  where invoice.organization_id = declared.organization_id and invoice.id = declared.id
  returning * into declared;
  -- What is still to be paid has an invoice.
  insert into public.invoices (
    organization_id, booking_id, description, quantity, unit_price, subtotal, discount_amount, total, currency
  )
  select
    declared.organization_id, declared.booking_id, declared.description, declared.quantity, declared.unit_price,
    declared.subtotal, declared.discount_amount, declared.total, declared.currency
  from public.bookings as booking
  where booking.organization_id = declared.organization_id
    and booking.id = declared.booking_id
    and booking.status not in ('cancelled', 'refunded');
  return declared;
end;
$$;

comment on function private.void_invoice(uuid) is
  'Declares an invoice void: public.void_invoice with the rights that this takes.';

revoke execute on function private.void_invoice(uuid) from public;
grant execute on function private.void_invoice(uuid) to authenticated, service_role;
--! EndIncluded bookings/private/void_invoice.sql
--! Included bookings/private/waitlist_offer_to_send.sql
create or replace function private.waitlist_offer_to_send (
  organization_id text,
  entry_id uuid
)
  returns setof public.waitlist_offer_mail
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select
    entry.id,
    customer.email,
    coalesce(customer.contact_person, customer.company_name),
    organization.name,
    organization.timezone,
    session.id,
    course.name,
    venue.name,
    session.room,
    session.starts_at,
    session.ends_at,
    entry.attendee_count,
    entry.offer_expires_at
  from public.booking_waitlist as entry
    join public.organizations as organization on organization.id = entry.organization_id
    join public.customers as customer
      on customer.organization_id = entry.organization_id and customer.id = entry.customer_id
    join public.course_sessions as session
      on session.organization_id = entry.organization_id and session.id = entry.session_id
    join public.courses as course
      on course.organization_id = session.organization_id and course.id = session.course_id
    left join public.venues as venue
      on venue.organization_id = session.organization_id and venue.id = session.venue_id
  where entry.organization_id = waitlist_offer_to_send.organization_id
    and entry.id = waitlist_offer_to_send.entry_id
    and entry.status = 'notified'
    and entry.offer_expires_at > now()
    and customer.email is not null
    and organization.status = 'active';
$$;

comment on function private.waitlist_offer_to_send(text, uuid) is
  'Returns what the mail of an offer says: public.waitlist_offer_to_send with the rights that this takes.';

revoke execute on function private.waitlist_offer_to_send(text, uuid) from public;
grant execute on function private.waitlist_offer_to_send(text, uuid) to service_role;
--! EndIncluded bookings/private/waitlist_offer_to_send.sql
--! Included sales/private/customer_details.sql
create or replace function private.customer_details (
  id uuid
)
  returns public.customer_details
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  customer constant public.customers := private.require_customer(customer_details.id);
  is_sold constant boolean := private.has_permission('sales.read') or customer.id = any (private.sold_customer_ids());
  is_own constant boolean := customer.id = any (private.own_customer_ids());
  has_booked constant boolean :=
    private.has_permission('bookings.read') or customer.id = any (private.current_customer_ids());
  details public.customer_details;
begin
  details.id := customer.id;
  details.company_name := customer.company_name;
  details.contact_person := customer.contact_person;
  details.email := customer.email;
  details.phone := customer.phone;
  details.address := customer.address;
  details.customer_type := customer.customer_type;
  details.tax_id := customer.tax_id;
  details.payment_terms := customer.payment_terms;
  details.is_active := customer.is_active;
  details.notes := customer.notes;
  details.tags := customer.tags;
  details.customer_since := customer.customer_since;
  details.total_bookings := customer.total_bookings;
  details.total_spent := customer.total_spent;
  details.created_at := customer.created_at;
  -- What the policies of the tables show.
  details.quotes := to_jsonb(array(
    select
      row(
        quote.id, quote.number, quote.status, quote.currency, quote.total, quote.valid_until, quote.created_at
      )::public.customer_quote
    from public.quotes as quote
    where quote.organization_id = customer.organization_id
      and quote.customer_id = customer.id
      and (is_sold or is_own and quote.status <> 'draft')
    order by quote.created_at desc, quote.id desc
    limit 10
  ));
  details.orders := to_jsonb(array(
    select
      row(
        placed.id, placed.number, placed.status, placed.currency, placed.total, placed.required_date, placed.created_at
      )::public.customer_order
    from public.orders as placed
    where placed.organization_id = customer.organization_id
      and placed.customer_id = customer.id
      and (is_sold or is_own)
    order by placed.created_at desc, placed.id desc
    limit 10
  ));
  details.bookings := to_jsonb(array(
    select
      row(
        booking.id, booking.reference, booking.status, course.name, held.starts_at, booking.attendee_count,
        booking.currency, booking.total, booking.amount_paid, booking.amount_refunded, booking.created_at
      )::public.customer_booking
    from public.bookings as booking
      join public.course_sessions as held
        on held.organization_id = booking.organization_id and held.id = booking.session_id
      join public.courses as course
        on course.organization_id = held.organization_id and course.id = held.course_id
    where booking.organization_id = customer.organization_id and booking.customer_id = customer.id and has_booked
    order by booking.created_at desc, booking.id desc
    limit 10
  ));
  details.payments := to_jsonb(array(
    select
      row(
        payment.id, booking.id, booking.reference, payment.provider, payment.method, payment.status, payment.currency,
        payment.amount, payment.amount_refunded, payment.created_at
      )::public.customer_payment
    from public.bookings as booking
      join public.payments as payment
        on payment.organization_id = booking.organization_id and payment.booking_id = booking.id
    where booking.organization_id = customer.organization_id and booking.customer_id = customer.id and has_booked
    order by payment.created_at desc, payment.id desc
    limit 10
  ));
  return details;
end;
$$;

comment on function private.customer_details(uuid) is
  'Returns a customer with what it last bought and booked: public.customer_details with the rights that this takes.';

revoke execute on function private.customer_details(uuid) from public;
grant execute on function private.customer_details(uuid) to authenticated, service_role;
--! EndIncluded sales/private/customer_details.sql

--! Included bookings/triggers/booking_waitlist.sql
create or replace trigger _200_guard_status_insert
  before insert on public.booking_waitlist
  for each row
  when (new.status <> 'waiting')
  execute function private.tg__guard_status();

create or replace trigger _200_guard_status_update
  before update of status on public.booking_waitlist
  for each row
  when (new.status <> old.status)
  execute function private.tg__guard_status();

create or replace trigger _600_settle_insert
  after insert on public.booking_waitlist
  referencing new table as new_rows
  for each statement
  execute function private.tg_booking_waitlist__settle();

create or replace trigger _600_settle_update
  after update on public.booking_waitlist
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_booking_waitlist__settle();

create or replace trigger _600_settle_delete
  after delete on public.booking_waitlist
  referencing old table as old_rows
  for each statement
  execute function private.tg_booking_waitlist__settle();
--! EndIncluded bookings/triggers/booking_waitlist.sql
--! Included bookings/triggers/bookings.sql
create or replace trigger _200_guard_status_insert
  before insert on public.bookings
  for each row
  when (new.status <> 'pending')
  execute function private.tg__guard_status();

create or replace trigger _200_guard_status_update
  before update of status on public.bookings
  for each row
  when (new.status <> old.status)
  execute function private.tg__guard_status();

create or replace trigger _600_settle_insert
  after insert on public.bookings
  referencing new table as new_rows
  for each statement
  execute function private.tg_bookings__settle();

create or replace trigger _600_settle_update
  after update on public.bookings
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_bookings__settle();

create or replace trigger _600_settle_delete
  after delete on public.bookings
  referencing old table as old_rows
  for each statement
  execute function private.tg_bookings__settle();
--! EndIncluded bookings/triggers/bookings.sql
--! Included bookings/triggers/course_sessions.sql
create or replace trigger _200_guard_status_insert
  before insert on public.course_sessions
  for each row
  when (new.status <> 'draft')
  execute function private.tg__guard_status();

create or replace trigger _200_guard_status_update
  before update of status on public.course_sessions
  for each row
  when (new.status <> old.status)
  execute function private.tg__guard_status();

create or replace trigger _210_flip
  before insert or update on public.course_sessions
  for each row
  execute function private.tg_course_sessions__flip();

create or replace trigger _600_offer
  after update of capacity, starts_at on public.course_sessions
  for each row
  when (new.capacity > old.capacity or new.starts_at > old.starts_at)
  execute function private.tg_course_sessions__offer();
--! EndIncluded bookings/triggers/course_sessions.sql
--! Included bookings/triggers/invoices.sql
create or replace trigger _200_guard_status_insert
  before insert on public.invoices
  for each row
  when (new.status <> 'draft')
  execute function private.tg__guard_status();

create or replace trigger _200_guard_status_update
  before update of status on public.invoices
  for each row
  when (new.status <> old.status)
  execute function private.tg__guard_status();

create or replace trigger _210_freeze
  before update
  on public.invoices
  for each row
  when (old.status <> 'draft')
  execute function private.tg__money_frozen(
    '{status, amount_paid, amount_refunded, sent_at, paid_at, void_at, refunded_at, updated_at}'
  );

create or replace trigger _212_freeze_delete
  before delete
  on public.invoices
  for each row
  when (old.number is not null)
  execute function private.tg__money_frozen();
--! EndIncluded bookings/triggers/invoices.sql
--! Included bookings/triggers/organizations.sql
create or replace trigger _500_delete_documents
  after delete on public.organizations
  for each row
  execute function private.tg_organizations__delete_documents();
--! EndIncluded bookings/triggers/organizations.sql
--! Included bookings/triggers/payments.sql
create or replace trigger _200_guard_status_insert
  before insert on public.payments
  for each row
  when (new.status <> 'pending')
  execute function private.tg__guard_status();

create or replace trigger _200_guard_status_update
  before update of status on public.payments
  for each row
  when (new.status <> old.status)
  execute function private.tg__guard_status();

create or replace trigger _210_freeze
  before update
  on public.payments
  for each row
  execute function private.tg__money_frozen(
    '{provider_intent_id, status, amount_refunded, note, failure_reason, created_by, succeeded_at, failed_at, updated_at}'
  );

create or replace trigger _211_freeze_intent
  before update
  on public.payments
  for each row
  when (old.provider_intent_id is not null)
  execute function private.tg__money_frozen(
    '{status, amount_refunded, note, failure_reason, created_by, succeeded_at, failed_at, updated_at}'
  );

create or replace trigger _212_freeze_delete
  before delete
  on public.payments
  for each row
  execute function private.tg__money_frozen();

create or replace trigger _600_settle_insert
  after insert
  on public.payments
  referencing new table as new_rows
  for each statement
  execute function private.tg_payments__settle();

create or replace trigger _600_settle_update
  after update
  on public.payments
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_payments__settle();
--! EndIncluded bookings/triggers/payments.sql
--! Included bookings/triggers/refund_items.sql
create or replace trigger _210_freeze
  before update
  on public.refund_items
  for each row
  when (old.processed_at is null)
  execute function private.tg__money_frozen('{provider_refund_id, processed_at, updated_at}');

create or replace trigger _211_freeze_processed
  before update
  on public.refund_items
  for each row
  when (old.processed_at is not null)
  execute function private.tg__money_frozen('{provider_refund_id, updated_at}');

create or replace trigger _212_freeze_delete
  before delete
  on public.refund_items
  for each row
  execute function private.tg__money_frozen();

create or replace trigger _600_settle_insert
  after insert
  on public.refund_items
  referencing new table as new_rows
  for each statement
  execute function private.tg_refund_items__settle();

create or replace trigger _600_settle_update
  after update
  on public.refund_items
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_refund_items__settle();
--! EndIncluded bookings/triggers/refund_items.sql
--! Included bookings/triggers/refunds.sql
create or replace trigger _200_guard_status_insert
  before insert on public.refunds
  for each row
  when (new.status <> 'pending')
  execute function private.tg__guard_status();

create or replace trigger _200_guard_status_update
  before update of status on public.refunds
  for each row
  when (new.status <> old.status)
  execute function private.tg__guard_status();

create or replace trigger _210_freeze
  before update
  on public.refunds
  for each row
  execute function private.tg__money_frozen(
    '{status, rejection_reason, failure_reason, requested_by, decided_by, approved_at, processed_at, failed_at, rejected_at, updated_at}'
  );

create or replace trigger _212_freeze_delete
  before delete
  on public.refunds
  for each row
  execute function private.tg__money_frozen();

create or replace trigger _600_settle_update
  after update
  on public.refunds
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_refunds__settle();
--! EndIncluded bookings/triggers/refunds.sql

-- The API.

--! Included bookings/public/admin_list_customers.sql
create or replace function public.admin_list_customers (
  search text default null,
  customer_type text default null,
  has_bookings boolean default null,
  page integer default 1,
  per_page integer default 50
)
  returns public.customer_page
  language sql
  stable
  set search_path = ''
  as $$
  select private.admin_list_customers(search, customer_type, has_bookings, page, per_page);
$$;

comment on function public.admin_list_customers(text, text, boolean, integer, integer) is
  'Returns one page of all customers, who booked last first and who never booked at the end, and the total (customers.read). Takes words, all of which must be found as in search_customers; a customer_type; whether it has bookings; the page from 1 and its size, up to 100. Raises PT400 search_invalid (more than 200 characters), type_invalid, page_invalid, per_page_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke execute on function public.admin_list_customers(text, text, boolean, integer, integer) from public;
grant execute
  on function public.admin_list_customers(text, text, boolean, integer, integer)
  to authenticated, service_role;
--! EndIncluded bookings/public/admin_list_customers.sql
--! Included bookings/public/approve_refund.sql
create or replace function public.approve_refund (
  id uuid
)
  returns public.refunds
  language sql
  volatile
  set search_path = ''
  as $$
  select private.approve_refund(id);
$$;

comment on function public.approve_refund(uuid) is
  'Approves a refund that was asked for (bookings.payments): the newest payments are given back first, by the worker where a provider has them, else by staff, who then calls complete_refund. Takes the id. Returns the refund. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 refund_not_found; PT409 transition_not_allowed (from, to), no_payment.';

revoke execute on function public.approve_refund(uuid) from public;
grant execute on function public.approve_refund(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/approve_refund.sql
--! Included bookings/public/attach_payment_intent.sql
create or replace function public.attach_payment_intent (
  organization_id text,
  payment_id uuid,
  provider_intent_id text
)
  returns public.payments
  language sql
  volatile
  set search_path = ''
  as $$
  select private.attach_payment_intent(organization_id, payment_id, provider_intent_id);
$$;

comment on function public.attach_payment_intent(text, uuid, text) is
  'Says which intent of Stripe a payment is, so that events of it are matched; what came of it before is applied (service role only). Takes the organization, the payment, and the id of the intent; repeating it does nothing. Returns the payment. Raises PT400 intent_invalid; PT404 payment_not_found; PT409 intent_taken.';

revoke execute on function public.attach_payment_intent(text, uuid, text) from public;
grant execute on function public.attach_payment_intent(text, uuid, text) to service_role;
--! EndIncluded bookings/public/attach_payment_intent.sql
--! Included bookings/public/attendance_sheet.sql
create or replace function public.attendance_sheet (
  session_id uuid
)
  returns setof public.attendance_entry
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.attendance_sheet(session_id);
$$;

comment on function public.attendance_sheet(uuid) is
  'Returns who takes the places of a session, by name, with what they need and whether they were there (bookings.read or bookings.write; with bookings.teach for a session that the caller teaches). Takes the session. What they need is told to who teaches it, and with customers.health. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found, also for a session that somebody else teaches.';

revoke execute on function public.attendance_sheet(uuid) from public;
grant execute on function public.attendance_sheet(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/attendance_sheet.sql
--! Included bookings/public/backfill_booking_customers.sql
create or replace function public.backfill_booking_customers (
  batch_size integer default 1000,
  dry_run boolean default false
)
  returns public.booking_backfill
  language sql
  volatile
  set search_path = ''
  as $$
  select private.backfill_booking_customers(batch_size, dry_run);
$$;

comment on function public.backfill_booking_customers(integer, boolean) is
  'Finds the customers of older bookings, which have contact_details and no customer (bookings.manage): links one batch of them to the customers that have the e-mail addresses, made where there are none; an existing customer is not changed, nor are contact_details. Call it until remaining is 0: it may be interrupted, repeated, and called by several at once. Takes the size of the batch, from 1 to 100,000, and whether only to look: a dry run counts what all batches would do. Returns the counts, and each booking that no customer can be found for, with the reason. Raises PT400 batch_size_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke execute on function public.backfill_booking_customers(integer, boolean) from public;
grant execute on function public.backfill_booking_customers(integer, boolean) to authenticated, service_role;
--! EndIncluded bookings/public/backfill_booking_customers.sql
--! Included bookings/public/booking_details.sql
create or replace function public.booking_details (
  id uuid
)
  returns public.booking_details
  language sql
  stable
  set search_path = ''
  as $$
  select private.booking_details(id);
$$;

comment on function public.booking_details(uuid) is
  'Returns all there is to a booking (bookings.read; without it, bookings of customers that the caller acts for or that are assigned to them, and of sessions that they teach). An older booking shows what its contact details say until its customer is found. Who only teaches the session sees neither how to reach the customer nor payments, refunds and invoices; what attendees need is for the customer, who teaches, and customers.health; drafts of invoices are for bookings.read. Takes the id. Raises PT401 not_authenticated; PT403 organization_required; PT404 booking_not_found.';

revoke execute on function public.booking_details(uuid) from public;
grant execute on function public.booking_details(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/booking_details.sql
--! Included bookings/public/booking_document.sql
create or replace function public.booking_document (
  organization_id text,
  booking_id uuid
)
  returns setof public.booking_details
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.booking_document(organization_id, booking_id);
$$;

comment on function public.booking_document(text, uuid) is
  'Returns what the mails and documents of a booking say (service role only, for the worker): as the customer sees it, without what attendees need. No row when there is no such booking, or the organization is not active. Takes the organization and the booking.';

revoke execute on function public.booking_document(text, uuid) from public;
grant execute on function public.booking_document(text, uuid) to service_role;
--! EndIncluded bookings/public/booking_document.sql
--! Included bookings/public/booking_price.sql
create or replace function public.booking_price (
  session_id uuid,
  places integer,
  discount_code text default null
)
  returns public.booking_price
  language sql
  stable
  set search_path = ''
  as $$
  select private.booking_price(session_id, places, discount_code);
$$;

comment on function public.booking_price(uuid, integer, text) is
  'Says what places in a session cost, as create_booking would ask for them (every member; sessions that were never published, bookings.read or bookings.write). Takes the session, how many places (1 to 100), and a discount code. Returns the price of a place and of all, the discounts, and the total. Raises PT401 not_authenticated; PT403 organization_required; PT404 session_not_found; PT422 invalid_participants, discount_code_invalid (reason).';

revoke execute on function public.booking_price(uuid, integer, text) from public;
grant execute on function public.booking_price(uuid, integer, text) to authenticated, service_role;
--! EndIncluded bookings/public/booking_price.sql
--! Included bookings/public/cancel_booking.sql
create or replace function public.cancel_booking (
  id uuid,
  reason text default null
)
  returns public.bookings
  language sql
  volatile
  set search_path = ''
  as $$
  select private.cancel_booking(id, reason);
$$;

comment on function public.cancel_booking(uuid, text) is
  'Cancels a booking (whoever acts for its customer; bookings.write): its places are free at once, and go to the waitlist. Takes the id, and a reason of up to 1,000 characters. Nothing was paid: its invoice is void. Something was: what the rules of the organization give back is refunded, an approved refund of its own. Customers cancel before the start, and what is paid until as many hours before it as the organization has settled on; staff at any time. Returns the booking. Raises PT400 reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 booking_completed, transition_not_allowed (from, to), refund_open, cancellation_too_late (hours).';

revoke execute on function public.cancel_booking(uuid, text) from public;
grant execute on function public.cancel_booking(uuid, text) to authenticated, service_role;
--! EndIncluded bookings/public/cancel_booking.sql
--! Included bookings/public/cancel_session.sql
create or replace function public.cancel_session (
  id uuid,
  reason text
)
  returns public.course_sessions
  language sql
  volatile
  set search_path = ''
  as $$
  select private.cancel_session(id, reason);
$$;

comment on function public.cancel_session(uuid, text) is
  'Cancels a session with all its bookings (bookings.catalog): whatever was paid is refunded in full, by approved refunds of their own, invoices of which nothing was paid are void, the waitlist ends, and everybody gets a mail. Takes the id, and a reason of up to 1,000 characters, which they read. Returns the session. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found; PT409 transition_not_allowed (from, to).';

revoke execute on function public.cancel_session(uuid, text) from public;
grant execute on function public.cancel_session(uuid, text) to authenticated, service_role;
--! EndIncluded bookings/public/cancel_session.sql
--! Included bookings/public/clone_session.sql
create or replace function public.clone_session (
  id uuid,
  starts_at timestamptz,
  with_instructor boolean default true
)
  returns public.course_sessions
  language sql
  volatile
  set search_path = ''
  as $$
  select private.clone_session(id, starts_at, with_instructor);
$$;

comment on function public.clone_session(uuid, timestamptz, boolean) is
  'Enters a session like another, at another time, as a draft without bookings: course, venue, room, capacity, price, and how long it takes (bookings.catalog). Takes the session, the start, and whether the same instructor teaches. Returns the new one. Raises PT400 starts_at_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found; PT409 session_conflict with the day in details.conflicts on which the instructor or the room is in another session.';

revoke execute on function public.clone_session(uuid, timestamptz, boolean) from public;
grant execute on function public.clone_session(uuid, timestamptz, boolean) to authenticated, service_role;
--! EndIncluded bookings/public/clone_session.sql
--! Included bookings/public/complete_refund.sql
create or replace function public.complete_refund (
  id uuid
)
  returns public.refunds
  language sql
  volatile
  set search_path = ''
  as $$
  select private.complete_refund(id);
$$;

comment on function public.complete_refund(uuid) is
  'Takes down that staff has given back what an approved refund says of payments that staff was given (bookings.payments). Takes the id. Returns the refund: processed, or processing while a provider has still to give back its part. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 refund_not_found; PT409 transition_not_allowed (from, to), refund_not_manual.';

revoke execute on function public.complete_refund(uuid) from public;
grant execute on function public.complete_refund(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/complete_refund.sql
--! Included bookings/public/complete_session.sql
create or replace function public.complete_session (
  id uuid
)
  returns public.course_sessions
  language sql
  volatile
  set search_path = ''
  as $$
  select private.complete_session(id);
$$;

comment on function public.complete_session(uuid) is
  'Completes a session that is over (bookings.write; with bookings.teach one that the caller teaches). Takes the id. Its bookings become completed where anybody was recorded as present or late, the others no_show; who was there gets a certificate, where the course has them, that is valid from the last day of the session, in the time zone of the organization, for as many months as the course says; nobody waits for it any more. Returns the session. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found, also for a session that somebody else teaches; PT409 transition_not_allowed (from, to) for a draft, one that was cancelled, and one that is completed already, session_not_over.';

revoke execute on function public.complete_session(uuid) from public;
grant execute on function public.complete_session(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/complete_session.sql
--! Included bookings/public/confirm_booking.sql
create or replace function public.confirm_booking (
  id uuid
)
  returns public.bookings
  language sql
  volatile
  set search_path = ''
  as $$
  select private.confirm_booking(id);
$$;

comment on function public.confirm_booking(uuid) is
  'Confirms a booking that is pending, whether it is paid or not (bookings.write): what is paid is confirmed by itself. Takes the id. Returns the booking. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 transition_not_allowed (from, to), refund_open.';

revoke execute on function public.confirm_booking(uuid) from public;
grant execute on function public.confirm_booking(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/confirm_booking.sql
--! Included bookings/public/create_booking.sql
create or replace function public.create_booking (
  session_id uuid,
  contact jsonb,
  participants jsonb,
  discount_code text default null,
  idempotency_key text default null,
  expected_total numeric default null,
  terms_accepted boolean default false,
  notes text default null
)
  returns public.booking_receipt
  language sql
  volatile
  set search_path = ''
  as $$
  select private.create_booking(
    session_id, contact, participants, discount_code, idempotency_key, expected_total, terms_accepted, notes
  );
$$;

comment on function public.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text) is
  'Books places in a session that is published and has not started (bookings.write or bookings.book for the customer with the e-mail address of the contact, who is entered where there is none; every other member for themselves). Takes the session; the contact, an object of email, name, phone, company; 1 to 100 participants, each an object of name and, where there is one, email, is_primary, date_of_birth, requirements (a list of kind, note, priority); a discount code; a key, with which the same request is answered the same for at least 24 hours, however often it comes; the total that the customer was shown; that the terms are accepted; notes. Makes the booking with its attendees and a draft invoice, and enqueues the confirmation. What costs nothing is confirmed at once; whom the waitlist keeps places for takes those. Returns the receipt. Raises PT400 idempotency_key_invalid, notes_invalid; PT401 not_authenticated; PT403 organization_required, customer_authorization, email_not_verified; PT404 session_not_found; PT409 invalid_session_status (status), duplicate_booking, insufficient_capacity (places_left); PT422 invalid_participants (participants), invalid_contact (fields), minimum_age (index, minimum_age), terms_required, discount_code_invalid (reason), invalid_amount (expected, total), idempotency_mismatch, customer_creation_failed.';

revoke execute
  on function public.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)
  from public;
grant execute
  on function public.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)
  to authenticated, service_role;
--! EndIncluded bookings/public/create_booking.sql
--! Included bookings/public/create_payment.sql
create or replace function public.create_payment (
  booking_id uuid,
  idempotency_key text default null
)
  returns public.payments
  language sql
  volatile
  set search_path = ''
  as $$
  select private.create_payment(booking_id, idempotency_key);
$$;

comment on function public.create_payment(uuid, text) is
  'Begins a payment by Stripe of all that is still to be paid for a booking (whoever acts for its customer, who has booked it with bookings.book, or bookings.payments). Takes the booking and an idempotency key: with the same one, the same payment is returned; without one, that which waits for as much, if there is one. Returns the payment, pending. Raises PT400 idempotency_key_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 booking_not_payable (status); PT422 idempotency_mismatch.';

revoke execute on function public.create_payment(uuid, text) from public;
grant execute on function public.create_payment(uuid, text) to authenticated, service_role;
--! EndIncluded bookings/public/create_payment.sql
--! Included bookings/public/create_recurring_sessions.sql
create or replace function public.create_recurring_sessions (
  course_id uuid,
  first_starts_at timestamptz,
  frequency text,
  occurrences integer,
  venue_id uuid default null,
  room text default '',
  instructor_id uuid default null,
  capacity integer default 12,
  price numeric default null
)
  returns setof public.course_sessions
  language sql
  volatile
  set search_path = ''
  as $$
  select *
  from private.create_recurring_sessions(
    course_id, venue_id, room, instructor_id, first_starts_at, frequency, occurrences, capacity, price
  );
$$;

comment on function public.create_recurring_sessions(
  uuid, timestamptz, text, integer, uuid, text, uuid, integer, numeric
) is
  'Enters sessions of a course that recur, as drafts, all of them or none (bookings.catalog). Takes the course; the start of the first; daily, weekly, biweekly or monthly; how many, from 1 to 104; and what they share: venue, room, instructor, capacity, and a price of their own. They start at the same hour on the clock of the organization, whatever daylight saving does, monthly ones on the day of the first or on the last of a shorter month, and take as long as the course. Returns them in order. Raises PT400 frequency_invalid, occurrences_invalid, starts_at_invalid, capacity_invalid, price_invalid, room_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 course_not_found, venue_not_found, member_not_found; PT409 session_conflict with the days in details.conflicts on which the instructor or the room is in another session.';

revoke execute
  on function
    public.create_recurring_sessions(uuid, timestamptz, text, integer, uuid, text, uuid, integer, numeric)
  from public;
grant execute
  on function
    public.create_recurring_sessions(uuid, timestamptz, text, integer, uuid, text, uuid, integer, numeric)
  to authenticated, service_role;
--! EndIncluded bookings/public/create_recurring_sessions.sql
--! Included bookings/public/export_bookings.sql
create or replace function public.export_bookings (
  starts_from timestamptz default null,
  starts_before timestamptz default null,
  after uuid default null,
  amount integer default 1000
)
  returns setof public.booking_export_row
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.export_bookings(starts_from, starts_before, after, amount);
$$;

comment on function public.export_bookings(timestamptz, timestamptz, uuid, integer) is
  'Returns bookings for a spreadsheet, in the order of their ids (bookings.read). Takes from when on and before when their sessions start, null for all; the id after which to go on, that of the last row before, null at the start; and how many, from 1 to 10,000. No row says that it was all. Raises PT400 amount_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke execute on function public.export_bookings(timestamptz, timestamptz, uuid, integer) from public;
grant execute
  on function public.export_bookings(timestamptz, timestamptz, uuid, integer)
  to authenticated, service_role;
--! EndIncluded bookings/public/export_bookings.sql
--! Included bookings/public/finish_refund.sql
create or replace function public.finish_refund (
  organization_id text,
  refund_id uuid,
  results jsonb
)
  returns public.refunds
  language sql
  volatile
  set search_path = ''
  as $$
  select private.finish_refund(organization_id, refund_id, results);
$$;

comment on function public.finish_refund(text, uuid, jsonb) is
  'Takes down what a provider has done about a refund that is being processed (service role only, for the worker). Takes the organization, the refund, and a list of {"payment_id", "status": "succeeded, failed or pending", "provider_refund_id", "failure"}: succeeded without a status, failed with a failure; what is pending waits for an event. Returns the refund: processed when all of it is given back, failed when one part was not; it can then be asked for again. Repeating it changes nothing. Raises PT400 results_invalid; PT404 refund_not_found; PT409 transition_not_allowed (from, to).';

revoke execute on function public.finish_refund(text, uuid, jsonb) from public;
grant execute on function public.finish_refund(text, uuid, jsonb) to service_role;
--! EndIncluded bookings/public/finish_refund.sql
--! Included bookings/public/invoice_document.sql
create or replace function public.invoice_document (
  organization_id text,
  invoice_id uuid
)
  returns setof public.invoice_document
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.invoice_document(organization_id, invoice_id);
$$;

comment on function public.invoice_document(text, uuid) is
  'Returns what an invoice says (service role only, for the worker); no row when there is no such invoice, or the organization is not active. Takes the organization and the invoice.';

revoke execute on function public.invoice_document(text, uuid) from public;
grant execute on function public.invoice_document(text, uuid) to service_role;
--! EndIncluded bookings/public/invoice_document.sql
--! Included bookings/public/join_waitlist.sql
create or replace function public.join_waitlist (
  session_id uuid,
  contact jsonb default null,
  attendee_count integer default 1
)
  returns public.booking_waitlist
  language sql
  volatile
  set search_path = ''
  as $$
  select private.join_waitlist(session_id, contact, attendee_count);
$$;

comment on function public.join_waitlist(uuid, jsonb, integer) is
  'Puts a customer on the waitlist of a session that has no place for them (every member for themselves; bookings.write and bookings.book for the customer of contact, who is made where there is none). Takes the session; contact, an object of email, name, phone and company, as for create_booking; and how many places. Returns the entry with its position. Raises PT401 not_authenticated; PT403 organization_required, email_not_verified, customer_authorization; PT404 session_not_found; PT409 invalid_session_status (status), duplicate_booking, already_waiting, places_available (places_left); PT422 invalid_contact, invalid_participants (more than the session has), customer_creation_failed.';

revoke execute on function public.join_waitlist(uuid, jsonb, integer) from public;
grant execute on function public.join_waitlist(uuid, jsonb, integer) to authenticated, service_role;
--! EndIncluded bookings/public/join_waitlist.sql
--! Included bookings/public/leave_waitlist.sql
create or replace function public.leave_waitlist (
  id uuid
)
  returns public.booking_waitlist
  language sql
  volatile
  set search_path = ''
  as $$
  select private.leave_waitlist(id);
$$;

comment on function public.leave_waitlist(uuid) is
  'Ends somebody''s waiting, or turns an offer down, whose places are offered to the next (every member for themselves; bookings.write and bookings.book for all). Takes the id of the entry. Returns it, expired. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 waitlist_entry_not_found; PT409 transition_not_allowed (from, to) for one that is booked or expired.';

revoke execute on function public.leave_waitlist(uuid) from public;
grant execute on function public.leave_waitlist(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/leave_waitlist.sql
--! Included bookings/public/list_bookings.sql
create or replace function public.list_bookings (
  query text default null,
  status text default null,
  session_id uuid default null,
  customer_id uuid default null,
  starts_from timestamptz default null,
  starts_before timestamptz default null,
  page integer default 1,
  per_page integer default 50
)
  returns public.booking_page
  language sql
  stable
  set search_path = ''
  as $$
  select private.list_bookings(query, status, session_id, customer_id, starts_from, starts_before, page, per_page);
$$;

comment on function public.list_bookings(text, text, uuid, uuid, timestamptz, timestamptz, integer, integer)
  is
  'Returns one page of bookings, the newest first, and the total: of all with bookings.read, otherwise of those of customers that the caller acts for or that are assigned to them, and of sessions that they teach (then without e-mail address and phone number). Takes words to search for: a reference, or words all of which must be found in company, name, e-mail address and phone number, three characters and more anywhere, one or two at the beginning of a word; a status; a session; a customer; from when on and before when the session starts; the page from 1 and its size, up to 100. Older bookings without a customer are listed with what their contact details say. Raises PT400 search_invalid (more than 200 characters), status_invalid, page_invalid, per_page_invalid; PT401 not_authenticated; PT403 organization_required.';

revoke execute
  on function public.list_bookings(text, text, uuid, uuid, timestamptz, timestamptz, integer, integer)
  from public;
grant execute
  on function public.list_bookings(text, text, uuid, uuid, timestamptz, timestamptz, integer, integer)
  to authenticated, service_role;
--! EndIncluded bookings/public/list_bookings.sql
--! Included bookings/public/payment_events.sql
create or replace function public.payment_events (
  outcome text default null,
  page integer default 1,
  per_page integer default 50
)
  returns public.payment_event_page
  language sql
  stable
  set search_path = ''
  as $$
  select private.payment_events(outcome, page, per_page);
$$;

comment on function public.payment_events(text, integer, integer) is
  'Returns one page of the events that payment providers have sent, newest first, and the total (service role only). Takes an outcome (applied, ignored, failed) or null for all, the page from 1 and its size, up to 100. Raises PT400 per_page_invalid, page_invalid, outcome_invalid.';

revoke execute on function public.payment_events(text, integer, integer) from public;
grant execute on function public.payment_events(text, integer, integer) to service_role;
--! EndIncluded bookings/public/payment_events.sql
--! Included bookings/public/publish_session.sql
create or replace function public.publish_session (
  id uuid
)
  returns public.course_sessions
  language sql
  volatile
  set search_path = ''
  as $$
  select private.publish_session(id);
$$;

comment on function public.publish_session(uuid) is
  'Opens a draft of a session for bookings (bookings.catalog). Takes the id. Returns the session. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found; PT409 transition_not_allowed (from, to), invalid_session_status when it has started (status).';

revoke execute on function public.publish_session(uuid) from public;
grant execute on function public.publish_session(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/publish_session.sql
--! Included bookings/public/recalculate_customer_statistics.sql
create or replace function public.recalculate_customer_statistics (
  customer_id uuid default null,
  dry_run boolean default false
)
  returns setof public.customer_statistics_difference
  language sql
  volatile
  set search_path = ''
  as $$
  select * from private.recalculate_customer_statistics(customer_id, dry_run);
$$;

comment on function public.recalculate_customer_statistics(uuid, boolean) is
  'Computes the statistics of customers from their bookings, and repairs those that differ (bookings.manage). Nothing differs unless somebody has written past the rules. Takes a customer, or null for all, and whether only to look. Returns a row for each that differed, with what it had and what it has. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 customer_not_found.';

revoke execute on function public.recalculate_customer_statistics(uuid, boolean) from public;
grant execute on function public.recalculate_customer_statistics(uuid, boolean) to authenticated, service_role;
--! EndIncluded bookings/public/recalculate_customer_statistics.sql
--! Included bookings/public/record_attendance.sql
create or replace function public.record_attendance (
  session_id uuid,
  entries jsonb
)
  returns setof public.attendance_entry
  language sql
  volatile
  set search_path = ''
  as $$
  select * from private.record_attendance(session_id, entries);
$$;

comment on function public.record_attendance(uuid, jsonb) is
  'Records who was there, all of it or nothing (bookings.write; with bookings.teach for a session that the caller teaches). Takes the session, from its day on in the time zone of the organization, and a list of objects of attendee_id, status (present, late, absent, excused) and note; what is not in the list stays as it is, and what is recorded again is replaced. When the session is completed already, who was there after all gets a certificate. Returns the sheet. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 session_not_found, also for a session that somebody else teaches; PT409 invalid_session_status (status), session_not_started; PT422 invalid_attendance with index, field and message of what is wrong in details.entries.';

revoke execute on function public.record_attendance(uuid, jsonb) from public;
grant execute on function public.record_attendance(uuid, jsonb) to authenticated, service_role;
--! EndIncluded bookings/public/record_attendance.sql
--! Included bookings/public/record_payment.sql
create or replace function public.record_payment (
  booking_id uuid,
  amount numeric,
  method text default 'cash',
  note text default null,
  idempotency_key text default null
)
  returns public.payments
  language sql
  volatile
  set search_path = ''
  as $$
  select private.record_payment(booking_id, amount, method, note, idempotency_key);
$$;

comment on function public.record_payment(uuid, numeric, text, text, text) is
  'Records money that staff has been given for a booking (bookings.payments); what is paid in full is confirmed. Takes the booking, the amount, the method (card, cash, bank_transfer, other), a note, and an idempotency key: with the same one, one payment is recorded, and returned again. Returns the payment. Raises PT400 method_invalid, note_invalid, idempotency_key_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 booking_not_payable (status); PT422 invalid_amount (maximum), idempotency_mismatch.';

revoke execute on function public.record_payment(uuid, numeric, text, text, text) from public;
grant execute
  on function public.record_payment(uuid, numeric, text, text, text)
  to authenticated, service_role;
--! EndIncluded bookings/public/record_payment.sql
--! Included bookings/public/record_payment_event.sql
create or replace function public.record_payment_event (
  provider text,
  event_id text,
  event_type text,
  occurred_at timestamptz,
  payload jsonb,
  change jsonb default null
)
  returns public.payment_event_outcome
  language sql
  volatile
  set search_path = ''
  as $$
  select private.record_payment_event(provider, event_id, event_type, occurred_at, payload, change);
$$;

comment on function public.record_payment_event(text, text, text, timestamptz, jsonb, jsonb) is
  'Takes down an event of a payment provider, once, and applies what it says of a payment or a refund (service role only, for the webhook, after it has checked the signature). Takes the provider, the id and type of the event, when it happened, the event as it came, and what of it concerns us, or null: {"kind": "payment", "status": "processing, succeeded, failed or cancelled", "intent_id", "amount", "currency", "organization_id", "failure"} or {"kind": "refund", "status": "succeeded, failed or pending", "provider_refund_id", "refund_id", "intent_id", "amount", "currency", "organization_id", "failure"}. The payment is found by the intent alone. Events may come in any order, and again. Returns the outcome (applied, ignored, failed, duplicate) and the error of one that has failed: organization_mismatch, amount_mismatch, refund_unknown, refund_not_approved, refund_superseded, change_invalid, or what went wrong; of one that is ignored, intent_unknown.';

revoke execute
  on function public.record_payment_event(text, text, text, timestamptz, jsonb, jsonb)
  from public;
grant execute
  on function public.record_payment_event(text, text, text, timestamptz, jsonb, jsonb)
  to service_role;
--! EndIncluded bookings/public/record_payment_event.sql
--! Included bookings/public/refund_to_process.sql
create or replace function public.refund_to_process (
  message_id bigint,
  organization_id text,
  refund_id uuid
)
  returns setof public.refund_part
  language sql
  volatile
  set search_path = ''
  as $$
  select * from private.refund_to_process(message_id, organization_id, refund_id);
$$;

comment on function public.refund_to_process(bigint, text, uuid) is
  'Begins to process an approved refund: nobody can reject it any more (service role only, for the worker). Takes the message, the organization and the refund. Returns what a provider has still to give back, payment by payment; nothing when it is done, rejected or gone. A message that is delivered again gets what is left: have the provider do each part of a refund once, by a key made of both ids.';

revoke execute on function public.refund_to_process(bigint, text, uuid) from public;
grant execute on function public.refund_to_process(bigint, text, uuid) to service_role;
--! EndIncluded bookings/public/refund_to_process.sql
--! Included bookings/public/reject_refund.sql
create or replace function public.reject_refund (
  id uuid,
  reason text default null
)
  returns public.refunds
  language sql
  volatile
  set search_path = ''
  as $$
  select private.reject_refund(id, reason);
$$;

comment on function public.reject_refund(uuid, text) is
  'Rejects a refund that is pending, or approved and not being processed yet (bookings.payments): the booking is what it was. Takes the id and a reason or null. Returns the refund. Raises PT400 reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 refund_not_found; PT409 transition_not_allowed (from, to).';

revoke execute on function public.reject_refund(uuid, text) from public;
grant execute on function public.reject_refund(uuid, text) to authenticated, service_role;
--! EndIncluded bookings/public/reject_refund.sql
--! Included bookings/public/request_refund.sql
create or replace function public.request_refund (
  booking_id uuid,
  reason text default null,
  amount numeric default null
)
  returns public.refunds
  language sql
  volatile
  set search_path = ''
  as $$
  select private.request_refund(booking_id, reason, amount);
$$;

comment on function public.request_refund(uuid, text, numeric) is
  'Asks for money back that was paid for a booking, whatever its status (whoever acts for its customer: at most the share that the rules give; with bookings.payments, all that is left). Takes the booking, why, and the amount or null for as much as may be. Returns the refund, pending: approve_refund or reject_refund follows; until then the booking stays what it is. Raises PT400 reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 no_payment, refund_open; PT422 invalid_amount (maximum).';

revoke execute on function public.request_refund(uuid, text, numeric) from public;
grant execute on function public.request_refund(uuid, text, numeric) to authenticated, service_role;
--! EndIncluded bookings/public/request_refund.sql
--! Included bookings/public/resend_confirmation.sql
create or replace function public.resend_confirmation (
  booking_id uuid
)
  returns text
  language sql
  volatile
  set search_path = ''
  as $$
  select private.resend_confirmation(booking_id);
$$;

comment on function public.resend_confirmation(uuid) is
  'Sends the confirmation of a booking once more (bookings.write). Takes the booking. Returns the e-mail address that it goes to. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 booking_not_found; PT409 booking_cancelled; PT422 contact_missing.';

revoke execute on function public.resend_confirmation(uuid) from public;
grant execute on function public.resend_confirmation(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/resend_confirmation.sql
--! Included bookings/public/retry_payment_event.sql
create or replace function public.retry_payment_event (
  provider text,
  event_id text
)
  returns public.payment_event_outcome
  language sql
  volatile
  set search_path = ''
  as $$
  select private.retry_payment_event(provider, event_id);
$$;

comment on function public.retry_payment_event(text, text) is
  'Applies an event of a payment provider again, such as one that has failed (service role only). Takes the provider and the id of the event. Returns the outcome and the error, as record_payment_event does. Raises PT404 payment_event_not_found.';

revoke execute on function public.retry_payment_event(text, text) from public;
grant execute on function public.retry_payment_event(text, text) to service_role;
--! EndIncluded bookings/public/retry_payment_event.sql
--! Included bookings/public/send_invoice.sql
create or replace function public.send_invoice (
  id uuid
)
  returns public.invoices
  language sql
  volatile
  set search_path = ''
  as $$
  select private.send_invoice(id);
$$;

comment on function public.send_invoice(uuid) is
  'Sends a draft of an invoice (bookings.payments): it gets the next number and the day on which it is due, and no longer changes; the worker makes the document. Takes the id. Returns the invoice; paid, where there is nothing to pay. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 invoice_not_found; PT409 transition_not_allowed (from, to), booking_not_payable.';

revoke execute on function public.send_invoice(uuid) from public;
grant execute on function public.send_invoice(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/send_invoice.sql
--! Included bookings/public/session_calendar.sql
create or replace function public.session_calendar (
  starts_from timestamptz,
  starts_before timestamptz,
  course_id uuid default null,
  venue_id uuid default null,
  instructor_id uuid default null
)
  returns setof public.session_calendar_entry
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.session_calendar(starts_from, starts_before, course_id, venue_id, instructor_id);
$$;

comment on function public.session_calendar(timestamptz, timestamptz, uuid, uuid, uuid) is
  'Returns the sessions that start in a time, in that order, with how full they are and how many wait (bookings.read; with bookings.teach alone those that the caller teaches). Takes from when on, before when, and a course, a venue, an instructor, or null for all. Raises PT400 range_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke execute on function public.session_calendar(timestamptz, timestamptz, uuid, uuid, uuid) from public;
grant execute
  on function public.session_calendar(timestamptz, timestamptz, uuid, uuid, uuid)
  to authenticated, service_role;
--! EndIncluded bookings/public/session_calendar.sql
--! Included bookings/public/void_invoice.sql
create or replace function public.void_invoice (
  id uuid
)
  returns public.invoices
  language sql
  volatile
  set search_path = ''
  as $$
  select private.void_invoice(id);
$$;

comment on function public.void_invoice(uuid) is
  'Declares an invoice void, of which nothing is paid (bookings.payments). A number that it has stays its own; a booking that is neither cancelled nor refunded gets a new draft. Takes the id. Returns the invoice that is void. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 invoice_not_found; PT409 transition_not_allowed (from, to), invoice_paid.';

revoke execute on function public.void_invoice(uuid) from public;
grant execute on function public.void_invoice(uuid) to authenticated, service_role;
--! EndIncluded bookings/public/void_invoice.sql
--! Included bookings/public/waitlist_offer_to_send.sql
create or replace function public.waitlist_offer_to_send (
  organization_id text,
  entry_id uuid
)
  returns setof public.waitlist_offer_mail
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.waitlist_offer_to_send(organization_id, entry_id);
$$;

comment on function public.waitlist_offer_to_send(text, uuid) is
  'Returns what the mail says that offers freed places (service role only, for the worker); no row when the offer has ended, or the customer has no e-mail address. Takes the organization and the entry of the waitlist.';

revoke execute on function public.waitlist_offer_to_send(text, uuid) from public;
grant execute on function public.waitlist_offer_to_send(text, uuid) to service_role;
--! EndIncluded bookings/public/waitlist_offer_to_send.sql
--! Included sales/public/customer_details.sql
create or replace function public.customer_details (
  id uuid
)
  returns public.customer_details
  language sql
  stable
  set search_path = ''
  as $$
  select private.customer_details(id);
$$;

comment on function public.customer_details(uuid) is
  'Returns a customer with its 10 latest quotes, orders, bookings and payments (customers.read; without it, customers that the caller acts for or that are assigned to them with customers.assigned). Quotes and orders are those that the caller may see: with sales.read all; of assigned customers with sales.assigned; of one''s own customers orders, and quotes that were sent; bookings and payments with bookings.read all, otherwise of one''s own and of assigned customers. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization; PT404 customer_not_found.';

revoke execute on function public.customer_details(uuid) from public;
grant execute on function public.customer_details(uuid) to authenticated, service_role;
--! EndIncluded sales/public/customer_details.sql

-- Who may.

select private.define_permissions(
  descriptions => '{
    "bookings.read": "Read all courses, sessions, bookings, attendees, payments, refunds, invoices, waitlists and certificates.",
    "bookings.write": "Book for customers, confirm, cancel at any time, record attendance, complete sessions.",
    "bookings.book": "Book for customers, and nothing else: for the server of a website.",
    "bookings.catalog": "Change what is offered: courses, prices, venues, sessions, discount codes, rules.",
    "bookings.payments": "Record payments, decide on refunds, send invoices.",
    "bookings.teach": "See the sessions that one teaches, with who attends and what they need, and record attendance.",
    "bookings.manage": "Find the customers of older bookings, and recalculate the statistics of customers."
  }',
  holders => '{
    "owner": ["bookings.*"],
    "admin": ["bookings.*"],
    "manager": [
      "bookings.read", "bookings.write", "bookings.book", "bookings.catalog", "bookings.payments", "bookings.manage"
    ],
    "plant_manager": ["bookings.read", "bookings.write", "bookings.catalog"],
    "department_head": ["bookings.read"],
    "supervisor": ["bookings.read", "bookings.write"],
    "salesman": ["bookings.book"],
    "partner": ["bookings.book"],
    "data_entry": ["bookings.read", "bookings.write"],
    "instructor": ["bookings.teach"],
    "viewer": ["bookings.read"]
  }'
);

select private.secure_table(
  'public.booking_settings',
  read => 'bookings.read',
  write => 'bookings.catalog',
  insertable => array['cancellation_hours', 'waitlist_offer_hours', 'invoice_due_days'],
  updatable => array['cancellation_hours', 'waitlist_offer_hours', 'invoice_due_days'],
  -- Who books is told the rules.
  read_also => 'organization_id = (select private.current_organization_id())'
);
select private.secure_table(
  'public.refund_rules',
  read => 'bookings.read',
  write => 'bookings.catalog',
  insertable => array['hours_before', 'refund_percent'],
  updatable => array['hours_before', 'refund_percent'],
  is_deletable => true,
  read_also => 'organization_id = (select private.current_organization_id())'
);
select private.secure_table(
  'public.courses',
  read => 'bookings.read',
  write => 'bookings.catalog',
  insertable => array[
    'name', 'slug', 'course_type', 'description', 'duration_minutes', 'price', 'currency', 'minimum_age',
    'certificate_months', 'has_certificate', 'is_active'
  ],
  updatable => array[
    'name', 'slug', 'course_type', 'description', 'duration_minutes', 'price', 'currency', 'minimum_age',
    'certificate_months', 'has_certificate', 'is_active'
  ],
  is_deletable => true,
  read_also => 'is_active or (select private.has_permission(''bookings.teach''))'
);
select private.secure_table(
  'public.course_price_tiers',
  read => 'bookings.read',
  write => 'bookings.catalog',
  insertable => array['course_id', 'min_attendees', 'discount_percent'],
  updatable => array['min_attendees', 'discount_percent'],
  is_deletable => true,
  read_also => 'organization_id = (select private.current_organization_id())'
);
select private.secure_table(
  'public.venues',
  read => 'bookings.read',
  write => 'bookings.catalog',
  insertable => array['name', 'address', 'directions', 'is_active'],
  updatable => array['name', 'address', 'directions', 'is_active'],
  is_deletable => true,
  read_also => 'is_active or (select private.has_permission(''bookings.teach''))'
);
-- Whoever belongs to the organization sees what is open, and what they have booked or teach.
select private.secure_table(
  'public.course_sessions',
  read => 'bookings.read',
  write => 'bookings.catalog',
  insertable => array['course_id', 'venue_id', 'room', 'instructor_id', 'starts_at', 'ends_at', 'capacity', 'price'],
  updatable => array['venue_id', 'room', 'instructor_id', 'starts_at', 'ends_at', 'capacity', 'price'],
  read_also => 'status in (''published'', ''full'')
    or id = any ((select private.taught_session_ids())::uuid[])
    or id in (
      select booking.session_id
      from public.bookings as booking
      where booking.customer_id = any ((select private.current_customer_ids())::uuid[])
    )'
);
select private.secure_table(
  'public.discount_codes',
  read => 'bookings.read',
  write => 'bookings.catalog',
  insertable => array[
    'code', 'description', 'kind', 'amount', 'currency', 'course_id', 'minimum_total', 'max_uses',
    'max_uses_per_customer', 'valid_from', 'valid_until', 'is_active'
  ],
  updatable => array[
    'description', 'kind', 'amount', 'currency', 'course_id', 'minimum_total', 'max_uses', 'max_uses_per_customer',
    'valid_from', 'valid_until', 'is_active'
  ],
  is_deletable => true
);
select private.secure_table(
  'public.bookings',
  read => 'bookings.read',
  write => 'bookings.write',
  updatable => array['notes', 'contact_details'],
  read_also => 'customer_id = any ((select private.current_customer_ids())::uuid[])
    or session_id = any ((select private.taught_session_ids())::uuid[])'
);
select private.secure_table(
  'public.booking_attendees',
  read => 'bookings.read',
  write => 'bookings.write',
  updatable => array['name', 'email', 'date_of_birth'],
  read_also => 'booking_id in (
    select booking.id
    from public.bookings as booking
    where booking.customer_id = any ((select private.current_customer_ids())::uuid[])
      or booking.session_id = any ((select private.taught_session_ids())::uuid[])
  )'
);
-- As with the health of customers: few may read it, who books and who teaches may.
select private.secure_table(
  'public.booking_requirements',
  read => 'customers.health',
  write => 'customers.health',
  insertable => array['booking_id', 'attendee_id', 'kind', 'priority', 'note'],
  updatable => array['kind', 'priority', 'note'],
  is_deletable => true,
  read_also => 'booking_id in (
    select booking.id
    from public.bookings as booking
    where booking.customer_id = any ((select private.own_customer_ids())::uuid[])
      or booking.session_id = any ((select private.taught_session_ids())::uuid[])
  )'
);
select private.secure_table(
  'public.booking_waitlist',
  read => 'bookings.read',
  read_also => 'customer_id = any ((select private.current_customer_ids())::uuid[])'
);
select private.secure_table(
  'public.invoices',
  read => 'bookings.read',
  read_also => 'status <> ''draft'' and booking_id in (
    select booking.id
    from public.bookings as booking
    where booking.customer_id = any ((select private.current_customer_ids())::uuid[])
  )'
);
select private.secure_table(
  'public.payments',
  read => 'bookings.read',
  read_also => 'booking_id in (
    select booking.id
    from public.bookings as booking
    where booking.customer_id = any ((select private.current_customer_ids())::uuid[])
  )'
);
select private.secure_table(
  'public.refunds',
  read => 'bookings.read',
  read_also => 'booking_id in (
    select booking.id
    from public.bookings as booking
    where booking.customer_id = any ((select private.current_customer_ids())::uuid[])
  )'
);
select private.secure_table('public.refund_items', read => 'bookings.read');
select private.secure_table(
  'public.attendance',
  read => 'bookings.read',
  read_also => 'session_id = any ((select private.taught_session_ids())::uuid[])
    or attendee_id in (
      select attendee.id
      from public.booking_attendees as attendee
        join public.bookings as booking
          on booking.organization_id = attendee.organization_id and booking.id = attendee.booking_id
      where booking.customer_id = any ((select private.current_customer_ids())::uuid[])
    )'
);
select private.secure_table(
  'public.certificates',
  read => 'bookings.read',
  read_also => 'attendee_id in (
    select attendee.id
    from public.booking_attendees as attendee
      join public.bookings as booking
        on booking.organization_id = attendee.organization_id and booking.id = attendee.booking_id
    where booking.customer_id = any ((select private.current_customer_ids())::uuid[])
  )'
);

-- Documents: confirmations and invoices, in a folder of the organization and one of the booking. The worker writes them.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('documents', 'documents', false, 10485760, array['application/pdf'])
on conflict (id) do update
set public = excluded.public,
  file_size_limit = excluded.file_size_limit,
  allowed_mime_types = excluded.allowed_mime_types;

--! Included bookings/policies/objects.sql
-- The first folder of a document is its organization, the second says of what it is, the third is the booking. Whatever
-- other policies say: no document leaves its organization, and clients write none.

drop policy if exists "documents stay in their organization" on storage.objects;
create policy "documents stay in their organization" on storage.objects
  as restrictive
  for select
  to authenticated
  using (
    bucket_id <> 'documents'
    or (storage.foldername(name))[1] = (select private.current_organization_id())
  );

drop policy if exists "members read documents of bookings" on storage.objects;
create policy "members read documents of bookings" on storage.objects
  for select
  to authenticated
  using (
    bucket_id = 'documents'
    and (storage.foldername(name))[2] = 'bookings'
    and (
      (select private.has_permission('bookings.read'))
      or (storage.foldername(name))[3] in (
        select booking.id::text
        from public.bookings as booking
        where booking.customer_id = any ((select private.current_customer_ids())::uuid[])
      )
    )
  );

drop policy if exists "nobody reads documents without signing in" on storage.objects;
create policy "nobody reads documents without signing in" on storage.objects
  as restrictive
  for select
  to anon
  using (bucket_id <> 'documents');

drop policy if exists "only the backend adds documents" on storage.objects;
create policy "only the backend adds documents" on storage.objects
  as restrictive
  for insert
  to anon, authenticated
  with check (bucket_id <> 'documents');

drop policy if exists "only the backend changes documents" on storage.objects;
create policy "only the backend changes documents" on storage.objects
  as restrictive
  for update
  to anon, authenticated
  using (bucket_id <> 'documents')
  with check (bucket_id <> 'documents');

drop policy if exists "only the backend deletes documents" on storage.objects;
create policy "only the backend deletes documents" on storage.objects
  as restrictive
  for delete
  to anon, authenticated
  using (bucket_id <> 'documents');
--! EndIncluded bookings/policies/objects.sql

select cron.schedule('rowhouse-expire-waitlist-offers', '*/5 * * * *', 'select private.expire_waitlist_offers();');
select cron.schedule('rowhouse-purge-idempotency-keys', '41 3 * * *', 'select private.purge_idempotency_keys();');
