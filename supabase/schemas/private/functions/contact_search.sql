create or replace function private.contact_search (
  contact_details jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select private.search_key(
    array[
      left(contact_details ->> 'company', 200),
      left(contact_details ->> 'name', 200),
      left(contact_details ->> 'email', 320),
      left(contact_details ->> 'phone', 50),
      regexp_replace(left(contact_details ->> 'phone', 50), '[^0-9]+', '', 'g')
    ]
  );
$function$;

comment on function private.contact_search(jsonb) is 'Returns what an older booking without a customer is found by: company, name, e-mail address and phone number of its details, as private.search_key writes them. Takes the details.';

revoke all on function private.contact_search(jsonb) from public;

grant execute on function private.contact_search(jsonb) to authenticated, service_role;
