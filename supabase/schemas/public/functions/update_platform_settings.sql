create or replace function public.update_platform_settings (
  allow_organization_sign_up boolean
)
  returns boolean
  language sql
  set search_path to ''
  AS $function$
  select private.update_platform_settings(allow_organization_sign_up);
$function$;

comment on function public.update_platform_settings(boolean) is 'Decides whether signed-up users may create organizations for themselves (superadmins; off at first). Takes and returns the decision. Raises PT401 not_authenticated; PT403 superadmin_required.';

revoke all on function public.update_platform_settings(boolean) from public;

grant execute on function public.update_platform_settings(boolean) to authenticated, service_role;
