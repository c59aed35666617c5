create or replace function private.contact_problem (
  contact_details jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select case
    when contact_details is null or private.contact_email(contact_details) is not null then null
    when private.contact_text(contact_details -> 'email', 321) is null
      and coalesce(jsonb_typeof(contact_details -> 'email'), 'null') in ('null', 'string')
      then 'missing_email'
    else 'invalid_email'
  end;
$function$;

comment on function private.contact_problem(jsonb) is 'Returns why no customer can be found from the details of an older booking: missing_email or invalid_email; null where nothing is wrong, or nothing is there. Takes the details.';

revoke all on function private.contact_problem(jsonb) from public;

grant execute on function private.contact_problem(jsonb) to authenticated, service_role;
