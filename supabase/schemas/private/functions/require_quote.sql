create or replace function private.require_quote (
  id uuid,
  is_answer boolean
)
  returns public.quotes
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := case when is_answer then private.require_organization() else private.require_seller() end;
  locked public.quotes;
  is_own boolean;
begin
  -- The customer first, as whoever merges customers: then one waits for the other, and never both.
  perform
  from public.customers as customer
  where customer.organization_id = current_id
    and customer.id = (
      select quote.customer_id
      from public.quotes as quote
      where quote.organization_id = current_id and quote.id = require_quote.id
    )
  for key share;
  select * into locked
  from public.quotes as quote
  where quote.organization_id = current_id and quote.id = require_quote.id
  for no key update;
  if locked.id is not null then
    if private.has_permission('sales.write') or locked.customer_id = any (private.sold_customer_ids()) then
      return locked;
    end if;
    -- A draft does not exist for the customer.
    is_own := locked.status <> 'draft' and locked.customer_id = any (private.own_customer_ids());
    if is_own and is_answer then
      return locked;
    elsif is_own or private.has_permission('sales.read') then
      -- It is seen, and that is all.
      if not private.has_permission('sales.assigned') then
        perform private.require_permission('sales.write');
      end if;
      perform private.record_denial('customer_authorization', jsonb_build_object('customer_id', locked.customer_id));
      perform private.refuse(
        403,
        'customer_authorization',
        'The customer of this quote is not assigned to you.',
        'Ask for it to be assigned.'
      );
    end if;
  end if;
  perform private.refuse(404, 'quote_not_found', 'There is no such quote.');
  return null;
end;
$function$;

comment on function private.require_quote(uuid, boolean) is 'Returns a quote of the current organization that the caller may act on, and locks its row until the transaction ends. Takes the id, and whether this is the customer''s answer, which its users may give as well as who sells to it. Raises PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT404 quote_not_found, also for what the caller may not see.';

revoke all on function private.require_quote(uuid, boolean) from public;
