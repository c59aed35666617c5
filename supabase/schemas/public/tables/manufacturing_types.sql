create table public.manufacturing_types (
  name text not null,
  category text,
  description text,
  base_price numeric(14,2) not null default 0,
  base_weight numeric(14,3) not null default 0,
  image_url text,
  is_active boolean not null default true,
  revision bigint not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint manufacturing_types_base_price_range
    check (((base_price >= (0)::numeric) AND (base_price <= '10000000000'::numeric))),
  constraint manufacturing_types_base_weight_range
    check (((base_weight >= (0)::numeric) AND (base_weight <= '10000000000'::numeric))),
  constraint manufacturing_types_category_length
    check (((length(category) >= 1) AND (length(category) <= 100))),
  constraint manufacturing_types_description_length
    check (((length(description) >= 1) AND (length(description) <= 5000))),
  constraint manufacturing_types_image_url_wellformed
    check (((image_url ~ '^(https?://|/)[^[:space:][:cntrl:]]*$'::text) AND (length(image_url) <= 2000))),
  constraint manufacturing_types_name_clean
    check ((NOT (name IS DISTINCT FROM private.clean_display_name(name))))
);

alter table public.manufacturing_types
  enable row level security;

create trigger _100_stamp
  before update on public.manufacturing_types
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_revise
  before update of base_price, base_weight on public.manufacturing_types
  for each row
  execute function private.tg_manufacturing_types__revise();

create trigger _500_audit_delete after delete on public.manufacturing_types
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'manufacturing_types',
  'organization_id',
  '{organization_id,revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.manufacturing_types
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'manufacturing_types',
  'organization_id',
  '{organization_id,revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.manufacturing_types
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'manufacturing_types',
  'organization_id',
  '{organization_id,revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create policy "who may read" on public.manufacturing_types
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or is_active or ( select
    private.has_permission('sales.assigned'::text) as has_permission)));

comment on column public.manufacturing_types.base_price is 'The price before anything is chosen, in the currency of the organization. Percentages are of this.';

comment on column public.manufacturing_types.base_weight is 'The weight before anything is chosen, in kilograms.';

comment on column public.manufacturing_types.category is 'What it is listed under.';

comment on column public.manufacturing_types.created_at is 'When it was entered.';

comment on column public.manufacturing_types.description is 'What it is, for who chooses.';

comment on column public.manufacturing_types.image_url is 'A picture: https://…, or a path on the site.';

comment on column public.manufacturing_types.is_active is 'Whether it may be configured. Others are for staff to prepare; what was configured before is still quoted.';

comment on column public.manufacturing_types.name is 'Its name: one line of 1 to 200 characters. Unique in the organization.';

comment on column public.manufacturing_types.revision is 'Counts the changes of its prices and its tree: a configuration of an older revision is priced again before it is quoted. Kept by the database. @unlogged';

comment on column public.manufacturing_types.updated_at is 'When it was last changed. @unlogged';

comment on table public.manufacturing_types is 'What an organization makes: a window, a door. Its attributes are the tree in attribute_nodes.';

grant insert (base_price), select (base_price), update (base_price)
  on table public.manufacturing_types
  to authenticated;

grant insert (base_weight), select (base_weight), update (base_weight)
  on table public.manufacturing_types
  to authenticated;

grant insert (category), select (category), update (category)
  on table public.manufacturing_types
  to authenticated;

grant select (created_at) on table public.manufacturing_types to authenticated;

grant insert (description), select (description), update (description)
  on table public.manufacturing_types
  to authenticated;

grant insert (image_url), select (image_url), update (image_url)
  on table public.manufacturing_types
  to authenticated;

grant insert (is_active), select (is_active), update (is_active)
  on table public.manufacturing_types
  to authenticated;

grant insert (name), select (name), update (name)
  on table public.manufacturing_types
  to authenticated;

grant select (revision) on table public.manufacturing_types to authenticated;

grant select (updated_at) on table public.manufacturing_types to authenticated;

grant delete on table public.manufacturing_types to authenticated;

grant select on table public.manufacturing_types to service_role;

alter table public.manufacturing_types
  add column organization_id text not null default private.current_organization_id();

alter table public.manufacturing_types
  add constraint manufacturing_types_name_key unique (organization_id, name);

create policy "only rows of the current organization" on public.manufacturing_types
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.manufacturing_types
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may change" on public.manufacturing_types
  for update
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may delete" on public.manufacturing_types
  for delete
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)));

comment on column public.manufacturing_types.organization_id is 'The organization.';

grant select (organization_id) on table public.manufacturing_types to authenticated;

alter table public.manufacturing_types
  add column id uuid not null default private.uuid_v7();

alter table public.manufacturing_types
  add constraint manufacturing_types_pkey primary key (organization_id, id);

comment on column public.manufacturing_types.id is 'Time-ordered id.';

grant select (id) on table public.manufacturing_types to authenticated;

alter table public.manufacturing_types
  add constraint manufacturing_types_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
