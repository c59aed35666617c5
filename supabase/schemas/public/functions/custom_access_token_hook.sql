create or replace function public.custom_access_token_hook (
  event jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  claims jsonb;
begin
  claims := private.token_claims((event ->> 'user_id')::uuid);
  perform private.record_sign_in(event, claims ->> 'organization_id');
  return jsonb_set(event, '{claims}', (event -> 'claims') || coalesce(claims, '{"platform_role": "user"}'));
exception
  -- Whatever is wrong with a profile, its owner can sign in.
  when others then
    raise warning 'rowhouse: the access token of user % has no claims of ours: %', event ->> 'user_id', sqlerrm;
    return event;
end;
$function$;

comment on function public.custom_access_token_hook(jsonb) is 'The auth server''s hook before it signs an access token (supabase_auth_admin only). Takes its event, returns it with organization_id, organization_role and platform_role among the claims. Never raises: a sign-in must not fail because of it. The claims inform front ends; policies ask the tables.';

revoke all on function public.custom_access_token_hook(jsonb) from public;

grant execute on function public.custom_access_token_hook(jsonb) to supabase_auth_admin;
