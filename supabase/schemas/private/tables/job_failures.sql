create table private.job_failures (
  queue text not null,
  message_id bigint not null,
  attempts integer not null,
  error text not null,
  failed_at timestamp with time zone not null default now(),
  constraint job_failures_pkey primary key (queue, message_id),
  constraint job_failures_queue_fkey foreign key (queue) references private.job_queues(name)
    on delete cascade
);

create index job_failures_queue_failed_at_idx on private.job_failures using btree (queue, failed_at);

comment on column private.job_failures.attempts is 'How often it has been tried.';

comment on column private.job_failures.error is 'What the last attempt reported, up to 2,000 characters.';

comment on column private.job_failures.failed_at is 'When the last attempt failed.';

comment on column private.job_failures.message_id is 'Its id in pgmq.';

comment on column private.job_failures.queue is 'The queue of the message.';

comment on table private.job_failures is 'The last failure of each message that failed and has not succeeded since.';
