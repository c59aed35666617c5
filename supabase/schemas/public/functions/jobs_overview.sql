create or replace function public.jobs_overview()
  returns SETOF public.job_queue_overview
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.jobs_overview();
$function$;

comment on function public.jobs_overview() is 'Returns one row per queue (service role only): what waits, is delayed, is in progress, keeps failing or is dead, and the last error.';

revoke all on function public.jobs_overview() from public;

grant execute on function public.jobs_overview() to service_role;
