create or replace function private.check_user_integrity()
  returns SETOF public.user_integrity_problem
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.require_superadmin();

  -- Causes first: what a disabled trigger leaves behind may be thousands of rows.
  return query select * from private.disabled_triggers();
  return query select * from private.undeclared_user_references();
  return query select * from private.dangling_user_references();

  return query
  select
    'user_without_profile',
    'public.user_profiles',
    missing.id,
    coalesce(
      'The profile could not be created: ' || failure.message || ' (' || failure.sqlstate || ')',
      'This user has no profile.'
    ),
    'Run the sync: rowhouse users sync'
  from private.users_without_profile() as missing (id)
    left join private.profile_failures as failure on failure.user_id = missing.id and failure.resolved_at is null;

  return query
  select
    'profile_without_user',
    'public.user_profiles',
    profile.user_id,
    'This profile belongs to no user.',
    format('delete from public.user_profiles where user_id = %L;', profile.user_id)
  from public.user_profiles as profile
  where not exists (select from auth.users as account where account.id = profile.user_id);

  return query
  select
    'duplicate_profile',
    'public.user_profiles',
    profile.user_id,
    format('This user has %s profiles.', count(*)),
    'Delete all but one, then restore the primary key user_profiles_pkey.'
  from public.user_profiles as profile
  group by profile.user_id
  having count(*) > 1;
end;
$function$;

comment on function private.check_user_integrity() is 'Looks for what is wrong with users and profiles: public.check_user_integrity with the rights that this takes.';

revoke all on function private.check_user_integrity() from public;

grant execute on function private.check_user_integrity() to authenticated, service_role;
