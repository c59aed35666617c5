create table public.course_sessions (
  course_id uuid not null,
  venue_id uuid,
  room text not null default ''::text,
  instructor_id uuid,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  capacity integer not null default 12,
  price numeric(14,2),
  status text not null default 'draft'::text,
  places_taken integer not null default 0,
  places_held integer not null default 0,
  cancellation_reason text,
  revision integer not null default 0,
  published_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  completed_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint course_sessions_cancellation_reason_length check ((length(cancellation_reason) <= 1000)),
  constraint course_sessions_capacity_range check (((capacity >= 1) AND (capacity <= 10000))),
  constraint course_sessions_ends_later check ((ends_at > starts_at)),
  constraint course_sessions_never_oversold check (((places_taken + places_held) <= capacity)),
  constraint course_sessions_places_held_not_negative check ((places_held >= 0)),
  constraint course_sessions_places_taken_not_negative check ((places_taken >= 0)),
  constraint course_sessions_price_range
    check (((price >= (0)::numeric) AND (price <= (1000000000)::numeric))),
  constraint course_sessions_room_length check ((length(room) <= 100)),
  constraint course_sessions_status_known
    check
    ((status = ANY (ARRAY['draft'::text, 'published'::text, 'full'::text, 'cancelled'::text,
    'completed'::text]))),
  constraint course_sessions_within_reason check (((starts_at >= '2000-01-01 00:00:00+00'::timestamp
    with time zone) AND (ends_at < '2201-01-01 00:00:00+00'::timestamp with time zone)))
);

alter table public.course_sessions
  enable row level security;

create trigger _100_stamp
  before update on public.course_sessions
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status_insert
  before insert on public.course_sessions
  for each row
  when ((new.status <> 'draft'::text))
  execute function private.tg__guard_status();

create trigger _200_guard_status_update
  before update of status on public.course_sessions
  for each row
  when ((new.status <> old.status))
  execute function private.tg__guard_status();

create trigger _210_flip
  before insert or update on public.course_sessions
  for each row
  execute function private.tg_course_sessions__flip();

create trigger _500_audit_delete after delete on public.course_sessions
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'course_sessions',
  'organization_id',
  '{organization_id,places_held,places_taken,revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.course_sessions
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'course_sessions',
  'organization_id',
  '{organization_id,places_held,places_taken,revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.course_sessions
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'course_sessions',
  'organization_id',
  '{organization_id,places_held,places_taken,revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _600_offer
  after update of capacity, starts_at on public.course_sessions
  for each row
  when (((new.capacity > old.capacity) OR (new.starts_at > old.starts_at)))
  execute function private.tg_course_sessions__offer();

comment on column public.course_sessions.cancellation_reason is 'Why it was cancelled.';

comment on column public.course_sessions.cancelled_at is 'When it was cancelled.';

comment on column public.course_sessions.capacity is 'How many places there are.';

comment on column public.course_sessions.completed_at is 'When it was completed.';

comment on column public.course_sessions.course_id is 'The course.';

comment on column public.course_sessions.created_at is 'When it was entered.';

comment on column public.course_sessions.ends_at is 'When it ends.';

comment on column public.course_sessions.instructor_id is 'The member who teaches; null while nobody does.';

comment on column public.course_sessions.places_held is 'The places that are kept for whom the waitlist offers them to. Kept by the database. @unlogged';

comment on column public.course_sessions.places_taken is 'The places of bookings that are neither cancelled nor refunded. Kept by the database. @unlogged';

comment on column public.course_sessions.price is 'The price of a place; null for that of the course. In the currency of the course.';

comment on column public.course_sessions.published_at is 'When it was published first.';

comment on column public.course_sessions.revision is 'How often its time, place or status was changed: calendars ask for it. Kept by the database. @unlogged';

comment on column public.course_sessions.room is 'Which room of the venue; empty for all of it, or for its only one.';

comment on column public.course_sessions.starts_at is 'When it starts.';

comment on column public.course_sessions.status is 'draft, published (open for bookings), full (published, without a free place: kept by the database), cancelled, or completed.';

comment on column public.course_sessions.updated_at is 'When it was last changed. @unlogged';

comment on column public.course_sessions.venue_id is 'Where; null for an online course, or while it is not known.';

