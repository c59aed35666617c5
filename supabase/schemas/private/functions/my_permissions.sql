create or replace function private.my_permissions()
  returns SETOF public.held_permission
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select unnest(private.current_permissions()), null::uuid
  union
  select granted.permission, held.plant_id
  from public.user_roles as held
    join private.role_permissions as granted using (organization_id, role_code)
  where held.organization_id = (select private.current_organization_id())
    and held.user_id = (select auth.uid())
    and held.plant_id is not null
    and (held.expires_at is null or held.expires_at > now())
  order by 1, 2 nulls first;
$function$;

comment on function private.my_permissions() is 'Lists what the caller may do: public.my_permissions with the rights that this takes.';

revoke all on function private.my_permissions() from public;

grant execute on function private.my_permissions() to authenticated, service_role;
