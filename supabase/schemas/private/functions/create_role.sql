create or replace function private.create_role (
  code text,
  name text,
  description text,
  permissions text[]
)
  returns public.roles
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
  created public.roles;
begin
  perform private.require_known_permissions(permissions);
  perform private.require_grantable(permissions, 'infinity');
  perform private.require_role_values(code, name, description);
  insert into public.roles (organization_id, code, name, description, permissions)
  values (
    current_id,
    create_role.code,
    private.clean_display_name(create_role.name),
    nullif(btrim(create_role.description), ''),
    create_role.permissions
  )
  on conflict do nothing
  returning * into created;
  if not found then
    perform private.refuse(409, 'role_exists', 'The organization has a role with this code.', 'Choose another code.');
  end if;
  return created;
end;
$function$;

comment on function private.create_role(text, text, text, text[]) is 'Creates a role: public.create_role with the rights that this takes.';

revoke all on function private.create_role(text, text, text, text[]) from public;

grant execute on function private.create_role(text, text, text, text[]) to authenticated, service_role;
