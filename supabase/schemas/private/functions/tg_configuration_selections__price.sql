create or replace function private.tg_configuration_selections__price()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  touched jsonb;
  settled record;
begin
  -- One branch for each kind of statement: a plan names the tables that there are.
  if tg_op = 'INSERT' then
    select jsonb_agg(distinct jsonb_build_array(created.organization_id, created.configuration_id)) into touched
    from new_rows as created;
  elsif tg_op = 'UPDATE' then
    select jsonb_agg(distinct jsonb_build_array(changed.organization_id, changed.configuration_id)) into touched
    from (
      select before.organization_id, before.configuration_id from old_rows as before
      union
      select after.organization_id, after.configuration_id from new_rows as after
    ) as changed;
  else
    -- What goes with its configuration, or with its organization, needs no price.
    select jsonb_agg(distinct jsonb_build_array(deleted.organization_id, deleted.configuration_id)) into touched
    from old_rows as deleted
      join public.organizations as organization on organization.id = deleted.organization_id;
  end if;
  if touched is null then
    return null;
  end if;

  select configuration.reference_code, configuration.status into settled
  from jsonb_array_elements(touched) as key
    join public.configurations as configuration
      on configuration.organization_id = key ->> 0 and configuration.id = (key ->> 1)::uuid
  where configuration.status <> 'draft'
  fetch first row only;
  if found then
    perform private.refuse(
      409,
      'configuration_not_draft',
      format('The values of %s do not change: it is %s.', settled.reference_code, settled.status),
      case settled.status when 'saved' then 'Reopen it first.' else 'Make another configuration.' end
    );
  end if;

  perform private.price_configurations(key.organization_id, array_agg(key.id))
  from (
    select item ->> 0 as organization_id, (item ->> 1)::uuid as id from jsonb_array_elements(touched) as item
  ) as key
  group by key.organization_id;
  return null;
end;
$function$;

comment on function private.tg_configuration_selections__price() is 'Trigger function of configuration_selections: prices the configurations whose values a statement has changed, in one call of private.price_configurations for each organization. Raises PT409 configuration_not_draft for values of one that is no draft, whoever asks, and PT400 price_out_of_range.';

revoke all on function private.tg_configuration_selections__price() from public;
