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
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.evaluate_entry(text, uuid, jsonb) is 'What some values of a type come to: the one place where visibility, validation and prices come from. Takes the organization and the type, which the caller has checked, and an object of values by code. Returns each node in the order of the tree: whether it is shown, its value as given or computed, what is wrong with it, whether that is only that it is missing, and what it adds to price (2 decimals) and weight (3); at last a row without a node, when values are sent under codes that no attribute has. Raises PT400 values_invalid for what is no object, or over 100,000 bytes.';

revoke all on function private.evaluate_entry(text, uuid, jsonb) from public;
