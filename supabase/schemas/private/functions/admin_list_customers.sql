create or replace function private.admin_list_customers (
  search text,
  customer_type text,
  has_bookings boolean,
  page integer,
  per_page integer
)
  returns public.customer_page
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('customers.read');
  is_search boolean;
  listed public.customer_page;
begin
  perform private.require_page(page, per_page, search);
  if customer_type not in ('residential', 'commercial', 'contractor', 'individual', 'corporate') then
    perform private.refuse(
      400, 'type_invalid', 'customer_type is residential, commercial, contractor, individual or corporate.'
    );
  end if;
  is_search := private.clean_line(search) is not null;
  listed.page := page;
  listed.per_page := per_page;
  -- As private.list_bookings does it: without a search, the page is read along the index of the order.
  execute format(
    'with found as %s (
      select customer.id, customer.last_booking_at
      from public.customers as customer
      where customer.organization_id = $1%s
    ),
    listed as (
      select found.*
      from found
      order by found.last_booking_at desc nulls last, found.id
      limit $2 offset ($3 - 1)::bigint * $2
    )
    select
      (select count(*) from found),
      coalesce(
        jsonb_agg(
          to_jsonb(
            row(
              customer.id, customer.company_name, customer.contact_person, customer.email, customer.phone,
              customer.customer_type, customer.is_active, customer.tags, customer.total_bookings, customer.total_spent,
              customer.last_booking_at, customer.created_at
            )::public.customer_summary
          )
          order by customer.last_booking_at desc nulls last, customer.id
        ),
        ''[]''
      )
    from listed
      join public.customers as customer on customer.organization_id = $1 and customer.id = listed.id',
    case when is_search then 'materialized' else 'not materialized' end,
    case when customer_type is not null then ' and customer.customer_type = $4' else '' end
    || case when has_bookings is not null then ' and (customer.total_bookings > 0) = $5' else '' end
    || case when is_search then ' and customer.id in (select private.find_customer_ids($1, $6))' else '' end
  )
  into listed.total, listed.customers
  using current_id, per_page, page, customer_type, has_bookings, search;
  return listed;
end;
$function$;

comment on function private.admin_list_customers(text, text, boolean, integer, integer) is
  'Lists customers by their last booking: public.admin_list_customers with the rights that this takes.';

revoke all on function private.admin_list_customers(text, text, boolean, integer, integer) from public;

grant execute
  on function private.admin_list_customers(text, text, boolean, integer, integer)
  to authenticated, service_role;
