create table public.template_selections (
  template_id uuid not null,
  manufacturing_type_id uuid not null,
  attribute_node_id uuid not null,
  string_value text,
  numeric_value numeric,
  boolean_value boolean,
  constraint template_selections_numeric_value_range
    check (((numeric_value >= '-10000000000'::numeric) AND (numeric_value <= '10000000000'::numeric))),
  constraint template_selections_one_value
    check ((num_nonnulls(string_value, numeric_value, boolean_value) = 1)),
  constraint template_selections_string_value_length check ((length(string_value) <= 1000))
);

alter table public.template_selections
  enable row level security;

create trigger _200_fit
  before insert or update on public.template_selections
  for each row
  execute function private.tg_template_selections__fit();

create trigger _500_audit_delete after delete on public.template_selections
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'template_selections',
  'organization_id',
  '{organization_id}',
  '',
  '{template_id,attribute_node_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.template_selections
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'template_selections',
  'organization_id',
  '{organization_id}',
  '',
  '{template_id,attribute_node_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.template_selections
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'template_selections',
  'organization_id',
  '{organization_id}',
  '',
  '{template_id,attribute_node_id}',
  '{}',
  '{}'
);

create policy "who may read" on public.template_selections
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or ( select
    private.has_permission('sales.assigned'::text) as has_permission)));

comment on column public.template_selections.attribute_node_id is 'The attribute.';

comment on column public.template_selections.boolean_value is 'The value of a boolean.';

comment on column public.template_selections.manufacturing_type_id is 'The type of template and attribute alike.';

comment on column public.template_selections.numeric_value is 'The value of a number or a dimension.';

comment on column public.template_selections.string_value is 'The value of a string, or the code of the chosen option.';

comment on column public.template_selections.template_id is 'The template.';

comment on table public.template_selections is 'What a template chooses: one value for each attribute.';

grant insert (attribute_node_id), select (attribute_node_id)
  on table public.template_selections
  to authenticated;

grant insert (boolean_value), select (boolean_value), update (boolean_value)
  on table public.template_selections
  to authenticated;

grant insert (manufacturing_type_id), select (manufacturing_type_id)
  on table public.template_selections
  to authenticated;

grant insert (numeric_value), select (numeric_value), update (numeric_value)
  on table public.template_selections
  to authenticated;

grant insert (string_value), select (string_value), update (string_value)
  on table public.template_selections
  to authenticated;

grant insert (template_id), select (template_id)
  on table public.template_selections
  to authenticated;

grant delete on table public.template_selections to authenticated;

grant select on table public.template_selections to service_role;

alter table public.template_selections
  add column organization_id text not null default private.current_organization_id();

alter table public.template_selections
  add constraint template_selections_attribute_node_id_fkey
    foreign key (organization_id, manufacturing_type_id, attribute_node_id)
    references public.attribute_nodes(organization_id, manufacturing_type_id, id) on delete cascade;

alter table public.template_selections
  add constraint template_selections_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.template_selections
  add constraint template_selections_pkey primary key (organization_id, template_id, attribute_node_id);

alter table public.template_selections
  add constraint template_selections_template_id_fkey
    foreign key (organization_id, template_id, manufacturing_type_id)
    references public.configuration_templates(organization_id, id, manufacturing_type_id) on delete cascade;

create index template_selections_attribute_node_id_idx on public.template_selections
  using btree (organization_id, manufacturing_type_id, attribute_node_id);

create index template_selections_template_id_idx on public.template_selections
  using btree (organization_id, template_id, manufacturing_type_id);

create policy "only rows of the current organization" on public.template_selections
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.template_selections
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may change" on public.template_selections
  for update
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may delete" on public.template_selections
  for delete
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)));

comment on column public.template_selections.organization_id is 'The organization.';

grant select (organization_id) on table public.template_selections to authenticated;
