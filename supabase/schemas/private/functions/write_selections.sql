create or replace function private.write_selections (
  organization_id text,
  configuration_id uuid,
  given jsonb,
  is_complete boolean
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.write_selections(text, uuid, jsonb, boolean) is 'Replaces the values of a draft, which prices it. Takes the organization and the configuration, which the caller has checked; an object of values by code; and whether required ones must all be there. Values of attributes that are not shown are left out. Raises PT400 values_invalid with what is wrong by code, price_out_of_range; PT409 configuration_not_draft.';

revoke all on function private.write_selections(text, uuid, jsonb, boolean) from public;
