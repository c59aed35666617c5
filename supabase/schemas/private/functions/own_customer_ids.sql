create or replace function private.own_customer_ids()
  returns uuid[]
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select array(
    select mapping.customer_id
    from public.customer_users as mapping
    where mapping.organization_id = (select private.current_organization_id())
      and mapping.user_id = (select auth.uid())
  );
$function$;

comment on function private.own_customer_ids() is 'Returns the customers that the caller acts for in the current organization; an empty array without one. Policies write it as any ((select private.own_customer_ids())::uuid[]).';

revoke all on function private.own_customer_ids() from public;

grant execute on function private.own_customer_ids() to authenticated, service_role;
