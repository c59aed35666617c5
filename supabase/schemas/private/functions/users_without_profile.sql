create or replace function private.users_without_profile (
  after uuid default null::uuid,
  quantity integer default null::integer
)
  returns SETOF uuid
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select account.id
  from auth.users as account
  where (users_without_profile.after is null or account.id > users_without_profile.after)
    and not exists (select from public.user_profiles as profile where profile.user_id = account.id)
  order by account.id
  limit users_without_profile.quantity;
$function$;

comment on function private.users_without_profile(uuid, integer) is 'Returns the ids of users who have no profile, in order of id. Takes the id to go on after and how many; null means from the start and all.';

revoke all on function private.users_without_profile(uuid, integer) from public;
