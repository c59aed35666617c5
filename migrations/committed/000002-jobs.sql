--! Previous: sha1:9be8d0c4ff840d3a7acf63b7a3acdf0688c4fba5
--! Hash: sha1:602da807894ec8f8f6af01b67d96dfacfbfdfd34
--! Message: jobs

-- Work that leaves the transaction. A business function puts a message on a queue in its own transaction (an outbox), a
-- worker claims it, does the work and archives it. A message that fails comes back with growing delays and ends, after its
-- last attempt, with the dead letters, where an operator sees it and may send it again.

create table private.job_queues (
  name text not null
    constraint job_queues_name_is_plain check (name ~ '^[a-z][a-z0-9_]{0,39}$' and name not like '%\_dead'),
  max_attempts integer not null default 5 constraint job_queues_max_attempts_positive check (max_attempts between 1 and 100),
  retention interval not null default '30 days' constraint job_queues_retention_positive check (retention > interval '0'),
  created_at timestamptz not null default now(),
  constraint job_queues_pkey primary key (name)
);

comment on table private.job_queues is 'The queues that the worker serves, made by migrations. Each has dead letters in <name>_dead.';
comment on column private.job_queues.name is 'Name of the queue in pgmq.';
comment on column private.job_queues.max_attempts is 'How often a message is tried before it goes to the dead letters.';
comment on column private.job_queues.retention is 'How long archived messages, recorded effects and failures are kept.';
comment on column private.job_queues.created_at is 'When the queue was made.';

create table private.job_effects (
  queue text not null,
  message_id bigint not null,
  happened_at timestamptz not null default now(),
  constraint job_effects_pkey primary key (queue, message_id),
  constraint job_effects_queue_fkey foreign key (queue) references private.job_queues on delete cascade
);

comment on table private.job_effects is
  'Which messages have had their effect. Written in the transaction of the effect, so that a message that is delivered twice has one.';
comment on column private.job_effects.queue is 'The queue of the message.';
comment on column private.job_effects.message_id is 'Its id in pgmq.';
comment on column private.job_effects.happened_at is 'When the effect took place.';

create table private.job_failures (
  queue text not null,
  message_id bigint not null,
  attempts integer not null,
  error text not null,
  failed_at timestamptz not null default now(),
  constraint job_failures_pkey primary key (queue, message_id),
  constraint job_failures_queue_fkey foreign key (queue) references private.job_queues on delete cascade
);

create index job_failures_queue_failed_at_idx on private.job_failures (queue, failed_at);

comment on table private.job_failures is 'The last failure of each message that failed and has not succeeded since.';
comment on column private.job_failures.queue is 'The queue of the message.';
comment on column private.job_failures.message_id is 'Its id in pgmq.';
comment on column private.job_failures.attempts is 'How often it has been tried.';
comment on column private.job_failures.error is 'What the last attempt reported, up to 2,000 characters.';
comment on column private.job_failures.failed_at is 'When the last attempt failed.';

create type public.job_queue_overview as (
  queue text,
  waiting bigint,
  delayed bigint,
  in_progress bigint,
  failing bigint,
  dead_letters bigint,
  oldest_waiting_seconds integer,
  last_failed_at timestamptz,
  last_error text
);

comment on type public.job_queue_overview is 'The state of one queue, as jobs_overview() returns it.';
comment on column public.job_queue_overview.queue is 'Name of the queue. @notNull';
comment on column public.job_queue_overview.waiting is 'Messages that a worker may claim. @notNull';
comment on column public.job_queue_overview.delayed is 'Messages that were sent with a delay which is not over. @notNull';
comment on column public.job_queue_overview.in_progress is 'Messages that a worker has claimed, or that wait for their next attempt. @notNull';
comment on column public.job_queue_overview.failing is 'Messages whose last attempt failed, the dead among them. @notNull';
comment on column public.job_queue_overview.dead_letters is 'Messages that were given up. @notNull';
comment on column public.job_queue_overview.oldest_waiting_seconds is 'Age of the oldest waiting message, in seconds. @notNull';
comment on column public.job_queue_overview.last_failed_at is 'When an attempt last failed.';
comment on column public.job_queue_overview.last_error is 'What it reported.';

