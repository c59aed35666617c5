create or replace function private.complete_jobs (
  queue text,
  message_ids bigint[]
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  archived bigint[];
begin
  if not exists (select from private.job_queues as known where known.name = complete_jobs.queue) then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', complete_jobs.queue));
  end if;
  archived := array(select pgmq.archive(complete_jobs.queue, complete_jobs.message_ids));
  delete from private.job_failures as failure
  where failure.queue = complete_jobs.queue and failure.message_id = any (archived);
  return cardinality(archived);
end;
$function$;

comment on function private.complete_jobs(text, bigint[]) is 'Archives finished messages: public.complete_jobs with the rights that this takes.';

revoke all on function private.complete_jobs(text, bigint[]) from public;

grant execute on function private.complete_jobs(text, bigint[]) to service_role;
