create or replace function public.run_user_sync_job (
  message_id bigint
)
  returns boolean
  language sql
  set search_path to ''
  AS $function$
  select private.run_user_sync_job(message_id);
$function$;

comment on function public.run_user_sync_job(bigint) is 'Does the work of a message identity.sync_profiles of queue user_sync: one run of the sync (service role only). Takes the message id. Returns false, and does nothing, when that message has had its effect.';

revoke all on function public.run_user_sync_job(bigint) from public;

grant execute on function public.run_user_sync_job(bigint) to service_role;
