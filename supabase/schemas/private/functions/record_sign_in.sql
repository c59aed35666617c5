create or replace function private.record_sign_in (
  event jsonb,
  organization_id text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- A token that is renewed is no sign-in: there would be a row per user and hour.
  if coalesce(event ->> 'authentication_method', 'token_refresh') = 'token_refresh' then
    return;
  end if;
  perform private.record_event(
    'user.signed_in',
    'login',
    severity => 'info',
    organization_id => coalesce(record_sign_in.organization_id, 'PLATFORM'),
    details => jsonb_strip_nulls(
      jsonb_build_object('method', event -> 'authentication_method', 'session_id', event -> 'claims' -> 'session_id')
    ),
    actor_id => (event ->> 'user_id')::uuid
  );
exception
  when others then
    raise warning 'rowhouse: the sign-in of user % is not in the audit log: %', event ->> 'user_id', sqlerrm;
end;
$function$;

comment on function private.record_sign_in(jsonb, text) is 'Writes user.signed_in to the audit log, unless a token is only renewed. Takes the event of the auth server''s hook and the organization that the token names, null for none. Never raises: a sign-in must not fail because of it.';

revoke all on function private.record_sign_in(jsonb, text) from public;

grant execute on function private.record_sign_in(jsonb, text) to supabase_auth_admin;
