create or replace function private.require_permission (
  code text
)
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  organization_id constant text := private.require_organization();
begin
  if not private.has_permission(code) then
    perform private.record_denial('permission_required', jsonb_build_object('permission', code));
    perform private.refuse(
      403,
      'permission_required',
      format('This takes the permission %s.', code),
      'Ask someone who manages the members of the organization.'
    );
  end if;
  return organization_id;
end;
$function$;

comment on function private.require_permission(text) is 'Returns the current organization if the caller has a permission in the whole of it. Takes the code. Raises PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke all on function private.require_permission(text) from public;
