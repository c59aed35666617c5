create table public.roles (
  code text not null,
  name text not null,
  description text,
  is_system boolean not null default false,
  permissions text[] not null default '{}'::text[],
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint roles_code_wellformed check ((code ~ '^[a-z][a-z0-9_]{0,49}$'::text)),
  constraint roles_description_length
    check (((length(description) >= 1) AND (length(description) <= 1000))),
  constraint roles_permissions_few
    check (((cardinality(permissions) <= 500) AND (array_position(permissions, NULL::text) IS NULL))),
  constraint roles_name_clean check ((NOT (name IS DISTINCT FROM private.clean_display_name(name))))
);

alter table public.roles
  enable row level security;

create trigger _100_stamp
  before update on public.roles
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_expand_insert
  after insert on public.roles referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_roles__expand();

create trigger _200_expand_update
  after update on public.roles referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_roles__expand();

create trigger _500_audit_delete after delete on public.roles
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'roles',
  'organization_id',
  '{organization_id,updated_at}',
  'code',
  '{code}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.roles
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'roles',
  'organization_id',
  '{organization_id,updated_at}',
  'code',
  '{code}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.roles
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'roles',
  'organization_id',
  '{organization_id,updated_at}',
  'code',
  '{code}',
  '{}',
  '{}'
);

comment on column public.roles.code is 'What it is referred to by: lower case letters, digits and underscores. Never changes.';

comment on column public.roles.created_at is 'When it was created.';

comment on column public.roles.description is 'Who has it.';

comment on column public.roles.is_system is 'Whether it was born with the organization: then it can be neither deleted nor renamed.';

comment on column public.roles.name is 'Its name: one line of 1 to 200 characters.';

comment on column public.roles.permissions is 'What it holds: codes of the catalog, or module.* for all of a module, also what is added to it later.';

comment on column public.roles.updated_at is 'When it was last changed. @unlogged';

comment on table public.roles is 'The roles of an organization: bundles of permissions. System roles are born with it; it adds its own.';

grant select (code) on table public.roles to authenticated;

grant select (created_at) on table public.roles to authenticated;

grant select (description) on table public.roles to authenticated;

grant select (is_system) on table public.roles to authenticated;

grant select (name) on table public.roles to authenticated;

grant select (permissions) on table public.roles to authenticated;

grant select (updated_at) on table public.roles to authenticated;

grant select on table public.roles to service_role;

alter table public.roles
  add column organization_id text not null default private.current_organization_id();

alter table public.roles
  add constraint roles_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.roles
  add constraint roles_pkey primary key (organization_id, code);

create policy "only rows of the current organization" on public.roles
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.organization_with('roles.read'::text) as organization_with)))
  with
    check ((organization_id = ( SELECT private.organization_with('roles.read'::text) AS organization_with)));

create policy "who may read" on public.roles
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('roles.read'::text) as organization_with)));

comment on column public.roles.organization_id is 'The organization.';

grant select (organization_id) on table public.roles to authenticated;
