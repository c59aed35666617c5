create or replace function private.tg_users__create_profile()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  set lock_timeout to '3s'
  AS $function$
declare
  state text;
  problem text;
begin
  perform private.insert_profiles(array[new.id]);
  return null;
exception
  when others then
    get stacked diagnostics state = returned_sqlstate, problem = message_text;
    raise warning 'rowhouse: no profile for user %: % (%)', new.id, problem, state;
    begin
      perform private.record_profile_failure(new.id, 'trigger', state, problem);
    exception
      when others then
        raise warning 'rowhouse: the failure for user % could not be recorded: %', new.id, sqlerrm;
    end;
    return null;
end;
$function$;

comment on function private.tg_users__create_profile() is 'Trigger function of auth.users: creates the profile of a new user. Whatever fails is recorded in private.profile_failures and logged; the sign-up succeeds.';

revoke all on function private.tg_users__create_profile() from public;