create type public.dead_letter as (
  message_id bigint,
  kind text,
  payload jsonb,
  error text,
  attempts integer,
  died_at timestamptz
);

comment on type public.dead_letter is 'A message that was given up, as dead_letters() returns it.';
comment on column public.dead_letter.message_id is 'Its id among the dead letters; replay_dead_letters() takes it. @notNull';
comment on column public.dead_letter.kind is 'What kind of job it is.';
comment on column public.dead_letter.payload is 'What the job was to work on.';
comment on column public.dead_letter.error is 'What its last attempt reported.';
comment on column public.dead_letter.attempts is 'How often it was tried.';
comment on column public.dead_letter.died_at is 'When it was given up.';

--! Included jobs/private/create_queue.sql
create or replace function private.create_queue (
  queue text,
  max_attempts integer default 5
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
begin
  insert into private.job_queues (name, max_attempts) values (create_queue.queue, create_queue.max_attempts);
  perform pgmq.create(create_queue.queue);
  perform pgmq.create(create_queue.queue || '_dead');
end;
$$;

comment on function private.create_queue(text, integer) is
  'Creates a queue and its dead-letter queue <queue>_dead; migrations call it. Takes the name (lower snake case, up to 40 characters) and how many attempts a message gets.';

revoke execute on function private.create_queue(text, integer) from public;
--! EndIncluded jobs/private/create_queue.sql
--! Included jobs/private/drop_queue.sql
create or replace function private.drop_queue (
  queue text
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
begin
  delete from private.job_queues as known where known.name = drop_queue.queue;
  perform pgmq.drop_queue(drop_queue.queue);
  perform pgmq.drop_queue(drop_queue.queue || '_dead');
end;
$$;

comment on function private.drop_queue(text) is
  'Drops a queue with its dead letters and its archive; rollback scripts call it. Takes the name.';

revoke execute on function private.drop_queue(text) from public;
--! EndIncluded jobs/private/drop_queue.sql
--! Included jobs/private/enqueue_batch.sql
create or replace function private.enqueue_batch (
  queue text,
  kind text,
  payloads jsonb[],
  delay interval default '0'
)
  returns setof bigint
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if kind is null or payloads is null or array_position(payloads, null) is not null or delay is null then
    raise exception using
      errcode = 'null_value_not_allowed',
      message = 'A job has a kind, a payload and a delay.';
  elsif not exists (select from private.job_queues as known where known.name = enqueue_batch.queue) then
    raise exception using
      errcode = 'undefined_table',
      message = format('There is no queue %L.', enqueue_batch.queue),
      hint = 'A migration makes it with private.create_queue.';
  end if;
  -- Delivered when the caller's transaction commits, as the messages are; one transaction's notices are folded.
  perform pg_notify('rowhouse_jobs', queue);
  return query
  select sent.id
  from pgmq.send_batch(
    queue,
    array(select jsonb_build_object('kind', kind, 'payload', payload) from unnest(payloads) as payload),
    ceil(extract(epoch from delay))::integer
  ) as sent (id);
end;
$$;

comment on function private.enqueue_batch(text, text, jsonb[], interval) is
  'Puts one job for each payload on a queue, in one statement and in the caller''s transaction. Takes and raises what private.enqueue does. Returns the message ids in the order of the payloads.';

revoke execute on function private.enqueue_batch(text, text, jsonb[], interval) from public;
--! EndIncluded jobs/private/enqueue_batch.sql
--! Included jobs/private/enqueue.sql
create or replace function private.enqueue (
  queue text,
  kind text,
  payload jsonb default '{}',
  delay interval default '0'
)
  returns bigint
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  select private.enqueue_batch(queue, kind, array[payload], delay);
$$;

comment on function private.enqueue(text, text, jsonb, interval) is
  'Puts a job on a queue, in the caller''s transaction: if that rolls back, there is no job. Takes the queue, the kind that a handler of the worker is registered for, its payload, and how long to wait before it may be read (rounded up to seconds). Returns the message id. Raises 42P01 when there is no such queue, 22004 when something is null.';

revoke execute on function private.enqueue(text, text, jsonb, interval) from public;
--! EndIncluded jobs/private/enqueue.sql
--! Included jobs/private/is_first_effect.sql
create or replace function private.is_first_effect (
  queue text,
  message_id bigint
)
  returns boolean
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  with recorded as (
    insert into private.job_effects (queue, message_id)
    values (is_first_effect.queue, is_first_effect.message_id)
    on conflict do nothing
    returning true
  )
  select exists (select from recorded);
$$;

comment on function private.is_first_effect(text, bigint) is
  'Returns whether the effect of a message is still to be had, and records it in the caller''s transaction. A function that does the work of a message asks first, so that the effect and its record commit together: a message that is delivered again has no second effect. Two transactions that ask at once wait for each other.';

revoke execute on function private.is_first_effect(text, bigint) from public;
--! EndIncluded jobs/private/is_first_effect.sql
--! Included jobs/private/retry_delay.sql
create or replace function private.retry_delay (
  attempt integer
)
  returns integer
  language sql
  volatile
  set search_path = ''
  as $$
  select least(3600, 5 * 2 ^ least(attempt, 20) * (0.8 + 0.4 * random()))::integer;
$$;

comment on function private.retry_delay(integer) is
  'Returns how many seconds to wait after a failed attempt (1, 2, …): exponential backoff, 10, 20, 40 … seconds and at most an hour, with a fifth more or less at random so that jobs that failed together do not come back together.';

revoke execute on function private.retry_delay(integer) from public;
--! EndIncluded jobs/private/retry_delay.sql
--! Included jobs/private/fail_job.sql
create or replace function private.fail_job (
  queue text,
  message_id bigint,
  error text,
  is_final boolean,
  attempt integer
)
  returns text
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  allowed integer;
  tried integer;
  body jsonb;
begin
  select known.max_attempts into allowed from private.job_queues as known where known.name = fail_job.queue;
  if not found then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', fail_job.queue));
  end if;

  -- The lock lets one of two reports in, and keeps other workers from claiming the message while this decides.
  execute format('select read_ct, message from pgmq.%I where msg_id = $1 for update', 'q_' || fail_job.queue)
  into tried, body using fail_job.message_id;
  -- A report that comes late says nothing about the attempt that is under way.
  if tried is null or tried > fail_job.attempt then
    return 'gone';
  end if;

  -- A message that killed its workers is claimed once more before it is given up; nobody tries it then.
  tried := least(tried, allowed);
  insert into private.job_failures as failure (queue, message_id, attempts, error)
  values (fail_job.queue, fail_job.message_id, tried, left(fail_job.error, 2000))
  on conflict on constraint job_failures_pkey do update
  set attempts = excluded.attempts, error = excluded.error, failed_at = now();

  if is_final or tried >= allowed then
    perform pgmq.archive(fail_job.queue, fail_job.message_id);
    perform pgmq.send(
      fail_job.queue || '_dead',
      body || jsonb_build_object(
        'error', left(fail_job.error, 2000),
        'attempts', tried,
        'message_id', fail_job.message_id,
        'died_at', now()
      )
    );
    return 'dead';
  end if;
  perform pgmq.set_vt(fail_job.queue, fail_job.message_id, private.retry_delay(tried));
  return 'retry';
end;
$$;

comment on function private.fail_job(text, bigint, text, boolean, integer) is
  'Takes note of a failed attempt: public.fail_job with the rights that this takes. What is given up goes to the dead letters of its queue, with the number of attempts and the last error beside kind and payload.';

revoke execute on function private.fail_job(text, bigint, text, boolean, integer) from public;
grant execute on function private.fail_job(text, bigint, text, boolean, integer) to service_role;
--! EndIncluded jobs/private/fail_job.sql
--! Included jobs/private/claim_jobs.sql
create or replace function private.claim_jobs (
  queue text,
  quantity integer,
  visibility_seconds integer
)
  returns table (
    message_id bigint,
    kind text,
    payload jsonb,
    attempt integer,
    enqueued_at timestamptz
  )
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  allowed integer;
  claimed record;
begin
  select known.max_attempts into allowed from private.job_queues as known where known.name = claim_jobs.queue;
  if not found then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', claim_jobs.queue));
  elsif (quantity between 1 and 1000 and visibility_seconds between 1 and 43200) is not true then
    perform private.refuse(
      400,
      'claim_invalid',
      'A worker claims 1 to 1,000 messages for 1 to 43,200 seconds.'
    );
  end if;

  for claimed in
    select message.msg_id, message.message as body, message.read_ct, message.enqueued_at
    from pgmq.read(claim_jobs.queue, visibility_seconds, quantity) as message
    order by message.msg_id
  loop
    -- A worker that is killed never reports a failure; a message that kills every worker must end all the same.
    if claimed.read_ct > allowed then
      perform private.fail_job(
        claim_jobs.queue,
        claimed.msg_id,
        coalesce(
          (
            select failure.error from private.job_failures as failure
            where failure.queue = claim_jobs.queue and failure.message_id = claimed.msg_id
          ),
          'Every worker that took this message stopped before it was done.'
        ),
        true,
        claimed.read_ct
      );
      continue;
    end if;
    message_id := claimed.msg_id;
    kind := claimed.body ->> 'kind';
    payload := claimed.body -> 'payload';
    attempt := claimed.read_ct;
    enqueued_at := claimed.enqueued_at;
    return next;
  end loop;
end;
$$;

comment on function private.claim_jobs(text, integer, integer) is
  'Claims messages for a worker: public.claim_jobs with the rights that this takes.';

revoke execute on function private.claim_jobs(text, integer, integer) from public;
grant execute on function private.claim_jobs(text, integer, integer) to service_role;
--! EndIncluded jobs/private/claim_jobs.sql
--! Included jobs/private/complete_jobs.sql
create or replace function private.complete_jobs (
  queue text,
  message_ids bigint[]
)
  returns integer
  language plpgsql
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.complete_jobs(text, bigint[]) is
  'Archives finished messages: public.complete_jobs with the rights that this takes.';

revoke execute on function private.complete_jobs(text, bigint[]) from public;
grant execute on function private.complete_jobs(text, bigint[]) to service_role;
--! EndIncluded jobs/private/complete_jobs.sql
--! Included jobs/private/waiting_queues.sql
create or replace function private.waiting_queues()
  returns setof text
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  known text;
  is_waiting boolean;
begin
  for known in select name from private.job_queues order by name loop
    execute format('select exists (select from pgmq.%I where vt <= clock_timestamp())', 'q_' || known) into is_waiting;
    if is_waiting then
      return next known;
    end if;
  end loop;
end;
$$;

comment on function private.waiting_queues() is
  'Returns the names of the queues that hold a message which may be read, in order of name.';

revoke execute on function private.waiting_queues() from public;
grant execute on function private.waiting_queues() to service_role;
--! EndIncluded jobs/private/waiting_queues.sql
--! Included jobs/private/wake_worker.sql
create or replace function private.wake_worker()
  returns integer
  language plpgsql
  security definer
  set search_path = ''
  as $$
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
$$;

comment on function private.wake_worker() is
  'Wakes the worker for every queue that has something to read, and returns how many those are. pg_cron calls it each minute, which also picks up retries. Notifies rowhouse_jobs, which the embedded stack listens to; on Supabase it also posts to the edge function with pg_net, when the vault holds rowhouse_functions_url (https://<project>.supabase.co/functions/v1) and rowhouse_secret_key.';

revoke execute on function private.wake_worker() from public;
--! EndIncluded jobs/private/wake_worker.sql
--! Included jobs/private/jobs_overview.sql
create or replace function private.jobs_overview()
  returns setof public.job_queue_overview
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  -- Not now(): what this transaction has put on a queue itself would count as delayed.
  moment constant timestamptz := statement_timestamp();
  known private.job_queues;
  overview public.job_queue_overview;
begin
  for known in select * from private.job_queues order by name loop
    overview.queue := known.name;
    execute format(
      $counts$
        select
          count(*) filter (where vt <= $1),
          count(*) filter (where vt > $1 and read_ct = 0),
          count(*) filter (where vt > $1 and read_ct > 0),
          coalesce(extract(epoch from $1 - min(enqueued_at) filter (where vt <= $1)), 0)::integer,
          (select count(*) from pgmq.%I)
        from pgmq.%I
      $counts$,
      'q_' || known.name || '_dead', 'q_' || known.name
    )
    into
      overview.waiting, overview.delayed, overview.in_progress, overview.oldest_waiting_seconds,
      overview.dead_letters
    using moment;
    select count(*), max(failure.failed_at) into overview.failing, overview.last_failed_at
    from private.job_failures as failure
    where failure.queue = known.name;
    select failure.error into overview.last_error
    from private.job_failures as failure
    where failure.queue = known.name
    order by failure.failed_at desc
    limit 1;
    return next overview;
  end loop;
end;
$$;

comment on function private.jobs_overview() is
  'Counts what is on each queue: public.jobs_overview with the rights that this takes.';

revoke execute on function private.jobs_overview() from public;
grant execute on function private.jobs_overview() to service_role;
--! EndIncluded jobs/private/jobs_overview.sql
--! Included jobs/private/dead_letters.sql
create or replace function private.dead_letters (
  queue text
)
  returns setof public.dead_letter
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  if not exists (select from private.job_queues as known where known.name = dead_letters.queue) then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', dead_letters.queue));
  end if;
  return query execute format(
    $letters$
      select
        msg_id, message ->> 'kind', message -> 'payload', message ->> 'error', (message ->> 'attempts')::integer,
        (message ->> 'died_at')::timestamptz
      from pgmq.%I
      order by msg_id desc
      limit 1000
    $letters$,
    'q_' || dead_letters.queue || '_dead'
  );
end;
$$;

comment on function private.dead_letters(text) is
  'Lists dead letters: public.dead_letters with the rights that this takes.';

revoke execute on function private.dead_letters(text) from public;
grant execute on function private.dead_letters(text) to service_role;
--! EndIncluded jobs/private/dead_letters.sql
--! Included jobs/private/replay_dead_letters.sql
create or replace function private.replay_dead_letters (
  queue text,
  message_ids bigint[]
)
  returns integer
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  messages jsonb[];
  former_ids bigint[];
  new_ids bigint[];
begin
  if not exists (select from private.job_queues as known where known.name = replay_dead_letters.queue) then
    perform private.refuse(404, 'queue_unknown', format('There is no queue %L.', replay_dead_letters.queue));
  end if;
  execute format(
    $taken$
      with taken as (
        delete from pgmq.%I where $1 is null or msg_id = any ($1)
        returning msg_id, message
      )
      select
        array_agg(jsonb_build_object('kind', message -> 'kind', 'payload', message -> 'payload') order by msg_id),
        array_agg((message ->> 'message_id')::bigint order by msg_id)
      from taken
    $taken$,
    'q_' || replay_dead_letters.queue || '_dead'
  ) into messages, former_ids using message_ids;
  if messages is null then
    return 0;
  end if;

  new_ids := array(select pgmq.send_batch(replay_dead_letters.queue, messages));
  -- A message may have had its effect before it was given up, and has it on record under its new id too.
  insert into private.job_effects (queue, message_id, happened_at)
  select replay_dead_letters.queue, replayed.new_id, effect.happened_at
  from unnest(former_ids, new_ids) as replayed (former_id, new_id)
  join private.job_effects as effect
    on effect.queue = replay_dead_letters.queue and effect.message_id = replayed.former_id;
  delete from private.job_failures as failure
  where failure.queue = replay_dead_letters.queue and failure.message_id = any (former_ids);
  perform pg_notify('rowhouse_jobs', replay_dead_letters.queue);
  return cardinality(messages);
end;
$$;

comment on function private.replay_dead_letters(text, bigint[]) is
  'Puts dead letters back on their queue: public.replay_dead_letters with the rights that this takes.';

revoke execute on function private.replay_dead_letters(text, bigint[]) from public;
grant execute on function private.replay_dead_letters(text, bigint[]) to service_role;
--! EndIncluded jobs/private/replay_dead_letters.sql
--! Included jobs/private/purge_job_history.sql
create or replace function private.purge_job_history()
  returns integer
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  known private.job_queues;
  purged integer := 0;
  deleted integer;
begin
  for known in select * from private.job_queues loop
    execute format('delete from pgmq.%I where archived_at < now() - $1', 'a_' || known.name) using known.retention;
    get diagnostics deleted = row_count;
    purged := purged + deleted;
    execute format('delete from pgmq.%I where archived_at < now() - $1', 'a_' || known.name || '_dead')
    using known.retention;
    -- What is still queued may be delivered again and a dead letter replayed, however old: their records stay.
    execute format(
      $effects$
        delete from private.job_effects as effect
        where effect.queue = $1 and effect.happened_at < now() - $2
          and not exists (select from pgmq.%I as message where message.msg_id = effect.message_id)
          and not exists (
            select from pgmq.%I as letter where (letter.message ->> 'message_id')::bigint = effect.message_id
          )
      $effects$,
      'q_' || known.name, 'q_' || known.name || '_dead'
    ) using known.name, known.retention;
    delete from private.job_failures as failure
    where failure.queue = known.name and failure.failed_at < now() - known.retention;
  end loop;
  delete from cron.job_run_details as run where run.end_time < now() - interval '14 days';
  return purged;
end;
$$;

comment on function private.purge_job_history() is
  'Deletes what has outlived its use: archived messages, recorded effects and failures after the queue''s retention, runs of pg_cron after 14 days. Dead letters stay until someone replays or deletes them. Returns how many archived messages went. pg_cron calls it nightly.';

revoke execute on function private.purge_job_history() from public;
--! EndIncluded jobs/private/purge_job_history.sql
--! Included jobs/public/claim_jobs.sql
create or replace function public.claim_jobs (
  queue text,
  quantity integer default 10,
  visibility_seconds integer default 60
)
  returns table (
    message_id bigint,
    kind text,
    payload jsonb,
    attempt integer,
    enqueued_at timestamptz
  )
  language sql
  volatile
  set search_path = ''
  as $$
  select * from private.claim_jobs(queue, quantity, visibility_seconds);
$$;

comment on function public.claim_jobs(text, integer, integer) is
  'Claims the oldest readable messages of a queue for a worker (service role only). Takes the queue, how many (1 to 1,000) and for how many seconds no other worker sees them (1 to 43,200). Returns them oldest first; attempt counts from 1. What was attempted too often goes to the dead letters instead. Raises PT404 queue_unknown, PT400 claim_invalid.';

revoke execute on function public.claim_jobs(text, integer, integer) from public;
grant execute on function public.claim_jobs(text, integer, integer) to service_role;
--! EndIncluded jobs/public/claim_jobs.sql
--! Included jobs/public/complete_jobs.sql
create or replace function public.complete_jobs (
  queue text,
  message_ids bigint[]
)
  returns integer
  language sql
  volatile
  set search_path = ''
  as $$
  select private.complete_jobs(queue, message_ids);
$$;

comment on function public.complete_jobs(text, bigint[]) is
  'Archives messages whose work is done (service role only). Takes the queue and the message ids. Returns how many were still there; doing it again does nothing. Raises PT404 queue_unknown.';

revoke execute on function public.complete_jobs(text, bigint[]) from public;
grant execute on function public.complete_jobs(text, bigint[]) to service_role;
--! EndIncluded jobs/public/complete_jobs.sql
--! Included jobs/public/fail_job.sql
create or replace function public.fail_job (
  queue text,
  message_id bigint,
  error text,
  is_final boolean default false,
  attempt integer default null
)
  returns text
  language sql
  volatile
  set search_path = ''
  as $$
  select private.fail_job(queue, message_id, error, is_final, attempt);
$$;

comment on function public.fail_job(text, bigint, text, boolean, integer) is
  'Takes note of a failed attempt (service role only). Takes the queue, the message id, what went wrong, whether trying again is pointless, and which attempt it was, as claim_jobs() numbered it. Returns retry (the message comes back after private.retry_delay), dead (it is with the dead letters) or gone (someone else has finished it, or has claimed it since: nothing is changed). Raises PT404 queue_unknown.';

revoke execute on function public.fail_job(text, bigint, text, boolean, integer) from public;
grant execute on function public.fail_job(text, bigint, text, boolean, integer) to service_role;
--! EndIncluded jobs/public/fail_job.sql
--! Included jobs/public/waiting_queues.sql
create or replace function public.waiting_queues()
  returns setof text
  language sql
  volatile
  set search_path = ''
  as $$
  select waiting from private.waiting_queues() as waiting;
$$;

comment on function public.waiting_queues() is
  'Returns the names of the queues that have a message to read (service role only). A worker that is woken without a queue asks this.';

revoke execute on function public.waiting_queues() from public;
grant execute on function public.waiting_queues() to service_role;
--! EndIncluded jobs/public/waiting_queues.sql
--! Included jobs/public/jobs_overview.sql
create or replace function public.jobs_overview()
  returns setof public.job_queue_overview
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.jobs_overview();
$$;

comment on function public.jobs_overview() is
  'Returns one row per queue (service role only): what waits, is delayed, is in progress, keeps failing or is dead, and the last error.';

revoke execute on function public.jobs_overview() from public;
grant execute on function public.jobs_overview() to service_role;
--! EndIncluded jobs/public/jobs_overview.sql
--! Included jobs/public/dead_letters.sql
create or replace function public.dead_letters (
  queue text
)
  returns setof public.dead_letter
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.dead_letters(queue);
$$;

comment on function public.dead_letters(text) is
  'Returns the newest 1,000 messages that were given up, newest first (service role only). Takes the queue. Raises PT404 queue_unknown.';

revoke execute on function public.dead_letters(text) from public;
grant execute on function public.dead_letters(text) to service_role;
--! EndIncluded jobs/public/dead_letters.sql
--! Included jobs/public/replay_dead_letters.sql
create or replace function public.replay_dead_letters (
  queue text,
  message_ids bigint[] default null
)
  returns integer
  language sql
  volatile
  set search_path = ''
  as $$
  select private.replay_dead_letters(queue, message_ids);
$$;

comment on function public.replay_dead_letters(text, bigint[]) is
  'Puts dead letters back on their queue as new messages, with all their attempts before them (service role only). Takes the queue and the ids of the dead letters; without ids, all. Returns how many. Raises PT404 queue_unknown.';

revoke execute on function public.replay_dead_letters(text, bigint[]) from public;
grant execute on function public.replay_dead_letters(text, bigint[]) to service_role;
--! EndIncluded jobs/public/replay_dead_letters.sql

select cron.schedule('rowhouse-wake-worker', '* * * * *', 'select private.wake_worker()');
select cron.schedule('rowhouse-purge-job-history', '23 3 * * *', 'select private.purge_job_history()');
