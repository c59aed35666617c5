create or replace function private.define_permissions (
  descriptions jsonb,
  holders jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  insert into public.permissions (code, description)
  select entry.key, entry.value from jsonb_each_text(descriptions) as entry
  on conflict (code) do update
  set description = excluded.description;

  update private.system_roles as role
  set permissions = array(
    select distinct held
    from unnest(role.permissions || array(select jsonb_array_elements_text(holders -> role.code))) as held
    order by held
  )
  where holders ? role.code;

  -- Not those that have all of it: nothing changes for them, and the audit log would say so.
  update public.roles as role
  set permissions = array(
    select distinct held
    from unnest(role.permissions || array(select jsonb_array_elements_text(holders -> role.code))) as held
    order by held
  )
  where role.is_system
    and holders ? role.code
    and not role.permissions @> array(select jsonb_array_elements_text(holders -> role.code));

  -- Of a module that comes back, roles still hold single permissions as well.
  insert into private.role_permissions (organization_id, role_code, permission)
  select role.organization_id, role.code, held
  from public.roles as role, private.expand_permissions(role.permissions) as held
  where role.permissions && array(
      select code from jsonb_object_keys(descriptions) as code
      union all
      select split_part(code, '.', 1) || '.*' from jsonb_object_keys(descriptions) as code
    )
  on conflict do nothing;
end;
$function$;

comment on function private.define_permissions(jsonb, jsonb) is 'Adds a module''s permissions, for migrations. Takes {"module.action": "What it allows."} and who holds them from birth, {"role": ["module.*", …]}: the system roles of all organizations, present and future, get them.';

revoke all on function private.define_permissions(jsonb, jsonb) from public;
