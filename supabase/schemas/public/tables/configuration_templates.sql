create table public.configuration_templates (
  manufacturing_type_id uuid not null,
  name text not null,
  description text,
  template_type text not null default 'standard'::text,
  is_public boolean not null default false,
  is_active boolean not null default true,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint configuration_templates_description_length
    check (((length(description) >= 1) AND (length(description) <= 5000))),
  constraint configuration_templates_template_type_known
    check ((template_type = ANY (ARRAY['standard'::text, 'premium'::text, 'economy'::text, 'custom'::text]))),
  created_by uuid default auth.uid(),
  constraint configuration_templates_created_by_fkey foreign key (created_by) references auth.users(id)
    on delete set null,
  constraint configuration_templates_name_clean
    check ((NOT (name IS DISTINCT FROM private.clean_display_name(name))))
);

alter table public.configuration_templates
  enable row level security;

create trigger _100_stamp
  before update on public.configuration_templates
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.configuration_templates
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'configuration_templates',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.configuration_templates
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'configuration_templates',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.configuration_templates
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'configuration_templates',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create policy "who may read" on public.configuration_templates
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or (is_public AND is_active) or (
    select private.has_permission('sales.assigned'::text) as has_permission)));

comment on column public.configuration_templates.created_at is 'When it was made.';

comment on column public.configuration_templates.description is 'Whom it suits.';

comment on column public.configuration_templates.is_active is 'Whether it may be applied.';

comment on column public.configuration_templates.is_public is 'Whether customers see it. Others are for staff.';

comment on column public.configuration_templates.manufacturing_type_id is 'What it is a template of.';

comment on column public.configuration_templates.name is 'Its name. Unique in the type.';

comment on column public.configuration_templates.template_type is 'standard, premium, economy, or custom.';

comment on column public.configuration_templates.updated_at is 'When it was last changed. @unlogged';

comment on table public.configuration_templates is 'Good beginnings: selections that a configuration starts with.';

grant select (created_at) on table public.configuration_templates to authenticated;

grant insert (description), select (description), update (description)
  on table public.configuration_templates
  to authenticated;

grant insert (is_active), select (is_active), update (is_active)
  on table public.configuration_templates
  to authenticated;

grant insert (is_public), select (is_public), update (is_public)
  on table public.configuration_templates
  to authenticated;

grant insert (manufacturing_type_id), select (manufacturing_type_id)
  on table public.configuration_templates
  to authenticated;

grant insert (name), select (name), update (name)
  on table public.configuration_templates
  to authenticated;

grant insert (template_type), select (template_type), update (template_type)
  on table public.configuration_templates
  to authenticated;

grant select (updated_at) on table public.configuration_templates to authenticated;

grant delete on table public.configuration_templates to authenticated;

grant select on table public.configuration_templates to service_role;

alter table public.configuration_templates
  add column organization_id text not null default private.current_organization_id();

alter table public.configuration_templates
  add constraint configuration_templates_name_key unique (organization_id, manufacturing_type_id, name);

create policy "only rows of the current organization" on public.configuration_templates
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.configuration_templates
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may change" on public.configuration_templates
  for update
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may delete" on public.configuration_templates
  for delete
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)));

comment on column public.configuration_templates.organization_id is 'The organization.';

grant select (organization_id) on table public.configuration_templates to authenticated;

alter table public.configuration_templates
  add column id uuid not null default private.uuid_v7();

alter table public.configuration_templates
  add constraint configuration_templates_pkey primary key (organization_id, id);

alter table public.configuration_templates
  add constraint configuration_templates_type_key unique (organization_id, id, manufacturing_type_id);

comment on column public.configuration_templates.id is 'Time-ordered id.';

grant select (id) on table public.configuration_templates to authenticated;

create index configuration_templates_created_by_idx on public.configuration_templates using btree (created_by)
  where (created_by is not null);

comment on column public.configuration_templates.created_by is 'Who made it; null when they are gone.';

grant select (created_by) on table public.configuration_templates to authenticated;

alter table public.configuration_templates
  add constraint configuration_templates_manufacturing_type_id_fkey
    foreign key (organization_id, manufacturing_type_id)
    references public.manufacturing_types(organization_id, id) on delete cascade;

alter table public.configuration_templates
  add constraint configuration_templates_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
