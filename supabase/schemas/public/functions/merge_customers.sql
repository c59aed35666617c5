create or replace function public.merge_customers (
  keep uuid,
  remove uuid
)
  returns public.customers
  language sql
  set search_path to ''
  AS $function$
  select private.merge_customers(keep, remove);
$function$;

comment on function public.merge_customers(uuid, uuid) is 'Makes one customer of two (customers.manage). Takes the one that stays and the one that goes. All that refers to the second refers to the first from then on, in whatever status; what both have, such as the same user, is there once. The first keeps its particulars and gets those that it lacks, the tags of both and the sum of the statistics; consents stay its own. Cannot be undone; the audit log holds the event customers.merged and what was removed. Returns the one that stays. Raises PT400 merge_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 customer_not_found.';

revoke all on function public.merge_customers(uuid, uuid) from public;

grant execute on function public.merge_customers(uuid, uuid) to authenticated, service_role;
