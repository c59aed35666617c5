--! Previous: sha1:74669d4f49793f50b0cd060b05d3f5a4bc147981
--! Hash: sha1:99d288591c1d377dd1d65906f4e538c643a52d96
--! Message: sales

-- sales: what is sold as a tree of attributes with prices, what customers make of it, what it is offered for, and what is
-- made. One function computes prices, a table says which status follows which, and documents count in one place.

create extension if not exists ltree with schema extensions;

--! Included platform/private/condition_fields.sql
create or replace function private.condition_fields (
  condition jsonb
)
  returns text[]
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  with recursive parts as (
    select condition as part
    union all
    select child
    from parts,
      lateral jsonb_array_elements(
        case
          when part ? 'not' then jsonb_build_array(part -> 'not')
          when jsonb_typeof(coalesce(part -> 'and', part -> 'or')) = 'array' then coalesce(part -> 'and', part -> 'or')
        end
      ) as child
  )
  select coalesce(array_agg(distinct part ->> 'field' order by part ->> 'field'), '{}')
  from parts
  where not part ?| array['and', 'or', 'not'] and part ->> 'field' is not null;
$$;

comment on function private.condition_fields(jsonb) is
  'Returns the fields that a condition reads, as it names them (a path with dots stays one), each once, in alphabetical order. Empty for null. What is not a well-formed condition (private.condition_problem) has the fields that can be found in it.';

revoke execute on function private.condition_fields(jsonb) from public;
--! EndIncluded platform/private/condition_fields.sql
--! Included platform/private/validation_rules_problem.sql
create or replace function private.validation_rules_problem (
  rules jsonb
)
  returns text
  language plpgsql
  immutable
  security definer
  set search_path = ''
  as $$
declare
  unknown text;
  wrong text;
