create or replace function private.is_email (
  candidate text
)
  returns boolean
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select candidate ~ '^[^][:space:][:cntrl:]@<>",;:\\()[]{1,64}@[^][:space:][:cntrl:]@<>",;:\\()[]{1,255}$';
$function$;

comment on function private.is_email(text) is 'Returns whether a text can be an e-mail address: one @, and nothing that could end a mail header. Null for null. Whether mail arrives is for a verification to show.';

revoke all on function private.is_email(text) from public;

grant execute on function private.is_email(text) to authenticated, service_role;
