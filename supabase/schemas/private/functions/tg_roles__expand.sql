create or replace function private.tg_roles__expand()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if tg_op = 'UPDATE' then
    delete from private.role_permissions as granted
    using new_rows as role
    where granted.organization_id = role.organization_id
      and granted.role_code = role.code
      and not exists (select from private.expand_permissions(role.permissions) as held where held = granted.permission);
  end if;
  insert into private.role_permissions (organization_id, role_code, permission)
  select role.organization_id, role.code, held
  from new_rows as role, private.expand_permissions(role.permissions) as held
  on conflict do nothing;
  return null;
end;
$function$;

comment on function private.tg_roles__expand() is 'Trigger function of roles: keeps private.role_permissions, where each permission of each role is a row.';

revoke all on function private.tg_roles__expand() from public;
