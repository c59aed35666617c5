create or replace function private.contact_email (
  contact_details jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  -- One character more than an address can have: what is too long stays so when it is cut.
  select case when private.is_email(stated.email) then stated.email end
  from (select lower(private.contact_text(contact_details -> 'email', 321)) as email) as stated;
$function$;

comment on function private.contact_email(jsonb) is 'Returns the e-mail address that the details of an older booking name, in lower case; null where there is none, or none that can be one. Takes the details.';

revoke all on function private.contact_email(jsonb) from public;

grant execute on function private.contact_email(jsonb) to authenticated, service_role;
