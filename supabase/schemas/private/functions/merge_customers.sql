create or replace function private.merge_customers (
  keep uuid,
  remove uuid
)
  returns public.customers
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('customers.manage');
  reference record;
  affected bigint;
  moved jsonb := '{}'::jsonb;
  dropped jsonb := '{}'::jsonb;
  gone public.customers;
  result public.customers;
begin
  if keep = remove then
    perform private.refuse(400, 'merge_invalid', 'A customer cannot be merged into itself.');
  end if;
  -- In one order, so that two merges of the same customers wait for each other; and so that nothing new refers to the
  -- one that goes.
  perform
  from public.customers as customer
  where customer.organization_id = current_id and customer.id in (keep, remove)
  order by customer.id
  for update;
  get diagnostics affected = row_count;
  if affected < 2 then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;

  -- Copies of the customer that other keys keep equal follow in any order.
  set constraints all deferred;
  for reference in
    select * from private.customer_references()
  loop
    affected := private.drop_duplicates(
      reference.target, reference.organization_column, reference.customer_column, current_id, keep, remove
    );
    if affected > 0 then
      dropped := dropped || jsonb_build_object(
        reference.table_name, affected + coalesce((dropped ->> reference.table_name)::bigint, 0)
      );
    end if;
    execute format(
      'update %s as moving set %s from public.customers as kept'
        ' where kept.organization_id = $1 and kept.id = $2 and moving.%I = $1 and moving.%I = $3',
      reference.target, reference.assignments, reference.organization_column, reference.customer_column
    )
    using current_id, keep, remove;
    get diagnostics affected = row_count;
    if affected > 0 then
      moved := moved || jsonb_build_object(
        reference.table_name, affected + coalesce((moved ->> reference.table_name)::bigint, 0)
      );
    end if;
  end loop;

  -- Before its address goes to the other: an address is there once.
  delete from public.customers as customer
  where customer.organization_id = current_id and customer.id = remove
  returning * into gone;
  update public.customers as kept
  set company_name = coalesce(kept.company_name, gone.company_name),
    contact_person = coalesce(kept.contact_person, gone.contact_person),
    email = coalesce(kept.email, gone.email),
    phone = coalesce(kept.phone, gone.phone),
    address = case when kept.address = '{}' then gone.address else kept.address end,
    tax_id = coalesce(kept.tax_id, gone.tax_id),
    payment_terms = coalesce(kept.payment_terms, gone.payment_terms),
    notes = coalesce(kept.notes, gone.notes),
    emergency_contact_name = coalesce(kept.emergency_contact_name, gone.emergency_contact_name),
    emergency_contact_phone = coalesce(kept.emergency_contact_phone, gone.emergency_contact_phone),
    customer_since = least(kept.customer_since, gone.customer_since),
    -- As many of both as a customer can have, its own first.
    tags = array(
      select fitting.tag
      from (
        select
          united.tag,
          min(united.position) as position,
          row_number() over ordered as count,
          sum(length(united.tag)) over ordered as length
        from unnest(kept.tags || gone.tags) with ordinality as united (tag, position)
        group by united.tag
        window ordered as (order by min(united.position))
      ) as fitting
      where fitting.count <= 50 and fitting.length <= 2500
      order by fitting.position
    ),
    total_bookings = kept.total_bookings + gone.total_bookings,
    total_spent = kept.total_spent + gone.total_spent,
    first_booking_at = least(kept.first_booking_at, gone.first_booking_at),
    last_booking_at = greatest(kept.last_booking_at, gone.last_booking_at)
  where kept.organization_id = current_id and kept.id = keep
  returning * into result;
  -- What does not fit is refused here, and not when the transaction ends.
  set constraints all immediate;

  perform private.record_event(
    'customers.merged', 'update', 'notice',
    table_name => 'customers',
    row_key => jsonb_build_object('id', keep),
    details => jsonb_build_object('removed_id', remove, 'moved', moved, 'dropped', dropped)
  );
  return result;
end;
$function$;

comment on function private.merge_customers(uuid, uuid) is 'Merges two customers: public.merge_customers with the rights that this takes.';

revoke all on function private.merge_customers(uuid, uuid) from public;

grant execute on function private.merge_customers(uuid, uuid) to authenticated, service_role;
