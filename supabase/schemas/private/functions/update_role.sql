create or replace function private.update_role (
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
  changed public.roles := private.require_role(update_role.code);
begin
  perform private.require_role_values(null, name, description);
  if changed.is_system and name <> changed.name or changed.code = 'owner' and permissions is not null then
    perform private.refuse(
      409,
      'system_role',
      'A system role keeps its name, and the owner every permission.',
      'Make a role of your own: create_role.'
    );
  elsif permissions is not null then
    perform private.require_known_permissions(permissions);
  end if;
  perform private.require_grantable(changed.permissions || coalesce(permissions, array[]::text[]), 'infinity');
  update public.roles as role
  set name = coalesce(private.clean_display_name(update_role.name), role.name),
    description = coalesce(nullif(btrim(update_role.description), ''), role.description),
    permissions = coalesce(update_role.permissions, role.permissions)
  where role.organization_id = current_id and role.code = update_role.code
  returning * into changed;
  return changed;
end;
$function$;

comment on function private.update_role(text, text, text, text[]) is 'Changes a role: public.update_role with the rights that this takes.';

revoke all on function private.update_role(text, text, text, text[]) from public;

grant execute on function private.update_role(text, text, text, text[]) to authenticated, service_role;
