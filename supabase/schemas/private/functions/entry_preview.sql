create or replace function private.entry_preview (
  manufacturing_type_id uuid,
  given jsonb
)
  returns public.entry_preview
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.entry_preview(uuid, jsonb) is 'Returns what some values come to: public.entry_preview with the rights that this takes.';

revoke all on function private.entry_preview(uuid, jsonb) from public;

grant execute on function private.entry_preview(uuid, jsonb) to authenticated, service_role;
