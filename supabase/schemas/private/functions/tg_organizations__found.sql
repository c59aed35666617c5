create or replace function private.tg_organizations__found()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  insert into public.roles (organization_id, code, name, description, is_system, permissions)
  select organization.id, role.code, role.name, role.description, true, role.permissions
  from new_rows as organization, private.system_roles as role;
  return null;
end;
$function$;

comment on function private.tg_organizations__found() is 'Trigger function of organizations: a new one is born with its system roles.';

revoke all on function private.tg_organizations__found() from public;
