create or replace function private.require_signed_in()
  returns uuid
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  user_id constant uuid := private.current_user_id();
begin
  if user_id is null then
    perform private.refuse(401, 'not_authenticated', 'Sign in first.');
  end if;
  return user_id;
end;
$function$;

comment on function private.require_signed_in() is 'Returns the id of the signed-in user. Raises PT401 not_authenticated for nobody, and for a user who is deactivated.';

revoke all on function private.require_signed_in() from public;
