create or replace function public.explain_customer_access (
  user_id uuid,
  customer_id uuid
)
  returns SETOF public.customer_access_reason
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.explain_customer_access(user_id, customer_id);
$function$;

comment on function public.explain_customer_access(uuid, uuid) is 'Returns why a member of the current organization does or does not reach a customer, a row for each way (customers.manage): membership, without which nothing else counts but superadmin; then superadmin, permission, mapping, assignment, one of which is enough; and email, which says whether get_or_create_customer would link them. Takes the user and the customer. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 member_not_found, customer_not_found.';

revoke all on function public.explain_customer_access(uuid, uuid) from public;

grant execute on function public.explain_customer_access(uuid, uuid) to authenticated, service_role;
