create or replace function private.require_user (
  id uuid
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if not exists (select from auth.users as account where account.id = require_user.id) then
    perform private.refuse(404, 'user_not_found', 'There is no such user.');
  end if;
end;
$function$;

comment on function private.require_user(uuid) is 'Raises PT404 user_not_found when there is no user of this id.';

revoke all on function private.require_user(uuid) from public;
