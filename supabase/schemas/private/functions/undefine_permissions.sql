create or replace function private.undefine_permissions (
  module text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  update private.system_roles as role
  set permissions = array(
    select held
    from unnest(role.permissions) as held
    where split_part(held, '.', 1) <> undefine_permissions.module
    order by held
  )
  where exists (
    select from unnest(role.permissions) as held where split_part(held, '.', 1) = undefine_permissions.module
  );

  -- The roles of organizations keep naming what they hold: it means nothing without the catalog, and is theirs again
  -- when the module comes back.
  delete from public.permissions as permission where permission.module = undefine_permissions.module;
end;
$function$;

comment on function private.undefine_permissions(text) is 'Takes a module''s permissions out of the catalog, and with it from everybody, for rollback scripts: roles give them no more, and name them for when the module comes back. Takes the module.';

revoke all on function private.undefine_permissions(text) from public;
