create or replace function private.get_user (
  id uuid
)
  returns public.user_account
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  found_account public.user_account;
begin
  perform private.require_superadmin();
  perform private.require_user(get_user.id);
  select * into found_account from private.user_accounts(array[get_user.id]);
  return found_account;
end;
$function$;

comment on function private.get_user(uuid) is 'Returns one user: public.get_user with the rights that this takes.';

revoke all on function private.get_user(uuid) from public;

grant execute on function private.get_user(uuid) to authenticated, service_role;
