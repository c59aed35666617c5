create or replace function private.lock_settled (
  organization_ids text[],
  session_ids uuid[],
  discount_code_ids uuid[],
  customer_ids uuid[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform
  from public.course_sessions as session
  where session.organization_id = any (organization_ids) and session.id = any (session_ids)
  order by session.id
  for no key update;
  perform
  from public.discount_codes as code
  where code.organization_id = any (organization_ids) and code.id = any (discount_code_ids)
  order by code.id
  for no key update;
  perform
  from public.customers as customer
  where customer.organization_id = any (organization_ids) and customer.id = any (customer_ids)
  order by customer.id
  for no key update;
end;
$function$;

comment on function private.lock_settled(text[], uuid[], uuid[], uuid[]) is 'Locks what a statement on several bookings changes, in the order in which everybody locks: sessions, discount codes, customers, each by id. Takes the organizations and the ids.';

revoke all on function private.lock_settled(text[], uuid[], uuid[], uuid[]) from public;
