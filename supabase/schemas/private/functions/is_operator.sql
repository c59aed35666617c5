create or replace function private.is_operator()
  returns boolean
  language sql
  stable
  set search_path to ''
  AS $function$
  select pg_has_role(private.caller_role(), 'service_role', 'usage');
$function$;

comment on function private.is_operator() is 'Returns whether the caller is the operator: the service role, or a database role that has its privileges (postgres in the dashboard, the command line, pg_cron).';

revoke all on function private.is_operator() from public;

grant execute on function private.is_operator() to authenticated, service_role;