comment on table public.course_sessions is 'A course on a day: places that are booked. An instructor, and a room of a venue, is in one session at a time. @example {"capacity": 10000, "starts_at": "2030-01-01 00:00:00.{serial}+00", "ends_at": "2030-01-01 00:00:00.{serial}5+00"}';

grant select (cancellation_reason) on table public.course_sessions to authenticated;

grant select (cancelled_at) on table public.course_sessions to authenticated;

grant insert (capacity), select (capacity), update (capacity)
  on table public.course_sessions
  to authenticated;

grant select (completed_at) on table public.course_sessions to authenticated;

grant insert (course_id), select (course_id) on table public.course_sessions to authenticated;

grant select (created_at) on table public.course_sessions to authenticated;

grant insert (ends_at), select (ends_at), update (ends_at)
  on table public.course_sessions
  to authenticated;

grant insert (instructor_id), select (instructor_id), update (instructor_id)
  on table public.course_sessions
  to authenticated;

grant select (places_held) on table public.course_sessions to authenticated;

grant select (places_taken) on table public.course_sessions to authenticated;

grant insert (price), select (price), update (price)
  on table public.course_sessions
  to authenticated;

grant select (published_at) on table public.course_sessions to authenticated;

grant select (revision) on table public.course_sessions to authenticated;

grant insert (room), select (room), update (room) on table public.course_sessions to authenticated;

grant insert (starts_at), select (starts_at), update (starts_at)
  on table public.course_sessions
  to authenticated;

grant select (status) on table public.course_sessions to authenticated;

grant select (updated_at) on table public.course_sessions to authenticated;

grant insert (venue_id), select (venue_id), update (venue_id)
  on table public.course_sessions
  to authenticated;

grant select on table public.course_sessions to service_role;

alter table public.course_sessions
  add column organization_id text not null default private.current_organization_id();

alter table public.course_sessions
  add constraint course_sessions_instructor_once EXCLUDE using gist (organization_id with =, instructor_id
    with =,
    tstzrange(starts_at, ends_at) with &&) where (((instructor_id is
    not null) AND (status <> 'cancelled'::text)));

alter table public.course_sessions
  add constraint course_sessions_room_once EXCLUDE using gist (organization_id with =, venue_id with =, room
    with =,
    tstzrange(starts_at, ends_at) with &&) where (((venue_id is not null) AND (status <> 'cancelled'::text)));

create index course_sessions_course_id_idx on public.course_sessions using btree (organization_id, course_id);

create index course_sessions_instructor_id_idx on public.course_sessions
  using btree (organization_id, instructor_id);

create index course_sessions_venue_id_idx on public.course_sessions using btree (organization_id, venue_id);

create policy "only rows of the current organization" on public.course_sessions
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.course_sessions
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may change" on public.course_sessions
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

comment on column public.course_sessions.organization_id is 'The organization.';

grant select (organization_id) on table public.course_sessions to authenticated;

alter table public.course_sessions
  add column id uuid not null default private.uuid_v7();

alter table public.course_sessions
  add constraint course_sessions_pkey primary key (organization_id, id);

create index course_sessions_starts_at_idx on public.course_sessions
  using btree (organization_id, starts_at, id);

create policy "who may read" on public.course_sessions
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (status = ANY
    (ARRAY['published'::text, 'full'::text])) or
    (id = ANY (( select private.taught_session_ids() as taught_session_ids)::uuid[])) or
    (id in ( select booking.session_id
   from public.bookings booking
  where
    (booking.customer_id = ANY (( select private.current_customer_ids() as current_customer_ids)::uuid[]))))));

comment on column public.course_sessions.id is 'Time-ordered id.';

grant select (id) on table public.course_sessions to authenticated;

alter table public.course_sessions
  add constraint course_sessions_course_id_fkey foreign key (organization_id, course_id)
    references public.courses(organization_id, id);

alter table public.course_sessions
  add constraint course_sessions_instructor_id_fkey foreign key (organization_id, instructor_id)
    references public.members(organization_id, user_id) on delete set null (instructor_id);

alter table public.course_sessions
  add constraint course_sessions_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.course_sessions
  add constraint course_sessions_venue_id_fkey foreign key (organization_id, venue_id)
    references public.venues(organization_id, id);
