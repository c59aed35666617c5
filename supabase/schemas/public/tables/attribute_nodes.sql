create table public.attribute_nodes (
  manufacturing_type_id uuid not null,
  parent_id uuid,
  code text not null,
  name text not null,
  description text,
  help_text text,
  path extensions.ltree not null default ''::extensions.ltree,
  node_type text not null,
  data_type text,
  unit text,
  display_condition jsonb,
  validation_rules jsonb not null default '{}'::jsonb,
  is_required boolean not null default false,
  default_value jsonb,
  formula text,
  price_impact_type text not null default 'none'::text,
  price_impact numeric(14,4),
  price_formula text,
  weight_impact_type text not null default 'none'::text,
  weight_impact numeric(14,4),
  weight_formula text,
  ui_component text,
  sort_order integer not null default 0,
  formula_compiled text[],
  price_formula_compiled text[],
  weight_formula_compiled text[],
  evaluation_order integer not null default 0,
  tree_order integer not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint attribute_nodes_category_without_impact
    check
    (((node_type <> 'category'::text) OR ((price_impact_type = 'none'::text) AND (weight_impact_type =
    'none'::text)))),
  constraint attribute_nodes_code_wellformed check ((code ~ '^[a-z][a-z0-9_]{0,49}$'::text)),
  constraint attribute_nodes_data_type_fits_node_type check (
CASE node_type
    WHEN 'category'::text THEN (data_type IS NULL)
    WHEN 'option'::text THEN ((data_type IS NULL) AND (parent_id IS NOT NULL))
    WHEN 'component'::text THEN true
    ELSE (data_type IS NOT NULL)
END),
  constraint attribute_nodes_data_type_known
    check
    ((data_type = ANY (ARRAY['string'::text, 'number'::text, 'boolean'::text, 'formula'::text,
    'dimension'::text, 'selection'::text]))),
  constraint attribute_nodes_default_value_scalar
    check
    (((jsonb_typeof(default_value) = ANY (ARRAY['string'::text, 'number'::text, 'boolean'::text])) AND
    (length((default_value)::text) <= 1000))),
  constraint attribute_nodes_description_length
    check (((length(description) >= 1) AND (length(description) <= 5000))),
  constraint attribute_nodes_formula_fits_data_type
    check (((NOT (data_type IS DISTINCT FROM 'formula'::text)) = (formula IS NOT NULL))),
  constraint attribute_nodes_help_text_length
    check (((length(help_text) >= 1) AND (length(help_text) <= 1000))),
  constraint attribute_nodes_input_for_values check ((((data_type IS
    NOT NULL) AND (data_type <> 'formula'::text)) OR ((NOT is_required) AND (default_value IS NULL)))),
  constraint attribute_nodes_node_type_known
    check
    ((node_type = ANY (ARRAY['category'::text, 'attribute'::text, 'option'::text, 'component'::text,
    'technical_spec'::text]))),
  constraint attribute_nodes_price_impact_fits_type check ((((price_impact IS
    NOT NULL) = (price_impact_type = ANY (ARRAY['fixed'::text, 'percentage'::text]))) AND ((price_formula IS
    NOT NULL) = (price_impact_type = 'formula'::text)))),
  constraint attribute_nodes_price_impact_range
    check (((price_impact >= '-1000000000'::numeric) AND (price_impact <= '1000000000'::numeric))),
  constraint attribute_nodes_price_impact_type_known
    check
    ((price_impact_type = ANY (ARRAY['none'::text, 'fixed'::text, 'percentage'::text, 'formula'::text]))),
  constraint attribute_nodes_ui_component_length
    check (((length(ui_component) >= 1) AND (length(ui_component) <= 50))),
  constraint attribute_nodes_unit_length check (((length(unit) >= 1) AND (length(unit) <= 20))),
  constraint attribute_nodes_weight_impact_fits_type check ((((weight_impact IS
    NOT NULL) = (weight_impact_type = ANY (ARRAY['fixed'::text, 'percentage'::text]))) AND ((weight_formula IS
    NOT NULL) = (weight_impact_type = 'formula'::text)))),
  constraint attribute_nodes_weight_impact_range
    check (((weight_impact >= '-1000000000'::numeric) AND (weight_impact <= '1000000000'::numeric))),
  constraint attribute_nodes_weight_impact_type_known
    check
    ((weight_impact_type = ANY (ARRAY['none'::text, 'fixed'::text, 'percentage'::text, 'formula'::text]))),
  constraint attribute_nodes_display_condition_wellformed
    check (((private.condition_problem(display_condition) IS NULL) OR (display_condition IS NULL))),
  constraint attribute_nodes_name_clean
    check ((NOT (name IS DISTINCT FROM private.clean_display_name(name)))),
  constraint attribute_nodes_validation_rules_wellformed
    check ((private.validation_rules_problem(validation_rules) IS NULL))
);

alter table public.attribute_nodes
  enable row level security;

create trigger _100_stamp
  before update on public.attribute_nodes
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_prepare
  before insert or update of code,
    data_type,
    display_condition,
    validation_rules, default_value, formula, price_formula, weight_formula on public.attribute_nodes
  for each row
  execute function private.tg_attribute_nodes__prepare();

