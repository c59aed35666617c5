create or replace function private.update_user (
  id uuid,
  display_name text,
  platform_role text,
  preferences jsonb
)
  returns public.user_account
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.require_superadmin();
  perform private.require_user(update_user.id);
  if update_user.platform_role not in ('user', 'superadmin') then
    perform private.refuse(400, 'role_invalid', 'platform_role is user or superadmin.');
  elsif update_user.display_name is not null
    and private.clean_display_name(update_user.display_name) is distinct from update_user.display_name
  then
    perform private.refuse(
      400,
      'display_name_invalid',
      'A display name is one line of 1 to 200 characters, without control characters and without spaces around it.'
    );
  elsif jsonb_typeof(update_user.preferences) <> 'object' or length(update_user.preferences::text) > 20000 then
    perform private.refuse(400, 'preferences_invalid', 'preferences is an object of at most 20,000 characters.');
  elsif update_user.platform_role = 'superadmin' and private.caller_role() = 'service_role' then
    -- A leaked key must not outlive its rotation in the shape of a superadmin.
    perform private.refuse(
      403,
      'superadmin_required',
      'The secret key makes no superadmins.',
      'Another superadmin can, and rowhouse superadmin grant <email>.'
    );
  elsif update_user.platform_role is not null then
    perform private.refuse_own_account(update_user.id, 'change the role of');
  end if;

  perform private.insert_profiles(array[update_user.id]);
  update public.user_profiles as profile
  set display_name = coalesce(update_user.display_name, profile.display_name),
    platform_role = coalesce(update_user.platform_role, profile.platform_role),
    preferences = coalesce(update_user.preferences, profile.preferences)
  where profile.user_id = update_user.id;
  return private.get_user(update_user.id);
end;
$function$;

comment on function private.update_user(uuid, text, text, jsonb) is 'Changes a profile: public.update_user with the rights that this takes.';

revoke all on function private.update_user(uuid, text, text, jsonb) from public;

grant execute on function private.update_user(uuid, text, text, jsonb) to authenticated, service_role;
