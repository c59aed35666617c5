create or replace function private.require_organization()
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  organization_id constant text := private.current_organization_id();
begin
  if organization_id is not null then
    return organization_id;
  elsif auth.uid() is null then
    perform private.refuse(401, 'not_authenticated', 'Sign in first.');
  end if;
  perform private.refuse(
    403,
    'organization_required',
    'This takes an organization, and the request is in none.',
    'Choose one with switch_organization, and refresh the session.'
  );
  return null;
end;
$function$;

comment on function private.require_organization() is 'Returns the organization that the request works in. Raises PT401 not_authenticated; PT403 organization_required when the token names none, or one that the caller is not an active member of.';

revoke all on function private.require_organization() from public;
