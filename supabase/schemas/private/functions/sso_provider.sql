create or replace function private.sso_provider (
  is_sso_user boolean,
  app_meta_data jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select case
    when jsonb_typeof(app_meta_data -> 'provider') = 'string'
      and (is_sso_user or app_meta_data ->> 'provider' not in ('email', 'phone', 'anonymous'))
      then left(app_meta_data ->> 'provider', 200)
  end;
$function$;

comment on function private.sso_provider(boolean, jsonb) is 'Returns who vouches for a user ("sso:<id>", "google"), from metadata that only the auth server writes; null for e-mail, phone and anonymous users.';

revoke all on function private.sso_provider(boolean, jsonb) from public;
