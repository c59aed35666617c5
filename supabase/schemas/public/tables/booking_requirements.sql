create table public.booking_requirements (
  booking_id uuid not null,
  attendee_id uuid,
  kind text not null,
  priority text not null default 'normal'::text,
  note text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint booking_requirements_kind_known
    check ((kind = ANY (ARRAY['accessibility'::text, 'dietary'::text, 'medical'::text, 'other'::text]))),
  constraint booking_requirements_note_length check (((length(note) >= 1) AND (length(note) <= 2000))),
  constraint booking_requirements_priority_known
    check ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'critical'::text])))
);

alter table public.booking_requirements
  enable row level security;

create trigger _100_stamp
  before update on public.booking_requirements
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.booking_requirements
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'booking_requirements',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{note}',
  '{}'
);

create trigger _500_audit_insert after insert on public.booking_requirements
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'booking_requirements',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{note}',
  '{}'
);

create trigger _500_audit_update after update on public.booking_requirements
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'booking_requirements',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{note}',
  '{}'
);

comment on column public.booking_requirements.attendee_id is 'Who needs it; null for all of the booking.';

comment on column public.booking_requirements.booking_id is 'The booking.';

comment on column public.booking_requirements.created_at is 'When it was entered.';

comment on column public.booking_requirements.kind is 'accessibility, dietary, medical, or other.';

comment on column public.booking_requirements.note is 'What there is to know. The audit log says that it changed, and not what it says. @secret';

comment on column public.booking_requirements.priority is 'low, normal, high, or critical.';

comment on column public.booking_requirements.updated_at is 'When it was last changed. @unlogged';

comment on table public.booking_requirements is 'What attendees need. Apart from the booking, because few may read it.';

grant insert (attendee_id), select (attendee_id)
  on table public.booking_requirements
  to authenticated;

grant insert (booking_id), select (booking_id) on table public.booking_requirements to authenticated;

grant select (created_at) on table public.booking_requirements to authenticated;

grant insert (kind), select (kind), update (kind)
  on table public.booking_requirements
  to authenticated;

grant insert (note), select (note), update (note)
  on table public.booking_requirements
  to authenticated;

grant insert (priority), select (priority), update (priority)
  on table public.booking_requirements
  to authenticated;

grant select (updated_at) on table public.booking_requirements to authenticated;

grant delete on table public.booking_requirements to authenticated;

grant select on table public.booking_requirements to service_role;

alter table public.booking_requirements
  add column organization_id text not null default private.current_organization_id();

alter table public.booking_requirements
  add constraint booking_requirements_attendee_id_fkey foreign key (organization_id, attendee_id)
    references public.booking_attendees(organization_id, id) on delete cascade;

create index booking_requirements_attendee_id_idx on public.booking_requirements
  using btree (organization_id, attendee_id);

create index booking_requirements_booking_id_idx on public.booking_requirements
  using btree (organization_id, booking_id);

create policy "only rows of the current organization" on public.booking_requirements
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.booking_requirements
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('customers.health'::text) AS organization_with)));

create policy "who may change" on public.booking_requirements
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('customers.health'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('customers.health'::text) AS organization_with)));

create policy "who may delete" on public.booking_requirements
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('customers.health'::text) as organization_with)));

comment on column public.booking_requirements.organization_id is 'The organization.';

grant select (organization_id) on table public.booking_requirements to authenticated;

alter table public.booking_requirements
  add column id uuid not null default private.uuid_v7();

alter table public.booking_requirements
  add constraint booking_requirements_pkey primary key (organization_id, id);

comment on column public.booking_requirements.id is 'Time-ordered id.';

grant select (id) on table public.booking_requirements to authenticated;

alter table public.booking_requirements
  add constraint booking_requirements_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings(organization_id, id) on delete cascade;

create policy "who may read" on public.booking_requirements
  for select
  to authenticated
  using
    ((( select private.has_permission('customers.health'::text) as has_permission) or (booking_id in ( select
    booking.id
   from public.bookings booking
  where
    ((booking.customer_id = ANY (( select private.own_customer_ids() as own_customer_ids)::uuid[])) or
    (booking.session_id = ANY (( select private.taught_session_ids() as taught_session_ids)::uuid[])))))));

alter table public.booking_requirements
  add constraint booking_requirements_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
