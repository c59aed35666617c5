create or replace function public.check_request()
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  headers constant jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
begin
  if headers ->> 'prefer' ~* 'count\s*=\s*(planned|estimated)' then
    raise exception using
      errcode = 'PT400',
      message = 'Counts are exact here: an estimate is made of the rows of all organizations.',
      detail = '{"code": "count_unavailable"}',
      hint = 'Ask with Prefer: count=exact.';
  end if;
end;
$function$;

comment on function public.check_request() is 'What PostgREST is to call before each request (db-pre-request): refuses counts that the planner estimates, because its statistics know no tenants. Raises PT400 count_unavailable. @anonymous';

revoke all on function public.check_request() from public;

grant execute on function public.check_request() to anon, authenticated, service_role;
