create or replace function private.tg_configurations__snapshot()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.tg_configurations__snapshot() is 'Trigger function of configurations: takes a snapshot of each that becomes saved, quoted or ordered, and of each that is quoted when its price changes for another quote: everything by value.';

revoke all on function private.tg_configurations__snapshot() from public;
