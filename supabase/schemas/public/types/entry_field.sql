create type public.entry_field as (
  id uuid,
  parent_id uuid,
  code text,
  path text,
  depth integer,
  name text,
  description text,
  help_text text,
  node_type text,
  data_type text,
  unit text,
  ui_component text,
  is_required boolean,
  is_visible boolean,
  default_value jsonb,
  validation_rules jsonb,
  display_condition jsonb,
  price_impact_type text,
  sort_order integer
);

comment on type public.entry_field is 'One node of the form of a type, as public.entry_schema returns them in the order of the tree.';
