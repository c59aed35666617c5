create or replace function private.update_platform_settings (
  allow_organization_sign_up boolean
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.require_superadmin();
  update private.platform_settings as setting
  set allow_organization_sign_up = coalesce(
      update_platform_settings.allow_organization_sign_up, setting.allow_organization_sign_up
    ),
    updated_at = now();
  perform private.record_event(
    event => 'platform.settings_changed',
    action => 'update',
    severity => 'warning',
    organization_id => 'PLATFORM',
    details => jsonb_build_object('allow_organization_sign_up', update_platform_settings.allow_organization_sign_up)
  );
  return (select setting.allow_organization_sign_up from private.platform_settings as setting);
end;
$function$;

comment on function private.update_platform_settings(boolean) is 'Changes the platform''s settings: public.update_platform_settings with the rights that this takes.';

revoke all on function private.update_platform_settings(boolean) from public;

grant execute on function private.update_platform_settings(boolean) to authenticated, service_role;