begin
  if rules is null then
    return null;
  elsif jsonb_typeof(rules) <> 'object' then
    return 'Validation rules are an object.';
  elsif length(rules::text) > 20000 then
    return 'Validation rules have at most 20,000 characters.';
  end if;

  select min(key) into unknown
  from jsonb_object_keys(rules) as key
  where key <> all (
    array[
      'min', 'max', 'range', 'positive', 'non_negative', 'pattern', 'min_length', 'max_length', 'email', 'url',
      'choices'
    ]
  );
  if unknown is not null then
    return format('There is no rule %s.', left(unknown, 50));
  end if;

  select min(key) into wrong
  from jsonb_each(rules) as rule (key, wanted)
  where case
    when key in ('min', 'max') then jsonb_typeof(wanted) <> 'number'
    when key in ('positive', 'non_negative', 'email', 'url') then jsonb_typeof(wanted) <> 'boolean'
    when key = 'pattern' then jsonb_typeof(wanted) <> 'string'
    when key in ('min_length', 'max_length')
      then case jsonb_typeof(wanted)
        when 'number' then wanted::numeric <> trunc(wanted::numeric) or wanted::numeric not between 0 and 10000
        else true
      end
    when key = 'range' then
      not jsonb_path_exists(wanted, 'strict $ ? (@.size() == 2 && @[0].type() == "number" && @[1].type() == "number")')
    when key = 'choices' then
      case jsonb_typeof(wanted)
        when 'array' then
          jsonb_array_length(wanted) not between 1 and 200
          or exists (
            select
            from jsonb_array_elements(wanted) as choice
            where jsonb_typeof(choice) not in ('string', 'number', 'boolean')
          )
        else true
      end
  end;
  if wrong is not null then
    return format(
      '%s takes %s.',
      wrong,
      case
        when wrong in ('min', 'max') then 'a number'
        when wrong in ('min_length', 'max_length') then 'a whole number from 0 to 10,000'
        when wrong = 'pattern' then 'a text'
        when wrong = 'range' then 'a list of two numbers'
        when wrong = 'choices' then 'a list of 1 to 200 texts, numbers or booleans'
        else 'true or false'
      end
    );
  elsif (rules -> 'min')::numeric > (rules -> 'max')::numeric then
    return 'min is not greater than max.';
  elsif (rules -> 'min_length')::numeric > (rules -> 'max_length')::numeric then
    return 'min_length is not greater than max_length.';
  elsif (rules #> '{range,0}')::numeric > (rules #> '{range,1}')::numeric then
    return 'range has the lower number first.';
  end if;

  perform private.matches_pattern('', rules ->> 'pattern');
  return null;
exception
  -- pattern_not_allowed, pattern_invalid
  when sqlstate 'PT400' then
    return sqlerrm;
end;
$$;

comment on function private.validation_rules_problem(jsonb) is
  'Returns what is wrong with validation rules, as a sentence, or null when they are well formed or null. Takes an object of min, max, range, positive, non_negative (for numbers), pattern, min_length, max_length, email, url (for texts), choices. Check constraints and the functions that save rules call it.';

revoke execute on function private.validation_rules_problem(jsonb) from public;
grant execute on function private.validation_rules_problem(jsonb) to authenticated, service_role;
--! EndIncluded platform/private/validation_rules_problem.sql
--! Included platform/private/validation_messages.sql
create or replace function private.validation_messages (
  rules jsonb,
  value jsonb
)
  returns text[]
  language plpgsql
  immutable
  set search_path = ''
  as $$
declare
  number numeric := case jsonb_typeof(value) when 'number' then value::numeric end;
  problems text[];
  string text := case jsonb_typeof(value) when 'string' then value #>> '{}' end;
begin
  if rules is null or value is null or value = 'null' then
    return '{}'::text[];
  end if;

  problems := array_remove(
    array[
      case
        when number is null
          and (
            rules ?| array['min', 'max', 'range']
            or rules @> '{"positive": true}'
            or rules @> '{"non_negative": true}'
          )
          then 'Must be a number.'
      end,
      case when number < (rules -> 'min')::numeric then format('Must be at least %s.', rules ->> 'min') end,
      case when number > (rules -> 'max')::numeric then format('Must be at most %s.', rules ->> 'max') end,
      case
        when number not between (rules #> '{range,0}')::numeric and (rules #> '{range,1}')::numeric
          then format('Must be between %s and %s.', rules #>> '{range,0}', rules #>> '{range,1}')
      end,
      case when number <= 0 and rules @> '{"positive": true}' then 'Must be greater than 0.' end,
      case when number < 0 and rules @> '{"non_negative": true}' then 'Must not be negative.' end,
      case
        when string is null
          and (
            rules ?| array['pattern', 'min_length', 'max_length']
            or rules @> '{"email": true}'
            or rules @> '{"url": true}'
          )
          then 'Must be a text.'
      end,
      case
        when length(string) < (rules -> 'min_length')::numeric
          then format('Must have at least %s characters.', rules ->> 'min_length')
      end,
      case
        when length(string) > (rules -> 'max_length')::numeric
          then format('Must have at most %s characters.', rules ->> 'max_length')
      end,
      case
        when not private.matches_pattern(string, rules ->> 'pattern')
          then format('Must match the pattern %s.', rules ->> 'pattern')
      end,
      case
        -- The same as private.is_email, which belongs to a module that comes later.
        when rules @> '{"email": true}'
          and string !~ '^[^][:space:][:cntrl:]@<>",;:\\()[]{1,64}@[^][:space:][:cntrl:]@<>",;:\\()[]{1,255}$'
          then 'Must be an e-mail address.'
      end,
      case
        when rules @> '{"url": true}'
          and (
            length(string) > 2000
            or string !~* '^https?://[^][:space:][:cntrl:]<>"\\^`{|}@/?#[]+([/?#][^[:space:][:cntrl:]<>"\\^`{|}]*)?$'
          )
          then 'Must be a web address that starts with http:// or https://.'
      end
    ],
    null
  );
  -- Apart, because a sub-select would make an executor of the whole expression: this runs for every value of a form.
  if jsonb_typeof(rules -> 'choices') = 'array'
    -- A list contains its own sub-lists, and is none of its items.
    and (jsonb_typeof(value) = 'array' or not rules -> 'choices' @> value)
  then
    problems := problems || format(
      'Must be one of: %s.',
      (
        select case when count(*) > 20 then string_agg(choice, ', ') filter (where place <= 20) || ', …'
          else string_agg(choice, ', ') end
        from jsonb_array_elements_text(rules -> 'choices') with ordinality as listed (choice, place)
      )
    );
  end if;
  return problems;
end;
$$;

comment on function private.validation_messages(jsonb, jsonb) is
  'Returns what is wrong with a value by validation rules, as sentences for a person: empty when all hold, and for an absent or null value. Takes well-formed rules (private.validation_rules_problem) and a JSON value; a value of the wrong type gets a message of its own and breaks no other rule of that type.';

revoke execute on function private.validation_messages(jsonb, jsonb) from public;
--! EndIncluded platform/private/validation_messages.sql

-- State machines, of the platform.

create table private.state_transitions (
  machine text not null,
  from_status text not null,
  to_status text not null,
  constraint state_transitions_pkey primary key (machine, from_status, to_status)
);

comment on table private.state_transitions is 'Which status may follow which. What is not here is refused by the trigger private.tg__guard_status, whoever asks.';
comment on column private.state_transitions.machine is 'The table that has the status.';
comment on column private.state_transitions.from_status is 'The status before; new for a row that is being made.';
comment on column private.state_transitions.to_status is 'The status after.';

insert into private.state_transitions (machine, from_status, to_status)
values
  ('configurations', 'new', 'draft'),
  ('configurations', 'draft', 'saved'),
  ('configurations', 'saved', 'draft'),
  ('configurations', 'saved', 'quoted'),
  ('configurations', 'quoted', 'ordered'),
  ('quotes', 'new', 'draft'),
  ('quotes', 'draft', 'sent'),
  ('quotes', 'sent', 'accepted'),
  ('quotes', 'sent', 'rejected'),
  ('quotes', 'sent', 'expired'),
  ('orders', 'new', 'confirmed'),
  ('orders', 'confirmed', 'production'),
  ('orders', 'production', 'shipped'),
  ('orders', 'shipped', 'installed'),
  ('orders', 'confirmed', 'cancelled'),
  ('orders', 'production', 'cancelled'),
  ('order_items', 'new', 'pending'),
  ('order_items', 'pending', 'in_production'),
  ('order_items', 'in_production', 'completed');

-- Numbers of documents, of tenancy.

create table private.number_counters (
  organization_id text not null default private.current_organization_id(),
  document text not null constraint number_counters_document_wellformed check (document ~ '^[A-Z]{1,5}$'),
  day date not null,
  last_number integer not null constraint number_counters_last_number_positive check (last_number > 0),
  constraint number_counters_pkey primary key (organization_id, document, day),
  constraint number_counters_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade
);

comment on table private.number_counters is 'The last number of each kind of document on each day, for each organization. Who takes one holds its row until the end of the transaction: numbers are dense, and no organization waits for another.';
comment on column private.number_counters.organization_id is 'The organization.';
comment on column private.number_counters.document is 'The letters that the number begins with: Q for quotes, O for orders.';
comment on column private.number_counters.day is 'The day, in the time zone of the organization.';
comment on column private.number_counters.last_number is 'The last number that was given.';

-- What an organization has settled on.

create table public.sales_settings (
  organization_id text not null default private.current_organization_id(),
  currency text not null default 'EUR'
    constraint sales_settings_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  tax_rate numeric(6, 3) not null default 0
    constraint sales_settings_tax_rate_range check (tax_rate between 0 and 100),
  quote_valid_days integer not null default 30
    constraint sales_settings_quote_valid_days_range check (quote_valid_days between 1 and 365),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sales_settings_pkey primary key (organization_id),
  constraint sales_settings_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade
);

comment on table public.sales_settings is 'What an organization has settled on for its sales: at most one row each. Without one, the defaults hold.';
comment on column public.sales_settings.organization_id is 'The organization.';
comment on column public.sales_settings.currency is 'The currency of its prices, an ISO 4217 code. Quotes and orders keep the one that they were made in.';
comment on column public.sales_settings.tax_rate is 'The tax in per cent that a quote has when nothing else is said.';
comment on column public.sales_settings.quote_valid_days is 'For how many days a quote is valid when nothing else is said.';
comment on column public.sales_settings.created_at is 'When it was entered.';
comment on column public.sales_settings.updated_at is 'When it was last changed. @unlogged';

--! Included sales/private/sales_settings_of.sql
create or replace function private.sales_settings_of (
  organization_id text
)
  returns public.sales_settings
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  settled public.sales_settings;
begin
  select * into settled
  from public.sales_settings as settings
  where settings.organization_id = sales_settings_of.organization_id;
  if not found then
    settled.organization_id := sales_settings_of.organization_id;
    settled.currency := 'EUR';
    settled.tax_rate := 0;
    settled.quote_valid_days := 30;
  end if;
  return settled;
end;
$$;

comment on function private.sales_settings_of(text) is
  'Returns what an organization has settled on for its sales: its row of public.sales_settings, or the defaults of that table. Takes the organization; for functions that have checked who calls.';

revoke execute on function private.sales_settings_of(text) from public;
--! EndIncluded sales/private/sales_settings_of.sql

-- The catalogue.

create table public.manufacturing_types (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  name text not null
    constraint manufacturing_types_name_clean check (name is
      not distinct from private.clean_display_name(name)),
  category text constraint manufacturing_types_category_length check (length(category) between 1 and 100),
  description text constraint manufacturing_types_description_length
    check (length(description) between 1 and 5000),
  base_price numeric(14, 2) not null default 0
    constraint manufacturing_types_base_price_range check (base_price between 0 and 1e10),
  base_weight numeric(14, 3) not null default 0
    constraint manufacturing_types_base_weight_range check (base_weight between 0 and 1e10),
  image_url text constraint manufacturing_types_image_url_wellformed
      check (image_url ~ '^(https?://|/)[^[:space:][:cntrl:]]*$' and length(image_url) <= 2000),
  is_active boolean not null default true,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint manufacturing_types_pkey primary key (organization_id, id),
  constraint manufacturing_types_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint manufacturing_types_name_key unique (organization_id, name)
);

comment on table public.manufacturing_types is 'What an organization makes: a window, a door. Its attributes are the tree in attribute_nodes.';
comment on column public.manufacturing_types.organization_id is 'The organization.';
comment on column public.manufacturing_types.id is 'Time-ordered id.';
comment on column public.manufacturing_types.name is 'Its name: one line of 1 to 200 characters. Unique in the organization.';
comment on column public.manufacturing_types.category is 'What it is listed under.';
comment on column public.manufacturing_types.description is 'What it is, for who chooses.';
comment on column public.manufacturing_types.base_price is 'The price before anything is chosen, in the currency of the organization. Percentages are of this.';
comment on column public.manufacturing_types.base_weight is 'The weight before anything is chosen, in kilograms.';
comment on column public.manufacturing_types.image_url is 'A picture: https://…, or a path on the site.';
comment on column public.manufacturing_types.is_active is 'Whether it may be configured. Others are for staff to prepare; what was configured before is still quoted.';
comment on column public.manufacturing_types.revision is 'Counts the changes of its prices and its tree: a configuration of an older revision is priced again before it is quoted. Kept by the database. @unlogged';
comment on column public.manufacturing_types.created_at is 'When it was entered.';
comment on column public.manufacturing_types.updated_at is 'When it was last changed. @unlogged';

create table public.attribute_nodes (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  manufacturing_type_id uuid not null,
  parent_id uuid,
  code text not null constraint attribute_nodes_code_wellformed check (code ~ '^[a-z][a-z0-9_]{0,49}$'),
  name text not null
    constraint attribute_nodes_name_clean check (name is not distinct from private.clean_display_name(name)),
  description text constraint attribute_nodes_description_length check (length(description) between 1 and 5000),
  help_text text constraint attribute_nodes_help_text_length check (length(help_text) between 1 and 1000),
  path extensions.ltree not null default '',
  node_type text not null
    constraint attribute_nodes_node_type_known
      check (node_type in ('category', 'attribute', 'option', 'component', 'technical_spec')),
  data_type text
    constraint attribute_nodes_data_type_known
      check (data_type in ('string', 'number', 'boolean', 'formula', 'dimension', 'selection')),
  unit text constraint attribute_nodes_unit_length check (length(unit) between 1 and 20),
  display_condition jsonb
    constraint attribute_nodes_display_condition_wellformed
      check (private.condition_problem(display_condition) is null or display_condition is null),
  validation_rules jsonb not null default '{}'
    constraint attribute_nodes_validation_rules_wellformed
      check (private.validation_rules_problem(validation_rules) is null),
  is_required boolean not null default false,
  default_value jsonb
    constraint attribute_nodes_default_value_scalar
      check (jsonb_typeof(default_value) in ('string', 'number', 'boolean') and length(default_value::text) <= 1000),
  formula text,
  price_impact_type text not null default 'none'
    constraint attribute_nodes_price_impact_type_known
      check (price_impact_type in ('none', 'fixed', 'percentage', 'formula')),
  price_impact numeric(14, 4)
    constraint attribute_nodes_price_impact_range check (price_impact between -1e9 and 1e9),
  price_formula text,
  weight_impact_type text not null default 'none'
    constraint attribute_nodes_weight_impact_type_known
      check (weight_impact_type in ('none', 'fixed', 'percentage', 'formula')),
  weight_impact numeric(14, 4)
    constraint attribute_nodes_weight_impact_range check (weight_impact between -1e9 and 1e9),
  weight_formula text,
  ui_component text constraint attribute_nodes_ui_component_length check (length(ui_component) between 1 and 50),
  sort_order integer not null default 0,
  formula_compiled text[],
  price_formula_compiled text[],
  weight_formula_compiled text[],
  evaluation_order integer not null default 0,
  tree_order integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint attribute_nodes_pkey primary key (organization_id, id),
  constraint attribute_nodes_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint attribute_nodes_manufacturing_type_id_fkey foreign key (organization_id, manufacturing_type_id)
    references public.manufacturing_types (organization_id, id) on delete cascade,
  -- What selections refer to: a node together with its type.
  constraint attribute_nodes_type_key unique (organization_id, manufacturing_type_id, id),
  constraint attribute_nodes_parent_id_fkey foreign key (organization_id, manufacturing_type_id, parent_id)
    references public.attribute_nodes (organization_id, manufacturing_type_id, id) on delete cascade,
  constraint attribute_nodes_code_key unique (organization_id, manufacturing_type_id, code),
  constraint attribute_nodes_data_type_fits_node_type check (
    case node_type
      when 'category' then data_type is null
      when 'option' then data_type is null and parent_id is not null
      when 'component' then true
      else data_type is not null
    end
  ),
  constraint attribute_nodes_formula_fits_data_type
    check ((data_type is not distinct from 'formula') = (formula is not null)),
  constraint attribute_nodes_input_for_values check (
    (data_type is not null and data_type <> 'formula') or (not is_required and default_value is null)
  ),
  constraint attribute_nodes_category_without_impact
    check (node_type <> 'category' or (price_impact_type = 'none' and weight_impact_type = 'none')),
  constraint attribute_nodes_price_impact_fits_type check (
    (price_impact is not null) = (price_impact_type in ('fixed', 'percentage'))
    and (price_formula is not null) = (price_impact_type = 'formula')
  ),
  constraint attribute_nodes_weight_impact_fits_type check (
    (weight_impact is not null) = (weight_impact_type in ('fixed', 'percentage'))
    and (weight_formula is not null) = (weight_impact_type = 'formula')
  )
);

create index attribute_nodes_evaluation_idx
  on public.attribute_nodes (organization_id, manufacturing_type_id, evaluation_order);

comment on table public.attribute_nodes is 'The attributes of what is made, as a tree: categories hold attributes, a selection holds its options. Says what is asked for, when it is shown, what values it takes, and what it adds to price and weight. @example {"node_type": "attribute", "data_type": "string"}';
comment on column public.attribute_nodes.organization_id is 'The organization.';
comment on column public.attribute_nodes.id is 'Time-ordered id.';
comment on column public.attribute_nodes.manufacturing_type_id is 'What it is an attribute of.';
comment on column public.attribute_nodes.parent_id is 'The node that it is under; null at the top. Hidden with it, and deleted with it.';
comment on column public.attribute_nodes.code is 'What formulas, conditions and values call it: lower case letters, digits and underscores. Unique in the type.';
comment on column public.attribute_nodes.name is 'What people read.';
comment on column public.attribute_nodes.description is 'What it is.';
comment on column public.attribute_nodes.help_text is 'What helps with the answer.';
comment on column public.attribute_nodes.path is 'The codes from the top down to it, with dots. Kept by the database. @unlogged';
comment on column public.attribute_nodes.node_type is 'category: a heading; attribute: a question; option: a choice of the selection above it; component: a part that comes along; technical_spec: a figure for production.';
comment on column public.attribute_nodes.data_type is 'What its value is: string, number, boolean, dimension (a number with a unit), selection (the code of an option), formula (computed). Null for categories, options, and components without a value.';
comment on column public.attribute_nodes.unit is 'The unit of its value, such as mm.';
comment on column public.attribute_nodes.display_condition is 'When it is shown, a condition on values of the same type: {"field": "shutter", "operator": "equals", "value": true}. Null for always.';
comment on column public.attribute_nodes.validation_rules is 'What its value must be: an object of min, max, range, pattern, min_length, max_length, choices, email, url, positive, non_negative.';
comment on column public.attribute_nodes.is_required is 'Whether it must have a value where it is shown.';
comment on column public.attribute_nodes.default_value is 'What forms begin with. It counts only once it is sent.';
comment on column public.attribute_nodes.formula is 'How its value is computed (data type formula): arithmetic over codes of the type, base_price and base_weight.';
comment on column public.attribute_nodes.price_impact_type is 'What it does to the price: none; fixed: adds an amount; percentage: of the base price; formula.';
comment on column public.attribute_nodes.price_impact is 'The amount in the currency of the organization, or the percentage; negative for a reduction.';
comment on column public.attribute_nodes.price_formula is 'The formula of the amount.';
comment on column public.attribute_nodes.weight_impact_type is 'What it does to the weight: none, fixed, percentage of the base weight, formula.';
comment on column public.attribute_nodes.weight_impact is 'Kilograms, or the percentage.';
comment on column public.attribute_nodes.weight_formula is 'The formula of the kilograms.';
comment on column public.attribute_nodes.ui_component is 'What a front end shows it as: slider, swatch, …';
comment on column public.attribute_nodes.sort_order is 'Its place among its siblings.';
comment on column public.attribute_nodes.formula_compiled is 'The formula as it is evaluated. Kept by the database. @unlogged';
comment on column public.attribute_nodes.price_formula_compiled is 'The price formula as it is evaluated. Kept by the database. @unlogged';
comment on column public.attribute_nodes.weight_formula_compiled is 'The weight formula as it is evaluated. Kept by the database. @unlogged';
comment on column public.attribute_nodes.evaluation_order is 'When it is evaluated: after what it depends on. Kept by the database. @unlogged';
comment on column public.attribute_nodes.tree_order is 'Its place in the tree, depth first, siblings by sort_order and code. Kept by the database. @unlogged';
comment on column public.attribute_nodes.created_at is 'When it was entered.';
comment on column public.attribute_nodes.updated_at is 'When it was last changed. @unlogged';

create table public.configuration_templates (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  manufacturing_type_id uuid not null,
  name text not null
    constraint configuration_templates_name_clean check (name is not distinct from private.clean_display_name(name)),
  description text
    constraint configuration_templates_description_length check (length(description) between 1 and 5000),
  template_type text not null default 'standard'
    constraint configuration_templates_template_type_known
      check (template_type in ('standard', 'premium', 'economy', 'custom')),
  is_public boolean not null default false,
  is_active boolean not null default true,
  created_by uuid default auth.uid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint configuration_templates_pkey primary key (organization_id, id),
  constraint configuration_templates_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint configuration_templates_manufacturing_type_id_fkey
    foreign key (organization_id, manufacturing_type_id)
    references public.manufacturing_types (organization_id, id) on delete cascade,
  constraint configuration_templates_created_by_fkey foreign key (created_by) references auth.users (id)
    on delete set null,
  constraint configuration_templates_name_key unique (organization_id, manufacturing_type_id, name),
  -- What its selections refer to: a template together with its type.
  constraint configuration_templates_type_key unique (organization_id, id, manufacturing_type_id)
);

create index configuration_templates_created_by_idx on public.configuration_templates (created_by)
  where created_by is not null;

comment on table public.configuration_templates is 'Good beginnings: selections that a configuration starts with.';
comment on column public.configuration_templates.organization_id is 'The organization.';
comment on column public.configuration_templates.id is 'Time-ordered id.';
comment on column public.configuration_templates.manufacturing_type_id is 'What it is a template of.';
comment on column public.configuration_templates.name is 'Its name. Unique in the type.';
comment on column public.configuration_templates.description is 'Whom it suits.';
comment on column public.configuration_templates.template_type is 'standard, premium, economy, or custom.';
comment on column public.configuration_templates.is_public is 'Whether customers see it. Others are for staff.';
comment on column public.configuration_templates.is_active is 'Whether it may be applied.';
comment on column public.configuration_templates.created_by is 'Who made it; null when they are gone.';
comment on column public.configuration_templates.created_at is 'When it was made.';
comment on column public.configuration_templates.updated_at is 'When it was last changed. @unlogged';

create table public.template_selections (
  organization_id text not null default private.current_organization_id(),
  template_id uuid not null,
  manufacturing_type_id uuid not null,
  attribute_node_id uuid not null,
  string_value text constraint template_selections_string_value_length check (length(string_value) <= 1000),
  numeric_value numeric constraint template_selections_numeric_value_range
    check (numeric_value between -1e10 and 1e10),
  boolean_value boolean,
  constraint template_selections_pkey primary key (organization_id, template_id, attribute_node_id),
  constraint template_selections_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint template_selections_template_id_fkey
    foreign key (organization_id, template_id, manufacturing_type_id)
    references public.configuration_templates (organization_id, id, manufacturing_type_id) on delete cascade,
  constraint template_selections_attribute_node_id_fkey
    foreign key (organization_id, manufacturing_type_id, attribute_node_id)
    references public.attribute_nodes (organization_id, manufacturing_type_id, id) on delete cascade,
  constraint template_selections_one_value
    check (num_nonnulls(string_value, numeric_value, boolean_value) = 1)
);

comment on table public.template_selections is 'What a template chooses: one value for each attribute.';
comment on column public.template_selections.organization_id is 'The organization.';
comment on column public.template_selections.template_id is 'The template.';
comment on column public.template_selections.manufacturing_type_id is 'The type of template and attribute alike.';
comment on column public.template_selections.attribute_node_id is 'The attribute.';
comment on column public.template_selections.string_value is 'The value of a string, or the code of the chosen option.';
comment on column public.template_selections.numeric_value is 'The value of a number or a dimension.';
comment on column public.template_selections.boolean_value is 'The value of a boolean.';

create table public.configurations (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  manufacturing_type_id uuid not null,
  customer_id uuid not null,
  template_id uuid,
  name text not null
    constraint configurations_name_clean check (name is not distinct from private.clean_display_name(name)),
  description text constraint configurations_description_length check (length(description) between 1 and 5000),
  reference_code text not null,
  status text not null default 'draft'
    constraint configurations_status_known check (status in ('draft', 'saved', 'quoted', 'ordered')),
  base_price numeric(14, 2) not null default 0,
  total_price numeric(14, 2) not null default 0
    constraint configurations_total_price_range check (total_price between 0 and 1e10),
  base_weight numeric(14, 3) not null default 0,
  total_weight numeric(14, 3) not null default 0
    constraint configurations_total_weight_range check (total_weight between 0 and 1e10),
  technical_data jsonb not null default '{}',
  priced_revision bigint not null default 0,
  saved_at timestamptz,
  quoted_at timestamptz,
  ordered_at timestamptz,
  created_by uuid default auth.uid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint configurations_pkey primary key (organization_id, id),
  constraint configurations_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint configurations_manufacturing_type_id_fkey foreign key (organization_id, manufacturing_type_id)
    references public.manufacturing_types (organization_id, id),
  constraint configurations_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers (organization_id, id),
  constraint configurations_template_id_fkey foreign key (organization_id, template_id)
    references public.configuration_templates (organization_id, id) on delete set null (template_id),
  constraint configurations_created_by_fkey foreign key (created_by) references auth.users (id) on delete set null,
  constraint configurations_reference_code_key unique (organization_id, reference_code),
  -- What refers to a configuration together with its type, or its customer.
  constraint configurations_type_key unique (organization_id, id, manufacturing_type_id),
  constraint configurations_customer_key unique (organization_id, id, customer_id),
  constraint configurations_dates_fit_status check (
    (status = 'draft' or saved_at is not null)
    and (status in ('quoted', 'ordered')) = (quoted_at is not null)
    and (status = 'ordered') = (ordered_at is not null)
  )
);

create index configurations_customer_id_idx
  on public.configurations (organization_id, customer_id, created_at);
create index configurations_status_idx on public.configurations (organization_id, status, created_at);
create index configurations_created_at_idx on public.configurations (organization_id, created_at);
create index configurations_created_by_idx on public.configurations (created_by)
  where created_by is not null;

comment on table public.configurations is 'What a customer has put together from a type: values, price and weight. Values are in configuration_selections.';
comment on column public.configurations.organization_id is 'The organization.';
comment on column public.configurations.id is 'Time-ordered id.';
comment on column public.configurations.manufacturing_type_id is 'What it is a configuration of.';
comment on column public.configurations.customer_id is 'Whose it is.';
comment on column public.configurations.template_id is 'The template that it began with.';
comment on column public.configurations.name is 'What the customer calls it: "Kitchen window".';
comment on column public.configurations.description is 'What else there is to say.';
comment on column public.configurations.reference_code is 'Its number, such as C-20260115-001. Unique in the organization.';
comment on column public.configurations.status is 'draft: being put together; saved: complete and valid; quoted: in a quote; ordered.';
comment on column public.configurations.base_price is 'The base price of its type when it was priced, in the currency of the organization.';
comment on column public.configurations.total_price is 'The base price with all that was chosen. Computed by the database.';
comment on column public.configurations.base_weight is 'The base weight of its type when it was priced, in kilograms.';
comment on column public.configurations.total_weight is 'The weight with all that was chosen, in kilograms. Computed by the database.';
comment on column public.configurations.technical_data is 'The technical figures by code, computed by the database.';
comment on column public.configurations.priced_revision is 'The revision of the type that it was priced by. @unlogged';
comment on column public.configurations.saved_at is 'When it was first saved as complete.';
comment on column public.configurations.quoted_at is 'When it was first quoted.';
comment on column public.configurations.ordered_at is 'When it was ordered.';
comment on column public.configurations.created_by is 'Who made it; null when they are gone.';
comment on column public.configurations.created_at is 'When it was made.';
comment on column public.configurations.updated_at is 'When it was last changed. @unlogged';

create table public.configuration_selections (
  organization_id text not null default private.current_organization_id(),
  configuration_id uuid not null,
  manufacturing_type_id uuid not null,
  attribute_node_id uuid not null,
  string_value text constraint configuration_selections_string_value_length
    check (length(string_value) <= 1000),
  numeric_value numeric constraint configuration_selections_numeric_value_range
    check (numeric_value between -1e10 and 1e10),
  boolean_value boolean,
  constraint configuration_selections_pkey primary key (organization_id, configuration_id, attribute_node_id),
  constraint configuration_selections_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint configuration_selections_configuration_id_fkey
    foreign key (organization_id, configuration_id, manufacturing_type_id)
    references public.configurations (organization_id, id, manufacturing_type_id) on delete cascade,
  constraint configuration_selections_attribute_node_id_fkey
    foreign key (organization_id, manufacturing_type_id, attribute_node_id)
    references public.attribute_nodes (organization_id, manufacturing_type_id, id),
  constraint configuration_selections_one_value
    check (num_nonnulls(string_value, numeric_value, boolean_value) = 1)
);

comment on table public.configuration_selections is 'The values of a configuration: one for each attribute that has one. Written by save_entry, update_entry and apply_template.';
comment on column public.configuration_selections.organization_id is 'The organization.';
comment on column public.configuration_selections.configuration_id is 'The configuration.';
comment on column public.configuration_selections.manufacturing_type_id is 'The type of configuration and attribute alike.';
comment on column public.configuration_selections.attribute_node_id is 'The attribute.';
comment on column public.configuration_selections.string_value is 'The value of a string, or the code of the chosen option.';
comment on column public.configuration_selections.numeric_value is 'The value of a number or a dimension.';
comment on column public.configuration_selections.boolean_value is 'The value of a boolean.';

create table public.template_usage (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  template_id uuid not null,
  configuration_id uuid not null,
  usage_type text not null
    constraint template_usage_usage_type_known
      check (usage_type in ('customer_start', 'sales_assist', 'quick_quote')),
  used_by uuid default auth.uid(),
  used_at timestamptz not null default now(),
  quoted_at timestamptz,
  ordered_at timestamptz,
  constraint template_usage_pkey primary key (organization_id, id),
  constraint template_usage_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint template_usage_template_id_fkey foreign key (organization_id, template_id)
    references public.configuration_templates (organization_id, id) on delete cascade,
  constraint template_usage_configuration_id_fkey foreign key (organization_id, configuration_id)
    references public.configurations (organization_id, id) on delete cascade,
  constraint template_usage_used_by_fkey foreign key (used_by) references auth.users (id) on delete set null,
  constraint template_usage_ordered_after_quoted check (ordered_at is null or quoted_at is not null)
);

create index template_usage_used_by_idx on public.template_usage (used_by)
  where used_by is not null;

comment on table public.template_usage is 'Each time that a template was applied, and what came of it.';
comment on column public.template_usage.organization_id is 'The organization.';
comment on column public.template_usage.id is 'Time-ordered id.';
comment on column public.template_usage.template_id is 'The template.';
comment on column public.template_usage.configuration_id is 'The configuration that began with it.';
comment on column public.template_usage.usage_type is 'customer_start: a customer began with it; sales_assist: staff did, for a customer; quick_quote: staff did, to quote at once.';
comment on column public.template_usage.used_by is 'Who applied it; null when they are gone.';
comment on column public.template_usage.used_at is 'When it was applied.';
comment on column public.template_usage.quoted_at is 'When the configuration was first quoted.';
comment on column public.template_usage.ordered_at is 'When the configuration was ordered.';

create view public.template_statistics with (security_invoker = true) as
select
  template.organization_id,
  template.id as template_id,
  template.name,
  template.template_type,
  count(used.id) as uses,
  count(used.quoted_at) as quotes,
  count(used.ordered_at) as orders,
  round(100.0 * count(used.ordered_at) / nullif(count(used.id), 0), 2) as success_rate
from public.configuration_templates as template
  left join public.template_usage as used
    on used.organization_id = template.organization_id and used.template_id = template.id
group by template.organization_id, template.id;

comment on view public.template_statistics is 'How well each template does.';
comment on column public.template_statistics.organization_id is 'The organization. @notNull';
comment on column public.template_statistics.template_id is 'The template. @notNull';
comment on column public.template_statistics.name is 'Its name. @notNull';
comment on column public.template_statistics.template_type is 'Its kind. @notNull @values configuration_templates.template_type';
comment on column public.template_statistics.uses is 'How often it was applied. @notNull';
comment on column public.template_statistics.quotes is 'How many of the configurations were quoted. @notNull';
comment on column public.template_statistics.orders is 'How many of them were ordered. @notNull';
comment on column public.template_statistics.success_rate is 'Orders per 100 uses; null for a template that was never applied.';

create table public.configuration_snapshots (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  configuration_id uuid not null,
  reason text not null
    constraint configuration_snapshots_reason_known check (reason in ('saved', 'quoted', 'ordered')),
  revision bigint not null,
  base_price numeric(14, 2) not null,
  total_price numeric(14, 2) not null,
  total_weight numeric(14, 3) not null,
  data jsonb not null,
  taken_by uuid default auth.uid(),
  taken_at timestamptz not null default now(),
  constraint configuration_snapshots_pkey primary key (organization_id, id),
  constraint configuration_snapshots_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint configuration_snapshots_configuration_id_fkey foreign key (organization_id, configuration_id)
    references public.configurations (organization_id, id)
);

create index configuration_snapshots_configuration_id_idx
  on public.configuration_snapshots (organization_id, configuration_id, taken_at);

comment on table public.configuration_snapshots is 'What a configuration was when it was saved, quoted and ordered. Written by triggers, and never changed.';
comment on column public.configuration_snapshots.organization_id is 'The organization.';
comment on column public.configuration_snapshots.id is 'Time-ordered id.';
comment on column public.configuration_snapshots.configuration_id is 'The configuration.';
comment on column public.configuration_snapshots.reason is 'What happened: saved, quoted, ordered.';
comment on column public.configuration_snapshots.revision is 'The revision of the type that it was priced by.';
comment on column public.configuration_snapshots.base_price is 'The base price, in the currency of the organization.';
comment on column public.configuration_snapshots.total_price is 'The price.';
comment on column public.configuration_snapshots.total_weight is 'The weight in kilograms.';
comment on column public.configuration_snapshots.data is 'Everything by value: type, name, technical data, and the values by the code of their attribute.';
comment on column public.configuration_snapshots.taken_by is 'Who brought it about. Outlives the user. @survives';
comment on column public.configuration_snapshots.taken_at is 'When it was taken.';

create table public.price_history (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  configuration_id uuid not null,
  old_price numeric(14, 2),
  new_price numeric(14, 2) not null,
  revision bigint not null,
  changed_by uuid default auth.uid(),
  changed_at timestamptz not null default now(),
  constraint price_history_pkey primary key (organization_id, id),
  constraint price_history_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint price_history_configuration_id_fkey foreign key (organization_id, configuration_id)
    references public.configurations (organization_id, id) on delete cascade
);

create index price_history_configuration_id_idx
  on public.price_history (organization_id, configuration_id, changed_at);

comment on table public.price_history is 'Each change of a configuration''s price. Written by a trigger, and never changed; goes with a draft that is deleted.';
comment on column public.price_history.organization_id is 'The organization.';
comment on column public.price_history.id is 'Time-ordered id.';
comment on column public.price_history.configuration_id is 'The configuration.';
comment on column public.price_history.old_price is 'The price before, in the currency of the organization; null for the first.';
comment on column public.price_history.new_price is 'The price after.';
comment on column public.price_history.revision is 'The revision of the type that it was priced by.';
comment on column public.price_history.changed_by is 'Who changed what it depends on. Outlives the user. @survives';
comment on column public.price_history.changed_at is 'When it changed.';

create table public.quotes (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  number text not null,
  customer_id uuid not null,
  status text not null default 'draft'
    constraint quotes_status_known check (status in ('draft', 'sent', 'accepted', 'rejected', 'expired')),
  currency text not null constraint quotes_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  subtotal numeric(14, 2) not null constraint quotes_subtotal_not_negative check (subtotal >= 0),
  discount_amount numeric(14, 2) not null default 0,
  tax_rate numeric(6, 3) not null default 0 constraint quotes_tax_rate_range check (tax_rate between 0 and 100),
  tax_amount numeric(14, 2) not null
    generated always as (round((subtotal - discount_amount) * tax_rate / 100, 2)) stored,
  total numeric(14, 2) not null
    generated always as (
      subtotal - discount_amount + round((subtotal - discount_amount) * tax_rate / 100, 2)
    ) stored,
  valid_until date not null,
  notes text constraint quotes_notes_length check (length(notes) between 1 and 5000),
  rejection_reason text constraint quotes_rejection_reason_length check (length(rejection_reason) between 1 and 1000),
  sent_at timestamptz,
  accepted_at timestamptz,
  rejected_at timestamptz,
  expired_at timestamptz,
  created_by uuid default auth.uid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint quotes_pkey primary key (organization_id, id),
  constraint quotes_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint quotes_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers (organization_id, id),
  constraint quotes_created_by_fkey foreign key (created_by) references auth.users (id) on delete set null,
  constraint quotes_number_key unique (organization_id, number),
  -- What its items and its order refer to: a quote together with its customer.
  constraint quotes_customer_key unique (organization_id, id, customer_id),
  constraint quotes_discount_amount_range check (discount_amount between 0 and subtotal),
  constraint quotes_dates_fit_status check (
    (status <> 'draft') = (sent_at is not null)
    and (status = 'accepted') = (accepted_at is not null)
    and (status = 'rejected') = (rejected_at is not null)
    and (status = 'expired') = (expired_at is not null)
    and (status = 'rejected' or rejection_reason is null)
  )
);

create index quotes_status_idx on public.quotes (organization_id, status, created_at);
create index quotes_created_at_idx on public.quotes (organization_id, created_at);
create index quotes_customer_id_idx on public.quotes (organization_id, customer_id, created_at);
create index quotes_expiring_idx on public.quotes (valid_until)
  where status = 'sent';
create index quotes_created_by_idx on public.quotes (created_by)
  where created_by is not null;

comment on table public.quotes is 'What configurations of one customer are offered for. Sending it freezes its prices.';
comment on column public.quotes.organization_id is 'The organization.';
comment on column public.quotes.id is 'Time-ordered id.';
comment on column public.quotes.number is 'Its number: Q, the day in the time zone of the organization, and a count, as Q-20260115-001. Unique in the organization.';
comment on column public.quotes.customer_id is 'Whose configurations they are.';
comment on column public.quotes.status is 'draft: being prepared; sent: its prices are frozen; accepted; rejected; expired: not answered in time.';
comment on column public.quotes.currency is 'The currency of its amounts, an ISO 4217 code.';
comment on column public.quotes.subtotal is 'The sum of its items. Computed by the database.';
comment on column public.quotes.discount_amount is 'What is taken off the subtotal: from 0 to all of it.';
comment on column public.quotes.tax_rate is 'The tax in per cent of the discounted amount.';
comment on column public.quotes.tax_amount is 'The tax: (subtotal - discount) * rate / 100, rounded to cents.';
comment on column public.quotes.total is 'What there is to pay: subtotal - discount + tax.';
comment on column public.quotes.valid_until is 'The last day on which it may be accepted and ordered, in the time zone of the organization. 30 days from its making unless it says otherwise.';
comment on column public.quotes.notes is 'What is said to the customer.';
comment on column public.quotes.rejection_reason is 'Why it was rejected.';
comment on column public.quotes.sent_at is 'When it was sent; null for a draft.';
comment on column public.quotes.accepted_at is 'When it was accepted; null otherwise.';
comment on column public.quotes.rejected_at is 'When it was rejected; null otherwise.';
comment on column public.quotes.expired_at is 'When it was found to have expired; null otherwise.';
comment on column public.quotes.created_by is 'Who made it; null when they are gone.';
comment on column public.quotes.created_at is 'When it was made.';
comment on column public.quotes.updated_at is 'When it was last changed. @unlogged';

create table public.quote_items (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  quote_id uuid not null,
  customer_id uuid not null,
  configuration_id uuid not null,
  position integer not null constraint quote_items_position_positive check (position > 0),
  description text not null constraint quote_items_description_length check (length(description) between 1 and 500),
  quantity numeric(12, 3) not null
    constraint quote_items_quantity_range check (quantity > 0 and quantity <= 1000000),
  unit_price numeric(14, 2) not null constraint quote_items_unit_price_not_negative check (unit_price >= 0),
  line_total numeric(14, 2) not null generated always as (round(quantity * unit_price, 2)) stored,
  constraint quote_items_pkey primary key (organization_id, id),
  constraint quote_items_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  -- Quote and configuration agree on the customer, because there is one column for both.
  constraint quote_items_quote_id_fkey foreign key (organization_id, quote_id, customer_id)
    references public.quotes (organization_id, id, customer_id) on update cascade on delete cascade
    deferrable initially immediate,
  constraint quote_items_configuration_id_fkey foreign key (organization_id, configuration_id, customer_id)
    references public.configurations (organization_id, id, customer_id) on update cascade
    deferrable initially immediate,
  constraint quote_items_position_key unique (organization_id, quote_id, position),
  constraint quote_items_configuration_key unique (organization_id, quote_id, configuration_id)
);

comment on table public.quote_items is 'The lines of a quote: a configuration, how many, and for how much.';
comment on column public.quote_items.organization_id is 'The organization.';
comment on column public.quote_items.id is 'Time-ordered id.';
comment on column public.quote_items.quote_id is 'The quote.';
comment on column public.quote_items.customer_id is 'The customer of quote and configuration alike.';
comment on column public.quote_items.configuration_id is 'What is quoted.';
comment on column public.quote_items.position is 'Its place on the quote, from 1.';
comment on column public.quote_items.description is 'What the line says.';
comment on column public.quote_items.quantity is 'How many.';
comment on column public.quote_items.unit_price is 'What one costs: the price of the configuration, in the currency of the quote.';
comment on column public.quote_items.line_total is 'Quantity times unit price, rounded to cents.';

create table public.orders (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  number text not null,
  quote_id uuid not null,
  customer_id uuid not null,
  status text not null default 'confirmed'
    constraint orders_status_known
      check (status in ('confirmed', 'production', 'shipped', 'installed', 'cancelled')),
  currency text not null constraint orders_currency_wellformed check (currency ~ '^[A-Z]{3}$'),
  subtotal numeric(14, 2) not null,
  discount_amount numeric(14, 2) not null,
  tax_rate numeric(6, 3) not null,
  tax_amount numeric(14, 2) not null,
  total numeric(14, 2) not null,
  required_date date,
  delivery_address jsonb not null default '{}'
    constraint orders_delivery_address_object
      check (jsonb_typeof(delivery_address) = 'object' and length(delivery_address::text) <= 5000),
  notes text constraint orders_notes_length check (length(notes) between 1 and 5000),
  cancellation_reason text constraint orders_cancellation_reason_length
    check (length(cancellation_reason) between 1 and 1000),
  confirmed_at timestamptz,
  production_at timestamptz,
  shipped_at timestamptz,
  installed_at timestamptz,
  cancelled_at timestamptz,
  created_by uuid default auth.uid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint orders_pkey primary key (organization_id, id),
  constraint orders_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint orders_quote_id_fkey foreign key (organization_id, quote_id, customer_id)
    references public.quotes (organization_id, id, customer_id) on update cascade
    deferrable initially immediate,
  constraint orders_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers (organization_id, id)
    deferrable initially immediate,
  constraint orders_created_by_fkey foreign key (created_by) references auth.users (id) on delete set null,
  constraint orders_number_key unique (organization_id, number),
  constraint orders_quote_key unique (organization_id, quote_id),
  constraint orders_dates_fit_status check (
    confirmed_at is not null
    and (production_at is not null or status in ('confirmed', 'cancelled'))
    and (production_at is null or status <> 'confirmed')
    and (status in ('shipped', 'installed')) = (shipped_at is not null)
    and (status = 'installed') = (installed_at is not null)
    and (status = 'cancelled') = (cancelled_at is not null)
    and (status = 'cancelled' or cancellation_reason is null)
  )
);

create index orders_status_idx on public.orders (organization_id, status, created_at);
create index orders_created_at_idx on public.orders (organization_id, created_at);
create index orders_customer_id_idx on public.orders (organization_id, customer_id, created_at);
create index orders_created_by_idx on public.orders (created_by)
  where created_by is not null;

comment on table public.orders is 'What is made: an accepted quote, once.';
comment on column public.orders.organization_id is 'The organization.';
comment on column public.orders.id is 'Time-ordered id.';
comment on column public.orders.number is 'Its number: O, the day in the time zone of the organization, and a count, as O-20260115-001. Unique in the organization.';
comment on column public.orders.quote_id is 'The quote. There is one order of each.';
comment on column public.orders.customer_id is 'The customer of the quote: a foreign key makes any other impossible.';
comment on column public.orders.status is 'confirmed, production, shipped, installed; or cancelled, before it was shipped.';
comment on column public.orders.currency is 'The currency of its amounts, an ISO 4217 code.';
comment on column public.orders.subtotal is 'The sum of its items, as quoted.';
comment on column public.orders.discount_amount is 'What was taken off, as quoted.';
comment on column public.orders.tax_rate is 'The tax in per cent, as quoted.';
comment on column public.orders.tax_amount is 'The tax, as quoted.';
comment on column public.orders.total is 'What there is to pay, as quoted.';
comment on column public.orders.required_date is 'The day on which the customer needs it.';
comment on column public.orders.delivery_address is 'Where it goes, an object: street, postal_code, city, country, …';
comment on column public.orders.notes is 'What there is to say.';
comment on column public.orders.cancellation_reason is 'Why it was cancelled.';
comment on column public.orders.confirmed_at is 'When it was ordered.';
comment on column public.orders.production_at is 'When production began.';
comment on column public.orders.shipped_at is 'When it was shipped.';
comment on column public.orders.installed_at is 'When it was installed.';
comment on column public.orders.cancelled_at is 'When it was cancelled.';
comment on column public.orders.created_by is 'Who ordered; null when they are gone.';
comment on column public.orders.created_at is 'When it was made.';
comment on column public.orders.updated_at is 'When it was last changed. @unlogged';

create table public.order_items (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  order_id uuid not null,
  quote_item_id uuid not null,
  configuration_id uuid not null,
  position integer not null constraint order_items_position_positive check (position > 0),
  description text not null constraint order_items_description_length
    check (length(description) between 1 and 500),
  quantity numeric(12, 3) not null,
  unit_price numeric(14, 2) not null,
  line_total numeric(14, 2) not null,
  status text not null default 'pending'
    constraint order_items_status_known check (status in ('pending', 'in_production', 'completed')),
  pending_at timestamptz,
  in_production_at timestamptz,
  completed_at timestamptz,
  updated_at timestamptz not null default now(),
  constraint order_items_pkey primary key (organization_id, id),
  constraint order_items_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint order_items_order_id_fkey foreign key (organization_id, order_id)
    references public.orders (organization_id, id) on delete cascade,
  constraint order_items_quote_item_id_fkey foreign key (organization_id, quote_item_id)
    references public.quote_items (organization_id, id),
  constraint order_items_configuration_id_fkey foreign key (organization_id, configuration_id)
    references public.configurations (organization_id, id),
  constraint order_items_position_key unique (organization_id, order_id, position),
  constraint order_items_dates_fit_status check (
    pending_at is not null
    and (status in ('in_production', 'completed')) = (in_production_at is not null)
    and (status = 'completed') = (completed_at is not null)
  )
);

create index order_items_status_idx on public.order_items (organization_id, status);

comment on table public.order_items is 'What an order consists of, as it was quoted.';
comment on column public.order_items.organization_id is 'The organization.';
comment on column public.order_items.id is 'Time-ordered id.';
comment on column public.order_items.order_id is 'The order.';
comment on column public.order_items.quote_item_id is 'The line of the quote.';
comment on column public.order_items.configuration_id is 'What is made.';
comment on column public.order_items.position is 'Its place on the order, from 1.';
comment on column public.order_items.description is 'What the line says.';
comment on column public.order_items.quantity is 'How many.';
comment on column public.order_items.unit_price is 'What one costs, in the currency of the order.';
comment on column public.order_items.line_total is 'What the line costs.';
comment on column public.order_items.status is 'pending, in_production, completed.';
comment on column public.order_items.pending_at is 'When it was ordered.';
comment on column public.order_items.in_production_at is 'When its production began.';
comment on column public.order_items.completed_at is 'When it was finished.';
comment on column public.order_items.updated_at is 'When it was last changed. @unlogged';

-- A customer has one organization. Without knowing that, the planner expects no rows of both, and checks foreign keys by
-- reading all that a customer has.
create statistics public.configurations_customers (dependencies) on organization_id, customer_id from public.configurations;
create statistics public.quotes_customers (dependencies) on organization_id, customer_id from public.quotes;
create statistics public.orders_customers (dependencies) on organization_id, customer_id from public.orders;

comment on statistics public.configurations_customers is 'A customer has one organization: without it, foreign keys are checked by reading all that a customer has.';
comment on statistics public.quotes_customers is 'A customer has one organization: without it, foreign keys are checked by reading all that a customer has.';
comment on statistics public.orders_customers is 'A customer has one organization: without it, foreign keys are checked by reading all that a customer has.';

-- What the functions of the API return.

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
comment on column public.entry_field.id is 'The attribute node. @notNull';
comment on column public.entry_field.parent_id is 'The node that it is under; null at the top.';
comment on column public.entry_field.code is 'The name of its value in entry_preview and save_entry; for an option, the value itself. @notNull';
comment on column public.entry_field.path is 'The codes from the top down to it, with dots. @notNull';
comment on column public.entry_field.depth is 'How deep it is, from 1. @notNull';
comment on column public.entry_field.name is 'What people read. @notNull';
comment on column public.entry_field.description is 'What it is.';
comment on column public.entry_field.help_text is 'What helps with the answer.';
comment on column public.entry_field.node_type is 'The kind of node. @notNull @values attribute_nodes.node_type';
comment on column public.entry_field.data_type is 'What its value is; null where it has none. @values attribute_nodes.data_type';
comment on column public.entry_field.unit is 'The unit of its value.';
comment on column public.entry_field.ui_component is 'What to show it as.';
comment on column public.entry_field.is_required is 'Whether it must have a value where it is shown. @notNull';
comment on column public.entry_field.is_visible is 'Whether an empty form shows it. @notNull';
comment on column public.entry_field.default_value is 'What to begin with.';
comment on column public.entry_field.validation_rules is 'What its value must be, an object of rules. @notNull';
comment on column public.entry_field.display_condition is 'When it is shown; null for always.';
comment on column public.entry_field.price_impact_type is 'How it changes the price. @notNull @values attribute_nodes.price_impact_type';
comment on column public.entry_field.sort_order is 'Its place among its siblings. @notNull';

create type public.entry_preview_field as (
  code text,
  is_visible boolean,
  value jsonb,
  messages text[]
);
comment on type public.entry_preview_field is 'What a node of the form has become for some values.';
comment on column public.entry_preview_field.code is 'The code of the node. @notNull';
comment on column public.entry_preview_field.is_visible is 'Whether it is shown. @notNull';
comment on column public.entry_preview_field.value is 'Its value: as given, or computed; null without one.';
comment on column public.entry_preview_field.messages is 'What is wrong with the value, as sentences; empty when nothing is. @notNull';

create type public.entry_preview_line as (
  code text,
  name text,
  price numeric,
  weight numeric
);
comment on type public.entry_preview_line is 'What one node adds to price and weight.';
comment on column public.entry_preview_line.code is 'The code of the node. @notNull';
comment on column public.entry_preview_line.name is 'Its name. @notNull';
comment on column public.entry_preview_line.price is 'What it adds to the price, in the currency of the organization; negative for a reduction. @notNull';
comment on column public.entry_preview_line.weight is 'What it adds to the weight, in kilograms. @notNull';

create type public.entry_preview as (
  is_valid boolean,
  currency text,
  base_price numeric,
  total_price numeric,
  base_weight numeric,
  total_weight numeric,
  fields jsonb,
  lines jsonb,
  messages jsonb
);
comment on type public.entry_preview is 'What some values come to, as public.entry_preview returns it.';
comment on column public.entry_preview.is_valid is 'Whether save_entry would take the values. @notNull';
comment on column public.entry_preview.currency is 'The currency of its amounts, an ISO 4217 code. @notNull';
comment on column public.entry_preview.base_price is 'The price before anything is chosen. @notNull';
comment on column public.entry_preview.total_price is 'The base price and all lines. @notNull';
comment on column public.entry_preview.base_weight is 'The weight before anything is chosen, in kilograms. @notNull';
comment on column public.entry_preview.total_weight is 'The base weight and all lines, in kilograms. @notNull';
comment on column public.entry_preview.fields is 'The nodes in the order of the tree, as a JSON list. @notNull @list entry_preview_field';
comment on column public.entry_preview.lines is 'What adds to price or weight, in the order of the tree, as a JSON list. @notNull @list entry_preview_line';
comment on column public.entry_preview.messages is 'What is wrong, an object: the code of each node that is, with a list of sentences; under "selections", keys that no node has. @notNull';

create type public.customer_quote as (
  id uuid,
  number text,
  status text,
  currency text,
  total numeric,
  valid_until date,
  created_at timestamptz
);
comment on type public.customer_quote is 'A quote in the details of a customer.';
comment on column public.customer_quote.id is 'The id. @notNull';
comment on column public.customer_quote.number is 'Its number. @notNull';
comment on column public.customer_quote.status is 'Its status. @notNull @values quotes.status';
comment on column public.customer_quote.currency is 'Its currency. @notNull';
comment on column public.customer_quote.total is 'What there is to pay. @notNull';
comment on column public.customer_quote.valid_until is 'The last day on which it may be accepted. @notNull';
comment on column public.customer_quote.created_at is 'When it was made. @notNull';

create type public.customer_order as (
  id uuid,
  number text,
  status text,
  currency text,
  total numeric,
  required_date date,
  created_at timestamptz
);
comment on type public.customer_order is 'An order in the details of a customer.';
comment on column public.customer_order.id is 'The id. @notNull';
comment on column public.customer_order.number is 'Its number. @notNull';
comment on column public.customer_order.status is 'Its status. @notNull @values orders.status';
comment on column public.customer_order.currency is 'Its currency. @notNull';
comment on column public.customer_order.total is 'What there is to pay. @notNull';
comment on column public.customer_order.required_date is 'The day on which the customer needs it.';
comment on column public.customer_order.created_at is 'When it was made. @notNull';

create type public.customer_details as (
  id uuid,
  company_name text,
  contact_person text,
  email text,
  phone text,
  address jsonb,
  customer_type text,
  tax_id text,
  payment_terms text,
  is_active boolean,
  notes text,
  tags text[],
  customer_since date,
  total_bookings integer,
  total_spent numeric,
  created_at timestamptz,
  quotes jsonb,
  orders jsonb
);
comment on type public.customer_details is 'A customer with what was last sold to it, as public.customer_details returns it.';
comment on column public.customer_details.id is 'The id. @notNull';
comment on column public.customer_details.company_name is 'The company; null for a private person.';
comment on column public.customer_details.contact_person is 'Who to talk to.';
comment on column public.customer_details.email is 'The e-mail address.';
comment on column public.customer_details.phone is 'The phone number.';
comment on column public.customer_details.address is 'The postal address, an object. @notNull';
comment on column public.customer_details.customer_type is 'The kind of customer. @notNull @values customers.customer_type';
comment on column public.customer_details.tax_id is 'The tax number.';
comment on column public.customer_details.payment_terms is 'What was agreed on.';
comment on column public.customer_details.is_active is 'Whether the organization still sells to it. @notNull';
comment on column public.customer_details.notes is 'What there is to know.';
comment on column public.customer_details.tags is 'Words to group customers by. @notNull';
comment on column public.customer_details.customer_since is 'The day from which it is a customer. @notNull';
comment on column public.customer_details.total_bookings is 'How many bookings it has made. @notNull';
comment on column public.customer_details.total_spent is 'What it has paid, in the currency of the organization. @notNull';
comment on column public.customer_details.created_at is 'When it was entered. @notNull';
comment on column public.customer_details.quotes is 'Its 10 latest quotes that the caller may see, as a JSON list. @notNull @list customer_quote';
comment on column public.customer_details.orders is 'Its 10 latest orders that the caller may see, as a JSON list. @notNull @list customer_order';

-- The rules.

--! Included sales/private/sold_customer_ids.sql
create or replace function private.sold_customer_ids()
  returns uuid[]
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.organization_with('sales.assigned');
begin
  if current_id is null then
    return array[]::uuid[];
  end if;
  return array(
    select assigned.customer_id
    from public.customer_assignments as assigned
    where assigned.organization_id = current_id and assigned.user_id = auth.uid()
  );
end;
$$;

comment on function private.sold_customer_ids() is
  'Returns the customers that are assigned to the caller, for whose configurations, quotes and orders sales.assigned is enough; none without that permission. Write it as (select private.sold_customer_ids())::uuid[], so that it runs once per statement.';

revoke execute on function private.sold_customer_ids() from public;
grant execute on function private.sold_customer_ids() to authenticated, service_role;
--! EndIncluded sales/private/sold_customer_ids.sql
--! Included sales/private/require_seller.sql
create or replace function private.require_seller()
  returns text
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  if private.has_permission('sales.assigned') then
    return private.require_organization();
  end if;
  return private.require_permission('sales.write');
end;
$$;

comment on function private.require_seller() is
  'Returns the current organization if the caller may sell to any of its customers: with sales.write to all, with sales.assigned to those assigned to them, which the caller of this function has to look at (private.sold_customer_ids). Raises PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke execute on function private.require_seller() from public;
--! EndIncluded sales/private/require_seller.sql
--! Included sales/private/require_quote.sql
create or replace function private.require_quote (
  id uuid,
  is_answer boolean
)
  returns public.quotes
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := case when is_answer then private.require_organization() else private.require_seller() end;
  locked public.quotes;
  is_own boolean;
begin
  -- The customer first, as whoever merges customers: then one waits for the other, and never both.
  perform
  from public.customers as customer
  where customer.organization_id = current_id
    and customer.id = (
      select quote.customer_id
      from public.quotes as quote
      where quote.organization_id = current_id and quote.id = require_quote.id
    )
  for key share;
  select * into locked
  from public.quotes as quote
  where quote.organization_id = current_id and quote.id = require_quote.id
  for no key update;
  if locked.id is not null then
    if private.has_permission('sales.write') or locked.customer_id = any (private.sold_customer_ids()) then
      return locked;
    end if;
    -- A draft does not exist for the customer.
    is_own := locked.status <> 'draft' and locked.customer_id = any (private.own_customer_ids());
    if is_own and is_answer then
      return locked;
    elsif is_own or private.has_permission('sales.read') then
      -- It is seen, and that is all.
      if not private.has_permission('sales.assigned') then
        perform private.require_permission('sales.write');
      end if;
      perform private.record_denial('customer_authorization', jsonb_build_object('customer_id', locked.customer_id));
      perform private.refuse(
        403,
        'customer_authorization',
        'The customer of this quote is not assigned to you.',
        'Ask for it to be assigned.'
      );
    end if;
  end if;
  perform private.refuse(404, 'quote_not_found', 'There is no such quote.');
  return null;
end;
$$;

comment on function private.require_quote(uuid, boolean) is
  'Returns a quote of the current organization that the caller may act on, and locks its row until the transaction ends. Takes the id, and whether this is the customer''s answer, which its users may give as well as who sells to it. Raises PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found, also for what the caller may not see.';

revoke execute on function private.require_quote(uuid, boolean) from public;
--! EndIncluded sales/private/require_quote.sql
--! Included platform/private/tg__guard_status.sql
create or replace function private.tg__guard_status()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  before text := 'new';
begin
  -- Not in one condition with and: an inserted row has no old one to look at.
  if tg_op = 'UPDATE' then
    if new.status = old.status then
      return new;
    end if;
    before := old.status;
  end if;
  if not exists (
    select
    from private.state_transitions as allowed
    where allowed.machine = tg_table_name
      and allowed.from_status = before
      and allowed.to_status = new.status
  ) then
    perform private.refuse(
      409,
      'transition_not_allowed',
      case
        when before = 'new' then format('Nothing begins as %s.', new.status)
        else format('What is %s cannot become %s.', before, new.status)
      end,
      'Look at it again: somebody may have been faster.',
      jsonb_build_object('from', before, 'to', new.status)
    );
  end if;
  -- The first time counts. What has no such column is not stamped.
  return jsonb_populate_record(
    new,
    jsonb_build_object(new.status || '_at', coalesce(to_jsonb(new) ->> (new.status || '_at'), now()::text))
  );
end;
$$;

comment on function private.tg__guard_status() is
  'Trigger function of tables with a status: lets through what private.state_transitions lists for the table, and sets the column <status>_at where there is one and it is empty. Raises PT409 transition_not_allowed with from and to for everything else, whoever asks.';

revoke execute on function private.tg__guard_status() from public;
--! EndIncluded platform/private/tg__guard_status.sql
--! Included sales/private/require_transition.sql
create or replace function private.require_transition (
  machine text,
  from_status text,
  to_status text
)
  returns void
  language plpgsql
  stable
  set search_path = ''
  as $$
begin
  if not exists (
    select
    from private.state_transitions as allowed
    where allowed.machine = require_transition.machine
      and allowed.from_status = require_transition.from_status
      and allowed.to_status = require_transition.to_status
  ) then
    perform private.refuse(
      409,
      'transition_not_allowed',
      format('What is %s cannot become %s.', from_status, to_status),
      'Look at it again: somebody may have been faster.',
      jsonb_build_object('from', from_status, 'to', to_status)
    );
  end if;
end;
$$;

comment on function private.require_transition(text, text, text) is
  'Refuses a change of status before anything is done for it; the trigger private.tg__guard_status refuses the same later. Takes the table, the status that is and the one that is to be. Raises PT409 transition_not_allowed with from and to.';

revoke execute on function private.require_transition(text, text, text) from public;
--! EndIncluded sales/private/require_transition.sql
--! Included tenancy/private/today.sql
create or replace function private.today (
  organization_id text
)
  returns date
  language sql
  stable
  set search_path = ''
  as $$
  select (now() at time zone organization.timezone)::date
  from public.organizations as organization
  where organization.id = today.organization_id;
$$;

comment on function private.today(text) is
  'Returns what day it is in an organization: the date in its time zone when the transaction began. Takes the organization; null where there is none.';

revoke execute on function private.today(text) from public;
--! EndIncluded tenancy/private/today.sql
--! Included sales/private/accept_quote.sql
create or replace function private.accept_quote (
  id uuid
)
  returns public.quotes
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  accepted public.quotes := private.require_quote(accept_quote.id, is_answer => true);
begin
  perform private.require_transition('quotes', accepted.status, 'accepted');
  if accepted.valid_until < private.today(accepted.organization_id) then
    perform private.refuse(
      409, 'quote_expired', format('The quote was valid until %s.', accepted.valid_until), 'Ask for a new one.'
    );
  end if;
  update public.quotes as quote
  set status = 'accepted'
  where quote.organization_id = accepted.organization_id and quote.id = accepted.id
  returning * into accepted;
  return accepted;
end;
$$;

comment on function private.accept_quote(uuid) is
  'Accepts a quote: public.accept_quote with the rights that this takes.';

revoke execute on function private.accept_quote(uuid) from public;
grant execute on function private.accept_quote(uuid) to authenticated, service_role;
--! EndIncluded sales/private/accept_quote.sql
--! Included tenancy/private/next_number.sql
create or replace function private.next_number (
  document text,
  organization_id text
)
  returns text
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  today constant date := private.today(next_number.organization_id);
  given integer;
begin
  insert into private.number_counters as counter (organization_id, document, day, last_number)
  values (next_number.organization_id, next_number.document, today, 1)
  on conflict on constraint number_counters_pkey do update
  set last_number = counter.last_number + 1
  returning counter.last_number into given;
  return format('%s-%s-%s', document, to_char(today, 'YYYYMMDD'), lpad(given::text, greatest(3, length(given::text)), '0'));
end;
$$;

comment on function private.next_number(text, text) is
  'Returns the next number of a document, such as Q-20260115-001: the letters, the day in the time zone of the organization, a count of at least three digits that begins with 1 each day. Takes the letters and the organization; for functions that have checked who calls. Until the transaction ends, others of the same organization wait for theirs: what is rolled back leaves no gap, and no number is given twice.';

revoke execute on function private.next_number(text, text) from public;
--! EndIncluded tenancy/private/next_number.sql
--! Included sales/private/insert_configuration.sql
create or replace function private.insert_configuration (
  organization_id text,
  manufacturing_type_id uuid,
  customer_id uuid,
  name text,
  template_id uuid default null
)
  returns uuid
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  clean_name constant text := private.clean_display_name(insert_configuration.name);
  created_id uuid;
begin
  if clean_name is null then
    perform private.refuse(400, 'name_invalid', 'A name is one line of 1 to 200 characters.');
  end if;
  -- It may have been deleted, or merged into another, since the caller looked.
  perform
  from public.customers as customer
  where customer.organization_id = insert_configuration.organization_id
    and customer.id = insert_configuration.customer_id
  for key share;
  if not found then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;
  insert into public.configurations (
    organization_id, manufacturing_type_id, customer_id, template_id, name, reference_code
  )
  values (
    insert_configuration.organization_id,
    insert_configuration.manufacturing_type_id,
    insert_configuration.customer_id,
    insert_configuration.template_id,
    clean_name,
    private.next_number('C', insert_configuration.organization_id)
  )
  returning id into created_id;
  return created_id;
end;
$$;

comment on function private.insert_configuration(text, uuid, uuid, text, uuid) is
  'Makes a draft without values and returns its id. Takes the organization, the type, the customer and the template (or null), which the caller has checked, and a name. Raises PT400 name_invalid.';

revoke execute on function private.insert_configuration(text, uuid, uuid, text, uuid) from public;
--! EndIncluded sales/private/insert_configuration.sql
--! Included sales/private/checked_price.sql
create or replace function private.checked_price (
  price numeric,
  weight numeric
)
  returns numeric
  language plpgsql
  immutable
  set search_path = ''
  as $$
begin
  if price not between 0 and 10000000000 or weight not between 0 and 10000000000 then
    perform private.refuse(
      400,
      'price_out_of_range',
      format('These values come to a price of %s and a weight of %s kg.', price, weight),
      'Price and weight are from 0 to 10,000,000,000: choose otherwise, or have the prices of the attributes corrected.'
    );
  end if;
  return price;
end;
$$;

comment on function private.checked_price(numeric, numeric) is
  'Returns the price of a configuration if it and the weight are within what there may be, 0 to 1e10. Takes both. Raises PT400 price_out_of_range.';

revoke execute on function private.checked_price(numeric, numeric) from public;
--! EndIncluded sales/private/checked_price.sql
--! Included sales/private/compile_formula.sql
create or replace function private.compile_formula (
  source text,
  names text[]
)
  returns text[]
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
declare
  -- Operators by how tightly they bind. NEG is the unary minus: looser than ^, so that -2^2 is -(2^2).
  binding constant jsonb := '{"+": 1, "-": 1, "*": 2, "/": 2, "NEG": 3, "^": 4}'::jsonb;
  most_arguments constant jsonb := '{"min": 500, "max": 500, "round": 2, "abs": 1, "ceil": 1, "floor": 1}'::jsonb;
  compiled text[] := '{}'::text[];
  -- Shunting-yard: operators and open parentheses ('(', or 'min(' for a function's) that are still to be written.
  waiting text[] := '{}'::text[];
  opened integer[] := '{}'::integer[];
  arguments integer[] := '{}'::integer[];
  top integer := 0;
  depth integer := 0;
  tokens integer := 0;
  wants_value boolean := true;
  called text := '';
  token text;
  following text;
  place integer;
  problem text;
  hint text;
begin
  if source is null then
    return null;
  elsif length(source) > 2000 then
    perform private.refuse(
      400,
      'formula_invalid',
      'At character 2001 of the formula: a formula has at most 2,000 characters.',
      details => '{"position": 2001}'
    );
  end if;

  for token, place, following in
    with words as (
      select
        found.match[1] as word,
        found.ordinality,
        length(source) - sum(length(found.match[1])) over (
          order by found.ordinality desc
        ) + 1 as starts_at
      from regexp_matches(
          source, '[ \t\r\n]+|[0-9.][0-9A-Za-z_.]*|[A-Za-z_][A-Za-z0-9_]*|.', 'g'
        ) with ordinality as found (match)
    )
    select words.word, words.starts_at, lead(words.word) over (order by words.ordinality)
    from words
    where words.word !~ '^[ \t\r\n]'
    order by words.ordinality
  loop
    tokens := tokens + 1;
    if tokens > 500 then
      problem := 'a formula has at most 500 numbers, names, operators and parentheses';
    elsif wants_value then
      if token ~ '^[0-9.]' then
        if token !~ '^[0-9]+(\.[0-9]+)?$' then
          problem := format('%s is not a number', left(token, 50));
          hint := 'Write numbers like 12 or 0.5, without an exponent, and multiply with *.';
        elsif token ~ '\.[0-9]{21}' then
          problem := 'a number has at most 20 decimals';
        elsif token::numeric > 10000000000 then
          problem := 'a number is at most 10000000000';
        else
          compiled := compiled || token;
          wants_value := false;
        end if;
      elsif token in ('-', '(') then
        top := top + 1;
        waiting[top] := case token when '-' then 'NEG' else called || '(' end;
        opened[top] := place;
        arguments[top] := 1;
        if token = '(' then
          called := '';
          depth := depth + 1;
          if depth > 50 then
            problem := 'parentheses nest at most 50 deep';
          end if;
        end if;
      elsif token !~ '^[A-Za-z_]' then
        problem := format('a number, a name or an opening parenthesis is expected, and not %s', token);
      elsif following = '(' then
        if most_arguments ? token then
          called := token;
        else
          problem := format('there is no function %s', left(token, 50));
          hint := 'The functions are min, max, round, abs, ceil and floor.';
        end if;
      elsif token = any (names) and token ~ '^[a-z][a-z0-9_]{0,49}$' then
        compiled := compiled || token;
        wants_value := false;
      else
        perform private.refuse(
          400,
          'formula_unknown_name',
          format('At character %s of the formula: there is no value named %s.', place, left(token, 50)),
          format(
            'Names are lower case. Known here: %s.',
            coalesce(nullif(left(array_to_string(names, ', '), 500), ''), 'none')
          ),
          jsonb_build_object('position', place, 'name', left(token, 50))
        );
      end if;
    elsif token not in ('+', '-', '*', '/', '^', ',', ')') then
      problem := format('an operator is expected, and not %s', left(token, 50));
    else
      -- What binds at least as tightly is complete. Nothing is for ^, which associates to the right.
      while
        top > 0
        and (binding -> waiting[top])::integer
          >= case token when '^' then 5 else coalesce((binding -> token)::integer, 0) end
      loop
        compiled := compiled || waiting[top];
        top := top - 1;
      end loop;

      if token not in (',', ')') then
        top := top + 1;
        waiting[top] := token;
        opened[top] := place;
        wants_value := true;
      elsif top = 0 then
        problem := case token
          when ')' then 'no parenthesis is open that this one could close'
          else 'a comma stands between the values of a function'
        end;
      else
        called := rtrim(waiting[top], '(');
        -- min and max of many are min and max of two, repeatedly: evaluation needs no counts.
        if called in ('min', 'max') and arguments[top] > 1 then
          compiled := compiled || upper(called);
        end if;
        if token = ',' then
          arguments[top] := arguments[top] + 1;
          wants_value := true;
          if called = '' then
            problem := 'a comma stands between the values of a function';
          elsif arguments[top] > (most_arguments -> called)::integer then
            problem := format(
              '%s takes %s', called, case called when 'round' then 'one or two values' else 'one value' end
            );
          end if;
        else
          if called = 'round' and arguments[top] = 1 then
            compiled := compiled || '0'::text;
          end if;
          if called in ('round', 'abs', 'ceil', 'floor') then
            compiled := compiled || upper(called);
          end if;
          top := top - 1;
          depth := depth - 1;
        end if;
        called := '';
      end if;
    end if;
    exit when problem is not null;
  end loop;

  if problem is null and wants_value then
    place := length(source) + 1;
    problem := 'the formula ends where a value is expected';
  end if;
  while problem is null and top > 0 loop
    if waiting[top] like '%(' then
      place := opened[top];
      problem := 'this parenthesis is never closed';
    else
      compiled := compiled || waiting[top];
      top := top - 1;
    end if;
  end loop;

  if problem is not null then
    perform private.refuse(
      400,
      'formula_invalid',
      format('At character %s of the formula: %s.', place, problem),
      hint,
      jsonb_build_object('position', place)
    );
  end if;
  return compiled;
end;
$$;

comment on function private.compile_formula(text, text[]) is
  'Compiles a formula for private.evaluate_formula: arithmetic (+ - * / ^, unary minus, parentheses, min, max, round, abs, ceil, floor) over named values. Takes its text and the names that it may use; returns its parts in postfix order, null for null. At most 2,000 characters, 500 parts, 50 parentheses deep. Raises PT400 formula_invalid with the position (1-based character) of what is wrong, and PT400 formula_unknown_name with position and name. docs/formulas.md has the grammar.';

revoke execute on function private.compile_formula(text, text[]) from public;
--! EndIncluded sales/private/compile_formula.sql
--! Included sales/private/formula_power.sql
create or replace function private.formula_power (
  base numeric,
  exponent numeric
)
  returns numeric
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
declare
  -- The natural logarithm of the result, to judge its size before the work is done.
  size double precision := case
    when base <> 0 then exponent::double precision * ln(abs(base)::double precision)
  end;
begin
  if exponent = 0 or base = 1 then
    return 1;
  elsif base = 0 or size < -47.5 then
    return 0;
  elsif size > 23.1 then
    return 'Infinity'::numeric;
  end if;
  -- power() works with as many decimals as the base is written with, and its last digits may be wrong: what is exact in
  -- mathematics is exact after the first rounding, halves are halves, and the second rounds them as everywhere.
  return
    case when base < 0 and mod(exponent, 2) <> 0 then -1 else 1 end
    * round(round(power(round(abs(base), 40), exponent), 35), 20);
end;
$$;

comment on function private.formula_power(numeric, numeric) is
  'Returns a power, rounded half away from zero to 20 decimals, and Infinity when it is beyond every limit of a formula. Takes two numbers within ±1e10 of at most 20 decimals: a base that is not negative or a whole exponent, and no negative exponent for 0 (private.evaluate_formula refuses these). 0^0 is 1. Takes little time, whatever the exponent is.';

revoke execute on function private.formula_power(numeric, numeric) from public;
--! EndIncluded sales/private/formula_power.sql
--! Included sales/private/evaluate_formula.sql
create or replace function private.evaluate_formula (
  compiled text[],
  facts jsonb,
  refuses boolean default true
)
  returns numeric
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
declare
  part text;
  kind integer;
  -- The newest value is in a variable of its own, the others are in the stack: most steps then write no array.
  x numeric;
  stack numeric[] := '{}'::numeric[];
  top integer := 0;
  failure text;
begin
  foreach part in array coalesce(compiled, '{}') loop
    kind := ascii(part);
    if kind >= 97 then
      -- a-z: a name
      top := top + 1;
      stack[top] := x;
      x := case jsonb_typeof(facts -> part)
        when 'number' then round((facts -> part)::numeric, 20)
        when 'boolean' then (facts -> part)::boolean::integer
      end;
      if x is null then
        return null;
      end if;
    elsif kind between 48 and 57 then
      -- 0-9: a number, whose size was looked at when it was compiled
      top := top + 1;
      stack[top] := x;
      x := part::numeric;
      continue;
    elsif part = '*' then
      x := round(stack[top] * x, 20);
      top := top - 1;
    elsif part = '+' then
      x := stack[top] + x;
      top := top - 1;
    elsif part = '-' then
      x := stack[top] - x;
      top := top - 1;
    elsif part = '/' then
      if x = 0 then
        failure := 'division by zero';
        exit;
      end if;
      -- Truncated to 21 decimals, then rounded to 20: exact, which a quotient that was rounded before is not.
      x := round(div(stack[top] * 1000000000000000000000, x) * 0.000000000000000000001, 20);
      top := top - 1;
    elsif part = 'NEG' then
      x := -x;
    elsif part = 'MIN' then
      x := least(stack[top], x);
      top := top - 1;
    elsif part = 'MAX' then
      x := greatest(stack[top], x);
      top := top - 1;
    elsif part = 'ROUND' then
      if x <> trunc(x) or x not between -10 and 20 then
        failure := 'digits';
        exit;
      end if;
      x := round(stack[top], x::integer);
      top := top - 1;
    elsif part = '^' then
      if stack[top] = 0 and x < 0 then
        failure := 'division by zero';
        exit;
      elsif stack[top] < 0 and x <> trunc(x) then
        failure := 'root';
        exit;
      end if;
      x := private.formula_power(stack[top], x);
      top := top - 1;
    elsif part = 'ABS' then
      x := abs(x);
    elsif part = 'CEIL' then
      x := ceil(x);
    elsif part = 'FLOOR' then
      x := floor(x);
    end if;
    if abs(x) > 10000000000 then
      failure := 'range';
      exit;
    end if;
  end loop;

  -- A name without a value further on comes before what failed here: the result may not depend on the order.
  if failure is null then
    return trim_scale(x);
  elsif exists (
    select
    from unnest(compiled) as name
    where name ~ '^[a-z]' and coalesce(jsonb_typeof(facts -> name), '') not in ('number', 'boolean')
  ) then
    return null;
  elsif not refuses then
    return 'NaN'::numeric;
  elsif failure = 'division by zero' then
    perform private.refuse(400, 'formula_division_by_zero', 'A formula divides by zero.');
  elsif failure = 'range' then
    perform private.refuse(
      400, 'formula_out_of_range', 'A formula has a value beyond ±10,000,000,000 on its way or as its result.'
    );
  elsif failure = 'digits' then
    perform private.refuse(
      400, 'formula_undefined', 'A formula rounds to digits that are not a whole number from -10 to 20.'
    );
  else
    perform private.refuse(400, 'formula_undefined', 'A formula raises a negative number to a fractional power.');
  end if;
  return null;
end;
$$;

comment on function private.evaluate_formula(text[], jsonb, boolean) is
  'Evaluates a compiled formula (private.compile_formula) for a JSON object of values by name; true counts 1, false 0. Returns an exact numeric of at most 20 decimals; null when a name that it uses has no value: absent, null, neither number nor boolean. With refuses => false it returns NaN where it would raise. Every step is rounded half away from zero to 20 decimals. Raises PT400 formula_division_by_zero, formula_out_of_range (a value beyond ±1e10, on the way too) and formula_undefined (a fractional power of a negative number, round to digits that are not whole or outside -10 … 20).';

revoke execute on function private.evaluate_formula(text[], jsonb, boolean) from public;
--! EndIncluded sales/private/evaluate_formula.sql
--! Included sales/private/formula_failure.sql
create or replace function private.formula_failure (
  compiled text[],
  facts jsonb
)
  returns text
  language plpgsql
  immutable
  set search_path = ''
  as $$
begin
  perform private.evaluate_formula(compiled, facts);
  return null;
exception
  when sqlstate 'PT400' then
    return sqlerrm;
end;
$$;

comment on function private.formula_failure(text[], jsonb) is
  'Returns why a compiled formula has no value for some facts, as a sentence; null when it has one. Each call is a subtransaction: ask only when private.evaluate_formula was NaN.';

revoke execute on function private.formula_failure(text[], jsonb) from public;
--! EndIncluded sales/private/formula_failure.sql
--! Included sales/private/refuse_values.sql
create or replace function private.refuse_values (
  fields jsonb
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
begin
  perform private.refuse(
    400,
    'values_invalid',
    format(
      'Some values are not right: %s.',
      (
        select left(string_agg(format('%s (%s)', code, list ->> 0), ', ' order by code), 500)
        from jsonb_each(fields) as field (code, list)
      )
    ),
    'The details list what is wrong, by the code of the attribute.',
    jsonb_build_object('fields', fields)
  );
end;
$$;

comment on function private.refuse_values(jsonb) is
  'Refuses values of an entry. Takes what is wrong: an object of lists of sentences by the code of the attribute, "selections" for what belongs to none. Raises PT400 values_invalid with it as "fields" in the details.';

revoke execute on function private.refuse_values(jsonb) from public;
--! EndIncluded sales/private/refuse_values.sql
--! Included sales/private/evaluate_entry.sql
create or replace function private.evaluate_entry (
  organization_id text,
  manufacturing_type_id uuid,
  given jsonb
)
  returns table (
    node_id uuid,
    code text,
    name text,
    node_type text,
    data_type text,
    tree_order integer,
    is_visible boolean,
    value jsonb,
    messages text[],
    is_missing boolean,
    price numeric,
    weight numeric
  )
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  base_price numeric;
  base_weight numeric;
  -- What is known so far, by code; whether a node is shown, by its place in the tree; what is wrong, by code.
  facts jsonb;
  shown boolean[] := '{}'::boolean[];
  missing text[] := '{}'::text[];
  wrong jsonb := '{}'::jsonb;
  -- By the code of a selection, whether the option that is sent may be chosen.
  chosen jsonb := '{}'::jsonb;
  node record;
  sent jsonb;
  amount numeric;
  problems text[];
begin
  if given is null or jsonb_typeof(given) <> 'object' then
    perform private.refuse_values('{"selections": ["Values are an object: the value of each attribute under its code."]}');
  elsif octet_length(given::text) > 100000 then
    perform private.refuse_values('{"selections": ["Values have at most 100,000 bytes together."]}');
  end if;

  select kind.base_price, kind.base_weight into base_price, base_weight
  from public.manufacturing_types as kind
  where kind.organization_id = evaluate_entry.organization_id and kind.id = evaluate_entry.manufacturing_type_id;
  facts := given || jsonb_build_object('base_price', base_price, 'base_weight', base_weight);

  -- First what is shown and what its value is, each node after those that it depends on, a selection after its options.
  -- The parent is looked up by key: of a join the planner, who takes a type for one row, would make nested loops.
  for node in
    select
      here.code,
      here.node_type,
      here.data_type,
      here.tree_order as place,
      (
        select above.tree_order
        from public.attribute_nodes as above
        where above.organization_id = here.organization_id and above.id = here.parent_id
      ) as place_above,
      case when here.node_type = 'option' then (
        select above.code
        from public.attribute_nodes as above
        where above.organization_id = here.organization_id and above.id = here.parent_id
      ) end as selection,
      here.display_condition,
      case when here.validation_rules <> '{}' then here.validation_rules end as rules,
      here.is_required,
      here.formula_compiled
    from public.attribute_nodes as here
    where here.organization_id = evaluate_entry.organization_id
      and here.manufacturing_type_id = evaluate_entry.manufacturing_type_id
    order by here.evaluation_order
  loop
    if node.node_type = 'option' then
      -- Whether its selection is shown, nobody knows yet.
      shown[node.place] := node.display_condition is null or private.condition_holds(node.display_condition, facts);
      if facts ->> node.selection = node.code then
        chosen := chosen || jsonb_build_object(node.selection, shown[node.place]);
      end if;
      continue;
    end if;
    shown[node.place] := case
      when not shown[node.place_above] then false
      when node.display_condition is null then true
      else private.condition_holds(node.display_condition, facts)
    end;
    continue when node.data_type is null;
    sent := facts -> node.code;
    if not shown[node.place] then
      if sent is not null then
        facts := facts - node.code;
      end if;
      continue;
    end if;

    problems := null;
    if node.data_type = 'formula' then
      if sent is not null then
        facts := facts - node.code;
        if sent <> 'null' then
          problems := array['Is computed, and takes no value.'];
        end if;
      end if;
      amount := private.evaluate_formula(node.formula_compiled, facts, false);
      if amount = 'NaN' then
        problems := problems || private.formula_failure(node.formula_compiled, facts);
      elsif amount is not null then
        sent := to_jsonb(amount);
        facts := facts || jsonb_build_object(node.code, sent);
        if node.rules is not null then
          problems := problems || private.validation_messages(node.rules, sent);
        end if;
      end if;
    elsif sent is null or sent = 'null' or sent = '""' then
      -- What a form leaves blank is what it does not send.
      if sent is not null then
        facts := facts - node.code;
      end if;
      if node.is_required then
        missing := missing || node.code;
        problems := array['Is required.'];
      end if;
    else
      problems := case
        when node.data_type in ('number', 'dimension') then
          case
            when jsonb_typeof(sent) <> 'number' then array['Must be a number.']
            when abs(sent::numeric) > 10000000000 then array['Must be between -10,000,000,000 and 10,000,000,000.']
            when scale(trim_scale(sent::numeric)) > 10 then array['Must have at most 10 decimals.']
          end
        when node.data_type = 'boolean' then
          case when jsonb_typeof(sent) <> 'boolean' then array['Must be true or false.'] end
        when jsonb_typeof(sent) <> 'string' then array['Must be a text.']
        when node.data_type = 'selection' then
          case
            when not chosen ? node.code then array['Must be one of the options.']
            when chosen -> node.code = 'false' then array['This option cannot be chosen with the other values.']
          end
        when length(sent #>> '{}') > 1000 then array['Must have at most 1,000 characters.']
      end;
      if problems is not null then
        facts := facts - node.code;
      elsif node.rules is not null then
        problems := private.validation_messages(node.rules, sent);
      end if;
    end if;
    if problems <> '{}' then
      wrong := wrong || jsonb_build_object(node.code, problems);
    end if;
  end loop;

  -- Then what it costs and weighs: impacts may name any value.
  return query
  select
    here.id,
    here.code,
    here.name,
    here.node_type,
    here.data_type,
    here.tree_order,
    state.is_visible,
    state.value,
    case
      when wrong ? here.code or impact.price = 'NaN' or impact.weight = 'NaN'
        then array_remove(
          array(select jsonb_array_elements_text(wrong -> here.code))
            || case when impact.price = 'NaN'
              then 'The price cannot be computed: ' || private.formula_failure(here.price_formula_compiled, facts) end
            || case when impact.weight = 'NaN'
              then 'The weight cannot be computed: ' || private.formula_failure(here.weight_formula_compiled, facts) end,
          null
        )
      else '{}'
    end,
    here.code = any (missing),
    case when impact.price = 'NaN' then 0 else coalesce(round(impact.price, 2), 0) end,
    case when impact.weight = 'NaN' then 0 else coalesce(round(impact.weight, 3), 0) end
  from public.attribute_nodes as here
    -- `offset 0`: computed once, and not once for each use.
    cross join lateral (
      select
        case when here.node_type = 'option' then (
          select above.tree_order
          from public.attribute_nodes as above
          where above.organization_id = here.organization_id and above.id = here.parent_id
        ) end as place,
        case when here.node_type = 'option' then (
          select above.code
          from public.attribute_nodes as above
          where above.organization_id = here.organization_id and above.id = here.parent_id
        ) end as code
      offset 0
    ) as selection
    cross join lateral (
      select
        shown[here.tree_order] and coalesce(shown[selection.place], true) as is_visible,
        case when here.data_type is not null and shown[here.tree_order] then facts -> here.code end as value
      offset 0
    ) as state
    cross join lateral (
      select
        case
          when not state.is_visible then false
          when here.node_type = 'option' then facts ->> selection.code = here.code
          when here.data_type is null then here.node_type = 'component'
          when here.data_type = 'boolean' then state.value = 'true'
          else state.value is not null
        end as counts
      offset 0
    ) as choice
    cross join lateral (
      select
        case when choice.counts then
          case here.price_impact_type
            when 'fixed' then here.price_impact
            when 'percentage' then base_price * here.price_impact * 0.01
            when 'formula' then private.evaluate_formula(here.price_formula_compiled, facts, false)
          end
        end as price,
        case when choice.counts then
          case here.weight_impact_type
            when 'fixed' then here.weight_impact
            when 'percentage' then base_weight * here.weight_impact * 0.01
            when 'formula' then private.evaluate_formula(here.weight_formula_compiled, facts, false)
          end
        end as weight
      offset 0
    ) as impact
  where here.organization_id = evaluate_entry.organization_id
    and here.manufacturing_type_id = evaluate_entry.manufacturing_type_id
  order by here.tree_order;

  return query
  select
    null::uuid, 'selections', 'selections', null::text, null::text, null::integer, false, null::jsonb,
    array[
      format(
        'There is no attribute with a value of this code: %s.',
        left(string_agg(left(key, 50), ', ' order by key), 200)
      )
    ],
    false, 0::numeric, 0::numeric
  from jsonb_object_keys(given) as key
  where not exists (
    select
    from public.attribute_nodes as here
    where here.organization_id = evaluate_entry.organization_id
      and here.manufacturing_type_id = evaluate_entry.manufacturing_type_id
      and here.code = key
      and here.data_type is not null
  )
  having count(*) > 0;
end;
$$;

comment on function private.evaluate_entry(text, uuid, jsonb) is
  'What some values of a type come to: the one place where visibility, validation and prices come from. Takes the organization and the type, which the caller has checked, and an object of values by code. Returns each node in the order of the tree: whether it is shown, its value as given or computed, what is wrong with it, whether that is only that it is missing, and what it adds to price (2 decimals) and weight (3); at last a row without a node, when values are sent under codes that no attribute has. Raises PT400 values_invalid for what is no object, or over 100,000 bytes.';

revoke execute on function private.evaluate_entry(text, uuid, jsonb) from public;
--! EndIncluded sales/private/evaluate_entry.sql
--! Included sales/private/configuration_values.sql
create or replace function private.configuration_values (
  organization_id text,
  configuration_id uuid
)
  returns jsonb
  language sql
  stable
  set search_path = ''
  as $$
  select coalesce(
    jsonb_object_agg(
      node.code,
      coalesce(to_jsonb(chosen.string_value), to_jsonb(chosen.numeric_value), to_jsonb(chosen.boolean_value))
    ),
    '{}'
  )
  from public.configuration_selections as chosen
    join public.attribute_nodes as node
      on node.organization_id = chosen.organization_id and node.id = chosen.attribute_node_id
  where chosen.organization_id = configuration_values.organization_id
    and chosen.configuration_id = configuration_values.configuration_id;
$$;

comment on function private.configuration_values(text, uuid) is
  'Returns the values of a configuration by the code of their attribute, as private.evaluate_entry takes them. Takes the organization and the configuration.';

revoke execute on function private.configuration_values(text, uuid) from public;
--! EndIncluded sales/private/configuration_values.sql
--! Included sales/private/refuse_configurations.sql
create or replace function private.refuse_configurations (
  ids uuid[]
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
begin
  perform private.refuse(
    409,
    'configuration_not_quotable',
    case cardinality(ids)
      when 1 then 'A configuration cannot be quoted: it is a draft, was ordered already, or no longer fits its type.'
      else format(
        '%s configurations cannot be quoted: they are drafts, were ordered already, or no longer fit their type.',
        cardinality(ids)
      )
    end,
    'Save drafts; reopen what no longer fits, and save it again. What was ordered is configured anew to be sold again.',
    jsonb_build_object('configurations', ids)
  );
end;
$$;

comment on function private.refuse_configurations(uuid[]) is
  'Refuses configurations that cannot be quoted or ordered. Takes their ids. Raises PT409 configuration_not_quotable with configurations, the ids.';

revoke execute on function private.refuse_configurations(uuid[]) from public;
--! EndIncluded sales/private/refuse_configurations.sql
--! Included sales/private/reprice_configurations.sql
create or replace function private.reprice_configurations (
  organization_id text,
  ids uuid[]
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  unfit constant uuid[] := (
    select array_agg(stale.id)
    from public.configurations as stale
    where stale.organization_id = reprice_configurations.organization_id
      and stale.id = any (reprice_configurations.ids)
      and exists (
        select
        from private.evaluate_entry(
          stale.organization_id,
          stale.manufacturing_type_id,
          private.configuration_values(stale.organization_id, stale.id)
        ) as node
        where node.messages <> '{}'
      )
  );
begin
  -- An option that is gone, a formula that fails: what they added would be missing from the price.
  if unfit is not null then
    perform private.refuse_configurations(unfit);
  end if;
  perform private.price_configurations(reprice_configurations.organization_id, reprice_configurations.ids);
end;
$$;

comment on function private.reprice_configurations(text, uuid[]) is
  'Prices configurations again whose type has changed since, for a quote. Takes the organization and the ids; for functions that have checked who calls, and have locked them. Raises PT400 price_out_of_range; PT409 configuration_not_quotable with configurations, the ids of those that are no longer valid by today''s attributes.';

revoke execute on function private.reprice_configurations(text, uuid[]) from public;
--! EndIncluded sales/private/reprice_configurations.sql
--! Included sales/private/price_configurations.sql
create or replace function private.price_configurations (
  organization_id text,
  ids uuid[]
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
begin
  -- Materialized: evaluated once for each configuration, whatever the update makes of it.
  with priced as materialized (
    select
      open.id,
      kind.base_price,
      kind.base_weight,
      kind.revision,
      private.checked_price(kind.base_price + entry.price, kind.base_weight + entry.weight) as total_price,
      kind.base_weight + entry.weight as total_weight,
      entry.technical_data
    from public.configurations as open
      join public.manufacturing_types as kind
        on kind.organization_id = open.organization_id and kind.id = open.manufacturing_type_id
      cross join lateral (
        select
          coalesce(sum(node.price), 0) as price,
          coalesce(sum(node.weight), 0) as weight,
          coalesce(
            jsonb_object_agg(node.code, node.value)
              filter (where node.node_type = 'technical_spec' and node.value is not null),
            '{}'
          ) as technical_data
        from private.evaluate_entry(
            open.organization_id,
            open.manufacturing_type_id,
            private.configuration_values(open.organization_id, open.id)
          ) as node
      ) as entry
    where open.organization_id = price_configurations.organization_id
      and open.id = any (price_configurations.ids)
      and open.status <> 'ordered'
  )
  update public.configurations as configuration
  set base_price = priced.base_price,
    total_price = priced.total_price,
    base_weight = priced.base_weight,
    total_weight = priced.total_weight,
    technical_data = priced.technical_data,
    priced_revision = priced.revision
  from priced
  where configuration.organization_id = price_configurations.organization_id
    and configuration.id = priced.id
    and (
      configuration.base_price, configuration.total_price, configuration.base_weight, configuration.total_weight,
      configuration.technical_data, configuration.priced_revision
    ) is distinct from (
      priced.base_price, priced.total_price, priced.base_weight, priced.total_weight,
      priced.technical_data, priced.revision
    );
end;
$$;

comment on function private.price_configurations(text, uuid[]) is
  'Computes price, weight and technical data of configurations from their values, and writes what has changed: the one function that does. Takes the organization and the ids, which the caller has checked; those that are ordered keep theirs. A trigger calls it once for each statement on configuration_selections; private.reprice_configurations calls it for those that are quoted after their type has had another revision. Raises PT400 price_out_of_range.';

revoke execute on function private.price_configurations(text, uuid[]) from public;
--! EndIncluded sales/private/price_configurations.sql
--! Included sales/private/require_manufacturing_type.sql
create or replace function private.require_manufacturing_type (
  id uuid,
  to_sell boolean
)
  returns public.manufacturing_types
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  found_type public.manufacturing_types;
begin
  select * into found_type
  from public.manufacturing_types as kind
  where kind.organization_id = current_id and kind.id = require_manufacturing_type.id;
  if not found
    or not found_type.is_active
    and not private.has_permission('sales.read')
    and not private.has_permission('sales.assigned')
  then
    perform private.refuse(404, 'manufacturing_type_not_found', 'The organization makes no such thing.');
  elsif to_sell and not found_type.is_active then
    perform private.refuse(
      409, 'manufacturing_type_inactive', format('%s is not sold.', found_type.name), 'Activate it, or choose another.'
    );
  end if;
  return found_type;
end;
$$;

comment on function private.require_manufacturing_type(uuid, boolean) is
  'Returns a type of the current organization that the caller may see: an active one, or any for staff. Takes its id, and whether something is to be made of it that is sold. Raises PT401 not_authenticated; PT403 organization_required; PT404 manufacturing_type_not_found; PT409 manufacturing_type_inactive.';

revoke execute on function private.require_manufacturing_type(uuid, boolean) from public;
--! EndIncluded sales/private/require_manufacturing_type.sql
--! Included sales/private/sales_customer_ids.sql
create or replace function private.sales_customer_ids()
  returns uuid[]
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  return private.own_customer_ids() || private.sold_customer_ids();
end;
$$;

comment on function private.sales_customer_ids() is
  'Returns the customers whose configurations and orders the caller reaches without sales.read: those that they act for, and those assigned to them with sales.assigned. Write it as (select private.sales_customer_ids())::uuid[], so that it runs once per statement.';

revoke execute on function private.sales_customer_ids() from public;
grant execute on function private.sales_customer_ids() to authenticated, service_role;
--! EndIncluded sales/private/sales_customer_ids.sql
--! Included sales/private/require_sales_customer.sql
create or replace function private.require_sales_customer (
  customer_id uuid
)
  returns uuid
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
begin
  if private.has_permission('sales.write') then
    if not exists (
      select
      from public.customers as customer
      where customer.organization_id = current_id and customer.id = require_sales_customer.customer_id
    ) then
      perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
    end if;
  elsif (require_sales_customer.customer_id = any (private.sales_customer_ids())) is not true then
    perform private.record_denial(
      'customer_authorization', jsonb_build_object('customer_id', require_sales_customer.customer_id)
    );
    perform private.refuse(
      403,
      'customer_authorization',
      'You do not act for this customer.',
      'Ask someone who manages the customers of the organization.'
    );
  end if;
  return require_sales_customer.customer_id;
end;
$$;

comment on function private.require_sales_customer(uuid) is
  'Returns the id of a customer for whom the caller may make configurations: any of the current organization with sales.write, otherwise one that they act for or that is assigned to them with sales.assigned. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization (also when there is no such customer); PT404 customer_not_found (with sales.write).';

revoke execute on function private.require_sales_customer(uuid) from public;
--! EndIncluded sales/private/require_sales_customer.sql
--! Included sales/private/apply_template.sql
create or replace function private.apply_template (
  template_id uuid,
  name text,
  customer_id uuid,
  is_quick_quote boolean
)
  returns public.configurations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  is_staff constant boolean := private.has_permission('sales.read') or private.has_permission('sales.assigned');
  template public.configuration_templates;
  buyer_id uuid;
  created_id uuid;
  draft public.configurations;
begin
  select * into template
  from public.configuration_templates as listed
  where listed.organization_id = current_id
    and listed.id = apply_template.template_id
    and listed.is_active
    and (listed.is_public or is_staff);
  if not found then
    perform private.refuse(404, 'template_not_found', 'There is no such template.');
  end if;
  perform private.require_manufacturing_type(template.manufacturing_type_id, true);
  buyer_id := case
    when apply_template.customer_id is null then (private.get_or_create_customer()).id
    else private.require_sales_customer(apply_template.customer_id)
  end;

  created_id := private.insert_configuration(current_id, template.manufacturing_type_id, buyer_id, name, template.id);
  insert into public.configuration_selections (
    organization_id, configuration_id, manufacturing_type_id, attribute_node_id,
    string_value, numeric_value, boolean_value
  )
  select
    chosen.organization_id, created_id, chosen.manufacturing_type_id, chosen.attribute_node_id,
    chosen.string_value, chosen.numeric_value, chosen.boolean_value
  from public.template_selections as chosen
  where chosen.organization_id = current_id and chosen.template_id = template.id;
  if not found then
    perform private.price_configurations(current_id, array[created_id]);
  end if;
  insert into public.template_usage (organization_id, template_id, configuration_id, usage_type)
  values (
    current_id,
    template.id,
    created_id,
    case
      when buyer_id = any (private.own_customer_ids()) then 'customer_start'
      when is_quick_quote then 'quick_quote'
      else 'sales_assist'
    end
  );

  select * into draft
  from public.configurations as configuration
  where configuration.organization_id = current_id and configuration.id = created_id;
  return draft;
end;
$$;

comment on function private.apply_template(uuid, text, uuid, boolean) is
  'Begins a configuration with a template: public.apply_template with the rights that this takes.';

revoke execute on function private.apply_template(uuid, text, uuid, boolean) from public;
grant execute on function private.apply_template(uuid, text, uuid, boolean) to authenticated, service_role;
--! EndIncluded sales/private/apply_template.sql
--! Included sales/private/change_order_item_status.sql
create or replace function private.change_order_item_status (
  id uuid,
  status text
)
  returns public.order_items
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('sales.fulfil');
  order_status text;
  changed public.order_items;
begin
  if (change_order_item_status.status in ('pending', 'in_production', 'completed')) is not true then
    perform private.refuse(400, 'status_invalid', 'status is pending, in_production or completed.');
  end if;
  -- The order first, as whoever ships or cancels it.
  select placed.status into order_status
  from public.orders as placed
  where placed.organization_id = current_id
    and placed.id = (
      select item.order_id
      from public.order_items as item
      where item.organization_id = current_id and item.id = change_order_item_status.id
    )
  for no key update;
  if not found then
    perform private.refuse(404, 'order_item_not_found', 'There is no such item of an order.');
  end if;
  select * into changed
  from public.order_items as item
  where item.organization_id = current_id and item.id = change_order_item_status.id
  for no key update;
  perform private.require_transition('order_items', changed.status, change_order_item_status.status);
  if order_status <> 'production' then
    perform private.refuse(
      409,
      'order_not_in_production',
      format('The order is %s. Its items are made while it is in production.', order_status),
      case order_status when 'confirmed' then 'Move the order to production first.' end
    );
  end if;
  update public.order_items as item
  set status = change_order_item_status.status
  where item.organization_id = current_id and item.id = changed.id
  returning * into changed;
  return changed;
end;
$$;

comment on function private.change_order_item_status(uuid, text) is
  'Moves an item of an order on: public.change_order_item_status with the rights that this takes.';

revoke execute on function private.change_order_item_status(uuid, text) from public;
grant execute on function private.change_order_item_status(uuid, text) to authenticated, service_role;
--! EndIncluded sales/private/change_order_item_status.sql
--! Included sales/private/change_order_status.sql
create or replace function private.change_order_status (
  id uuid,
  status text,
  reason text
)
  returns public.orders
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission(
    case change_order_status.status when 'cancelled' then 'sales.write' else 'sales.fulfil' end
  );
  changed public.orders;
  open_items bigint;
begin
  if (change_order_status.status in ('confirmed', 'production', 'shipped', 'installed', 'cancelled')) is not true then
    perform private.refuse(400, 'status_invalid', 'status is confirmed, production, shipped, installed or cancelled.');
  elsif length(btrim(reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  select * into changed
  from public.orders as placed
  where placed.organization_id = current_id and placed.id = change_order_status.id
  for no key update;
  if not found then
    perform private.refuse(404, 'order_not_found', 'There is no such order.');
  end if;
  perform private.require_transition('orders', changed.status, change_order_status.status);
  if change_order_status.status = 'cancelled' and coalesce(btrim(reason), '') = '' then
    perform private.refuse(400, 'reason_required', 'Cancelling an order takes a reason.');
  elsif change_order_status.status = 'shipped' then
    select count(*) into open_items
    from public.order_items as item
    where item.organization_id = current_id and item.order_id = changed.id and item.status <> 'completed';
    if open_items > 0 then
      perform private.refuse(
        409,
        'order_items_open',
        format('%s of its items are not completed.', open_items),
        'Complete them first.',
        jsonb_build_object('items', open_items)
      );
    end if;
  end if;
  update public.orders as placed
  set status = change_order_status.status,
    cancellation_reason = case change_order_status.status when 'cancelled' then btrim(reason) end
  where placed.organization_id = current_id and placed.id = changed.id
  returning * into changed;
  return changed;
end;
$$;

comment on function private.change_order_status(uuid, text, text) is
  'Moves an order on: public.change_order_status with the rights that this takes.';

revoke execute on function private.change_order_status(uuid, text, text) from public;
grant execute on function private.change_order_status(uuid, text, text) to authenticated, service_role;
--! EndIncluded sales/private/change_order_status.sql
--! Included sales/private/compile_attribute_formula.sql
create or replace function private.compile_attribute_formula (
  code text,
  field text,
  source text,
  names text[]
)
  returns text[]
  language plpgsql
  immutable
  set search_path = ''
  as $$
declare
  problem text;
  details jsonb;
  advice text;
begin
  return private.compile_formula(source, names);
exception
  when sqlstate 'PT400' then
    get stacked diagnostics problem = message_text, details = pg_exception_detail, advice = pg_exception_hint;
    perform private.refuse(
      400,
      details ->> 'code',
      format('%s of the attribute %s: %s', field, code, problem),
      advice,
      details || jsonb_build_object('attribute', code, 'field', field)
    );
    return null;
end;
$$;

comment on function private.compile_attribute_formula(text, text, text, text[]) is
  'Compiles a formula of an attribute: private.compile_formula, whose refusals then also say which attribute and which of its formulas. Takes the code, the column, the formula, and the names that it may use. Raises PT400 formula_invalid, formula_unknown_name with position, attribute and field.';

revoke execute on function private.compile_attribute_formula(text, text, text, text[]) from public;
--! EndIncluded sales/private/compile_attribute_formula.sql
--! Included sales/private/lock_configurations.sql
create or replace function private.lock_configurations (
  organization_id text,
  ids uuid[]
)
  returns setof public.configurations
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  select configuration.*
  from public.configurations as configuration
  where configuration.organization_id = lock_configurations.organization_id
    and configuration.id = any (lock_configurations.ids)
  order by configuration.id
  for no key update;
$$;

comment on function private.lock_configurations(text, uuid[]) is
  'Returns configurations and locks their rows until the transaction ends, in the order of their ids, so that two callers wait for each other and never in a circle. Takes the organization and the ids; for functions that have checked who calls.';

revoke execute on function private.lock_configurations(text, uuid[]) from public;
--! EndIncluded sales/private/lock_configurations.sql
--! Included sales/private/create_order.sql
create or replace function private.create_order (
  quote_id uuid,
  required_date date,
  delivery_address jsonb,
  notes text
)
  returns public.orders
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  -- Its lock makes two orders of it come one after the other.
  ordered constant public.quotes := private.require_quote(create_order.quote_id, is_answer => false);
  current_id constant text := ordered.organization_id;
  today constant date := private.today(current_id);
  wrong uuid[];
  made public.orders;
begin
  if ordered.status <> 'accepted' then
    perform private.refuse(
      409, 'quote_not_accepted', format('The quote is %s, and only an accepted one is ordered.', ordered.status)
    );
  elsif exists (
    select
    from public.orders as placed
    where placed.organization_id = current_id and placed.quote_id = ordered.id
  ) then
    perform private.refuse(409, 'quote_already_ordered', 'There is an order of this quote already.');
  elsif ordered.valid_until < today then
    perform private.refuse(
      409, 'quote_expired', format('The quote was valid until %s.', ordered.valid_until), 'Make a new quote.'
    );
  elsif not create_order.required_date between today and today + 3650 then
    perform private.refuse(
      400, 'required_date_invalid', 'An order is required today or on a later day, within ten years.'
    );
  elsif
    jsonb_typeof(create_order.delivery_address) <> 'object'
    or length(create_order.delivery_address::text) > 5000
  then
    perform private.refuse(400, 'address_invalid', 'An address is an object of at most 5,000 characters.');
  elsif length(btrim(create_order.notes)) > 5000 then
    perform private.refuse(400, 'notes_invalid', 'Notes have at most 5,000 characters.');
  end if;
  select array_agg(locked.id) into wrong
  from private.lock_configurations(
      current_id,
      array(
        select item.configuration_id
        from public.quote_items as item
        where item.organization_id = current_id and item.quote_id = ordered.id
      )
    ) as locked
  where locked.status <> 'quoted';
  if wrong is not null then
    perform private.refuse_configurations(wrong);
  end if;

  insert into public.orders as placed (
    organization_id, number, quote_id, customer_id, currency, subtotal, discount_amount, tax_rate, tax_amount, total,
    required_date, delivery_address, notes
  )
  select
    current_id,
    private.next_number('O', current_id),
    ordered.id,
    ordered.customer_id,
    ordered.currency,
    ordered.subtotal,
    ordered.discount_amount,
    ordered.tax_rate,
    ordered.tax_amount,
    ordered.total,
    create_order.required_date,
    coalesce(create_order.delivery_address, customer.address),
    nullif(btrim(create_order.notes), '')
  from public.customers as customer
  where customer.organization_id = current_id and customer.id = ordered.customer_id
  returning * into made;
  insert into public.order_items (
    organization_id, order_id, quote_item_id, configuration_id, position, description, quantity, unit_price, line_total
  )
  select
    current_id,
    made.id,
    item.id,
    item.configuration_id,
    item.position,
    item.description,
    item.quantity,
    item.unit_price,
    item.line_total
  from public.quote_items as item
  where item.organization_id = current_id and item.quote_id = ordered.id;
  -- What is ordered is what was offered: a later quote may have priced the configuration again since.
  update public.configurations as configuration
  set status = 'ordered',
    base_price = coalesce(offered.base_price, configuration.base_price),
    total_price = coalesce(offered.total_price, configuration.total_price),
    base_weight = coalesce((offered.data ->> 'base_weight')::numeric, configuration.base_weight),
    total_weight = coalesce(offered.total_weight, configuration.total_weight),
    technical_data = coalesce(offered.data -> 'technical_data', configuration.technical_data),
    priced_revision = coalesce(offered.revision, configuration.priced_revision)
  from public.quote_items as item
    left join lateral (
      select taken.*
      from public.configuration_snapshots as taken
      where taken.organization_id = current_id
        and taken.configuration_id = item.configuration_id
        and taken.reason = 'quoted'
        and taken.total_price = item.unit_price
        and taken.taken_at <= ordered.sent_at
      order by taken.taken_at desc, taken.id desc
      fetch first row only
    ) as offered on true
  where item.organization_id = current_id
    and item.quote_id = ordered.id
    and configuration.organization_id = current_id
    and configuration.id = item.configuration_id;
  return made;
end;
$$;

comment on function private.create_order(uuid, date, jsonb, text) is
  'Orders what was quoted: public.create_order with the rights that this takes.';

revoke execute on function private.create_order(uuid, date, jsonb, text) from public;
grant execute on function private.create_order(uuid, date, jsonb, text) to authenticated, service_role;
--! EndIncluded sales/private/create_order.sql
--! Included sales/private/require_amounts.sql
create or replace function private.require_amounts (
  subtotal numeric,
  discount numeric
)
  returns void
  language plpgsql
  immutable
  set search_path = ''
  as $$
begin
  if subtotal > 100000000000 then
    perform private.refuse(400, 'price_out_of_range', 'A quote adds up to at most 100,000,000,000.');
  elsif discount > subtotal then
    perform private.refuse(
      400,
      'discount_invalid',
      format('The discount of %s is more than the subtotal of %s.', discount, subtotal),
      'Take off at most the subtotal.',
      jsonb_build_object('subtotal', subtotal)
    );
  end if;
end;
$$;

comment on function private.require_amounts(numeric, numeric) is
  'Refuses amounts that no quote can have. Takes the subtotal and the discount. Raises PT400 price_out_of_range, discount_invalid with subtotal.';

revoke execute on function private.require_amounts(numeric, numeric) from public;
--! EndIncluded sales/private/require_amounts.sql
--! Included sales/private/require_quote_terms.sql
create or replace function private.require_quote_terms (
  today date,
  quantities numeric[],
  tax_rate numeric,
  discount numeric,
  valid_until date,
  notes text
)
  returns void
  language plpgsql
  immutable
  set search_path = ''
  as $$
begin
  if exists (
    select
    from unnest(quantities) as quantity
    where (quantity > 0 and quantity <= 1000000 and scale(trim_scale(quantity)) <= 3) is not true
  ) then
    perform private.refuse(
      400, 'quantity_invalid', 'A quantity is above 0, at most 1,000,000, with at most 3 decimals.'
    );
  elsif not (tax_rate between 0 and 100 and scale(trim_scale(tax_rate)) <= 3) then
    perform private.refuse(
      400, 'tax_rate_invalid', 'The tax rate is a percentage from 0 to 100 with at most 3 decimals.'
    );
  elsif not (discount between 0 and 1e12 and scale(trim_scale(discount)) <= 2) then
    perform private.refuse(
      400, 'discount_invalid', 'A discount is an amount of 0 or more, at most the subtotal, with at most 2 decimals.'
    );
  elsif not (valid_until between today and today + 366) then
    perform private.refuse(
      400, 'valid_until_invalid', 'A quote is valid until today or a later day, up to a year from now.'
    );
  elsif length(btrim(notes)) > 5000 then
    perform private.refuse(400, 'notes_invalid', 'Notes have at most 5,000 characters.');
  end if;
end;
$$;

comment on function private.require_quote_terms(date, numeric[], numeric, numeric, date, text) is
  'Refuses what no quote can have; null passes. Takes what day it is in the organization, quantities, the tax rate, the discount (private.require_amounts compares it with the subtotal), the last day, notes. Raises PT400 quantity_invalid, tax_rate_invalid, discount_invalid, valid_until_invalid, notes_invalid.';

revoke execute
  on function private.require_quote_terms(date, numeric[], numeric, numeric, date, text)
  from public;
--! EndIncluded sales/private/require_quote_terms.sql
--! Included sales/private/create_quote.sql
create or replace function private.create_quote (
  configuration_ids uuid[],
  quantities numeric[],
  tax_rate numeric,
  discount numeric,
  valid_until date,
  notes text
)
  returns public.quotes
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_seller();
  today constant date := private.today(current_id);
  settled constant public.sales_settings := private.sales_settings_of(current_id);
  wanted constant integer := coalesce(cardinality(configuration_ids), 0);
  -- Null for every customer.
  sold_ids constant uuid[] := case when not private.has_permission('sales.write') then private.sold_customer_ids() end;
  chosen record;
  summed numeric;
  made public.quotes;
begin
  if not wanted between 1 and 200 then
    perform private.refuse(400, 'configurations_invalid', 'A quote is made from 1 to 200 configurations.');
  elsif (select count(distinct id) < wanted from unnest(configuration_ids) as id) then
    perform private.refuse(
      400, 'configurations_invalid', 'Each configuration is on a quote once.', 'Say how many with quantities.'
    );
  elsif cardinality(quantities) <> wanted then
    perform private.refuse(400, 'quantity_invalid', 'There is one quantity for each configuration.');
  end if;
  perform private.require_quote_terms(
    today, quantities, create_quote.tax_rate, discount, create_quote.valid_until, create_quote.notes
  );

  -- The customer first, as whoever merges customers: then one waits for the other, and never both.
  perform
  from public.customers as customer
  where customer.organization_id = current_id
    -- An array, and not in (…): then it is a look by key, however few customers there are.
    and customer.id = any (
      array(
        select configuration.customer_id
        from public.configurations as configuration
        where configuration.organization_id = current_id and configuration.id = any (configuration_ids)
      )
    )
  order by customer.id
  for key share;
  -- Until it is done nobody reopens, reprices or orders them.
  select
    count(*) as number,
    bool_and(sold_ids is null or locked.customer_id = any (sold_ids)) as are_sold,
    min(locked.customer_id::text)::uuid as customer_id,
    count(distinct locked.customer_id) as customers,
    array_agg(locked.id) filter (where locked.status not in ('saved', 'quoted')) as wrong,
    array_agg(locked.id) filter (where locked.priced_revision < sold.revision) as stale,
    sum(round(coalesce(item.quantity, 1) * locked.total_price, 2)) as subtotal
  into chosen
  from private.lock_configurations(current_id, configuration_ids) as locked
    join unnest(configuration_ids, quantities) as item (id, quantity) on item.id = locked.id
    join public.manufacturing_types as sold
      on sold.organization_id = current_id and sold.id = locked.manufacturing_type_id;

  if chosen.are_sold is false then
    if not exists (
      select
      from public.configurations as configuration
      where configuration.organization_id = current_id
        and configuration.id = any (configuration_ids)
        and configuration.customer_id <> all (private.sales_customer_ids())
        and not private.has_permission('sales.read')
    ) and chosen.number = wanted then
      perform private.record_denial('customer_authorization', jsonb_build_object('configurations', configuration_ids));
      perform private.refuse(
        403,
        'customer_authorization',
        'The customer of these configurations is not assigned to you.',
        'Ask for it to be assigned.'
      );
    end if;
    chosen.number := 0;
  end if;
  if chosen.number < wanted then
    perform private.refuse(404, 'configuration_not_found', 'There is no such configuration, or not each of them.');
  elsif chosen.customers > 1 then
    perform private.refuse(
      409, 'several_customers', 'The configurations are of several customers.', 'Make a quote for each customer.'
    );
  elsif chosen.wrong is not null then
    perform private.refuse_configurations(chosen.wrong);
  end if;

  summed := chosen.subtotal;
  if chosen.stale is not null then
    perform private.reprice_configurations(current_id, chosen.stale);
    select sum(round(coalesce(item.quantity, 1) * configuration.total_price, 2)) into summed
    from unnest(configuration_ids, quantities) as item (id, quantity)
      join public.configurations as configuration
        on configuration.organization_id = current_id and configuration.id = item.id;
  end if;
  perform private.require_amounts(summed, discount);

  insert into public.quotes as quote (
    organization_id, number, customer_id, currency, subtotal, discount_amount, tax_rate, valid_until, notes
  )
  values (
    current_id,
    private.next_number('Q', current_id),
    chosen.customer_id,
    settled.currency,
    summed,
    coalesce(discount, 0),
    coalesce(create_quote.tax_rate, settled.tax_rate),
    coalesce(create_quote.valid_until, today + settled.quote_valid_days),
    nullif(btrim(create_quote.notes), '')
  )
  returning * into made;
  insert into public.quote_items (
    organization_id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price
  )
  select
    current_id,
    made.id,
    made.customer_id,
    configuration.id,
    item.position,
    format('%s: %s', sold.name, configuration.name),
    coalesce(item.quantity, 1),
    configuration.total_price
  from unnest(configuration_ids, quantities) with ordinality as item (id, quantity, position)
    join public.configurations as configuration
      on configuration.organization_id = current_id and configuration.id = item.id
    join public.manufacturing_types as sold
      on sold.organization_id = current_id and sold.id = configuration.manufacturing_type_id;
  return made;
end;
$$;

comment on function private.create_quote(uuid[], numeric[], numeric, numeric, date, text) is
  'Makes a quote: public.create_quote with the rights that this takes.';

revoke execute on function private.create_quote(uuid[], numeric[], numeric, numeric, date, text) from public;
grant execute
  on function private.create_quote(uuid[], numeric[], numeric, numeric, date, text)
  to authenticated, service_role;
--! EndIncluded sales/private/create_quote.sql
--! Included sales/private/require_configuration.sql
create or replace function private.require_configuration (
  id uuid,
  to_change boolean
)
  returns public.configurations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  found_one public.configurations;
  is_own boolean;
begin
  if to_change then
    -- The customer first, as whoever merges customers: then one waits for the other, and never both. A row that is
    -- written twice has its foreign keys looked at again, which locks the customer anyway.
    perform
    from public.customers as customer
    where customer.organization_id = current_id
      and customer.id = (
        select configuration.customer_id
        from public.configurations as configuration
        where configuration.organization_id = current_id and configuration.id = require_configuration.id
      )
    for key share;
    select * into found_one
    from public.configurations as configuration
    where configuration.organization_id = current_id and configuration.id = require_configuration.id
    for no key update;
  else
    select * into found_one
    from public.configurations as configuration
    where configuration.organization_id = current_id and configuration.id = require_configuration.id;
  end if;
  is_own := found_one.customer_id = any (private.sales_customer_ids());
  if found_one.id is null
    or not is_own and not private.has_permission('sales.read') and not private.has_permission('sales.write')
  then
    perform private.refuse(404, 'configuration_not_found', 'There is no such configuration.');
  elsif to_change and not is_own then
    perform private.require_permission('sales.write');
  end if;
  return found_one;
end;
$$;

comment on function private.require_configuration(uuid, boolean) is
  'Returns a configuration that the caller may read (sales.read or sales.write, or it belongs to a customer that they act for, or that is assigned to them with sales.assigned), or change (the same without sales.read): then its row is locked until the transaction ends. Takes its id, and whether it is to be changed. Raises PT401 not_authenticated; PT403 organization_required, permission_required (readable, and not theirs to change); PT404 configuration_not_found.';

revoke execute on function private.require_configuration(uuid, boolean) from public;
--! EndIncluded sales/private/require_configuration.sql
--! Included sales/private/create_template.sql
create or replace function private.create_template (
  configuration_id uuid,
  name text,
  template_type text,
  is_public boolean
)
  returns public.configuration_templates
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('sales.catalog');
  model constant public.configurations := private.require_configuration(configuration_id, false);
  clean_name constant text := private.clean_display_name(create_template.name);
  created public.configuration_templates;
begin
  if clean_name is null then
    perform private.refuse(400, 'name_invalid', 'A name is one line of 1 to 200 characters.');
  elsif (create_template.template_type in ('standard', 'premium', 'economy', 'custom')) is not true then
    perform private.refuse(400, 'template_type_invalid', 'template_type is standard, premium, economy or custom.');
  end if;
  insert into public.configuration_templates (organization_id, manufacturing_type_id, name, template_type, is_public)
  values (
    current_id, model.manufacturing_type_id, clean_name, create_template.template_type,
    coalesce(create_template.is_public, false)
  )
  on conflict on constraint configuration_templates_name_key do nothing
  returning * into created;
  if created.id is null then
    perform private.refuse(
      409, 'template_exists', 'There is a template of this name for this type.', 'Choose another.'
    );
  end if;
  -- Without values of attributes that are something else by now.
  insert into public.template_selections (
    organization_id, template_id, manufacturing_type_id, attribute_node_id, string_value, numeric_value, boolean_value
  )
  select
    chosen.organization_id, created.id, chosen.manufacturing_type_id, chosen.attribute_node_id,
    chosen.string_value, chosen.numeric_value, chosen.boolean_value
  from public.configuration_selections as chosen
    join private.evaluate_entry(
        current_id, model.manufacturing_type_id, private.configuration_values(current_id, model.id)
      ) as node
      on node.node_id = chosen.attribute_node_id and node.value is not null and node.data_type <> 'formula'
  where chosen.organization_id = current_id and chosen.configuration_id = model.id;
  return created;
end;
$$;

comment on function private.create_template(uuid, text, text, boolean) is
  'Makes a template of a configuration: public.create_template with the rights that this takes.';

revoke execute on function private.create_template(uuid, text, text, boolean) from public;
grant execute on function private.create_template(uuid, text, text, boolean) to authenticated, service_role;
--! EndIncluded sales/private/create_template.sql
--! Included sales/private/customer_details.sql
create or replace function private.customer_details (
  id uuid
)
  returns public.customer_details
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  customer constant public.customers := private.require_customer(customer_details.id);
  is_sold constant boolean := private.has_permission('sales.read') or customer.id = any (private.sold_customer_ids());
  is_own constant boolean := customer.id = any (private.own_customer_ids());
  details public.customer_details;
begin
  details.id := customer.id;
  details.company_name := customer.company_name;
  details.contact_person := customer.contact_person;
  details.email := customer.email;
  details.phone := customer.phone;
  details.address := customer.address;
  details.customer_type := customer.customer_type;
  details.tax_id := customer.tax_id;
  details.payment_terms := customer.payment_terms;
  details.is_active := customer.is_active;
  details.notes := customer.notes;
  details.tags := customer.tags;
  details.customer_since := customer.customer_since;
  details.total_bookings := customer.total_bookings;
  details.total_spent := customer.total_spent;
  details.created_at := customer.created_at;
  -- What the policies of the tables show.
  details.quotes := to_jsonb(array(
    select
      row(
        quote.id, quote.number, quote.status, quote.currency, quote.total, quote.valid_until, quote.created_at
      )::public.customer_quote
    from public.quotes as quote
    where quote.organization_id = customer.organization_id
      and quote.customer_id = customer.id
      and (is_sold or is_own and quote.status <> 'draft')
    order by quote.created_at desc, quote.id desc
    limit 10
  ));
  details.orders := to_jsonb(array(
    select
      row(
        placed.id, placed.number, placed.status, placed.currency, placed.total, placed.required_date, placed.created_at
      )::public.customer_order
    from public.orders as placed
    where placed.organization_id = customer.organization_id
      and placed.customer_id = customer.id
      and (is_sold or is_own)
    order by placed.created_at desc, placed.id desc
    limit 10
  ));
  return details;
end;
$$;

comment on function private.customer_details(uuid) is
  'Returns a customer with what was last sold to it: public.customer_details with the rights that this takes.';

revoke execute on function private.customer_details(uuid) from public;
grant execute on function private.customer_details(uuid) to authenticated, service_role;
--! EndIncluded sales/private/customer_details.sql
--! Included sales/private/require_draft.sql
create or replace function private.require_draft (
  id uuid
)
  returns public.configurations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  draft constant public.configurations := private.require_configuration(id, true);
begin
  if draft.status <> 'draft' then
    perform private.refuse(
      409,
      'configuration_not_draft',
      format('This configuration is %s.', draft.status),
      case draft.status
        when 'saved' then 'Reopen it first.'
        else 'What was quoted stays as it was: make another configuration.'
      end
    );
  end if;
  return draft;
end;
$$;

comment on function private.require_draft(uuid) is
  'Returns and locks a configuration that is a draft and that the caller may change. Takes its id. Raises what private.require_configuration raises, and PT409 configuration_not_draft.';

revoke execute on function private.require_draft(uuid) from public;
--! EndIncluded sales/private/require_draft.sql
--! Included sales/private/delete_configuration.sql
create or replace function private.delete_configuration (
  id uuid
)
  returns public.configurations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  draft constant public.configurations := private.require_draft(id);
begin
  if exists (
    select
    from public.configuration_snapshots as taken
    where taken.organization_id = draft.organization_id and taken.configuration_id = draft.id
  ) then
    perform private.refuse(
      409,
      'configuration_snapshotted',
      'This configuration was saved once: what it was then is kept, and so is it.'
    );
  end if;
  delete from public.configurations as configuration
  where configuration.organization_id = draft.organization_id and configuration.id = draft.id;
  return draft;
end;
$$;

comment on function private.delete_configuration(uuid) is
  'Deletes a draft: public.delete_configuration with the rights that this takes.';

revoke execute on function private.delete_configuration(uuid) from public;
grant execute on function private.delete_configuration(uuid) to authenticated, service_role;
--! EndIncluded sales/private/delete_configuration.sql
--! Included sales/private/dependency_order.sql
create or replace function private.dependency_order (
  places integer,
  dependents integer[],
  dependencies integer[],
  out ordered integer[],
  out cycle integer[]
)
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
declare
  -- How many dependencies of a place are not in the order yet, and who waits for it: its last edge, and for each edge
  -- the one before it of the same dependency. Arrays that are written in place: a thousand places take milliseconds.
  open integer[] := array_fill(0, array[places]);
  last_edge integer[] := array_fill(0, array[places]);
  previous_edge integer[] := array_fill(0, array[coalesce(cardinality(dependents), 0)]);
  total integer := 0;
  place integer;
  edge integer;
begin
  ordered := '{}'::integer[];
  for edge in 1 .. coalesce(cardinality(dependents), 0) loop
    open[dependents[edge]] := open[dependents[edge]] + 1;
    previous_edge[edge] := last_edge[dependencies[edge]];
    last_edge[dependencies[edge]] := edge;
  end loop;

  for place in 1 .. places loop
    if open[place] = 0 then
      total := total + 1;
      ordered[total] := place;
    end if;
  end loop;
  for reached in 1 .. places loop
    exit when reached > total;
    edge := last_edge[ordered[reached]];
    while edge > 0 loop
      place := dependents[edge];
      open[place] := open[place] - 1;
      if open[place] = 0 then
        total := total + 1;
        ordered[total] := place;
      end if;
      edge := previous_edge[edge];
    end loop;
  end loop;
  if total = places then
    return;
  end if;

  -- What is left waits for something that is left as well: walking from one to the next comes back to where it was.
  ordered := null;
  cycle := '{}'::integer[];
  select min(left_over) into place from generate_series(1, places) as left_over where open[left_over] > 0;
  while array_position(cycle, place) is null loop
    cycle := cycle || place;
    select min(edge_end) into place
    from unnest(dependents, dependencies) as pair (edge_start, edge_end)
    where edge_start = place and open[edge_end] > 0;
  end loop;
  cycle := cycle[array_position(cycle, place) :];
end;
$$;

comment on function private.dependency_order(integer, integer[], integer[]) is
  'Orders things after what they depend on. Takes how many there are (places 1 to n), and pairs in two lists: who depends, on what. Returns the places in such an order, or null and one cycle of places of which each depends on the next and the last on the first.';

revoke execute on function private.dependency_order(integer, integer[], integer[]) from public;
--! EndIncluded sales/private/dependency_order.sql
--! Included sales/private/entry_preview.sql
create or replace function private.entry_preview (
  manufacturing_type_id uuid,
  given jsonb
)
  returns public.entry_preview
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  kind constant public.manufacturing_types := private.require_manufacturing_type(manufacturing_type_id, false);
  preview public.entry_preview;
begin
  preview.currency := (private.sales_settings_of(kind.organization_id)).currency;
  preview.base_price := kind.base_price;
  preview.base_weight := kind.base_weight;
  select
    kind.base_price + coalesce(sum(entry.price), 0),
    kind.base_weight + coalesce(sum(entry.weight), 0),
    coalesce(
      jsonb_agg(
        jsonb_build_object(
          'code', entry.code, 'is_visible', entry.is_visible, 'value', entry.value, 'messages', entry.messages
        )
        order by entry.tree_order
      ) filter (where entry.node_id is not null),
      '[]'
    ),
    coalesce(
      jsonb_agg(
        jsonb_build_object('code', entry.code, 'name', entry.name, 'price', entry.price, 'weight', entry.weight)
        order by entry.tree_order
      ) filter (where entry.price <> 0 or entry.weight <> 0),
      '[]'
    ),
    coalesce(jsonb_object_agg(entry.code, entry.messages) filter (where entry.messages <> '{}'), '{}')
  into preview.total_price, preview.total_weight, preview.fields, preview.lines, preview.messages
  from private.evaluate_entry(kind.organization_id, kind.id, given) as entry;

  if preview.total_price not between 0 and 10000000000 or preview.total_weight not between 0 and 10000000000 then
    preview.messages := preview.messages || jsonb_build_object(
      'selections',
      coalesce(preview.messages -> 'selections', '[]')
        || jsonb_build_array('Together these come to a price or a weight that is not between 0 and 10,000,000,000.')
    );
  end if;
  preview.is_valid := preview.messages = '{}';
  return preview;
end;
$$;

comment on function private.entry_preview(uuid, jsonb) is
  'Returns what some values come to: public.entry_preview with the rights that this takes.';

revoke execute on function private.entry_preview(uuid, jsonb) from public;
grant execute on function private.entry_preview(uuid, jsonb) to authenticated, service_role;
--! EndIncluded sales/private/entry_preview.sql
--! Included sales/private/entry_schema.sql
create or replace function private.entry_schema (
  manufacturing_type_id uuid
)
  returns setof public.entry_field
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  kind constant public.manufacturing_types := private.require_manufacturing_type(manufacturing_type_id, false);
begin
  return query
  select
    node.id,
    node.parent_id,
    node.code,
    node.path::text,
    extensions.nlevel(node.path),
    node.name,
    node.description,
    node.help_text,
    node.node_type,
    node.data_type,
    node.unit,
    node.ui_component,
    node.is_required,
    entry.is_visible,
    node.default_value,
    node.validation_rules,
    node.display_condition,
    node.price_impact_type,
    node.sort_order
  from private.evaluate_entry(kind.organization_id, kind.id, '{}') as entry
    join public.attribute_nodes as node
      on node.organization_id = kind.organization_id and node.id = entry.node_id
  order by node.tree_order;
end;
$$;

comment on function private.entry_schema(uuid) is
  'Returns the form of a type: public.entry_schema with the rights that this takes.';

revoke execute on function private.entry_schema(uuid) from public;
grant execute on function private.entry_schema(uuid) to authenticated, service_role;
--! EndIncluded sales/private/entry_schema.sql
--! Included sales/private/expire_quotes.sql
create or replace function private.expire_quotes()
  returns bigint
  language sql
  volatile
  set search_path = ''
  as $$
  with overdue as (
    select quote.organization_id, quote.id
    from public.quotes as quote
      join public.organizations as organization on organization.id = quote.organization_id
    where quote.status = 'sent'
      -- Nowhere is it later than the day after that of UTC: what quotes_expiring_idx is asked for.
      and quote.valid_until <= (now() at time zone 'UTC')::date
      and quote.valid_until < (now() at time zone organization.timezone)::date
    -- What is being answered at this moment is looked at again the next time.
    for no key update of quote skip locked
  ),
  expired as (
    update public.quotes as quote
    set status = 'expired'
    from overdue
    where quote.organization_id = overdue.organization_id and quote.id = overdue.id
    returning quote.id
  )
  select count(*) from expired;
$$;

comment on function private.expire_quotes() is
  'Lets the quotes of all organizations expire that were sent and not answered until the end of their last day, in the time zone of each organization. Run by pg_cron each hour. Returns how many.';

revoke execute on function private.expire_quotes() from public;
--! EndIncluded sales/private/expire_quotes.sql
--! Included sales/private/formula_names.sql
create or replace function private.formula_names (
  compiled text[]
)
  returns text[]
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select coalesce(array_agg(distinct part order by part), '{}') from unnest(compiled) as part where part ~ '^[a-z]';
$$;

comment on function private.formula_names(text[]) is
  'Returns the names that a compiled formula uses, each once, in alphabetical order. Empty for null.';

revoke execute on function private.formula_names(text[]) from public;
--! EndIncluded sales/private/formula_names.sql
--! Included sales/private/refresh_attribute_tree.sql
create or replace function private.refresh_attribute_tree (
  organization_id text,
  manufacturing_type_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  names text[];
  fields text[];
  problem record;
  ids uuid[];
  codes text[];
  paths text[];
  dependents integer[];
  dependencies integer[];
  places integer[];
  cycle integer[];
begin
  -- Also the lock: two who change one tree at once would each see it without what the other changes.
  update public.manufacturing_types as changed
  set revision = changed.revision + 1
  where changed.organization_id = refresh_attribute_tree.organization_id
    and changed.id = refresh_attribute_tree.manufacturing_type_id;
  if not found then
    return;
  end if;

  select
    array_agg(node.code) filter (where node.data_type is not null),
    array_agg(node.code order by node.code)
      filter (where node.data_type in ('number', 'dimension', 'formula', 'boolean'))
  into fields, names
  from public.attribute_nodes as node
  where node.organization_id = refresh_attribute_tree.organization_id
    and node.manufacturing_type_id = refresh_attribute_tree.manufacturing_type_id;
  fields := coalesce(fields, '{}');
  names := array['base_price', 'base_weight'] || names;

  select node.code, parent.code as parent_code, parent.node_type as parent_type into problem
  from public.attribute_nodes as node
    left join public.attribute_nodes as parent
      on parent.organization_id = node.organization_id and parent.id = node.parent_id
  where node.organization_id = refresh_attribute_tree.organization_id
    and node.manufacturing_type_id = refresh_attribute_tree.manufacturing_type_id
    and (
      node.node_type = 'option' and parent.data_type is distinct from 'selection'
      or parent.node_type = 'option'
    )
  order by node.code
  fetch first row only;
  if found then
    perform private.refuse(
      400,
      'option_misplaced',
      case problem.parent_type
        when 'option' then format('%s is under the option %s, and nothing is.', problem.code, problem.parent_code)
        else format('The option %s is not under a selection.', problem.code)
      end,
      'An option stands under an attribute of data type selection, and has nothing under it: what belongs to a choice has a display_condition.',
      jsonb_build_object('attribute', problem.code)
    );
  end if;

  select node.code, field into problem
  from public.attribute_nodes as node, unnest(private.condition_fields(node.display_condition)) as field
  where node.organization_id = refresh_attribute_tree.organization_id
    and node.manufacturing_type_id = refresh_attribute_tree.manufacturing_type_id
    and node.display_condition is not null
    and field <> all (fields)
  order by node.code, field
  fetch first row only;
  if found then
    perform private.refuse(
      400,
      'condition_field_unknown',
      format(
        'The display_condition of %s reads %s, which is no attribute of this type that has a value.',
        problem.code, left(problem.field, 50)
      ),
      'A field is the code of an attribute with a data type. The value of a selection is the code of the chosen option.',
      jsonb_build_object('attribute', problem.code, 'field', left(problem.field, 50))
    );
  end if;

  -- Formulas that are new, and those that name what has gone: compiling these refuses with the position.
  update public.attribute_nodes as node
  set formula_compiled = private.compile_attribute_formula(node.code, 'formula', node.formula, names),
    price_formula_compiled = private.compile_attribute_formula(node.code, 'price_formula', node.price_formula, names),
    weight_formula_compiled = private.compile_attribute_formula(node.code, 'weight_formula', node.weight_formula, names)
  where node.organization_id = refresh_attribute_tree.organization_id
    and node.manufacturing_type_id = refresh_attribute_tree.manufacturing_type_id
    and (
      num_nonnulls(node.formula, node.price_formula, node.weight_formula)
        <> num_nonnulls(node.formula_compiled, node.price_formula_compiled, node.weight_formula_compiled)
      or not private.formula_names(
        node.formula_compiled || node.price_formula_compiled || node.weight_formula_compiled
      ) <@ names
    );

  with recursive ranked as (
    select
      node.id,
      node.parent_id,
      node.code,
      row_number() over (partition by node.parent_id order by node.sort_order, node.code) as rank
    from public.attribute_nodes as node
    where node.organization_id = refresh_attribute_tree.organization_id
      and node.manufacturing_type_id = refresh_attribute_tree.manufacturing_type_id
  ),
  tree as (
    select ranked.id, ranked.code as path, array[ranked.rank] as ranks
    from ranked
    where ranked.parent_id is null
    union all
    select ranked.id, tree.path || '.' || ranked.code, tree.ranks || ranked.rank
    from tree
      join ranked on ranked.parent_id = tree.id
    where cardinality(tree.ranks) <= 10
  )
  select
    array_agg(ranked.id order by tree.ranks, ranked.code),
    array_agg(ranked.code order by tree.ranks, ranked.code),
    array_agg(tree.path order by tree.ranks, ranked.code)
  into ids, codes, paths
  from ranked
    left join tree on tree.id = ranked.id;

  if cardinality(ids) > 2000 then
    perform private.refuse(400, 'attribute_invalid', 'A type has at most 2,000 attributes.');
  end if;
  select split_part(path, '.', 11) as code into problem from unnest(paths) as path where path ~ '^([^.]+\.){10}';
  if found then
    perform private.refuse(
      400,
      'attribute_invalid',
      format('%s is more than 10 levels deep.', problem.code),
      null,
      jsonb_build_object('attribute', problem.code)
    );
  end if;

  -- What must be known first: the parent, but for a selection its options, which decide what its value may be; what
  -- conditions read; what a computed value is computed from. What prices are computed from waits until all is known.
  with nodes as (
    select node.id, node.parent_id, node.node_type, node.display_condition, node.formula_compiled, placed.place
    from unnest(ids) with ordinality as placed (id, place)
      join public.attribute_nodes as node
        on node.organization_id = refresh_attribute_tree.organization_id and node.id = placed.id
  ),
  named as (
    select nodes.place, field
    from nodes, unnest(private.condition_fields(nodes.display_condition)) as field
    where nodes.display_condition is not null
    union
    select nodes.place, name
    from nodes, unnest(private.formula_names(nodes.formula_compiled)) as name
    where nodes.formula_compiled is not null
  ),
  edges as (
    select
      case nodes.node_type when 'option' then parent.place else nodes.place end as place,
      case nodes.node_type when 'option' then nodes.place else parent.place end as dependency
    from nodes
      join nodes as parent on parent.id = nodes.parent_id
    union
    select named.place, coded.place
    from named
      join unnest(codes) with ordinality as coded (code, place) on coded.code = named.field
  )
  select array_agg(edges.place), array_agg(edges.dependency) into dependents, dependencies from edges;

  select found_order.ordered, found_order.cycle into places, cycle
  from private.dependency_order(coalesce(cardinality(ids), 0), dependents, dependencies) as found_order;
  if cycle is not null then
    perform private.refuse(
      409,
      'attribute_cycle',
      format(
        'These attributes depend on each other in a circle: %s.',
        (
          select string_agg(codes[place], ' → ' order by turn)
          from unnest(cycle || cycle[1]) with ordinality as step (place, turn)
        )
      ),
      'A parent, a condition or a formula of one of them has to go.',
      jsonb_build_object(
        'attributes',
        (
          select jsonb_agg(codes[place] order by turn)
          from unnest(cycle) with ordinality as step (place, turn)
        )
      )
    );
  end if;

  update public.attribute_nodes as node
  set path = placed.path::extensions.ltree,
    tree_order = placed.place,
    evaluation_order = placed.turn
  from (
    select ids[step.place] as id, paths[step.place] as path, step.place, step.turn
    from unnest(places) with ordinality as step (place, turn)
  ) as placed
  where node.organization_id = refresh_attribute_tree.organization_id
    and node.id = placed.id
    and (node.path::text, node.tree_order, node.evaluation_order::bigint)
      is distinct from (placed.path, placed.place, placed.turn);
end;
$$;

comment on function private.refresh_attribute_tree(text, uuid) is
  'Makes of the attributes of a type what private.evaluate_entry reads: paths, places in the tree, compiled formulas, the order of evaluation; raises the revision of the type, whose row it locks. Takes the organization and the type; nothing happens for a type that is gone. Raises PT400 option_misplaced, condition_field_unknown, formula_invalid, formula_unknown_name, attribute_invalid; PT409 attribute_cycle, each with the code of the attribute in the details.';

revoke execute on function private.refresh_attribute_tree(text, uuid) from public;
--! EndIncluded sales/private/refresh_attribute_tree.sql
--! Included sales/private/reject_quote.sql
create or replace function private.reject_quote (
  id uuid,
  reason text
)
  returns public.quotes
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  rejected public.quotes := private.require_quote(reject_quote.id, is_answer => true);
begin
  perform private.require_transition('quotes', rejected.status, 'rejected');
  if length(btrim(reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  update public.quotes as quote
  set status = 'rejected',
    rejection_reason = nullif(btrim(reason), '')
  where quote.organization_id = rejected.organization_id and quote.id = rejected.id
  returning * into rejected;
  return rejected;
end;
$$;

comment on function private.reject_quote(uuid, text) is
  'Rejects a quote: public.reject_quote with the rights that this takes.';

revoke execute on function private.reject_quote(uuid, text) from public;
grant execute on function private.reject_quote(uuid, text) to authenticated, service_role;
--! EndIncluded sales/private/reject_quote.sql
--! Included sales/private/reopen_configuration.sql
create or replace function private.reopen_configuration (
  id uuid
)
  returns public.configurations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  closed constant public.configurations := private.require_configuration(id, true);
  reopened public.configurations;
begin
  -- What may be reopened is in private.state_transitions; a draft already is open.
  if closed.status = 'draft' then
    return closed;
  end if;
  update public.configurations as configuration
  set status = 'draft'
  where configuration.organization_id = closed.organization_id and configuration.id = closed.id
  returning * into reopened;
  return reopened;
end;
$$;

comment on function private.reopen_configuration(uuid) is
  'Makes a saved configuration a draft again: public.reopen_configuration with the rights that this takes.';

revoke execute on function private.reopen_configuration(uuid) from public;
grant execute on function private.reopen_configuration(uuid) to authenticated, service_role;
--! EndIncluded sales/private/reopen_configuration.sql
--! Included sales/private/write_selections.sql
create or replace function private.write_selections (
  organization_id text,
  configuration_id uuid,
  given jsonb,
  is_complete boolean
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  type_id uuid;
  seen bigint;
  priced bigint;
  wrong jsonb;
  chosen jsonb;
begin
  loop
    select kind.id, kind.revision into type_id, seen
    from public.configurations as configuration
      join public.manufacturing_types as kind
        on kind.organization_id = configuration.organization_id and kind.id = configuration.manufacturing_type_id
    where configuration.organization_id = write_selections.organization_id
      and configuration.id = write_selections.configuration_id;
    select
      jsonb_object_agg(node.code, node.messages)
        filter (where node.messages <> '{}' and (is_complete or not node.is_missing)),
      jsonb_agg(jsonb_build_object('id', node.node_id, 'value', node.value))
        filter (where node.value is not null and node.data_type <> 'formula')
    into wrong, chosen
    from private.evaluate_entry(write_selections.organization_id, type_id, given) as node;
    if wrong is not null then
      perform private.refuse_values(wrong);
    end if;

    -- One statement: what it triggers sees all values, and none of a state in between.
    with wanted as (
      select
        (item ->> 'id')::uuid as node_id,
        case jsonb_typeof(item -> 'value') when 'string' then item ->> 'value' end as string_value,
        case jsonb_typeof(item -> 'value') when 'number' then (item -> 'value')::numeric end as numeric_value,
        case jsonb_typeof(item -> 'value') when 'boolean' then (item -> 'value')::boolean end as boolean_value
      from jsonb_array_elements(coalesce(chosen, '[]')) as item
    ),
    removed as (
      delete from public.configuration_selections as selection
      where selection.organization_id = write_selections.organization_id
        and selection.configuration_id = write_selections.configuration_id
        and not exists (select from wanted where wanted.node_id = selection.attribute_node_id)
    )
    insert into public.configuration_selections as selection (
      organization_id, configuration_id, manufacturing_type_id, attribute_node_id,
      string_value, numeric_value, boolean_value
    )
    select
      write_selections.organization_id, write_selections.configuration_id, type_id, wanted.node_id,
      wanted.string_value, wanted.numeric_value, wanted.boolean_value
    from wanted
    on conflict on constraint configuration_selections_pkey do update
    set string_value = excluded.string_value,
      numeric_value = excluded.numeric_value,
      boolean_value = excluded.boolean_value
    where (selection.string_value, selection.numeric_value, selection.boolean_value)
      is distinct from (excluded.string_value, excluded.numeric_value, excluded.boolean_value);

    select configuration.priced_revision into priced
    from public.configurations as configuration
    where configuration.organization_id = write_selections.organization_id
      and configuration.id = write_selections.configuration_id;
    exit when priced = seen;
    -- No statement has changed a value; or the tree has changed since the values were looked at, and they are again.
    if priced < seen then
      perform private.price_configurations(write_selections.organization_id, array[write_selections.configuration_id]);
    end if;
  end loop;
end;
$$;

comment on function private.write_selections(text, uuid, jsonb, boolean) is
  'Replaces the values of a draft, which prices it. Takes the organization and the configuration, which the caller has checked; an object of values by code; and whether required ones must all be there. Values of attributes that are not shown are left out. Raises PT400 values_invalid with what is wrong by code, price_out_of_range; PT409 configuration_not_draft.';

revoke execute on function private.write_selections(text, uuid, jsonb, boolean) from public;
--! EndIncluded sales/private/write_selections.sql
--! Included sales/private/save_configuration.sql
create or replace function private.save_configuration (
  id uuid
)
  returns public.configurations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  draft constant public.configurations := private.require_draft(id);
  saved public.configurations;
begin
  -- Writes the values again as they are: complete, without those that are no longer shown, priced by today's tree.
  perform private.write_selections(
    draft.organization_id, draft.id, private.configuration_values(draft.organization_id, draft.id), true
  );
  update public.configurations as configuration
  set status = 'saved'
  where configuration.organization_id = draft.organization_id and configuration.id = draft.id
  returning * into saved;
  return saved;
end;
$$;

comment on function private.save_configuration(uuid) is
  'Saves a draft: public.save_configuration with the rights that this takes.';

revoke execute on function private.save_configuration(uuid) from public;
grant execute on function private.save_configuration(uuid) to authenticated, service_role;
--! EndIncluded sales/private/save_configuration.sql
--! Included sales/private/save_entry.sql
create or replace function private.save_entry (
  manufacturing_type_id uuid,
  name text,
  given jsonb,
  customer_id uuid
)
  returns public.configurations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  kind constant public.manufacturing_types := private.require_manufacturing_type(manufacturing_type_id, true);
  buyer_id uuid;
  created_id uuid;
  saved public.configurations;
begin
  buyer_id := case
    when save_entry.customer_id is null then (private.get_or_create_customer()).id
    else private.require_sales_customer(save_entry.customer_id)
  end;
  created_id := private.insert_configuration(kind.organization_id, kind.id, buyer_id, name);
  perform private.write_selections(kind.organization_id, created_id, given, true);
  update public.configurations as configuration
  set status = 'saved'
  where configuration.organization_id = kind.organization_id and configuration.id = created_id
  returning * into saved;
  return saved;
end;
$$;

comment on function private.save_entry(uuid, text, jsonb, uuid) is
  'Saves an entry: public.save_entry with the rights that this takes.';

revoke execute on function private.save_entry(uuid, text, jsonb, uuid) from public;
grant execute on function private.save_entry(uuid, text, jsonb, uuid) to authenticated, service_role;
--! EndIncluded sales/private/save_entry.sql
--! Included sales/private/send_quote.sql
create or replace function private.send_quote (
  id uuid
)
  returns public.quotes
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  sent public.quotes := private.require_quote(send_quote.id, is_answer => false);
  current_id constant text := sent.organization_id;
  chosen record;
  summed numeric;
begin
  perform private.require_transition('quotes', sent.status, 'sent');
  if sent.valid_until < private.today(current_id) then
    perform private.refuse(
      409,
      'quote_expired',
      format('The quote was valid until %s.', sent.valid_until),
      'Give it a later day with update_quote.'
    );
  end if;
  select
    array_agg(locked.id) filter (where locked.status not in ('saved', 'quoted')) as wrong,
    array_agg(locked.id) filter (where locked.priced_revision < sold.revision) as stale
  into chosen
  from private.lock_configurations(
      current_id,
      array(
        select item.configuration_id
        from public.quote_items as item
        where item.organization_id = current_id and item.quote_id = sent.id
      )
    ) as locked
    join public.manufacturing_types as sold
      on sold.organization_id = current_id and sold.id = locked.manufacturing_type_id;
  if chosen.wrong is not null then
    perform private.refuse_configurations(chosen.wrong);
  elsif chosen.stale is not null then
    perform private.reprice_configurations(current_id, chosen.stale);
  end if;
  select coalesce(sum(round(item.quantity * configuration.total_price, 2)), 0) into summed
  from public.quote_items as item
    join public.configurations as configuration
      on configuration.organization_id = current_id and configuration.id = item.configuration_id
  where item.organization_id = current_id and item.quote_id = sent.id;
  perform private.require_amounts(summed, sent.discount_amount);

  -- The trigger of the lines brings the subtotal along.
  update public.quote_items as item
  set unit_price = configuration.total_price
  from public.configurations as configuration
  where item.organization_id = current_id
    and item.quote_id = sent.id
    and configuration.organization_id = current_id
    and configuration.id = item.configuration_id
    and configuration.total_price <> item.unit_price;
  update public.configurations as configuration
  set status = 'quoted'
  from public.quote_items as item
  where item.organization_id = current_id
    and item.quote_id = sent.id
    and configuration.organization_id = current_id
    and configuration.id = item.configuration_id
    and configuration.status = 'saved';
  update public.quotes as quote
  set status = 'sent'
  where quote.organization_id = current_id and quote.id = sent.id
  returning * into sent;
  return sent;
end;
$$;

comment on function private.send_quote(uuid) is
  'Sends a quote: public.send_quote with the rights that this takes.';

revoke execute on function private.send_quote(uuid) from public;
grant execute on function private.send_quote(uuid) to authenticated, service_role;
--! EndIncluded sales/private/send_quote.sql
--! Included sales/private/tg__order_frozen.sql
create or replace function private.tg__order_frozen()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if to_jsonb(new) - tg_argv[0]::text[] is distinct from to_jsonb(old) - tg_argv[0]::text[] then
    perform private.refuse(
      409, 'order_frozen', 'What was ordered, and for how much, no longer changes.', 'Cancel the order, and quote anew.'
    );
  end if;
  return new;
end;
$$;

comment on function private.tg__order_frozen() is
  'Trigger function of orders and their items: what they took from the quote never changes, whoever asks. Its argument lists the columns that do. Raises PT409 order_frozen.';

revoke execute on function private.tg__order_frozen() from public;
--! EndIncluded sales/private/tg__order_frozen.sql
--! Included sales/private/tg_attribute_nodes__prepare.sql
create or replace function private.tg_attribute_nodes__prepare()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  problem text;
  broken text[];
begin
  if new.code in ('base_price', 'base_weight', 'selections') then
    problem := format('The code %s means something else in formulas and messages.', new.code);
  elsif jsonb_typeof(new.default_value) <> (
    case
      when new.data_type = 'boolean' then 'boolean'
      when new.data_type in ('number', 'dimension') then 'number'
      else 'string'
    end
  ) then
    problem := format('The default_value of %s does not fit its data type, %s.', new.code, new.data_type);
  else
    broken := private.validation_messages(new.validation_rules, new.default_value);
    if broken <> '{}' then
      problem := format(
        'The default_value of %s breaks its validation_rules: %s', new.code, array_to_string(broken, ' ')
      );
    end if;
  end if;
  if problem is not null then
    perform private.refuse(400, 'attribute_invalid', problem, null, jsonb_build_object('attribute', new.code));
  end if;

  -- Refuses patterns that no condition may use, before one is met while somebody fills in a form.
  perform private.matches_pattern('', pattern #>> '{}')
  from jsonb_path_query(new.display_condition, 'strict $.** ? (@.operator == "matches_pattern").value') as pattern;

  -- Compiled with the whole tree in sight, when the statement is through.
  if tg_op = 'INSERT' or new.formula is distinct from old.formula then
    new.formula_compiled := null;
  end if;
  if tg_op = 'INSERT' or new.price_formula is distinct from old.price_formula then
    new.price_formula_compiled := null;
  end if;
  if tg_op = 'INSERT' or new.weight_formula is distinct from old.weight_formula then
    new.weight_formula_compiled := null;
  end if;
  return new;
end;
$$;

comment on function private.tg_attribute_nodes__prepare() is
  'Trigger function of attribute_nodes: refuses codes that are reserved, default values that do not fit and patterns that nobody may use, and forgets what was compiled from a formula that changes. Raises PT400 attribute_invalid, pattern_invalid, pattern_not_allowed.';

revoke execute on function private.tg_attribute_nodes__prepare() from public;
--! EndIncluded sales/private/tg_attribute_nodes__prepare.sql
--! Included sales/private/tg_attribute_nodes__refresh.sql
create or replace function private.tg_attribute_nodes__refresh()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  touched record;
begin
  -- One branch for each kind of statement: a plan names the tables that there are. In order, so that two statements
  -- lock the types in the same one.
  if tg_op = 'INSERT' then
    for touched in
      select distinct created.organization_id, created.manufacturing_type_id as type_id
      from new_rows as created
      order by 1, 2
    loop
      perform private.refresh_attribute_tree(touched.organization_id, touched.type_id);
    end loop;
  elsif tg_op = 'UPDATE' then
    for touched in
      -- What refresh_attribute_tree writes itself is not among these columns, and so does not come back here.
      select distinct changed.organization_id, changed.manufacturing_type_id as type_id
      from new_rows as changed
        join old_rows as before on before.organization_id = changed.organization_id and before.id = changed.id
      where (
        changed.parent_id, changed.code, changed.node_type, changed.data_type, changed.display_condition,
        changed.formula, changed.price_impact_type, changed.price_impact, changed.price_formula,
        changed.weight_impact_type, changed.weight_impact, changed.weight_formula, changed.sort_order,
        changed.validation_rules, changed.is_required
      ) is distinct from (
        before.parent_id, before.code, before.node_type, before.data_type, before.display_condition,
        before.formula, before.price_impact_type, before.price_impact, before.price_formula,
        before.weight_impact_type, before.weight_impact, before.weight_formula, before.sort_order,
        before.validation_rules, before.is_required
      )
      order by 1, 2
    loop
      perform private.refresh_attribute_tree(touched.organization_id, touched.type_id);
    end loop;
  else
    for touched in
      select distinct deleted.organization_id, deleted.manufacturing_type_id as type_id
      from old_rows as deleted
        join public.organizations as organization on organization.id = deleted.organization_id
      order by 1, 2
    loop
      perform private.refresh_attribute_tree(touched.organization_id, touched.type_id);
    end loop;
  end if;
  return null;
end;
$$;

comment on function private.tg_attribute_nodes__refresh() is
  'Trigger function of attribute_nodes: calls private.refresh_attribute_tree once for each type whose tree, conditions, formulas or impacts a statement has changed, and raises what that raises.';

revoke execute on function private.tg_attribute_nodes__refresh() from public;
--! EndIncluded sales/private/tg_attribute_nodes__refresh.sql
--! Included sales/private/tg_configuration_selections__price.sql
create or replace function private.tg_configuration_selections__price()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  touched jsonb;
  settled record;
begin
  -- One branch for each kind of statement: a plan names the tables that there are.
  if tg_op = 'INSERT' then
    select jsonb_agg(distinct jsonb_build_array(created.organization_id, created.configuration_id)) into touched
    from new_rows as created;
  elsif tg_op = 'UPDATE' then
    select jsonb_agg(distinct jsonb_build_array(changed.organization_id, changed.configuration_id)) into touched
    from (
      select before.organization_id, before.configuration_id from old_rows as before
      union
      select after.organization_id, after.configuration_id from new_rows as after
    ) as changed;
  else
    -- What goes with its configuration, or with its organization, needs no price.
    select jsonb_agg(distinct jsonb_build_array(deleted.organization_id, deleted.configuration_id)) into touched
    from old_rows as deleted
      join public.organizations as organization on organization.id = deleted.organization_id;
  end if;
  if touched is null then
    return null;
  end if;

  select configuration.reference_code, configuration.status into settled
  from jsonb_array_elements(touched) as key
    join public.configurations as configuration
      on configuration.organization_id = key ->> 0 and configuration.id = (key ->> 1)::uuid
  where configuration.status <> 'draft'
  fetch first row only;
  if found then
    perform private.refuse(
      409,
      'configuration_not_draft',
      format('The values of %s do not change: it is %s.', settled.reference_code, settled.status),
      case settled.status when 'saved' then 'Reopen it first.' else 'Make another configuration.' end
    );
  end if;

  perform private.price_configurations(key.organization_id, array_agg(key.id))
  from (
    select item ->> 0 as organization_id, (item ->> 1)::uuid as id from jsonb_array_elements(touched) as item
  ) as key
  group by key.organization_id;
  return null;
end;
$$;

comment on function private.tg_configuration_selections__price() is
  'Trigger function of configuration_selections: prices the configurations whose values a statement has changed, in one call of private.price_configurations for each organization. Raises PT409 configuration_not_draft for values of one that is no draft, whoever asks, and PT400 price_out_of_range.';

revoke execute on function private.tg_configuration_selections__price() from public;
--! EndIncluded sales/private/tg_configuration_selections__price.sql
--! Included sales/private/tg_configurations__freeze.sql
create or replace function private.tg_configurations__freeze()
  returns trigger
  language plpgsql
  set search_path = ''
  as $$
begin
  if old.status in ('quoted', 'ordered') and new.manufacturing_type_id <> old.manufacturing_type_id
    or old.status = 'ordered'
    and (new.base_price, new.total_price, new.base_weight, new.total_weight, new.technical_data)
      is distinct from (old.base_price, old.total_price, old.base_weight, old.total_weight, old.technical_data)
  then
    perform private.refuse(
      409,
      'configuration_not_draft',
      format('%s is %s: what it is and costs does not change.', old.reference_code, old.status),
      'Make another configuration.'
    );
  end if;
  return new;
end;
$$;

comment on function private.tg_configurations__freeze() is
  'Trigger function of configurations: raises PT409 configuration_not_draft when the type of one that is quoted or ordered is to change, or price, weight or technical data of one that is ordered, whoever asks. What is quoted may be quoted again at another price: the lines of the quote keep theirs.';

revoke execute on function private.tg_configurations__freeze() from public;
--! EndIncluded sales/private/tg_configurations__freeze.sql
--! Included sales/private/tg_configurations__price_history.sql
create or replace function private.tg_configurations__price_history()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  insert into public.price_history (organization_id, configuration_id, old_price, new_price, revision)
  select
    after.organization_id,
    after.id,
    -- Until it is priced, a configuration has no price.
    case when before.priced_revision > 0 then before.total_price end,
    after.total_price,
    after.priced_revision
  from new_rows as after
    join old_rows as before on before.organization_id = after.organization_id and before.id = after.id
  where after.priced_revision > 0
    and (after.total_price <> before.total_price or before.priced_revision = 0);
  return null;
end;
$$;

comment on function private.tg_configurations__price_history() is
  'Trigger function of configurations: writes each change of a price to price_history, the first one without an old price.';

revoke execute on function private.tg_configurations__price_history() from public;
--! EndIncluded sales/private/tg_configurations__price_history.sql
--! Included sales/private/tg_configurations__snapshot.sql
create or replace function private.tg_configurations__snapshot()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  insert into public.configuration_snapshots (
    organization_id, configuration_id, reason, revision, base_price, total_price, total_weight, data
  )
  select
    after.organization_id,
    after.id,
    after.status,
    after.priced_revision,
    after.base_price,
    after.total_price,
    after.total_weight,
    jsonb_build_object(
      'reference_code', after.reference_code,
      'name', after.name,
      'description', after.description,
      'type', kind.name,
      'category', kind.category,
      'currency', (private.sales_settings_of(after.organization_id)).currency,
      'base_weight', after.base_weight,
      'technical_data', after.technical_data,
      'values', coalesce(chosen.list, '{}')
    )
  from new_rows as after
    join old_rows as before on before.organization_id = after.organization_id and before.id = after.id
    join public.manufacturing_types as kind
      on kind.organization_id = after.organization_id and kind.id = after.manufacturing_type_id
    left join lateral (
      select jsonb_object_agg(
        node.code,
        jsonb_strip_nulls(
          jsonb_build_object(
            'name', node.name,
            'value', coalesce(
              to_jsonb(selection.string_value), to_jsonb(selection.numeric_value), to_jsonb(selection.boolean_value)
            ),
            'unit', node.unit,
            'option', option.name
          )
        )
      ) as list
      from public.configuration_selections as selection
        join public.attribute_nodes as node
          on node.organization_id = selection.organization_id and node.id = selection.attribute_node_id
        left join public.attribute_nodes as option
          on node.data_type = 'selection'
          and option.organization_id = node.organization_id
          and option.manufacturing_type_id = node.manufacturing_type_id
          and option.parent_id = node.id
          and option.code = selection.string_value
      where selection.organization_id = after.organization_id and selection.configuration_id = after.id
    ) as chosen on true
  where after.status <> before.status and after.status <> 'draft'
    or after.status = 'quoted'
    and (after.base_price, after.total_price, after.total_weight, after.technical_data)
      is distinct from (before.base_price, before.total_price, before.total_weight, before.technical_data);
  return null;
end;
$$;

comment on function private.tg_configurations__snapshot() is
  'Trigger function of configurations: takes a snapshot of each that becomes saved, quoted or ordered, and of each that is quoted when its price changes for another quote: everything by value.';

revoke execute on function private.tg_configurations__snapshot() from public;
--! EndIncluded sales/private/tg_configurations__snapshot.sql
--! Included sales/private/tg_configurations__template_usage.sql
create or replace function private.tg_configurations__template_usage()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  update public.template_usage as used
  set quoted_at = coalesce(used.quoted_at, after.quoted_at, now()),
    ordered_at = coalesce(
      used.ordered_at, case when after.status = 'ordered' then coalesce(after.ordered_at, now()) end
    )
  from new_rows as after
    join old_rows as before on before.organization_id = after.organization_id and before.id = after.id
  where used.organization_id = after.organization_id
    and used.configuration_id = after.id
    and after.status <> before.status
    and after.status in ('quoted', 'ordered');
  return null;
end;
$$;

comment on function private.tg_configurations__template_usage() is
  'Trigger function of configurations: notes at the use of a template that what began with it was quoted, or ordered.';

revoke execute on function private.tg_configurations__template_usage() from public;
--! EndIncluded sales/private/tg_configurations__template_usage.sql
--! Included sales/private/tg_manufacturing_types__revise.sql
create or replace function private.tg_manufacturing_types__revise()
  returns trigger
  language plpgsql
  set search_path = ''
  as $$
begin
  if (new.base_price, new.base_weight) is distinct from (old.base_price, old.base_weight) then
    new.revision := old.revision + 1;
  end if;
  return new;
end;
$$;

comment on function private.tg_manufacturing_types__revise() is
  'Trigger function of manufacturing_types: another base price or base weight is another revision.';

revoke execute on function private.tg_manufacturing_types__revise() from public;
--! EndIncluded sales/private/tg_manufacturing_types__revise.sql
--! Included sales/private/tg_quote_items__total.sql
create or replace function private.tg_quote_items__total()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  organization_ids text[];
  quote_ids uuid[];
  frozen text;
begin
  if tg_op = 'INSERT' then
    select array_agg(changed.organization_id), array_agg(changed.quote_id) into organization_ids, quote_ids
    from (select distinct new_row.organization_id, new_row.quote_id from new_rows as new_row) as changed;
  elsif tg_op = 'UPDATE' then
    -- A customer alone changes when customers are merged.
    with
      before as (
        select
          old_row.organization_id, old_row.quote_id, old_row.id, old_row.configuration_id, old_row.position,
          old_row.description, old_row.quantity, old_row.unit_price
        from old_rows as old_row
      ),
      after as (
        select
          new_row.organization_id, new_row.quote_id, new_row.id, new_row.configuration_id, new_row.position,
          new_row.description, new_row.quantity, new_row.unit_price
        from new_rows as new_row
      )
    select array_agg(changed.organization_id), array_agg(changed.quote_id) into organization_ids, quote_ids
    from (
      select different.organization_id, different.quote_id
      from ((table before except table after) union all (table after except table before)) as different
      group by different.organization_id, different.quote_id
    ) as changed;
  else
    -- What goes with its organization is let go.
    select array_agg(changed.organization_id), array_agg(changed.quote_id) into organization_ids, quote_ids
    from (select distinct old_row.organization_id, old_row.quote_id from old_rows as old_row) as changed
      join public.organizations as organization on organization.id = changed.organization_id;
  end if;
  if quote_ids is null then
    return null;
  end if;

  -- Locked, because whoever sends a quote locks it as well.
  with
    locked as materialized (
      select quote.number, quote.status
      from unnest(organization_ids, quote_ids) as changed (organization_id, quote_id)
        join public.quotes as quote
          on quote.organization_id = changed.organization_id and quote.id = changed.quote_id
      order by quote.id
      for no key update of quote
    )
  select min(locked.number) into frozen from locked where locked.status <> 'draft';
  if frozen is not null then
    perform private.refuse(
      409, 'quote_frozen', format('Quote %s was sent, and its lines no longer change.', frozen), 'Make a new quote.'
    );
  end if;

  update public.quotes as quote
  set subtotal = added.subtotal
  from (
    select changed.organization_id, changed.quote_id, coalesce(sum(item.line_total), 0) as subtotal
    from unnest(organization_ids, quote_ids) as changed (organization_id, quote_id)
      left join public.quote_items as item using (organization_id, quote_id)
    group by changed.organization_id, changed.quote_id
  ) as added
  where quote.organization_id = added.organization_id
    and quote.id = added.quote_id
    and quote.subtotal <> added.subtotal;
  return null;
end;
$$;

comment on function private.tg_quote_items__total() is
  'Trigger function of the lines of quotes: they are written only while their quote is a draft, whoever asks, and its subtotal follows them. What changes no more than their customer passes. Raises PT409 quote_frozen.';

revoke execute on function private.tg_quote_items__total() from public;
--! EndIncluded sales/private/tg_quote_items__total.sql
--! Included sales/private/tg_quotes__freeze.sql
create or replace function private.tg_quotes__freeze()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if tg_op = 'DELETE' then
    -- It goes with its organization, and not before.
    if not exists (select from public.organizations as organization where organization.id = old.organization_id) then
      return old;
    end if;
  elsif
    (
      new.organization_id, new.id, new.number, new.currency, new.subtotal, new.discount_amount, new.tax_rate, new.notes,
      new.created_at
    ) is not distinct from (
      old.organization_id, old.id, old.number, old.currency, old.subtotal, old.discount_amount, old.tax_rate, old.notes,
      old.created_at
    )
    -- Customers that are found to be one are merged: then the customer changes, and nothing else.
    and (
      new.customer_id = old.customer_id
      or (new.status, new.valid_until, new.rejection_reason, new.created_by)
        is not distinct from (old.status, old.valid_until, old.rejection_reason, old.created_by)
    )
  then
    return new;
  end if;
  perform private.refuse(
    409, 'quote_frozen', format('Quote %s is %s, and no longer changes.', old.number, old.status), 'Make a new quote.'
  );
  return null;
end;
$$;

comment on function private.tg_quotes__freeze() is
  'Trigger function of quotes that are no draft: number, currency, amounts and notes do not change, nor the customer unless it is all that changes, and they are not deleted, whoever asks. Raises PT409 quote_frozen.';

revoke execute on function private.tg_quotes__freeze() from public;
--! EndIncluded sales/private/tg_quotes__freeze.sql
--! Included sales/private/tg_template_selections__fit.sql
create or replace function private.tg_template_selections__fit()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  node record;
begin
  select chosen.code, chosen.data_type into node
  from public.attribute_nodes as chosen
  where chosen.organization_id = new.organization_id
    and chosen.manufacturing_type_id = new.manufacturing_type_id
    and chosen.id = new.attribute_node_id;
  -- What is not there is for the foreign key to refuse.
  if found and (
    case
      when node.data_type in ('number', 'dimension') then new.numeric_value is not null
      when node.data_type = 'boolean' then new.boolean_value is not null
      when node.data_type = 'string' then new.string_value is not null
      when node.data_type = 'selection' then exists (
        select
        from public.attribute_nodes as option
        where option.organization_id = new.organization_id
          and option.manufacturing_type_id = new.manufacturing_type_id
          and option.parent_id = new.attribute_node_id
          and option.code = new.string_value
      )
      else false
    end
  ) is not true then
    perform private.refuse(
      400,
      'attribute_invalid',
      case
        when node.data_type is null or node.data_type = 'formula' then format('%s takes no value.', node.code)
        else format('This value does not fit %s, a %s.', node.code, node.data_type)
      end,
      'string_value is for texts and the codes of options, numeric_value for numbers and dimensions, boolean_value for booleans.',
      jsonb_build_object('attribute', node.code)
    );
  end if;
  return new;
end;
$$;

comment on function private.tg_template_selections__fit() is
  'Trigger function of template_selections: raises PT400 attribute_invalid when the value is not one that the attribute takes.';

revoke execute on function private.tg_template_selections__fit() from public;
--! EndIncluded sales/private/tg_template_selections__fit.sql
--! Included sales/private/update_entry.sql
create or replace function private.update_entry (
  configuration_id uuid,
  given jsonb,
  name text
)
  returns public.configurations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  draft constant public.configurations := private.require_draft(configuration_id);
  clean_name constant text := private.clean_display_name(update_entry.name);
  changed public.configurations;
begin
  if update_entry.name is not null and clean_name is null then
    perform private.refuse(400, 'name_invalid', 'A name is one line of 1 to 200 characters.');
  end if;
  perform private.write_selections(draft.organization_id, draft.id, given, false);
  update public.configurations as configuration
  set name = coalesce(clean_name, configuration.name)
  where configuration.organization_id = draft.organization_id and configuration.id = draft.id
  returning * into changed;
  return changed;
end;
$$;

comment on function private.update_entry(uuid, jsonb, text) is
  'Replaces the values of a draft: public.update_entry with the rights that this takes.';

revoke execute on function private.update_entry(uuid, jsonb, text) from public;
grant execute on function private.update_entry(uuid, jsonb, text) to authenticated, service_role;
--! EndIncluded sales/private/update_entry.sql
--! Included sales/private/update_quote.sql
create or replace function private.update_quote (
  id uuid,
  quantities numeric[],
  tax_rate numeric,
  discount numeric,
  valid_until date,
  notes text
)
  returns public.quotes
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  changed public.quotes := private.require_quote(update_quote.id, is_answer => false);
  current_id constant text := changed.organization_id;
  items integer;
  summed numeric;
begin
  if changed.status <> 'draft' then
    perform private.refuse(
      409, 'quote_frozen', format('The quote is %s, and no longer changes.', changed.status), 'Make a new quote.'
    );
  end if;
  perform private.require_quote_terms(
    private.today(current_id), quantities, update_quote.tax_rate, discount, update_quote.valid_until, update_quote.notes
  );
  select count(*), sum(round(coalesce(wanted.quantity, item.quantity) * item.unit_price, 2)) into items, summed
  from (
    select
      line.quantity,
      line.unit_price,
      row_number() over (
        order by line.position
      ) as place
    from public.quote_items as line
    where line.organization_id = current_id and line.quote_id = changed.id
  ) as item
    left join unnest(quantities) with ordinality as wanted (quantity, place) using (place);
  if cardinality(quantities) <> items then
    perform private.refuse(400, 'quantity_invalid', format('There is one quantity for each of the %s lines.', items));
  end if;
  perform private.require_amounts(summed, coalesce(discount, changed.discount_amount));

  update public.quotes as quote
  set subtotal = summed,
    discount_amount = coalesce(discount, quote.discount_amount),
    tax_rate = coalesce(update_quote.tax_rate, quote.tax_rate),
    valid_until = coalesce(update_quote.valid_until, quote.valid_until),
    notes = case
      when update_quote.notes is null then quote.notes
      else nullif(btrim(update_quote.notes), '')
    end
  where quote.organization_id = current_id and quote.id = changed.id
  returning * into changed;
  update public.quote_items as line
  set quantity = wanted.quantity
  from (
    select
      item.id,
      row_number() over (
        order by item.position
      ) as place
    from public.quote_items as item
    where item.organization_id = current_id and item.quote_id = changed.id
  ) as placed
    join unnest(quantities) with ordinality as wanted (quantity, place) using (place)
  where line.organization_id = current_id and line.id = placed.id and line.quantity <> wanted.quantity;
  return changed;
end;
$$;

comment on function private.update_quote(uuid, numeric[], numeric, numeric, date, text) is
  'Changes a draft of a quote: public.update_quote with the rights that this takes.';

revoke execute on function private.update_quote(uuid, numeric[], numeric, numeric, date, text) from public;
grant execute
  on function private.update_quote(uuid, numeric[], numeric, numeric, date, text)
  to authenticated, service_role;
--! EndIncluded sales/private/update_quote.sql
--! Included platform/private/tg__append_only.sql
create or replace function private.tg__append_only()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  -- A row goes with what it belongs to: a cascade comes after that is gone.
  if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
    return old;
  end if;
  perform private.refuse(
    403,
    'append_only',
    format('What %s holds is history, and is not changed.', tg_table_name),
    'What happens next is another row.'
  );
  return null;
end;
$$;

comment on function private.tg__append_only() is
  'Trigger function of tables that only grow: raises PT403 append_only for every change, whoever asks. What a foreign key cascades to is let go.';

revoke execute on function private.tg__append_only() from public;
--! EndIncluded platform/private/tg__append_only.sql

--! Included sales/triggers/attribute_nodes.sql
create or replace trigger _200_prepare
  before insert
    or update of
      code, data_type, display_condition, validation_rules, default_value, formula, price_formula, weight_formula
  on public.attribute_nodes
  for each row
  execute function private.tg_attribute_nodes__prepare();

create or replace trigger _300_refresh_insert
  after insert on public.attribute_nodes
  referencing new table as new_rows
  for each statement
  execute function private.tg_attribute_nodes__refresh();

create or replace trigger _300_refresh_update
  after update on public.attribute_nodes
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_attribute_nodes__refresh();

create or replace trigger _300_refresh_delete
  after delete on public.attribute_nodes
  referencing old table as old_rows
  for each statement
  execute function private.tg_attribute_nodes__refresh();
--! EndIncluded sales/triggers/attribute_nodes.sql
--! Included sales/triggers/configuration_selections.sql
create or replace trigger _300_price_insert
  after insert on public.configuration_selections
  referencing new table as new_rows
  for each statement
  execute function private.tg_configuration_selections__price();

create or replace trigger _300_price_update
  after update on public.configuration_selections
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_configuration_selections__price();

create or replace trigger _300_price_delete
  after delete on public.configuration_selections
  referencing old table as old_rows
  for each statement
  execute function private.tg_configuration_selections__price();
--! EndIncluded sales/triggers/configuration_selections.sql
--! Included sales/triggers/configuration_snapshots.sql
create or replace trigger _000_append_only
  before update or delete on public.configuration_snapshots
  for each row
  execute function private.tg__append_only();

create or replace trigger _000_append_only_truncate
  before truncate on public.configuration_snapshots
  for each statement
  execute function private.tg__append_only();
--! EndIncluded sales/triggers/configuration_snapshots.sql
--! Included sales/triggers/configurations.sql
create or replace trigger _200_guard_status
  before insert or update of status on public.configurations
  for each row
  execute function private.tg__guard_status();

create or replace trigger _210_freeze
  before update of manufacturing_type_id, base_price, total_price, base_weight, total_weight, technical_data
  on public.configurations
  for each row
  execute function private.tg_configurations__freeze();

create or replace trigger _300_price_history
  after update on public.configurations
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_configurations__price_history();

create or replace trigger _310_snapshot
  after update on public.configurations
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_configurations__snapshot();

create or replace trigger _320_template_usage
  after update on public.configurations
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_configurations__template_usage();
--! EndIncluded sales/triggers/configurations.sql
--! Included sales/triggers/manufacturing_types.sql
create or replace trigger _200_revise
  before update of base_price, base_weight on public.manufacturing_types
  for each row
  execute function private.tg_manufacturing_types__revise();
--! EndIncluded sales/triggers/manufacturing_types.sql
--! Included sales/triggers/order_items.sql
create or replace trigger _200_guard_status
  before insert or update of status
  on public.order_items
  for each row
  execute function private.tg__guard_status();

create or replace trigger _210_freeze
  before update
  on public.order_items
  for each row
  execute function private.tg__order_frozen('{status, in_production_at, completed_at, updated_at}');
--! EndIncluded sales/triggers/order_items.sql
--! Included sales/triggers/orders.sql
create or replace trigger _200_guard_status
  before insert or update of status
  on public.orders
  for each row
  execute function private.tg__guard_status();

-- The customer changes with that of the quote, when customers are merged.
create or replace trigger _210_freeze
  before update
  on public.orders
  for each row
  execute function private.tg__order_frozen(
    '{customer_id, status, production_at, shipped_at, installed_at, cancelled_at, cancellation_reason, required_date, delivery_address, notes, created_by, updated_at}'
  );
--! EndIncluded sales/triggers/orders.sql
--! Included sales/triggers/price_history.sql
create or replace trigger _000_append_only
  before update or delete on public.price_history
  for each row
  execute function private.tg__append_only();

create or replace trigger _000_append_only_truncate
  before truncate on public.price_history
  for each statement
  execute function private.tg__append_only();
--! EndIncluded sales/triggers/price_history.sql
--! Included sales/triggers/quote_items.sql
create or replace trigger _200_total_insert
  after insert on public.quote_items
  referencing new table as new_rows
  for each statement
  execute function private.tg_quote_items__total();

create or replace trigger _200_total_update
  after update on public.quote_items
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_quote_items__total();

create or replace trigger _200_total_delete
  after delete on public.quote_items
  referencing old table as old_rows
  for each statement
  execute function private.tg_quote_items__total();
--! EndIncluded sales/triggers/quote_items.sql
--! Included sales/triggers/quotes.sql
create or replace trigger _200_guard_status
  before insert or update of status
  on public.quotes
  for each row
  execute function private.tg__guard_status();

create or replace trigger _210_freeze_update
  before update
  on public.quotes
  for each row
  when (old.status <> 'draft')
  execute function private.tg_quotes__freeze();

create or replace trigger _210_freeze_delete
  before delete
  on public.quotes
  for each row
  when (old.status <> 'draft')
  execute function private.tg_quotes__freeze();
--! EndIncluded sales/triggers/quotes.sql
--! Included sales/triggers/template_selections.sql
create or replace trigger _200_fit
  before insert or update on public.template_selections
  for each row
  execute function private.tg_template_selections__fit();
--! EndIncluded sales/triggers/template_selections.sql

-- The API.

--! Included sales/public/accept_quote.sql
create or replace function public.accept_quote (
  id uuid
)
  returns public.quotes
  language sql
  volatile
  set search_path = ''
  as $$
  select private.accept_quote(id);
$$;

comment on function public.accept_quote(uuid) is
  'Accepts a quote that was sent and is still valid (whoever acts for its customer; on behalf of one, sales.write, or sales.assigned for customers that are assigned to the caller). Takes the id. Returns the quote. Raises PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 transition_not_allowed (from, to), quote_expired.';

revoke execute on function public.accept_quote(uuid) from public;
grant execute on function public.accept_quote(uuid) to authenticated, service_role;
--! EndIncluded sales/public/accept_quote.sql
--! Included sales/public/apply_template.sql
create or replace function public.apply_template (
  template_id uuid,
  name text,
  customer_id uuid default null,
  is_quick_quote boolean default false
)
  returns public.configurations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.apply_template(template_id, name, customer_id, is_quick_quote);
$$;

comment on function public.apply_template(uuid, text, uuid, boolean) is
  'Begins a configuration with a template (every member for a customer that they act for; sales.assigned for customers that are assigned to the caller; sales.write for any): a draft with its values, priced by the tree of this moment; the use is recorded. Takes the template, an active one (a public one, unless the caller is staff) of an active type; a name; whose it is, as save_entry does; and whether staff is about to quote it at once, which the record of the use then says. Returns the draft. Raises PT400 name_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, email_not_verified, customer_authorization; PT404 template_not_found, manufacturing_type_not_found, customer_not_found; PT409 manufacturing_type_inactive.';

revoke execute on function public.apply_template(uuid, text, uuid, boolean) from public;
grant execute on function public.apply_template(uuid, text, uuid, boolean) to authenticated, service_role;
--! EndIncluded sales/public/apply_template.sql
--! Included sales/public/change_order_item_status.sql
create or replace function public.change_order_item_status (
  id uuid,
  status text
)
  returns public.order_items
  language sql
  volatile
  set search_path = ''
  as $$
  select private.change_order_item_status(id, status);
$$;

comment on function public.change_order_item_status(uuid, text) is
  'Moves an item of an order that is in production on: to in_production, then to completed (sales.fulfil). Takes the id and the status. Returns the item. Raises PT400 status_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 order_item_not_found; PT409 transition_not_allowed (from, to), order_not_in_production.';

revoke execute on function public.change_order_item_status(uuid, text) from public;
grant execute on function public.change_order_item_status(uuid, text) to authenticated, service_role;
--! EndIncluded sales/public/change_order_item_status.sql
--! Included sales/public/change_order_status.sql
create or replace function public.change_order_status (
  id uuid,
  status text,
  reason text default null
)
  returns public.orders
  language sql
  volatile
  set search_path = ''
  as $$
  select private.change_order_status(id, status, reason);
$$;

comment on function public.change_order_status(uuid, text, text) is
  'Moves an order on, or cancels it (sales.fulfil; to cancel it, sales.write): from confirmed to production, to shipped once all its items are completed, to installed; cancelled, with a reason, before it is shipped. Takes the id, the status, and the reason of a cancellation. Returns the order. Raises PT400 status_invalid, reason_required, reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 order_not_found; PT409 transition_not_allowed (from, to), order_items_open (items).';

revoke execute on function public.change_order_status(uuid, text, text) from public;
grant execute on function public.change_order_status(uuid, text, text) to authenticated, service_role;
--! EndIncluded sales/public/change_order_status.sql
--! Included sales/public/create_order.sql
create or replace function public.create_order (
  quote_id uuid,
  required_date date default null,
  delivery_address jsonb default null,
  notes text default null
)
  returns public.orders
  language sql
  volatile
  set search_path = ''
  as $$
  select private.create_order(quote_id, required_date, delivery_address, notes);
$$;

comment on function public.create_order(uuid, date, jsonb, text) is
  'Makes the order of an accepted quote that is still valid, once, with the customer, the lines and the amounts of the quote (sales.write; with sales.assigned for customers that are assigned to the caller). Takes the quote; the day on which it is needed, or null; where it goes, an object, or null for the address of the customer; notes. Returns the order. Raises PT400 required_date_invalid, address_invalid, notes_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 quote_not_accepted, quote_already_ordered, quote_expired, configuration_not_quotable (configurations: ordered through another quote).';

revoke execute on function public.create_order(uuid, date, jsonb, text) from public;
grant execute on function public.create_order(uuid, date, jsonb, text) to authenticated, service_role;
--! EndIncluded sales/public/create_order.sql
--! Included sales/public/create_quote.sql
create or replace function public.create_quote (
  configuration_ids uuid[],
  quantities numeric[] default null,
  tax_rate numeric default null,
  discount numeric default 0,
  valid_until date default null,
  notes text default null
)
  returns public.quotes
  language sql
  volatile
  set search_path = ''
  as $$
  select private.create_quote(configuration_ids, quantities, tax_rate, discount, valid_until, notes);
$$;

comment on function public.create_quote(uuid[], numeric[], numeric, numeric, date, text) is
  'Makes a quote, a draft, from saved or quoted configurations of one customer (sales.write; with sales.assigned for customers that are assigned to the caller). Takes 1 to 200 configurations in the order of the lines; how many of each, 1 when null; the tax rate in per cent and the last day of validity, those of sales_settings when null; the discount, an amount; notes to the customer. Configurations whose type has changed since are priced again, and keep their status until the quote is sent. Returns the quote. Raises PT400 configurations_invalid, quantity_invalid, tax_rate_invalid, discount_invalid, valid_until_invalid, notes_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 configuration_not_found; PT409 several_customers, configuration_not_quotable (configurations).';

revoke execute on function public.create_quote(uuid[], numeric[], numeric, numeric, date, text) from public;
grant execute
  on function public.create_quote(uuid[], numeric[], numeric, numeric, date, text)
  to authenticated, service_role;
--! EndIncluded sales/public/create_quote.sql
--! Included sales/public/create_template.sql
create or replace function public.create_template (
  configuration_id uuid,
  name text,
  template_type text default 'standard',
  is_public boolean default false
)
  returns public.configuration_templates
  language sql
  volatile
  set search_path = ''
  as $$
  select private.create_template(configuration_id, name, template_type, is_public);
$$;

comment on function public.create_template(uuid, text, text, boolean) is
  'Makes a template of the values of a configuration that the caller may read (sales.catalog). Takes the configuration; a name; standard, premium, economy or custom; and whether customers see it. Returns the template. Raises PT400 name_invalid, template_type_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 template_exists.';

revoke execute on function public.create_template(uuid, text, text, boolean) from public;
grant execute on function public.create_template(uuid, text, text, boolean) to authenticated, service_role;
--! EndIncluded sales/public/create_template.sql
--! Included sales/public/customer_details.sql
create or replace function public.customer_details (
  id uuid
)
  returns public.customer_details
  language sql
  stable
  set search_path = ''
  as $$
  select private.customer_details(id);
$$;

comment on function public.customer_details(uuid) is
  'Returns a customer with its 10 latest quotes and orders (customers.read; without it, customers that the caller acts for or that are assigned to them with customers.assigned). Quotes and orders are those that the caller may see: with sales.read all; of assigned customers with sales.assigned; of one''s own customers orders, and quotes that were sent. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization; PT404 customer_not_found.';

revoke execute on function public.customer_details(uuid) from public;
grant execute on function public.customer_details(uuid) to authenticated, service_role;
--! EndIncluded sales/public/customer_details.sql
--! Included sales/public/delete_configuration.sql
create or replace function public.delete_configuration (
  id uuid
)
  returns public.configurations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.delete_configuration(id);
$$;

comment on function public.delete_configuration(uuid) is
  'Deletes a draft that was never saved (whoever acts for its customer; sales.assigned for customers that are assigned to the caller; sales.write for any). Takes the configuration. Returns it as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 configuration_not_draft, configuration_snapshotted.';

revoke execute on function public.delete_configuration(uuid) from public;
grant execute on function public.delete_configuration(uuid) to authenticated, service_role;
--! EndIncluded sales/public/delete_configuration.sql
--! Included sales/public/entry_preview.sql
create or replace function public.entry_preview (
  manufacturing_type_id uuid,
  selections jsonb
)
  returns public.entry_preview
  language sql
  stable
  set search_path = ''
  as $$
  select private.entry_preview(manufacturing_type_id, selections);
$$;

comment on function public.entry_preview(uuid, jsonb) is
  'Returns what some values come to, and writes nothing: what is shown, what is wrong, price and weight with a line for each impact. Takes the type, an active one (any for staff), and an object of values by code: texts, numbers, booleans, for a selection the code of the option; null and "" are no value. Wrong values give messages, never an error. Raises PT400 values_invalid for what is no object, or over 100,000 bytes; PT401 not_authenticated; PT403 organization_required; PT404 manufacturing_type_not_found.';

revoke execute on function public.entry_preview(uuid, jsonb) from public;
grant execute on function public.entry_preview(uuid, jsonb) to authenticated, service_role;
--! EndIncluded sales/public/entry_preview.sql
--! Included sales/public/entry_schema.sql
create or replace function public.entry_schema (
  manufacturing_type_id uuid
)
  returns setof public.entry_field
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.entry_schema(manufacturing_type_id);
$$;

comment on function public.entry_schema(uuid) is
  'Lists what the form of a type asks for, in the order of the tree: parents before what is under them. Takes the type, an active one (any for staff). Which nodes are shown depends on the values; is_visible says it of an empty form, entry_preview of a filled one. Raises PT401 not_authenticated; PT403 organization_required; PT404 manufacturing_type_not_found.';

revoke execute on function public.entry_schema(uuid) from public;
grant execute on function public.entry_schema(uuid) to authenticated, service_role;
--! EndIncluded sales/public/entry_schema.sql
--! Included sales/public/reject_quote.sql
create or replace function public.reject_quote (
  id uuid,
  reason text default null
)
  returns public.quotes
  language sql
  volatile
  set search_path = ''
  as $$
  select private.reject_quote(id, reason);
$$;

comment on function public.reject_quote(uuid, text) is
  'Rejects a quote that was sent (whoever acts for its customer; on behalf of one, sales.write, or sales.assigned for customers that are assigned to the caller). Takes the id and a reason or null. Returns the quote. Raises PT400 reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 transition_not_allowed (from, to).';

revoke execute on function public.reject_quote(uuid, text) from public;
grant execute on function public.reject_quote(uuid, text) to authenticated, service_role;
--! EndIncluded sales/public/reject_quote.sql
--! Included sales/public/reopen_configuration.sql
create or replace function public.reopen_configuration (
  id uuid
)
  returns public.configurations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.reopen_configuration(id);
$$;

comment on function public.reopen_configuration(uuid) is
  'Makes a saved configuration a draft again, to change it (whoever acts for its customer; sales.assigned for customers that are assigned to the caller; sales.write for any). A draft stays one. Takes the configuration. Returns it. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 transition_not_allowed when it is quoted or ordered.';

revoke execute on function public.reopen_configuration(uuid) from public;
grant execute on function public.reopen_configuration(uuid) to authenticated, service_role;
--! EndIncluded sales/public/reopen_configuration.sql
--! Included sales/public/save_configuration.sql
create or replace function public.save_configuration (
  id uuid
)
  returns public.configurations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.save_configuration(id);
$$;

comment on function public.save_configuration(uuid) is
  'Declares a draft complete (whoever acts for its customer; sales.assigned for customers that are assigned to the caller; sales.write for any): its status becomes saved, and a snapshot of it is taken. Takes the configuration. Drops values of attributes that are not shown, and prices it by the tree of this moment. Returns it. Raises PT400 values_invalid with what is wrong by code in details.fields, price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 configuration_not_draft.';

revoke execute on function public.save_configuration(uuid) from public;
grant execute on function public.save_configuration(uuid) to authenticated, service_role;
--! EndIncluded sales/public/save_configuration.sql
--! Included sales/public/save_entry.sql
create or replace function public.save_entry (
  manufacturing_type_id uuid,
  name text,
  selections jsonb,
  customer_id uuid default null
)
  returns public.configurations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.save_entry(manufacturing_type_id, name, selections, customer_id);
$$;

comment on function public.save_entry(uuid, text, jsonb, uuid) is
  'Saves values as a configuration of status saved, all of it or nothing (every member for a customer that they act for; sales.assigned for customers that are assigned to the caller; sales.write for any). Takes an active type; a name; an object of values by code, as for entry_preview; and whose it is: null for the caller''s own customer (get_or_create_customer makes one), or the id of a customer. Returns the configuration with its price. Raises PT400 values_invalid with what is wrong by code in details.fields, name_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, email_not_verified, customer_authorization; PT404 manufacturing_type_not_found, customer_not_found; PT409 manufacturing_type_inactive.';

revoke execute on function public.save_entry(uuid, text, jsonb, uuid) from public;
grant execute on function public.save_entry(uuid, text, jsonb, uuid) to authenticated, service_role;
--! EndIncluded sales/public/save_entry.sql
--! Included sales/public/send_quote.sql
create or replace function public.send_quote (
  id uuid
)
  returns public.quotes
  language sql
  volatile
  set search_path = ''
  as $$
  select private.send_quote(id);
$$;

comment on function public.send_quote(uuid) is
  'Sends a draft of a quote: its lines get the prices of the day, which are frozen with it, its configurations become quoted, and the customer sees it (sales.write; with sales.assigned for customers that are assigned to the caller). Takes the id. Returns the quote. Raises PT400 discount_invalid (subtotal), price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 transition_not_allowed (from, to), quote_expired, configuration_not_quotable (configurations: reopened, ordered, or no longer valid for their type).';

revoke execute on function public.send_quote(uuid) from public;
grant execute on function public.send_quote(uuid) to authenticated, service_role;
--! EndIncluded sales/public/send_quote.sql
--! Included sales/public/update_entry.sql
create or replace function public.update_entry (
  configuration_id uuid,
  selections jsonb,
  name text default null
)
  returns public.configurations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.update_entry(configuration_id, selections, name);
$$;

comment on function public.update_entry(uuid, jsonb, text) is
  'Replaces all values of a draft, and prices it again (whoever acts for its customer; sales.assigned for customers that are assigned to the caller; sales.write for any). Takes the configuration, an object of values by code, and a name, null to keep it. A draft may lack required values; wrong ones are refused. Returns it. Raises PT400 values_invalid with what is wrong by code in details.fields, name_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 configuration_not_draft.';

revoke execute on function public.update_entry(uuid, jsonb, text) from public;
grant execute on function public.update_entry(uuid, jsonb, text) to authenticated, service_role;
--! EndIncluded sales/public/update_entry.sql
--! Included sales/public/update_quote.sql
create or replace function public.update_quote (
  id uuid,
  quantities numeric[] default null,
  tax_rate numeric default null,
  discount numeric default null,
  valid_until date default null,
  notes text default null
)
  returns public.quotes
  language sql
  volatile
  set search_path = ''
  as $$
  select private.update_quote(id, quantities, tax_rate, discount, valid_until, notes);
$$;

comment on function public.update_quote(uuid, numeric[], numeric, numeric, date, text) is
  'Changes a quote that has not been sent (sales.write; with sales.assigned for customers that are assigned to the caller). Takes the id and what is to change; null leaves a value as it is. Quantities are those of all lines in their order; empty notes are none. Returns the quote. Raises PT400 quantity_invalid, tax_rate_invalid, discount_invalid, valid_until_invalid, notes_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found; PT409 quote_frozen.';

revoke execute on function public.update_quote(uuid, numeric[], numeric, numeric, date, text) from public;
grant execute
  on function public.update_quote(uuid, numeric[], numeric, numeric, date, text)
  to authenticated, service_role;
--! EndIncluded sales/public/update_quote.sql

-- Who may.

-- Check constraints call them as whoever writes the row.
grant execute
  on function
    private.condition_problem(jsonb, integer),
    private.validation_rules_problem(jsonb)
  to authenticated, service_role;

select private.define_permissions(
  descriptions => '{
    "sales.read": "Read all configurations, quotes and orders, the whole catalogue and all templates.",
    "sales.write": "Make and change configurations, quotes and orders.",
    "sales.assigned": "Read the catalogue; make and change configurations and quotes, and place orders, of the customers that are assigned to one.",
    "sales.catalog": "Change what is sold: types, attributes, prices, templates.",
    "sales.fulfil": "Move orders and their items through production, shipping and installation."
  }',
  holders => '{
    "owner": ["sales.*"],
    "admin": ["sales.*"],
    "manager": ["sales.*"],
    "plant_manager": ["sales.read", "sales.fulfil"],
    "department_head": ["sales.read", "sales.fulfil"],
    "supervisor": ["sales.read", "sales.fulfil"],
    "operator": ["sales.read"],
    "qc_inspector": ["sales.read"],
    "salesman": ["sales.assigned"],
    "partner": ["sales.assigned"],
    "data_entry": ["sales.read", "sales.write"],
    "viewer": ["sales.read"]
  }'
);

select private.secure_table(
  'public.sales_settings',
  read => 'sales.read',
  write => 'sales.catalog',
  insertable => array['currency', 'tax_rate', 'quote_valid_days'],
  updatable => array['currency', 'tax_rate', 'quote_valid_days'],
  -- Prices mean nothing without their currency.
  read_also => 'organization_id = (select private.current_organization_id())'
);
select private.secure_table(
  'public.manufacturing_types',
  read => 'sales.read',
  write => 'sales.catalog',
  insertable => array['name', 'category', 'description', 'base_price', 'base_weight', 'image_url', 'is_active'],
  updatable => array['name', 'category', 'description', 'base_price', 'base_weight', 'image_url', 'is_active'],
  is_deletable => true,
  -- Whoever belongs to the organization chooses from what it sells.
  read_also => 'is_active or (select private.has_permission(''sales.assigned''))'
);
select private.secure_table(
  'public.attribute_nodes',
  read => 'sales.read',
  write => 'sales.catalog',
  insertable => array[
    'manufacturing_type_id', 'parent_id', 'code', 'name', 'description', 'help_text', 'node_type', 'data_type', 'unit',
    'display_condition', 'validation_rules', 'is_required', 'default_value', 'formula', 'price_impact_type',
    'price_impact', 'price_formula', 'weight_impact_type', 'weight_impact', 'weight_formula', 'ui_component',
    'sort_order'
  ],
  updatable => array[
    'parent_id', 'code', 'name', 'description', 'help_text', 'node_type', 'data_type', 'unit', 'display_condition',
    'validation_rules', 'is_required', 'default_value', 'formula', 'price_impact_type', 'price_impact',
    'price_formula', 'weight_impact_type', 'weight_impact', 'weight_formula', 'ui_component', 'sort_order'
  ],
  is_deletable => true,
  read_also => '(select private.has_permission(''sales.assigned''))'
);
select private.secure_table(
  'public.configuration_templates',
  read => 'sales.read',
  write => 'sales.catalog',
  insertable => array['manufacturing_type_id', 'name', 'description', 'template_type', 'is_public', 'is_active'],
  updatable => array['name', 'description', 'template_type', 'is_public', 'is_active'],
  is_deletable => true,
  read_also => 'is_public and is_active or (select private.has_permission(''sales.assigned''))'
);
select private.secure_table(
  'public.template_selections',
  read => 'sales.read',
  write => 'sales.catalog',
  insertable => array[
    'template_id', 'manufacturing_type_id', 'attribute_node_id', 'string_value', 'numeric_value', 'boolean_value'
  ],
  updatable => array['string_value', 'numeric_value', 'boolean_value'],
  is_deletable => true,
  read_also => '(select private.has_permission(''sales.assigned''))'
);
select private.secure_table('public.template_usage', read => 'sales.read');
-- Drafts of one's own may be renamed. Everything else is done by functions.
select private.secure_table(
  'public.configurations',
  read => 'sales.read',
  write => 'sales.write',
  updatable => array['name', 'description'],
  read_also => 'customer_id = any ((select private.sales_customer_ids())::uuid[])',
  write_also => 'status = ''draft'' and customer_id = any ((select private.sales_customer_ids())::uuid[])'
);
select private.secure_table(
  'public.configuration_selections',
  read => 'sales.read',
  read_also => 'configuration_id in (
    select configuration.id
    from public.configurations as configuration
    where configuration.customer_id = any ((select private.sales_customer_ids())::uuid[])
  )'
);
select private.secure_table('public.configuration_snapshots', read => 'sales.read');
select private.secure_table('public.price_history', read => 'sales.read');
select private.secure_table(
  'public.quotes',
  read => 'sales.read',
  read_also => 'customer_id = any ((select private.sold_customer_ids())::uuid[])
    or status <> ''draft'' and customer_id = any ((select private.own_customer_ids())::uuid[])'
);
select private.secure_table(
  'public.quote_items',
  read => 'sales.read',
  read_also => 'quote_id in (
    select quote.id
    from public.quotes as quote
    where quote.customer_id = any ((select private.sold_customer_ids())::uuid[])
      or quote.status <> ''draft'' and quote.customer_id = any ((select private.own_customer_ids())::uuid[])
  )'
);
select private.secure_table(
  'public.orders',
  read => 'sales.read',
  read_also => 'customer_id = any ((select private.sales_customer_ids())::uuid[])'
);
select private.secure_table(
  'public.order_items',
  read => 'sales.read',
  read_also => 'order_id in (
    select placed.id
    from public.orders as placed
    where placed.customer_id = any ((select private.sales_customer_ids())::uuid[])
  )'
);
grant select on public.template_statistics to authenticated, service_role;

select cron.schedule('rowhouse-expire-quotes', '5 * * * *', 'select private.expire_quotes();');
