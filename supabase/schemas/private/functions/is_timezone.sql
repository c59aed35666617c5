create or replace function private.is_timezone (
  candidate text
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if candidate is null then
    return null;
  elsif candidate !~ '^[A-Z][A-Za-z]*([/_+-][A-Za-z0-9]+)*$' or length(candidate) > 100 then
    return false;
  end if;
  -- Cheaper than the view of all zones, which reads a file for each.
  perform timezone(candidate, timestamptz 'epoch');
  return true;
exception
  when invalid_parameter_value then
    return false;
end;
$function$;

comment on function private.is_timezone(text) is 'Returns whether PostgreSQL knows a time zone by this name, such as Europe/Vienna or UTC; null for null.';

revoke all on function private.is_timezone(text) from public;

grant execute on function private.is_timezone(text) to authenticated, service_role;
