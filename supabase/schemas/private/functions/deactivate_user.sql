create or replace function private.deactivate_user (
  id uuid,
  reason text
)
  returns public.user_account
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.require_superadmin();
  perform private.refuse_own_account(deactivate_user.id, 'deactivate');
  perform private.require_user(deactivate_user.id);
  if coalesce(btrim(reason), '') = '' then
    perform private.refuse(400, 'reason_required', 'Deactivating a user takes a reason.');
  elsif length(reason) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;

  perform private.insert_profiles(array[deactivate_user.id]);
  update public.user_profiles as profile
  set is_active = false,
    deactivated_at = now(),
    deactivated_by = (select account.id from auth.users as account where account.id = auth.uid()),
    deactivation_reason = btrim(reason)
  where profile.user_id = deactivate_user.id and profile.is_active;
  return private.get_user(deactivate_user.id);
end;
$function$;

comment on function private.deactivate_user(uuid, text) is 'Deactivates a user: public.deactivate_user with the rights that this takes.';

revoke all on function private.deactivate_user(uuid, text) from public;

grant execute on function private.deactivate_user(uuid, text) to authenticated, service_role;
