create or replace function private.caller_role()
  returns text
  language sql
  stable
  set search_path to ''
  AS $function$
  select coalesce(nullif(current_setting('role', true), 'none'), session_user::text);
$function$;

comment on function private.caller_role() is 'Returns the database role that the request runs as. Unlike current_user it is still the caller''s inside a security definer function, and unlike auth.role() no claim of a token can name another.';

revoke all on function private.caller_role() from public;

grant execute on function private.caller_role() to authenticated, service_role;
