create or replace function private.delete_customer (
  id uuid
)
  returns public.customers
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('customers.manage');
  deleted public.customers;
  reference record;
  amount bigint;
  counts jsonb := '{}'::jsonb;
begin
  -- Locked, so that nothing new refers to it.
  select * into deleted
  from public.customers as customer
  where customer.organization_id = current_id and customer.id = delete_customer.id
  for update;
  if not found then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;

  for reference in
    select * from private.customer_references() as key where key.is_restricting
  loop
    execute format(
      'select count(*) from %s where %I = $1 and %I = $2',
      reference.target, reference.organization_column, reference.customer_column
    )
    into amount
    using current_id, delete_customer.id;
    if amount > 0 then
      counts := counts || jsonb_build_object(
        reference.table_name, amount + coalesce((counts ->> reference.table_name)::bigint, 0)
      );
    end if;
  end loop;
  if counts <> '{}' then
    perform private.refuse(
      409,
      'customer_in_use',
      format(
        'The customer cannot be deleted: it has %s.',
        (
          select string_agg(format('%s %s', part.value, replace(part.key, '_', ' ')), ', ' order by part.key)
          from jsonb_each_text(counts) as part
        )
      ),
      'Set is_active to false, or merge it into another with merge_customers.',
      details => jsonb_build_object('references', counts)
    );
  end if;
  delete from public.customers as customer
  where customer.organization_id = current_id and customer.id = delete_customer.id;
  return deleted;
end;
$function$;

comment on function private.delete_customer(uuid) is 'Deletes a customer: public.delete_customer with the rights that this takes.';

revoke all on function private.delete_customer(uuid) from public;

grant execute on function private.delete_customer(uuid) to authenticated, service_role;
