create or replace function private.tg_quote_items__total()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  organization_ids text[];
  quote_ids uuid[];
  frozen text;
begin
  if tg_op = 'INSERT' then
    select array_agg(changed.organization_id), array_agg(changed.quote_id) into organization_ids, quote_ids
    from (select distinct new_row.organization_id, new_row.quote_id from new_rows as new_row) as changed;
  elsif tg_op = 'UPDATE' then
    -- A customer alone changes when customers are merged.
    with
      before as (
        select
          old_row.organization_id, old_row.quote_id, old_row.id, old_row.configuration_id, old_row.position,
          old_row.description, old_row.quantity, old_row.unit_price
        from old_rows as old_row
      ),
      after as (
        select
          new_row.organization_id, new_row.quote_id, new_row.id, new_row.configuration_id, new_row.position,
          new_row.description, new_row.quantity, new_row.unit_price
        from new_rows as new_row
      )
    select array_agg(changed.organization_id), array_agg(changed.quote_id) into organization_ids, quote_ids
    from (
      select different.organization_id, different.quote_id
      from ((table before except table after) union all (table after except table before)) as different
      group by different.organization_id, different.quote_id
    ) as changed;
  else
    -- What goes with its organization is let go.
    select array_agg(changed.organization_id), array_agg(changed.quote_id) into organization_ids, quote_ids
    from (select distinct old_row.organization_id, old_row.quote_id from old_rows as old_row) as changed
      join public.organizations as organization on organization.id = changed.organization_id;
  end if;
  if quote_ids is null then
    return null;
  end if;

  -- Locked, because whoever sends a quote locks it as well.
  with
    locked as materialized (
      select quote.number, quote.status
      from unnest(organization_ids, quote_ids) as changed (organization_id, quote_id)
        join public.quotes as quote
          on quote.organization_id = changed.organization_id and quote.id = changed.quote_id
      order by quote.id
      for no key update of quote
    )
  select min(locked.number) into frozen from locked where locked.status <> 'draft';
  if frozen is not null then
    perform private.refuse(
      409, 'quote_frozen', format('Quote %s was sent, and its lines no longer change.', frozen), 'Make a new quote.'
    );
  end if;

  update public.quotes as quote
  set subtotal = added.subtotal
  from (
    select changed.organization_id, changed.quote_id, coalesce(sum(item.line_total), 0) as subtotal
    from unnest(organization_ids, quote_ids) as changed (organization_id, quote_id)
      left join public.quote_items as item using (organization_id, quote_id)
    group by changed.organization_id, changed.quote_id
  ) as added
  where quote.organization_id = added.organization_id
    and quote.id = added.quote_id
    and quote.subtotal <> added.subtotal;
  return null;
end;
$function$;

comment on function private.tg_quote_items__total() is 'Trigger function of the lines of quotes: they are written only while their quote is a draft, whoever asks, and its subtotal follows them. What changes no more than their customer passes. Raises PT409 quote_frozen.';

revoke all on function private.tg_quote_items__total() from public;
