create table private.job_queues (
  name text not null,
  max_attempts integer not null default 5,
  retention interval not null default '30 days'::interval,
  created_at timestamp with time zone not null default now(),
  constraint job_queues_max_attempts_positive check (((max_attempts >= 1) AND (max_attempts <= 100))),
  constraint job_queues_name_is_plain
    check (((name ~ '^[a-z][a-z0-9_]{0,39}$'::text) AND (name !~~ '%\_dead'::text))),
  constraint job_queues_pkey primary key (name),
  constraint job_queues_retention_positive check ((retention > '00:00:00'::interval))
);

comment on column private.job_queues.created_at is 'When the queue was made.';

comment on column private.job_queues.max_attempts is 'How often a message is tried before it goes to the dead letters.';

comment on column private.job_queues.name is 'Name of the queue in pgmq.';

comment on column private.job_queues.retention is 'How long archived messages, recorded effects and failures are kept.';

comment on table private.job_queues is 'The queues that the worker serves, made by migrations. Each has dead letters in <name>_dead.';
