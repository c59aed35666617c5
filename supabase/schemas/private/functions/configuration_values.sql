create or replace function private.configuration_values (
  organization_id text,
  configuration_id uuid
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.configuration_values(text, uuid) is 'Returns the values of a configuration by the code of their attribute, as private.evaluate_entry takes them. Takes the organization and the configuration.';

revoke all on function private.configuration_values(text, uuid) from public;
