create or replace function private.reprice_configurations (
  organization_id text,
  ids uuid[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
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
$function$;

comment on function private.reprice_configurations(text, uuid[]) is 'Prices configurations again whose type has changed since, for a quote. Takes the organization and the ids; for functions that have checked who calls, and have locked them. Raises PT400 price_out_of_range; PT409 configuration_not_quotable with configurations, the ids of those that are no longer valid by today''s attributes.';

revoke all on function private.reprice_configurations(text, uuid[]) from public;
