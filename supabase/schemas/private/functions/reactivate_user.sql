create or replace function private.reactivate_user (
  id uuid
)
  returns public.user_account
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.require_superadmin();
  perform private.require_user(reactivate_user.id);
  perform private.insert_profiles(array[reactivate_user.id]);
  update public.user_profiles as profile
  set is_active = true, deactivated_at = null, deactivated_by = null, deactivation_reason = null
  where profile.user_id = reactivate_user.id and not profile.is_active;
  return private.get_user(reactivate_user.id);
end;
$function$;

comment on function private.reactivate_user(uuid) is 'Lets a user in again: public.reactivate_user with the rights that this takes.';

revoke all on function private.reactivate_user(uuid) from public;

grant execute on function private.reactivate_user(uuid) to authenticated, service_role;
