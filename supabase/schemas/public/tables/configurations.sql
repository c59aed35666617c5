create table public.configurations (
  manufacturing_type_id uuid not null,
  customer_id uuid not null,
  template_id uuid,
  name text not null,
  description text,
  reference_code text not null,
  status text not null default 'draft'::text,
  base_price numeric(14,2) not null default 0,
  total_price numeric(14,2) not null default 0,
  base_weight numeric(14,3) not null default 0,
  total_weight numeric(14,3) not null default 0,
  technical_data jsonb not null default '{}'::jsonb,
  priced_revision bigint not null default 0,
  saved_at timestamp with time zone,
  quoted_at timestamp with time zone,
  ordered_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint configurations_dates_fit_status check ((((status = 'draft'::text) OR (saved_at IS
    NOT NULL)) AND ((status = ANY (ARRAY['quoted'::text, 'ordered'::text])) = (quoted_at IS
    NOT NULL)) AND ((status = 'ordered'::text) = (ordered_at IS NOT NULL)))),
  constraint configurations_description_length
    check (((length(description) >= 1) AND (length(description) <= 5000))),
  constraint configurations_status_known
    check ((status = ANY (ARRAY['draft'::text, 'saved'::text, 'quoted'::text, 'ordered'::text]))),
  constraint configurations_total_price_range
    check (((total_price >= (0)::numeric) AND (total_price <= '10000000000'::numeric))),
  constraint configurations_total_weight_range
    check (((total_weight >= (0)::numeric) AND (total_weight <= '10000000000'::numeric))),
  created_by uuid default auth.uid(),
  constraint configurations_created_by_fkey foreign key (created_by) references auth.users(id) on delete
    set null,
  constraint configurations_name_clean
    check ((NOT (name IS DISTINCT FROM private.clean_display_name(name))))
);

alter table public.configurations
  enable row level security;

create trigger _100_stamp
  before update on public.configurations
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status
  before insert or update of status on public.configurations
  for each row
  execute function private.tg__guard_status();

create trigger _210_freeze
  before update of manufacturing_type_id,
    base_price, total_price, base_weight, total_weight, technical_data on public.configurations
  for each row
  execute function private.tg_configurations__freeze();

create trigger _300_price_history
  after update on public.configurations referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_configurations__price_history();

create trigger _310_snapshot
  after update on public.configurations referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_configurations__snapshot();

create trigger _320_template_usage
  after update on public.configurations referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_configurations__template_usage();

create trigger _500_audit_delete after delete on public.configurations
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'configurations',
  'organization_id',
  '{organization_id,priced_revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{technical_data}'
);

create trigger _500_audit_insert after insert on public.configurations
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'configurations',
  'organization_id',
  '{organization_id,priced_revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{technical_data}'
);

create trigger _500_audit_update after update on public.configurations
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'configurations',
  'organization_id',
  '{organization_id,priced_revision,updated_at}',
  'id',
  '{id}',
  '{}',
  '{technical_data}'
);

create policy "who may change" on public.configurations
  for update
  to authenticated
  using
    ((( select private.has_permission('sales.write'::text) as has_permission) or ((status = 'draft'::text) AND
    (customer_id = ANY (( select private.sales_customer_ids() as sales_customer_ids)::uuid[])))))
  with
    check
    ((( SELECT private.has_permission('sales.write'::text) AS has_permission) OR ((status = 'draft'::text) AND
    (customer_id = ANY (( SELECT private.sales_customer_ids() AS sales_customer_ids)::uuid[])))));

create policy "who may read" on public.configurations
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or (customer_id = ANY (( select
    private.sales_customer_ids() as sales_customer_ids)::uuid[]))));

comment on column public.configurations.base_price is 'The base price of its type when it was priced, in the currency of the organization.';

comment on column public.configurations.base_weight is 'The base weight of its type when it was priced, in kilograms.';

comment on column public.configurations.created_at is 'When it was made.';

comment on column public.configurations.customer_id is 'Whose it is.';

comment on column public.configurations.description is 'What else there is to say.';

comment on column public.configurations.manufacturing_type_id is 'What it is a configuration of.';

