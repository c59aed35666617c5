-- Undoes 000002-jobs: the periodic jobs, the functions, the types, the tables (set aside where they hold rows).

select cron.unschedule('rowhouse-purge-job-history');
select cron.unschedule('rowhouse-wake-worker');

drop function public.replay_dead_letters(text, bigint[]);
drop function public.dead_letters(text);
drop function public.jobs_overview();
drop function public.waiting_queues();
drop function public.fail_job(text, bigint, text, boolean, integer);
drop function public.complete_jobs(text, bigint[]);
drop function public.claim_jobs(text, integer, integer);

drop function private.purge_job_history();
drop function private.replay_dead_letters(text, bigint[]);
drop function private.dead_letters(text);
drop function private.jobs_overview();
drop function private.wake_worker();
drop function private.waiting_queues();
drop function private.fail_job(text, bigint, text, boolean, integer);
drop function private.complete_jobs(text, bigint[]);
drop function private.claim_jobs(text, integer, integer);
drop function private.retry_delay(integer);
drop function private.is_first_effect(text, bigint);
drop function private.enqueue_batch(text, text, jsonb[], interval);
drop function private.enqueue(text, text, jsonb, interval);
drop function private.drop_queue(text);
drop function private.create_queue(text, integer);

drop type public.dead_letter;
drop type public.job_queue_overview;

select pg_temp.set_aside('private.job_failures');
select pg_temp.set_aside('private.job_effects');
select pg_temp.set_aside('private.job_queues');
