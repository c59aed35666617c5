create or replace function private.price_configurations (
  organization_id text,
  ids uuid[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.price_configurations(text, uuid[]) is 'Computes price, weight and technical data of configurations from their values, and writes what has changed: the one function that does. Takes the organization and the ids, which the caller has checked; those that are ordered keep theirs. A trigger calls it once for each statement on configuration_selections; private.reprice_configurations calls it for those that are quoted after their type has had another revision. Raises PT400 price_out_of_range.';

revoke all on function private.price_configurations(text, uuid[]) from public;
