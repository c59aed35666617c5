create or replace function private.verified_email (
  user_id uuid
)
  returns text
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select lower(nullif(btrim(account.email), ''))
  from auth.users as account
  where account.id = verified_email.user_id
    and account.email_confirmed_at is not null
    and account.is_anonymous is not true;
$function$;

comment on function private.verified_email(uuid) is 'Returns the e-mail address of a user, in lower case, if the auth server has seen that it is theirs; otherwise null. Takes the user. What users say of themselves in their metadata counts for nothing.';

revoke all on function private.verified_email(uuid) from public;
