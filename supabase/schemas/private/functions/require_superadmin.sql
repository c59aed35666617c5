create or replace function private.require_superadmin()
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if private.is_operator() or private.is_superadmin() then
    return;
  elsif auth.uid() is null then
    perform private.refuse(401, 'not_authenticated', 'Sign in first.');
  end if;
  perform private.refuse(403, 'superadmin_required', 'Only a superadmin may do this.', 'Ask a superadmin of the platform.');
end;
$function$;

comment on function private.require_superadmin() is 'Lets active superadmins and the operator (private.is_operator) pass. Raises PT401 not_authenticated, PT403 superadmin_required.';

revoke all on function private.require_superadmin() from public;
