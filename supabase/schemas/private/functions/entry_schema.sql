create or replace function private.entry_schema (
  manufacturing_type_id uuid
)
  returns SETOF public.entry_field
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.entry_schema(uuid) is 'Returns the form of a type: public.entry_schema with the rights that this takes.';

revoke all on function private.entry_schema(uuid) from public;

grant execute on function private.entry_schema(uuid) to authenticated, service_role;
