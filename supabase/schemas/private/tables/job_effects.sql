create table private.job_effects (
  queue text not null,
  message_id bigint not null,
  happened_at timestamp with time zone not null default now(),
  constraint job_effects_pkey primary key (queue, message_id),
  constraint job_effects_queue_fkey foreign key (queue) references private.job_queues(name)
    on delete cascade
);

comment on column private.job_effects.happened_at is 'When the effect took place.';

comment on column private.job_effects.message_id is 'Its id in pgmq.';

comment on column private.job_effects.queue is 'The queue of the message.';

comment on table private.job_effects is 'Which messages have had their effect. Written in the transaction of the effect, so that a message that is delivered twice has one.';
