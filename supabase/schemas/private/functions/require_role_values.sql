create or replace function private.require_role_values (
  code text,
  name text,
  description text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if code !~ '^[a-z][a-z0-9_]{0,49}$' then
    perform private.refuse(400, 'code_invalid', 'A code is 1 to 50 lower case letters, digits and underscores.');
  elsif name is not null and private.clean_display_name(name) is null then
    perform private.refuse(400, 'name_invalid', 'The name of a role is one line of 1 to 200 characters.');
  elsif length(description) > 1000 then
    perform private.refuse(400, 'description_invalid', 'A description has at most 1,000 characters.');
  end if;
end;
$function$;

comment on function private.require_role_values(text, text, text) is 'Refuses a code, name or description that no role can have; null passes. Raises PT400 code_invalid, name_invalid, description_invalid.';

revoke all on function private.require_role_values(text, text, text) from public;
