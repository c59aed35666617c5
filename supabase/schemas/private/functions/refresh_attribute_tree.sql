create or replace function private.refresh_attribute_tree (
  organization_id text,
  manufacturing_type_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.refresh_attribute_tree(text, uuid) is 'Makes of the attributes of a type what private.evaluate_entry reads: paths, places in the tree, compiled formulas, the order of evaluation; raises the revision of the type, whose row it locks. Takes the organization and the type; nothing happens for a type that is gone. Raises PT400 option_misplaced, condition_field_unknown, formula_invalid, formula_unknown_name, attribute_invalid; PT409 attribute_cycle, each with the code of the attribute in the details.';

revoke all on function private.refresh_attribute_tree(text, uuid) from public;