create trigger _300_refresh_delete
  after delete on public.attribute_nodes referencing OLD table as old_rows
  for each STATEMENT
  execute function private.tg_attribute_nodes__refresh();

create trigger _300_refresh_insert
  after insert on public.attribute_nodes referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_attribute_nodes__refresh();

create trigger _300_refresh_update
  after update on public.attribute_nodes referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_attribute_nodes__refresh();

create trigger _500_audit_delete after delete on public.attribute_nodes
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'attribute_nodes',
  'organization_id',
  '{evaluation_order,formula_compiled,organization_id,path,price_formula_compiled,tree_order,updated_at,weight_formula_compiled}',
  'id',
  '{id}',
  '{}',
  '{default_value,display_condition,validation_rules}'
);

create trigger _500_audit_insert after insert on public.attribute_nodes
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'attribute_nodes',
  'organization_id',
  '{evaluation_order,formula_compiled,organization_id,path,price_formula_compiled,tree_order,updated_at,weight_formula_compiled}',
  'id',
  '{id}',
  '{}',
  '{default_value,display_condition,validation_rules}'
);

create trigger _500_audit_update after update on public.attribute_nodes
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'attribute_nodes',
  'organization_id',
  '{evaluation_order,formula_compiled,organization_id,path,price_formula_compiled,tree_order,updated_at,weight_formula_compiled}',
  'id',
  '{id}',
  '{}',
  '{default_value,display_condition,validation_rules}'
);

create policy "who may read" on public.attribute_nodes
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or ( select
    private.has_permission('sales.assigned'::text) as has_permission)));

comment on column public.attribute_nodes.code is 'What formulas, conditions and values call it: lower case letters, digits and underscores. Unique in the type.';

comment on column public.attribute_nodes.created_at is 'When it was entered.';

comment on column public.attribute_nodes.data_type is 'What its value is: string, number, boolean, dimension (a number with a unit), selection (the code of an option), formula (computed). Null for categories, options, and components without a value.';

comment on column public.attribute_nodes.default_value is 'What forms begin with. It counts only once it is sent.';

comment on column public.attribute_nodes.description is 'What it is.';

comment on column public.attribute_nodes.display_condition is 'When it is shown, a condition on values of the same type: {"field": "shutter", "operator": "equals", "value": true}. Null for always.';

comment on column public.attribute_nodes.evaluation_order is 'When it is evaluated: after what it depends on. Kept by the database. @unlogged';

comment on column public.attribute_nodes.formula is 'How its value is computed (data type formula): arithmetic over codes of the type, base_price and base_weight.';

comment on column public.attribute_nodes.formula_compiled is 'The formula as it is evaluated. Kept by the database. @unlogged';

comment on column public.attribute_nodes.help_text is 'What helps with the answer.';

comment on column public.attribute_nodes.is_required is 'Whether it must have a value where it is shown.';

comment on column public.attribute_nodes.manufacturing_type_id is 'What it is an attribute of.';

comment on column public.attribute_nodes.name is 'What people read.';

comment on column public.attribute_nodes.node_type is 'category: a heading; attribute: a question; option: a choice of the selection above it; component: a part that comes along; technical_spec: a figure for production.';

comment on column public.attribute_nodes.parent_id is 'The node that it is under; null at the top. Hidden with it, and deleted with it.';

comment on column public.attribute_nodes.path is 'The codes from the top down to it, with dots. Kept by the database. @unlogged';

comment on column public.attribute_nodes.price_formula is 'The formula of the amount.';

comment on column public.attribute_nodes.price_formula_compiled is 'The price formula as it is evaluated. Kept by the database. @unlogged';

comment on column public.attribute_nodes.price_impact is 'The amount in the currency of the organization, or the percentage; negative for a reduction.';

comment on column public.attribute_nodes.price_impact_type is 'What it does to the price: none; fixed: adds an amount; percentage: of the base price; formula.';

comment on column public.attribute_nodes.sort_order is 'Its place among its siblings.';

comment on column public.attribute_nodes.tree_order is 'Its place in the tree, depth first, siblings by sort_order and code. Kept by the database. @unlogged';

comment on column public.attribute_nodes.ui_component is 'What a front end shows it as: slider, swatch, …';

comment on column public.attribute_nodes.unit is 'The unit of its value, such as mm.';

comment on column public.attribute_nodes.updated_at is 'When it was last changed. @unlogged';

comment on column public.attribute_nodes.validation_rules is 'What its value must be: an object of min, max, range, pattern, min_length, max_length, choices, email, url, positive, non_negative.';

comment on column public.attribute_nodes.weight_formula is 'The formula of the kilograms.';

comment on column public.attribute_nodes.weight_formula_compiled is 'The weight formula as it is evaluated. Kept by the database. @unlogged';

comment on column public.attribute_nodes.weight_impact is 'Kilograms, or the percentage.';

comment on column public.attribute_nodes.weight_impact_type is 'What it does to the weight: none, fixed, percentage of the base weight, formula.';

