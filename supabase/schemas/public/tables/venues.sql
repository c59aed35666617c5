create table public.venues (
  name text not null,
  address jsonb not null default '{}'::jsonb,
  directions text,
  is_active boolean not null default true,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint venues_address_object
    check (((jsonb_typeof(address) = 'object'::text) AND (length((address)::text) <= 5000))),
  constraint venues_directions_length check ((length(directions) <= 5000)),
  constraint venues_name_length check (((length(name) >= 1) AND (length(name) <= 200)))
);

alter table public.venues
  enable row level security;

create trigger _100_stamp
  before update on public.venues
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.venues
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'venues',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

create trigger _500_audit_insert after insert on public.venues
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'venues',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

create trigger _500_audit_update after update on public.venues
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'venues',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

create policy "who may read" on public.venues
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or is_active or ( select
    private.has_permission('bookings.teach'::text) as has_permission)));

comment on column public.venues.address is 'The postal address, an object: street, postal_code, city, country, …';

comment on column public.venues.created_at is 'When it was entered.';

comment on column public.venues.directions is 'How to get there and in.';

comment on column public.venues.is_active is 'Whether it is still used.';

comment on column public.venues.name is 'What it is called. Unique in the organization.';

comment on column public.venues.updated_at is 'When it was last changed. @unlogged';

comment on table public.venues is 'Where sessions take place.';

grant insert (address), select (address), update (address) on table public.venues to authenticated;

grant select (created_at) on table public.venues to authenticated;

grant insert (directions), select (directions), update (directions)
  on table public.venues
  to authenticated;

grant insert (is_active), select (is_active), update (is_active)
  on table public.venues
  to authenticated;

grant insert (name), select (name), update (name) on table public.venues to authenticated;

grant select (updated_at) on table public.venues to authenticated;

grant delete on table public.venues to authenticated;

grant select on table public.venues to service_role;

alter table public.venues
  add column organization_id text not null default private.current_organization_id();

alter table public.venues
  add constraint venues_name_key unique (organization_id, name);

alter table public.venues
  add constraint venues_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

create policy "only rows of the current organization" on public.venues
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.venues
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may change" on public.venues
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may delete" on public.venues
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)));

comment on column public.venues.organization_id is 'The organization.';

grant select (organization_id) on table public.venues to authenticated;

alter table public.venues
  add column id uuid not null default private.uuid_v7();

alter table public.venues
  add constraint venues_pkey primary key (organization_id, id);

comment on column public.venues.id is 'Time-ordered id.';

grant select (id) on table public.venues to authenticated;
