create or replace function private.retry_delay (
  attempt integer
)
  returns integer
  language sql
  set search_path to ''
  AS $function$
  select least(3600, 5 * 2 ^ least(attempt, 20) * (0.8 + 0.4 * random()))::integer;
$function$;

comment on function private.retry_delay(integer) is 'Returns how many seconds to wait after a failed attempt (1, 2, …): exponential backoff, 10, 20, 40 … seconds and at most an hour, with a fifth more or less at random so that jobs that failed together do not come back together.';

revoke all on function private.retry_delay(integer) from public;
