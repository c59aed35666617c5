create or replace function private.require_organization_values (
  name text,
  slug text,
  timezone text
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if private.clean_display_name(name) is null and name is not null then
    perform private.refuse(400, 'name_invalid', 'The name of an organization is one line of 1 to 200 characters.');
  elsif slug !~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' then
    perform private.refuse(
      400, 'slug_invalid', 'A slug is 1 to 63 lower case letters, digits and hyphens, without a hyphen at an end.'
    );
  elsif not private.is_timezone(timezone) then
    perform private.refuse(400, 'timezone_invalid', 'The time zone is an IANA name such as Europe/Vienna.');
  end if;
end;
$function$;

comment on function private.require_organization_values(text, text, text) is 'Refuses a name, slug or time zone that no organization can have; null passes. Raises PT400 name_invalid, slug_invalid, timezone_invalid.';

revoke all on function private.require_organization_values(text, text, text) from public;
