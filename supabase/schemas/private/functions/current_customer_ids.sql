create or replace function private.current_customer_ids()
  returns uuid[]
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select private.own_customer_ids() || private.assigned_customer_ids();
$function$;

comment on function private.current_customer_ids() is 'Returns the customers of the current organization that the caller reaches without customers.read: those that they act for, and those that are assigned to them. Policies write it as any ((select private.current_customer_ids())::uuid[]).';

revoke all on function private.current_customer_ids() from public;

grant execute on function private.current_customer_ids() to authenticated, service_role;
