create or replace function private.lock_organization (
  id text
)
  returns public.organizations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  locked public.organizations;
begin
  select * into locked
  from public.organizations as organization
  where organization.id = lock_organization.id
  for no key update;
  if not found then
    perform private.refuse(404, 'organization_not_found', 'There is no such organization.');
  end if;
  return locked;
end;
$function$;

comment on function private.lock_organization(text) is 'Returns an organization and locks its row until the transaction ends: limits and the last owner are counted under this lock, so that two requests at once count one after the other. Whoever changes members takes it first. Takes the id. Raises PT404 organization_not_found.';

revoke all on function private.lock_organization(text) from public;
