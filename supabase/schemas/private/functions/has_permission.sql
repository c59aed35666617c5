create or replace function private.has_permission (
  code text
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return private.organization_with(code) is not null;
end;
$function$;

comment on function private.has_permission(text) is 'Returns whether the caller may do something in the whole of the current organization, as private.organization_with finds. Takes the code of the permission.';

revoke all on function private.has_permission(text) from public;

grant execute on function private.has_permission(text) to authenticated, service_role;
