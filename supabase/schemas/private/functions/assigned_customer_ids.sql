create or replace function private.assigned_customer_ids()
  returns uuid[]
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select array(
    select assignment.customer_id
    from public.customer_assignments as assignment
    where assignment.organization_id = (select private.organization_with('customers.assigned'))
      and assignment.user_id = (select auth.uid())
  );
$function$;

comment on function private.assigned_customer_ids() is 'Returns the customers of the current organization that are assigned to the caller; an empty array without one, and without customers.assigned. Policies write it as any ((select private.assigned_customer_ids())::uuid[]).';

revoke all on function private.assigned_customer_ids() from public;

grant execute on function private.assigned_customer_ids() to authenticated, service_role;
