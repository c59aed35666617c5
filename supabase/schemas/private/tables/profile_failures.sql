create table private.profile_failures (
  user_id uuid not null,
  source text not null,
  sqlstate text not null,
  message text not null,
  attempts integer not null default 1,
  failed_at timestamp with time zone not null default now(),
  resolved_at timestamp with time zone,
  constraint profile_failures_source_known check ((source = ANY (ARRAY['trigger'::text, 'sync'::text]))),
  constraint profile_failures_user_id_fkey foreign key (user_id) references auth.users(id) on delete cascade
);

create unique index profile_failures_open_idx on private.profile_failures using btree (user_id)
  where (resolved_at is null);

create index profile_failures_user_id_idx on private.profile_failures using btree (user_id);

comment on column private.profile_failures.attempts is 'How often it has failed.';

comment on column private.profile_failures.failed_at is 'When it last failed.';

comment on column private.profile_failures.message is 'Its message, up to 1,000 characters.';

comment on column private.profile_failures.resolved_at is 'When the user was found to have a profile; null while open.';

comment on column private.profile_failures.source is 'trigger (at sign-up) or sync: what failed last.';

comment on column private.profile_failures.sqlstate is 'PostgreSQL''s error code.';

comment on column private.profile_failures.user_id is 'Whose profile.';

comment on table private.profile_failures is 'Profiles that could not be created. The sync repairs them; resolved rows are kept as a record.';

alter table private.profile_failures
  add column id uuid not null default private.uuid_v7();

alter table private.profile_failures
  add constraint profile_failures_pkey primary key (id);

comment on column private.profile_failures.id is 'Time-ordered id.';