comment on table public.attribute_nodes is 'The attributes of what is made, as a tree: categories hold attributes, a selection holds its options. Says what is asked for, when it is shown, what values it takes, and what it adds to price and weight. @example {"node_type": "attribute", "data_type": "string"}';

grant insert (code), select (code), update (code) on table public.attribute_nodes to authenticated;

grant select (created_at) on table public.attribute_nodes to authenticated;

grant insert (data_type), select (data_type), update (data_type)
  on table public.attribute_nodes
  to authenticated;

grant insert (default_value), select (default_value), update (default_value)
  on table public.attribute_nodes
  to authenticated;

grant insert (description), select (description), update (description)
  on table public.attribute_nodes
  to authenticated;

grant insert (display_condition), select (display_condition), update (display_condition)
  on table public.attribute_nodes
  to authenticated;

grant select (evaluation_order) on table public.attribute_nodes to authenticated;

grant select (formula_compiled) on table public.attribute_nodes to authenticated;

grant insert (formula), select (formula), update (formula)
  on table public.attribute_nodes
  to authenticated;

grant insert (help_text), select (help_text), update (help_text)
  on table public.attribute_nodes
  to authenticated;

grant insert (is_required), select (is_required), update (is_required)
  on table public.attribute_nodes
  to authenticated;

grant insert (manufacturing_type_id), select (manufacturing_type_id)
  on table public.attribute_nodes
  to authenticated;

grant insert (name), select (name), update (name) on table public.attribute_nodes to authenticated;

grant insert (node_type), select (node_type), update (node_type)
  on table public.attribute_nodes
  to authenticated;

grant insert (parent_id), select (parent_id), update (parent_id)
  on table public.attribute_nodes
  to authenticated;

grant select (path) on table public.attribute_nodes to authenticated;

grant select (price_formula_compiled) on table public.attribute_nodes to authenticated;

grant insert (price_formula), select (price_formula), update (price_formula)
  on table public.attribute_nodes
  to authenticated;

grant insert (price_impact_type), select (price_impact_type), update (price_impact_type)
  on table public.attribute_nodes
  to authenticated;

grant insert (price_impact), select (price_impact), update (price_impact)
  on table public.attribute_nodes
  to authenticated;

grant insert (sort_order), select (sort_order), update (sort_order)
  on table public.attribute_nodes
  to authenticated;

grant select (tree_order) on table public.attribute_nodes to authenticated;

grant insert (ui_component), select (ui_component), update (ui_component)
  on table public.attribute_nodes
  to authenticated;

grant insert (unit), select (unit), update (unit) on table public.attribute_nodes to authenticated;

grant select (updated_at) on table public.attribute_nodes to authenticated;

grant insert (validation_rules), select (validation_rules), update (validation_rules)
  on table public.attribute_nodes
  to authenticated;

grant select (weight_formula_compiled) on table public.attribute_nodes to authenticated;

grant insert (weight_formula), select (weight_formula), update (weight_formula)
  on table public.attribute_nodes
  to authenticated;

grant insert (weight_impact_type), select (weight_impact_type), update (weight_impact_type)
  on table public.attribute_nodes
  to authenticated;

grant insert (weight_impact), select (weight_impact), update (weight_impact)
  on table public.attribute_nodes
  to authenticated;

grant delete on table public.attribute_nodes to authenticated;

grant select on table public.attribute_nodes to service_role;

alter table public.attribute_nodes
  add column organization_id text not null default private.current_organization_id();

alter table public.attribute_nodes
  add constraint attribute_nodes_code_key unique (organization_id, manufacturing_type_id, code);

create index attribute_nodes_evaluation_idx on public.attribute_nodes
  using btree (organization_id, manufacturing_type_id, evaluation_order);

create index attribute_nodes_parent_id_idx on public.attribute_nodes
  using btree (organization_id, manufacturing_type_id, parent_id);

create policy "only rows of the current organization" on public.attribute_nodes
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.attribute_nodes
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may change" on public.attribute_nodes
  for update
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may delete" on public.attribute_nodes
  for delete
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)));

comment on column public.attribute_nodes.organization_id is 'The organization.';

grant select (organization_id) on table public.attribute_nodes to authenticated;

alter table public.attribute_nodes
  add column id uuid not null default private.uuid_v7();

alter table public.attribute_nodes
  add constraint attribute_nodes_pkey primary key (organization_id, id);

alter table public.attribute_nodes
  add constraint attribute_nodes_type_key unique (organization_id, manufacturing_type_id, id);

alter table public.attribute_nodes
  add constraint attribute_nodes_parent_id_fkey
    foreign key (organization_id, manufacturing_type_id, parent_id)
    references public.attribute_nodes(organization_id, manufacturing_type_id, id) on delete cascade;

comment on column public.attribute_nodes.id is 'Time-ordered id.';

grant select (id) on table public.attribute_nodes to authenticated;

alter table public.attribute_nodes
  add constraint attribute_nodes_manufacturing_type_id_fkey
    foreign key (organization_id, manufacturing_type_id)
    references public.manufacturing_types(organization_id, id) on delete cascade;

alter table public.attribute_nodes
  add constraint attribute_nodes_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
