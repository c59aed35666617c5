create table public.booking_attendees (
  booking_id uuid not null,
  name text not null,
  email text,
  is_primary boolean not null default false,
  date_of_birth date,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint booking_attendees_date_of_birth_range
    check (((date_of_birth >= '1900-01-01'::date) AND (date_of_birth <= '2100-01-01'::date))),
  constraint booking_attendees_name_length check (((length(name) >= 1) AND (length(name) <= 200))),
  constraint booking_attendees_email_wellformed check ((private.is_email(email) AND (email = lower(email))))
);

alter table public.booking_attendees
  enable row level security;

create trigger _100_stamp
  before update on public.booking_attendees
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.booking_attendees
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'booking_attendees',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{date_of_birth}',
  '{}'
);

create trigger _500_audit_insert after insert on public.booking_attendees
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'booking_attendees',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{date_of_birth}',
  '{}'
);

create trigger _500_audit_update after update on public.booking_attendees
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'booking_attendees',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{date_of_birth}',
  '{}'
);

comment on column public.booking_attendees.booking_id is 'The booking.';

comment on column public.booking_attendees.created_at is 'When it was entered.';

comment on column public.booking_attendees.date_of_birth is 'Their date of birth, where the course has a minimum age. The audit log does not say it. @secret';

comment on column public.booking_attendees.email is 'Their e-mail address, in lower case.';

comment on column public.booking_attendees.is_primary is 'Whether it is the one to talk to; one of a booking.';

comment on column public.booking_attendees.name is 'Who it is.';

comment on column public.booking_attendees.updated_at is 'When it was last changed. @unlogged';

comment on table public.booking_attendees is 'Who takes the places of a booking.';

grant select (booking_id) on table public.booking_attendees to authenticated;

grant select (created_at) on table public.booking_attendees to authenticated;

grant select (date_of_birth), update (date_of_birth)
  on table public.booking_attendees
  to authenticated;

grant select (email), update (email) on table public.booking_attendees to authenticated;

grant select (is_primary) on table public.booking_attendees to authenticated;

grant select (name), update (name) on table public.booking_attendees to authenticated;

grant select (updated_at) on table public.booking_attendees to authenticated;

grant select on table public.booking_attendees to service_role;

alter table public.booking_attendees
  add column organization_id text not null default private.current_organization_id();

create index booking_attendees_booking_id_idx on public.booking_attendees
  using btree (organization_id, booking_id);

create unique index booking_attendees_primary_idx on public.booking_attendees
  using btree (organization_id, booking_id)
  where is_primary;

create policy "only rows of the current organization" on public.booking_attendees
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may change" on public.booking_attendees
  for update
  to authenticated
  using ((organization_id = ( select private.organization_with('bookings.write'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.write'::text) AS organization_with)));

comment on column public.booking_attendees.organization_id is 'The organization.';

grant select (organization_id) on table public.booking_attendees to authenticated;

alter table public.booking_attendees
  add column id uuid not null default private.uuid_v7();

alter table public.booking_attendees
  add constraint booking_attendees_pkey primary key (organization_id, id);

comment on column public.booking_attendees.id is 'Time-ordered id.';

grant select (id) on table public.booking_attendees to authenticated;

alter table public.booking_attendees
  add constraint booking_attendees_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings(organization_id, id) on delete cascade;

create policy "who may read" on public.booking_attendees
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (booking_id in ( select
    booking.id
   from public.bookings booking
  where
    ((booking.customer_id = ANY (( select private.current_customer_ids() as current_customer_ids)::uuid[])) or
    (booking.session_id = ANY (( select private.taught_session_ids() as taught_session_ids)::uuid[])))))));

alter table public.booking_attendees
  add constraint booking_attendees_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
