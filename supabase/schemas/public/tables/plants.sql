create table public.plants (
  code text not null,
  name text not null,
  type text not null default 'site'::text,
  manager_id uuid,
  timezone text,
  address jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint plants_address_object
    check (((jsonb_typeof(address) = 'object'::text) AND (length((address)::text) <= 5000))),
  constraint plants_code_wellformed check ((code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,29}$'::text)),
  constraint plants_type_length check (((length(type) >= 1) AND (length(type) <= 50))),
  constraint plants_name_clean check ((NOT (name IS DISTINCT FROM private.clean_display_name(name)))),
  constraint plants_timezone_known check (private.is_timezone(timezone))
);

alter table public.plants
  enable row level security;

create trigger _100_stamp
  before update on public.plants
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.plants
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'plants',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

create trigger _500_audit_insert after insert on public.plants
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'plants',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

create trigger _500_audit_update after update on public.plants
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'plants',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

comment on column public.plants.address is 'The postal address, an object.';

comment on column public.plants.code is 'What people call it by: up to 30 letters, digits, dots, hyphens and underscores. Unique in the organization.';

comment on column public.plants.created_at is 'When it was created.';

comment on column public.plants.manager_id is 'The member who runs it.';

comment on column public.plants.name is 'Its name: one line of 1 to 200 characters.';

comment on column public.plants.timezone is 'An IANA time zone; null means that of the organization.';

comment on column public.plants.type is 'What kind of site: plant, warehouse, office, …';

comment on column public.plants.updated_at is 'When it was last changed. @unlogged';

comment on table public.plants is 'The sites of an organization.';

grant insert (address), select (address), update (address) on table public.plants to authenticated;

grant insert (code), select (code), update (code) on table public.plants to authenticated;

grant select (created_at) on table public.plants to authenticated;

grant insert (manager_id), select (manager_id), update (manager_id)
  on table public.plants
  to authenticated;

grant insert (name), select (name), update (name) on table public.plants to authenticated;

grant insert (timezone), select (timezone), update (timezone)
  on table public.plants
  to authenticated;

grant insert (type), select (type), update (type) on table public.plants to authenticated;

grant select (updated_at) on table public.plants to authenticated;

grant delete on table public.plants to authenticated;

grant select on table public.plants to service_role;

alter table public.plants
  add column organization_id text not null default private.current_organization_id();

alter table public.plants
  add constraint plants_code_key unique (organization_id, code);

alter table public.plants
  add constraint plants_manager_id_fkey foreign key (organization_id, manager_id)
    references public.members(organization_id, user_id) on delete set null (manager_id);

alter table public.plants
  add constraint plants_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

create index plants_manager_id_idx on public.plants using btree (organization_id, manager_id);

create policy "only rows of the current organization" on public.plants
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.organization_with('plants.read'::text) as organization_with)))
  with
    check ((organization_id = ( SELECT private.organization_with('plants.read'::text) AS organization_with)));

create policy "who may add" on public.plants
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('plants.manage'::text) AS organization_with)));

create policy "who may change" on public.plants
  for update
  to authenticated
  using ((organization_id = ( select private.organization_with('plants.manage'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('plants.manage'::text) AS organization_with)));

create policy "who may delete" on public.plants
  for delete
  to authenticated
  using ((organization_id = ( select private.organization_with('plants.manage'::text) as organization_with)));

create policy "who may read" on public.plants
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('plants.read'::text) as organization_with)));

comment on column public.plants.organization_id is 'The organization.';

grant select (organization_id) on table public.plants to authenticated;

alter table public.plants
  add column id uuid not null default private.uuid_v7();

alter table public.plants
  add constraint plants_pkey primary key (organization_id, id);

comment on column public.plants.id is 'Time-ordered id.';

grant select (id) on table public.plants to authenticated;
