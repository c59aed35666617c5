create or replace function private.purge_idempotency_keys()
  returns bigint
  language sql
  security definer
  set search_path to ''
  AS $function$
  with purged as (
    delete from private.idempotency_keys as known
    where known.created_at < now() - interval '48 hours'
    returning 1
  )
  select count(*) from purged;
$function$;

comment on function private.purge_idempotency_keys() is 'Forgets the answers that are older than 48 hours: a key is good for a repetition within 24. Run by pg_cron every night. Returns how many.';

revoke all on function private.purge_idempotency_keys() from public;
