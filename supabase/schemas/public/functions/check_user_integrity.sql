create or replace function public.check_user_integrity()
  returns SETOF public.user_integrity_problem
  language sql
  set search_path to ''
  AS $function$
  select * from private.check_user_integrity();
$function$;

comment on function public.check_user_integrity() is 'Returns one row per problem with users and their profiles, with what to do; no row means sound (superadmins and the service role). Problems: user_without_profile, profile_without_user, duplicate_profile, dangling_reference, reference_not_validated, undeclared_reference, missing_trigger, disabled_trigger. Foreign keys are found in the catalog. Raises PT401 not_authenticated, PT403 superadmin_required.';

revoke all on function public.check_user_integrity() from public;

grant execute on function public.check_user_integrity() to authenticated, service_role;
