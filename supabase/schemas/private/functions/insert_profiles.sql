create or replace function private.insert_profiles (
  user_ids uuid[]
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  inserted integer;
begin
  insert into public.user_profiles (user_id, display_name, sso_provider, sso_user_id)
  select
    account.id,
    private.initial_display_name(account.id, account.email, account.raw_user_meta_data),
    private.sso_provider(account.is_sso_user, account.raw_app_meta_data),
    case
      when private.sso_provider(account.is_sso_user, account.raw_app_meta_data) is not null
        and jsonb_typeof(account.raw_app_meta_data -> 'provider_id') = 'string'
        then left(account.raw_app_meta_data ->> 'provider_id', 200)
    end
  from auth.users as account
  where account.id = any (user_ids)
  on conflict (user_id) do nothing;
  get diagnostics inserted = row_count;
  return inserted;
end;
$function$;

comment on function private.insert_profiles(uuid[]) is 'Creates the profiles of these users in one statement, leaves existing ones alone, and returns how many it created. Everything that creates a profile goes through here. Raises what the statement raises.';

revoke all on function private.insert_profiles(uuid[]) from public;