comment on column public.configurations.name is 'What the customer calls it: "Kitchen window".';

comment on column public.configurations.ordered_at is 'When it was ordered.';

comment on column public.configurations.priced_revision is 'The revision of the type that it was priced by. @unlogged';

comment on column public.configurations.quoted_at is 'When it was first quoted.';

comment on column public.configurations.reference_code is 'Its number, such as C-20260115-001. Unique in the organization.';

comment on column public.configurations.saved_at is 'When it was first saved as complete.';

comment on column public.configurations.status is 'draft: being put together; saved: complete and valid; quoted: in a quote; ordered.';

comment on column public.configurations.technical_data is 'The technical figures by code, computed by the database.';

comment on column public.configurations.template_id is 'The template that it began with.';

comment on column public.configurations.total_price is 'The base price with all that was chosen. Computed by the database.';

comment on column public.configurations.total_weight is 'The weight with all that was chosen, in kilograms. Computed by the database.';

comment on column public.configurations.updated_at is 'When it was last changed. @unlogged';

comment on table public.configurations is 'What a customer has put together from a type: values, price and weight. Values are in configuration_selections.';

grant select (base_price) on table public.configurations to authenticated;

grant select (base_weight) on table public.configurations to authenticated;

grant select (created_at) on table public.configurations to authenticated;

grant select (customer_id) on table public.configurations to authenticated;

grant select (description), update (description) on table public.configurations to authenticated;

grant select (manufacturing_type_id) on table public.configurations to authenticated;

grant select (name), update (name) on table public.configurations to authenticated;

grant select (ordered_at) on table public.configurations to authenticated;

grant select (priced_revision) on table public.configurations to authenticated;

grant select (quoted_at) on table public.configurations to authenticated;

grant select (reference_code) on table public.configurations to authenticated;

grant select (saved_at) on table public.configurations to authenticated;

grant select (status) on table public.configurations to authenticated;

grant select (technical_data) on table public.configurations to authenticated;

grant select (template_id) on table public.configurations to authenticated;

grant select (total_price) on table public.configurations to authenticated;

grant select (total_weight) on table public.configurations to authenticated;

grant select (updated_at) on table public.configurations to authenticated;

grant select on table public.configurations to service_role;

alter table public.configurations
  add column organization_id text not null default private.current_organization_id();

alter table public.configurations
  add constraint configurations_reference_code_key unique (organization_id, reference_code);

alter table public.configurations
  add constraint configurations_template_id_fkey foreign key (organization_id, template_id)
    references public.configuration_templates(organization_id, id) on delete set null (template_id);

create index configurations_created_at_idx on public.configurations using btree (organization_id, created_at);

create index configurations_customer_id_idx on public.configurations
  using btree (organization_id, customer_id, created_at);

create index configurations_manufacturing_type_id_idx on public.configurations
  using btree (organization_id, manufacturing_type_id);

create index configurations_status_idx on public.configurations
  using btree (organization_id, status, created_at);

create index configurations_template_id_idx on public.configurations
  using btree (organization_id, template_id);

create policy "only rows of the current organization" on public.configurations
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.configurations.organization_id is 'The organization.';

grant select (organization_id) on table public.configurations to authenticated;

alter table public.configurations
  add column id uuid not null default private.uuid_v7();

alter table public.configurations
  add constraint configurations_customer_key unique (organization_id, id, customer_id);

alter table public.configurations
  add constraint configurations_pkey primary key (organization_id, id);

alter table public.configurations
  add constraint configurations_type_key unique (organization_id, id, manufacturing_type_id);

comment on column public.configurations.id is 'Time-ordered id.';

grant select (id) on table public.configurations to authenticated;

create index configurations_created_by_idx on public.configurations using btree (created_by)
  where (created_by is not null);

comment on column public.configurations.created_by is 'Who made it; null when they are gone.';

grant select (created_by) on table public.configurations to authenticated;

alter table public.configurations
  add constraint configurations_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers(organization_id, id);

alter table public.configurations
  add constraint configurations_manufacturing_type_id_fkey
    foreign key (organization_id, manufacturing_type_id)
    references public.manufacturing_types(organization_id, id);

alter table public.configurations
  add constraint configurations_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
