create or replace function private.token_claims (
  user_id uuid
)
  returns jsonb
  language sql
  security definer
  set search_path to ''
  AS $function$
  update public.user_profiles as profile
  set last_seen_at = now()
  where profile.user_id = token_claims.user_id
  returning jsonb_build_object('platform_role', profile.platform_role);
$function$;

comment on function private.token_claims(uuid) is 'Returns what Rowhouse adds to the access token of a user, null without a profile, and notes that the user was seen. Takes the user id.';

revoke all on function private.token_claims(uuid) from public;

grant execute on function private.token_claims(uuid) to supabase_auth_admin;
