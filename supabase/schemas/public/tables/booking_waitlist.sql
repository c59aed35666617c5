create table public.booking_waitlist (
  session_id uuid not null,
  customer_id uuid not null,
  position integer not null,
  attendee_count integer not null default 1,
  status text not null default 'waiting'::text,
  notified_at timestamp with time zone,
  offer_expires_at timestamp with time zone,
  booking_id uuid,
  booked_at timestamp with time zone,
  expired_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint booking_waitlist_attendee_count_range
    check (((attendee_count >= 1) AND (attendee_count <= 1000))),
  constraint booking_waitlist_offer_ends check (((status = 'notified'::text) <= (offer_expires_at IS
    NOT NULL))),
  constraint booking_waitlist_position_positive check ((position > 0)),
  constraint booking_waitlist_status_known
    check ((status = ANY (ARRAY['waiting'::text, 'notified'::text, 'booked'::text, 'expired'::text])))
);

alter table public.booking_waitlist
  enable row level security;

create index booking_waitlist_offers_idx on public.booking_waitlist using btree (offer_expires_at)
  where (status = 'notified'::text);

create trigger _100_stamp
  before update on public.booking_waitlist
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status_insert
  before insert on public.booking_waitlist
  for each row
  when ((new.status <> 'waiting'::text))
  execute function private.tg__guard_status();

create trigger _200_guard_status_update
  before update of status on public.booking_waitlist
  for each row
  when ((new.status <> old.status))
  execute function private.tg__guard_status();

create trigger _500_audit_delete after delete on public.booking_waitlist
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'booking_waitlist',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.booking_waitlist
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'booking_waitlist',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.booking_waitlist
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'booking_waitlist',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _600_settle_delete
  after delete on public.booking_waitlist referencing OLD table as old_rows
  for each STATEMENT
  execute function private.tg_booking_waitlist__settle();

create trigger _600_settle_insert
  after insert on public.booking_waitlist referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_booking_waitlist__settle();

create trigger _600_settle_update
  after update on public.booking_waitlist referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_booking_waitlist__settle();

create policy "who may read" on public.booking_waitlist
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (customer_id = ANY ((
    select private.current_customer_ids() as current_customer_ids)::uuid[]))));

comment on column public.booking_waitlist.attendee_count is 'How many places it takes.';

comment on column public.booking_waitlist.booked_at is 'When it was booked.';

comment on column public.booking_waitlist.booking_id is 'The booking that came of it.';

comment on column public.booking_waitlist.created_at is 'Since when they wait.';

comment on column public.booking_waitlist.customer_id is 'Who waits.';

comment on column public.booking_waitlist.expired_at is 'When the offer ended, or they no longer waited.';

comment on column public.booking_waitlist.notified_at is 'When the places were offered.';

comment on column public.booking_waitlist.offer_expires_at is 'Until when they are kept.';

comment on column public.booking_waitlist.position is 'The place in the queue of the session, from 1. Never given twice.';

comment on column public.booking_waitlist.session_id is 'The session.';

comment on column public.booking_waitlist.status is 'waiting, notified (the places are kept for it), booked, or expired (the offer, or the wish).';

comment on column public.booking_waitlist.updated_at is 'When it was last changed. @unlogged';

comment on table public.booking_waitlist is 'Who waits for a place in a session, in order. Freed places are offered to the first who fit into them, and kept for them until the offer ends.';

grant select (attendee_count) on table public.booking_waitlist to authenticated;

grant select (booked_at) on table public.booking_waitlist to authenticated;

grant select (booking_id) on table public.booking_waitlist to authenticated;

grant select (created_at) on table public.booking_waitlist to authenticated;

grant select (customer_id) on table public.booking_waitlist to authenticated;

grant select (expired_at) on table public.booking_waitlist to authenticated;

grant select (notified_at) on table public.booking_waitlist to authenticated;

grant select (offer_expires_at) on table public.booking_waitlist to authenticated;

grant select (position) on table public.booking_waitlist to authenticated;

grant select (session_id) on table public.booking_waitlist to authenticated;

grant select (status) on table public.booking_waitlist to authenticated;

grant select (updated_at) on table public.booking_waitlist to authenticated;

grant select on table public.booking_waitlist to service_role;

alter table public.booking_waitlist
  add column organization_id text not null default private.current_organization_id();

alter table public.booking_waitlist
  add constraint booking_waitlist_position_key unique (organization_id, session_id, position);

create index booking_waitlist_booking_id_idx on public.booking_waitlist
  using btree (organization_id, booking_id);

create index booking_waitlist_customer_id_idx on public.booking_waitlist
  using btree (organization_id, customer_id);

create index booking_waitlist_open_idx on public.booking_waitlist using btree (organization_id, session_id)
  include (status)
  where (status = ANY (ARRAY['waiting'::text, 'notified'::text]));

create policy "only rows of the current organization" on public.booking_waitlist
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.booking_waitlist.organization_id is 'The organization.';

grant select (organization_id) on table public.booking_waitlist to authenticated;

alter table public.booking_waitlist
  add column id uuid not null default private.uuid_v7();

alter table public.booking_waitlist
  add constraint booking_waitlist_pkey primary key (organization_id, id);

comment on column public.booking_waitlist.id is 'Time-ordered id.';

grant select (id) on table public.booking_waitlist to authenticated;

alter table public.booking_waitlist
  add constraint booking_waitlist_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings(organization_id, id) on delete set null (booking_id);

alter table public.booking_waitlist
  add constraint booking_waitlist_session_id_fkey foreign key (organization_id, session_id)
    references public.course_sessions(organization_id, id) on delete cascade;

alter table public.booking_waitlist
  add constraint booking_waitlist_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers(organization_id, id);

alter table public.booking_waitlist
  add constraint booking_waitlist_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
