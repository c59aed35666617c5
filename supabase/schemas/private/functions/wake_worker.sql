create or replace function private.wake_worker()
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  queue text;
  woken integer := 0;
  functions_url text;
  secret_key text;
begin
  if to_regnamespace('net') is not null and to_regclass('vault.decrypted_secrets') is not null then
    execute $secrets$
      select
        max(decrypted_secret) filter (where name = 'rowhouse_functions_url'),
        max(decrypted_secret) filter (where name = 'rowhouse_secret_key')
      from vault.decrypted_secrets
    $secrets$ into functions_url, secret_key;
  end if;
  for queue in select waiting from private.waiting_queues() as waiting loop
    perform pg_notify('rowhouse_jobs', queue);
    if functions_url is not null and secret_key is not null then
      execute 'select net.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := 5000)'
      using
        rtrim(functions_url, '/') || '/worker',
        jsonb_build_object('queue', queue),
        jsonb_build_object(
          'Content-Type', 'application/json',
          'apikey', secret_key,
          'Authorization', 'Bearer ' || secret_key
        );
    end if;
    woken := woken + 1;
  end loop;
  return woken;
end;
$function$;

comment on function private.wake_worker() is 'Wakes the worker for every queue that has something to read, and returns how many those are. pg_cron calls it each minute, which also picks up retries. Notifies rowhouse_jobs, which the embedded stack listens to; on Supabase it also posts to the edge function with pg_net, when the vault holds rowhouse_functions_url (https://<project>.supabase.co/functions/v1) and rowhouse_secret_key.';

revoke all on function private.wake_worker() from public;
