-- What Moser Fensterbau (DEMO0001) has offered and sold, for a quote desk and an order board to show: something in each
-- status. Made by the functions that front ends call, as Bernd, so that every number and amount is one that they would
-- get. `rowhouse seed` and the Supabase CLI run this file after window-maker.sql; it does nothing where that is not in.

do $seed$
declare
  moser constant text := 'DEMO0001';
  deal record;
  sold_id uuid;
  offered_id uuid;
  placed_id uuid;
  item_status text;
  next_status text;
begin
  if to_regclass('public.quotes') is null then
    return;
  elsif
    not exists (select from public.manufacturing_types as product where product.organization_id = moser)
    or exists (select from public.configurations as made where made.organization_id = moser)
  then
    return;
  end if;

  -- As in a request of his: what is made says who made it, and only what he may do is done.
  perform set_config(
    'request.jwt.claims',
    jsonb_build_object('role', 'authenticated', 'sub', account.id, 'organization_id', moser)::text,
    true
  )
  from auth.users as account
  where account.email = 'bernd@moser.example';
  if not found then
    return;
  end if;

  for deal in
    select plan.*, template.id as template_id, customer.id as customer_id
    from (
      values
        -- How far each has come: the configuration, then the quote, then the order.
        (1, 'draft', 'Living room', 'Kitchen', 1),
        (2, 'saved', 'Living room', 'Bedroom', 2),
        (3, 'quoted', 'Cellar and garage', 'Cellar', 4),
        (4, 'quoted', 'Villa', 'Front door', 1),
        (5, 'sent', 'Living room', 'Ground floor', 9),
        (6, 'sent', 'Living room', 'Bathroom', 1),
        (7, 'sent', 'Villa', 'House door', 1),
        (8, 'rejected', 'Villa', 'Entrance', 1),
        (9, 'accepted', 'Living room', 'Attic', 3),
        (10, 'accepted', 'Cellar and garage', 'Garage', 2),
        (11, 'confirmed', 'Living room', 'Office', 12),
        (12, 'confirmed', 'Villa', 'Main entrance', 2),
        (13, 'production', 'Living room', 'Dining room', 4),
        (14, 'production', 'Cellar and garage', 'Workshop', 8),
        (15, 'shipped', 'Villa', 'Front door', 1),
        (16, 'installed', 'Living room', 'Whole house', 14),
        (17, 'installed', 'Cellar and garage', 'Laundry', 1),
        (18, 'cancelled', 'Living room', 'Winter garden', 6)
    ) as plan (place, status, template, name, quantity)
      join public.configuration_templates as template
        on template.organization_id = moser and template.name = plan.template
      join (
        -- Karl's company and one in eleven of the others.
        select known.id, row_number() over (order by known.email <> 'karl@aigner.example', known.email) as place
        from public.customers as known
        where known.organization_id = moser and known.is_active
      ) as customer on customer.place = 1 + 11 * (plan.place - 1)
    order by plan.place
  loop
    select made.id into sold_id from public.apply_template(deal.template_id, deal.name, deal.customer_id) as made;
    continue when deal.status = 'draft';
    perform public.save_configuration(sold_id);
    continue when deal.status = 'saved';

    select made.id into offered_id
    from public.create_quote(
        array[sold_id], array[deal.quantity], discount => case when deal.quantity > 5 then 250 else 0 end
      ) as made;
    continue when deal.status = 'quoted';
    perform public.send_quote(offered_id);
    continue when deal.status = 'sent';
    if deal.status = 'rejected' then
      perform public.reject_quote(offered_id, 'Somebody else is cheaper.');
      continue;
    end if;
    perform public.accept_quote(offered_id);
    continue when deal.status = 'accepted';

    select made.id into placed_id from public.create_order(offered_id, current_date + 42) as made;
    foreach next_status in array
      case deal.status
        when 'production' then '{production}'::text[]
        when 'shipped' then '{production,shipped}'
        when 'installed' then '{production,shipped,installed}'
        when 'cancelled' then '{cancelled}'
        else '{}'
      end
    loop
      if next_status = 'shipped' then
        foreach item_status in array '{in_production,completed}'::text[] loop
          perform public.change_order_item_status(item.id, item_status)
          from public.order_items as item
          where item.organization_id = moser and item.order_id = placed_id;
        end loop;
      end if;
      perform public.change_order_status(
        placed_id, next_status, case when next_status = 'cancelled' then 'The building permit was refused.' end
      );
    end loop;
  end loop;

  perform set_config('request.jwt.claims', '', true);
end;
$seed$;
