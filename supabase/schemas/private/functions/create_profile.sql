create or replace function private.create_profile (
  id uuid,
  is_active boolean default true
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform private.require_user(create_profile.id);
  if private.insert_profiles(array[create_profile.id]) = 0 then
    return false;
  end if;
  if not create_profile.is_active then
    update public.user_profiles as profile
    set is_active = false, deactivated_at = now(), deactivation_reason = 'Created inactive by the operator.'
    where profile.user_id = create_profile.id;
  end if;
  update private.profile_failures as failure
  set resolved_at = now()
  where failure.user_id = create_profile.id and failure.resolved_at is null;
  return true;
end;
$function$;

comment on function private.create_profile(uuid, boolean) is 'Creates the profile of one user, active or not; the command line calls it. Returns false, and changes nothing, when there is one. Raises PT404 user_not_found.';

revoke all on function private.create_profile(uuid, boolean) from public;
