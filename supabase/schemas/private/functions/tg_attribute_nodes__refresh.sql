create or replace function private.tg_attribute_nodes__refresh()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.tg_attribute_nodes__refresh() is 'Trigger function of attribute_nodes: calls private.refresh_attribute_tree once for each type whose tree, conditions, formulas or impacts a statement has changed, and raises what that raises.';

revoke all on function private.tg_attribute_nodes__refresh() from public;
