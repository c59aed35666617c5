create or replace function private.delete_user (
  id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.require_superadmin();
  perform private.refuse_own_account(delete_user.id, 'delete');
  perform private.require_user(delete_user.id);
  delete from auth.users as account where account.id = delete_user.id;
end;
$function$;

comment on function private.delete_user(uuid) is 'Deletes a user: public.delete_user with the rights that this takes.';

revoke all on function private.delete_user(uuid) from public;

grant execute on function private.delete_user(uuid) to authenticated, service_role;
