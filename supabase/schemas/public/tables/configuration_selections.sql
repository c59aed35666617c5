create table public.configuration_selections (
  configuration_id uuid not null,
  manufacturing_type_id uuid not null,
  attribute_node_id uuid not null,
  string_value text,
  numeric_value numeric,
  boolean_value boolean,
  constraint configuration_selections_numeric_value_range
    check (((numeric_value >= '-10000000000'::numeric) AND (numeric_value <= '10000000000'::numeric))),
  constraint configuration_selections_one_value
    check ((num_nonnulls(string_value, numeric_value, boolean_value) = 1)),
  constraint configuration_selections_string_value_length check ((length(string_value) <= 1000))
);

alter table public.configuration_selections
  enable row level security;

create trigger _300_price_delete
  after delete on public.configuration_selections referencing OLD table as old_rows
  for each STATEMENT
  execute function private.tg_configuration_selections__price();

create trigger _300_price_insert
  after insert on public.configuration_selections referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_configuration_selections__price();

create trigger _300_price_update
  after update on public.configuration_selections referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_configuration_selections__price();

create trigger _500_audit_delete after delete on public.configuration_selections
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'configuration_selections',
  'organization_id',
  '{organization_id}',
  '',
  '{configuration_id,attribute_node_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.configuration_selections
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'configuration_selections',
  'organization_id',
  '{organization_id}',
  '',
  '{configuration_id,attribute_node_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.configuration_selections
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'configuration_selections',
  'organization_id',
  '{organization_id}',
  '',
  '{configuration_id,attribute_node_id}',
  '{}',
  '{}'
);

comment on column public.configuration_selections.attribute_node_id is 'The attribute.';

comment on column public.configuration_selections.boolean_value is 'The value of a boolean.';

comment on column public.configuration_selections.configuration_id is 'The configuration.';

comment on column public.configuration_selections.manufacturing_type_id is 'The type of configuration and attribute alike.';

comment on column public.configuration_selections.numeric_value is 'The value of a number or a dimension.';

comment on column public.configuration_selections.string_value is 'The value of a string, or the code of the chosen option.';

comment on table public.configuration_selections is 'The values of a configuration: one for each attribute that has one. Written by save_entry, update_entry and apply_template.';

grant select (attribute_node_id) on table public.configuration_selections to authenticated;

grant select (boolean_value) on table public.configuration_selections to authenticated;

grant select (configuration_id) on table public.configuration_selections to authenticated;

grant select (manufacturing_type_id) on table public.configuration_selections to authenticated;

grant select (numeric_value) on table public.configuration_selections to authenticated;

grant select (string_value) on table public.configuration_selections to authenticated;

grant select on table public.configuration_selections to service_role;

alter table public.configuration_selections
  add column organization_id text not null default private.current_organization_id();

alter table public.configuration_selections
  add constraint configuration_selections_attribute_node_id_fkey
    foreign key (organization_id, manufacturing_type_id, attribute_node_id)
    references public.attribute_nodes(organization_id, manufacturing_type_id, id);

alter table public.configuration_selections
  add
    constraint configuration_selections_pkey primary key
    (organization_id, configuration_id, attribute_node_id);

create index configuration_selections_attribute_node_id_idx on public.configuration_selections
  using btree (organization_id, manufacturing_type_id, attribute_node_id);

create index configuration_selections_configuration_id_idx on public.configuration_selections
  using btree (organization_id, configuration_id, manufacturing_type_id);

create policy "only rows of the current organization" on public.configuration_selections
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.configuration_selections.organization_id is 'The organization.';

grant select (organization_id) on table public.configuration_selections to authenticated;

alter table public.configuration_selections
  add constraint configuration_selections_configuration_id_fkey
    foreign key (organization_id, configuration_id, manufacturing_type_id)
    references public.configurations(organization_id, id, manufacturing_type_id) on delete cascade;

create policy "who may read" on public.configuration_selections
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or (configuration_id in ( select
    configuration.id
   from public.configurations configuration
  where
    (configuration.customer_id = ANY (( select private.sales_customer_ids() as
    sales_customer_ids)::uuid[]))))));

alter table public.configuration_selections
  add constraint configuration_selections_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
