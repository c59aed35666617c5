create table private.sync_runs (
  source text not null,
  mode text not null,
  outcome text not null default 'running'::text,
  invoked_by uuid,
  invoked_as text not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  total_auth_users bigint,
  existing_profiles bigint,
  missing_profiles bigint,
  created_profiles bigint,
  failed_creations bigint,
  errors jsonb not null default '[]'::jsonb,
  constraint sync_runs_finished_when_over check (((outcome = 'running'::text) = (finished_at IS NULL))),
  constraint sync_runs_mode_known check ((mode = ANY (ARRAY['sync'::text, 'dry_run'::text]))),
  constraint sync_runs_outcome_known
    check ((outcome = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'interrupted'::text]))),
  constraint sync_runs_source_known
    check ((source = ANY (ARRAY['api'::text, 'queue'::text, 'command_line'::text])))
);

alter table private.sync_runs
  add column duration_ms bigint generated always as
    (((EXTRACT(epoch from (finished_at - started_at)) * (1000)::numeric))::bigint) stored;

create index sync_runs_started_at_idx on private.sync_runs using btree (started_at);

comment on column private.sync_runs.created_profiles is 'Profiles that this run created.';

comment on column private.sync_runs.duration_ms is 'How long it took, in milliseconds.';

comment on column private.sync_runs.errors is 'The first 100 of those: user_id, sqlstate, message.';

comment on column private.sync_runs.existing_profiles is 'Users who had a profile.';

comment on column private.sync_runs.failed_creations is 'Profiles that it could not create.';

comment on column private.sync_runs.finished_at is 'When it ended.';

comment on column private.sync_runs.invoked_as is 'The database role that called it.';

comment on column private.sync_runs.invoked_by is 'The user who called it; null for the operator. Outlives the user. @survives';

comment on column private.sync_runs.missing_profiles is 'Users who had none.';

comment on column private.sync_runs.mode is 'sync, or dry_run: only looked.';

comment on column private.sync_runs.outcome is 'running, done, failed (some profiles could not be created, or it broke off), interrupted. A row that stays running belongs to a command that was killed.';

comment on column private.sync_runs.source is 'Who asked for it: api (sync_user_profiles), queue (a message of user_sync), command_line.';

comment on column private.sync_runs.started_at is 'When it began.';

comment on column private.sync_runs.total_auth_users is 'Rows of auth.users.';

comment on table private.sync_runs is 'One row per run of the sync of users and profiles.';

alter table private.sync_runs
  add column id uuid not null default private.uuid_v7();

alter table private.sync_runs
  add constraint sync_runs_pkey primary key (id);

comment on column private.sync_runs.id is 'Time-ordered id.';
