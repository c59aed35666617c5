--! Previous: sha1:602da807894ec8f8f6af01b67d96dfacfbfdfd34
--! Hash: sha1:78a1b4de909f9f3833e5a54dcdd4b4abe869e9f9
--! Message: identity

-- Users and their profiles. auth.users belongs to the auth server and holds who someone is to it: e-mail, phone, password.
-- user_profiles holds who someone is to Rowhouse. Every user has exactly one profile, whatever created the user; a trigger
-- makes it, a sync makes up for users who were there before or whose trigger failed, and signing up never fails because of
-- either.

--! Included identity/private/clean_display_name.sql
create or replace function private.clean_display_name (
  candidate text
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  -- What a name must not hold: control characters, and the invisible and bidirectional ones that make one name look
  -- like another (the joiners U+200C and U+200D stay: Persian and emoji are spelt with them). Only the first 1,000
  -- characters are looked at: a name of ten megabytes must not cost a second.
  select nullif(
    btrim(
      left(
        btrim(
          regexp_replace(
            regexp_replace(left(candidate, 1000), '[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]', '', 'g'),
            '[[:cntrl:][:space:]]+', ' ', 'g'
          )
        ),
        200
      )
    ),
    ''
  );
$$;

comment on function private.clean_display_name(text) is
  'Returns a name that is safe to show: one line, at most 200 characters, without control, invisible and bidirectional characters. Null when nothing is left.';

revoke execute on function private.clean_display_name(text) from public;
-- A check constraint calls it as whoever writes the row.
grant execute on function private.clean_display_name(text) to authenticated, service_role;
--! EndIncluded identity/private/clean_display_name.sql

create table public.user_profiles (
  user_id uuid not null,
  display_name text not null
    constraint user_profiles_display_name_clean check (display_name is not distinct from private.clean_display_name(display_name)),
  platform_role text not null default 'user'
    constraint user_profiles_platform_role_known check (platform_role in ('user', 'superadmin')),
  is_active boolean not null default true,
  current_organization_id text,
  last_seen_at timestamptz,
  deactivated_at timestamptz,
  deactivated_by uuid,
  deactivation_reason text
    constraint user_profiles_deactivation_reason_length check (length(deactivation_reason) between 1 and 1000),
  sso_provider text,
  sso_user_id text,
  preferences jsonb not null default '{}'
    constraint user_profiles_preferences_object check (jsonb_typeof(preferences) = 'object' and length(preferences::text) <= 20000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_profiles_pkey primary key (user_id),
  constraint user_profiles_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade,
  constraint user_profiles_deactivated_by_fkey foreign key (deactivated_by) references auth.users (id) on delete set null,
  -- Who deactivated may be gone, or have been the operator; when and why are always known.
  constraint user_profiles_deactivation_complete check (
    is_active = (deactivated_at is null)
    and is_active = (deactivation_reason is null)
    and not (is_active and deactivated_by is not null)
  )
);

create index user_profiles_deactivated_by_idx on public.user_profiles (deactivated_by) where deactivated_by is not null;
create index user_profiles_inactive_idx on public.user_profiles (user_id) where not is_active;
create index user_profiles_superadmins_idx on public.user_profiles (user_id) where platform_role = 'superadmin';
create index user_profiles_sso_idx on public.user_profiles (sso_provider, sso_user_id) where sso_provider is not null;

comment on table public.user_profiles is 'Who a user is to Rowhouse: one row for each row of auth.users, made by a trigger.';
comment on column public.user_profiles.user_id is 'The user in auth.users.';
comment on column public.user_profiles.display_name is 'The name that others see: one line of 1 to 200 characters. From the metadata at sign-up; the user may change it.';
comment on column public.user_profiles.platform_role is 'user, or superadmin: may manage all users and organizations. No metadata of a user can raise it.';
comment on column public.user_profiles.is_active is 'Whether the user may read and write anything at all.';
comment on column public.user_profiles.current_organization_id is 'The organization that the user works in at the moment.';
comment on column public.user_profiles.last_seen_at is 'When an access token was last issued.';
comment on column public.user_profiles.deactivated_at is 'When the user was shut out; null for an active one.';
comment on column public.user_profiles.deactivated_by is 'The superadmin who did it; null for the operator, and for one who is gone.';
comment on column public.user_profiles.deactivation_reason is 'Why, up to 1,000 characters.';
comment on column public.user_profiles.sso_provider is 'Who vouches for the user (sso:<id>, google, …); null for e-mail, phone and anonymous users.';
comment on column public.user_profiles.sso_user_id is 'The user''s id there, when the auth server''s metadata tells it.';
comment on column public.user_profiles.preferences is 'What front ends remember for the user: an object of at most 20,000 characters.';
comment on column public.user_profiles.created_at is 'When the profile was made.';
comment on column public.user_profiles.updated_at is 'When it was last changed.';

alter table public.user_profiles enable row level security;

-- What a client may not write, it is not granted: the role, the activity and their dates change through functions.
grant select on public.user_profiles to authenticated, service_role;
grant update (display_name, preferences) on public.user_profiles to authenticated;

create table private.profile_failures (
  id uuid not null default private.uuid_v7(),
  user_id uuid not null,
  source text not null constraint profile_failures_source_known check (source in ('trigger', 'sync')),
  sqlstate text not null,
  message text not null,
  attempts integer not null default 1,
  failed_at timestamptz not null default now(),
  resolved_at timestamptz,
  constraint profile_failures_pkey primary key (id),
  constraint profile_failures_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade
);

create unique index profile_failures_open_idx on private.profile_failures (user_id) where resolved_at is null;
create index profile_failures_user_id_idx on private.profile_failures (user_id);

comment on table private.profile_failures is
  'Profiles that could not be created. The sync repairs them; resolved rows are kept as a record.';
comment on column private.profile_failures.id is 'Time-ordered id.';
comment on column private.profile_failures.user_id is 'Whose profile.';
comment on column private.profile_failures.source is 'trigger (at sign-up) or sync: what failed last.';
comment on column private.profile_failures.sqlstate is 'PostgreSQL''s error code.';
comment on column private.profile_failures.message is 'Its message, up to 1,000 characters.';
comment on column private.profile_failures.attempts is 'How often it has failed.';
comment on column private.profile_failures.failed_at is 'When it last failed.';
comment on column private.profile_failures.resolved_at is 'When the user was found to have a profile; null while open.';

create table private.sync_runs (
  id uuid not null default private.uuid_v7(),
  source text not null constraint sync_runs_source_known check (source in ('api', 'queue', 'command_line')),
  mode text not null constraint sync_runs_mode_known check (mode in ('sync', 'dry_run')),
  outcome text not null default 'running'
    constraint sync_runs_outcome_known check (outcome in ('running', 'done', 'failed', 'interrupted')),
  invoked_by uuid,
  invoked_as text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  duration_ms bigint generated always as ((extract(epoch from finished_at - started_at) * 1000)::bigint) stored,
  total_auth_users bigint,
  existing_profiles bigint,
  missing_profiles bigint,
  created_profiles bigint,
  failed_creations bigint,
  errors jsonb not null default '[]',
  constraint sync_runs_pkey primary key (id),
  constraint sync_runs_finished_when_over check ((outcome = 'running') = (finished_at is null))
);

create index sync_runs_started_at_idx on private.sync_runs (started_at);

comment on table private.sync_runs is 'One row per run of the sync of users and profiles.';
comment on column private.sync_runs.id is 'Time-ordered id.';
comment on column private.sync_runs.source is 'Who asked for it: api (sync_user_profiles), queue (a message of user_sync), command_line.';
comment on column private.sync_runs.mode is 'sync, or dry_run: only looked.';
comment on column private.sync_runs.outcome is 'running, done, failed (some profiles could not be created, or it broke off), interrupted. A row that stays running belongs to a command that was killed.';
comment on column private.sync_runs.invoked_by is 'The user who called it; null for the operator. Outlives the user. @survives';
comment on column private.sync_runs.invoked_as is 'The database role that called it.';
comment on column private.sync_runs.started_at is 'When it began.';
comment on column private.sync_runs.finished_at is 'When it ended.';
comment on column private.sync_runs.duration_ms is 'How long it took, in milliseconds.';
comment on column private.sync_runs.total_auth_users is 'Rows of auth.users.';
comment on column private.sync_runs.existing_profiles is 'Users who had a profile.';
comment on column private.sync_runs.missing_profiles is 'Users who had none.';
comment on column private.sync_runs.created_profiles is 'Profiles that this run created.';
comment on column private.sync_runs.failed_creations is 'Profiles that it could not create.';
comment on column private.sync_runs.errors is 'The first 100 of those: user_id, sqlstate, message.';

create type public.user_sync_report as (
  total_auth_users bigint,
  existing_profiles bigint,
  missing_profiles bigint,
  created_profiles bigint,
  failed_creations bigint,
  duration_ms bigint
);

comment on type public.user_sync_report is 'What a run of the sync found and did, as sync_user_profiles() returns it.';
comment on column public.user_sync_report.total_auth_users is 'Rows of auth.users. @notNull';
comment on column public.user_sync_report.existing_profiles is 'Users who had a profile before. @notNull';
comment on column public.user_sync_report.missing_profiles is 'Users who had none before. @notNull';
comment on column public.user_sync_report.created_profiles is 'Profiles that were created; 0 in a dry run. @notNull';
comment on column public.user_sync_report.failed_creations is 'Profiles that could not be created. @notNull';
comment on column public.user_sync_report.duration_ms is 'Milliseconds. @notNull';

create type public.user_account as (
  id uuid,
  email text,
  phone text,
  display_name text,
  platform_role text,
  is_active boolean,
  last_sign_in_at timestamptz,
  created_at timestamptz,
  profile_status text
);

comment on type public.user_account is 'A user as the management API shows it: the same shape for one and for many, with a profile and without.';
comment on column public.user_account.id is 'The user''s id. @notNull';
comment on column public.user_account.email is 'E-mail address, from the auth server.';
comment on column public.user_account.phone is 'Phone number, from the auth server.';
comment on column public.user_account.display_name is 'The display name; for a missing profile, the one that it would get. @notNull';
comment on column public.user_account.platform_role is 'Role on the platform. @notNull @values user_profiles.platform_role';
comment on column public.user_account.is_active is 'Whether the user may read and write anything. @notNull';
comment on column public.user_account.last_sign_in_at is 'When the user last signed in; null for never.';
comment on column public.user_account.created_at is 'When the user was created.';
comment on column public.user_account.profile_status is 'Whether the user has a profile. @notNull @values present, missing';

create type public.user_page as (
  users jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.user_page is 'One page of users, as list_users() returns it.';
comment on column public.user_page.users is 'The users of this page, newest first, as a JSON list. @notNull @list user_account';
comment on column public.user_page.total is 'How many users match on all pages. @notNull';
comment on column public.user_page.page is 'The number of this page, from 1. @notNull';
comment on column public.user_page.per_page is 'How many users a page holds. @notNull';

create type public.user_integrity_problem as (
  problem text,
  object text,
  user_id uuid,
  detail text,
  remedy text
);

comment on type public.user_integrity_problem is 'Something that is wrong with users and profiles, as check_user_integrity() returns it.';
comment on column public.user_integrity_problem.problem is
  'What kind of problem. @notNull @values user_without_profile, profile_without_user, duplicate_profile, dangling_reference, reference_not_validated, undeclared_reference, missing_trigger, disabled_trigger';
comment on column public.user_integrity_problem.object is 'The table, column or trigger that has it. @notNull';
comment on column public.user_integrity_problem.user_id is 'The user whom it is about, if it is about one.';
comment on column public.user_integrity_problem.detail is 'What is wrong, as a sentence. @notNull';
comment on column public.user_integrity_problem.remedy is 'What to do: a sentence, a command or a statement. @notNull';

--! Included identity/private/initial_display_name.sql
create or replace function private.initial_display_name (
  user_id uuid,
  email text,
  user_meta_data jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select coalesce(
    case jsonb_typeof(user_meta_data -> 'full_name')
      when 'string' then private.clean_display_name(user_meta_data ->> 'full_name')
    end,
    case jsonb_typeof(user_meta_data -> 'name')
      when 'string' then private.clean_display_name(user_meta_data ->> 'name')
    end,
    private.clean_display_name(split_part(email, '@', 1)),
    -- Not the phone number: it stays in auth.users alone.
    'User ' || left(user_id::text, 8)
  );
$$;

comment on function private.initial_display_name(uuid, text, jsonb) is
  'Returns the display name that a new profile gets: full_name or name of the metadata where that is a text, else the local part of the e-mail, else "User" and the first digits of the id. Never null, whatever the metadata holds.';

revoke execute on function private.initial_display_name(uuid, text, jsonb) from public;
--! EndIncluded identity/private/initial_display_name.sql
--! Included identity/private/sso_provider.sql
create or replace function private.sso_provider (
  is_sso_user boolean,
  app_meta_data jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select case
    when jsonb_typeof(app_meta_data -> 'provider') = 'string'
      and (is_sso_user or app_meta_data ->> 'provider' not in ('email', 'phone', 'anonymous'))
      then left(app_meta_data ->> 'provider', 200)
  end;
$$;

comment on function private.sso_provider(boolean, jsonb) is
  'Returns who vouches for a user ("sso:<id>", "google"), from metadata that only the auth server writes; null for e-mail, phone and anonymous users.';

revoke execute on function private.sso_provider(boolean, jsonb) from public;
--! EndIncluded identity/private/sso_provider.sql
--! Included identity/private/insert_profiles.sql
create or replace function private.insert_profiles (
  user_ids uuid[]
)
  returns integer
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  inserted integer;
begin
  insert into public.user_profiles (user_id, display_name, sso_provider, sso_user_id)
  select
    account.id,
    private.initial_display_name(account.id, account.email, account.raw_user_meta_data),
    private.sso_provider(account.is_sso_user, account.raw_app_meta_data),
    case
      when private.sso_provider(account.is_sso_user, account.raw_app_meta_data) is not null
        and jsonb_typeof(account.raw_app_meta_data -> 'provider_id') = 'string'
        then left(account.raw_app_meta_data ->> 'provider_id', 200)
    end
  from auth.users as account
  where account.id = any (user_ids)
  on conflict (user_id) do nothing;
  get diagnostics inserted = row_count;
  return inserted;
end;
$$;

comment on function private.insert_profiles(uuid[]) is
  'Creates the profiles of these users in one statement, leaves existing ones alone, and returns how many it created. Everything that creates a profile goes through here. Raises what the statement raises.';

revoke execute on function private.insert_profiles(uuid[]) from public;
--! EndIncluded identity/private/insert_profiles.sql
--! Included identity/private/record_profile_failure.sql
create or replace function private.record_profile_failure (
  user_id uuid,
  source text,
  state text,
  message text
)
  returns void
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  insert into private.profile_failures as failure (user_id, source, sqlstate, message, failed_at)
  values (
    record_profile_failure.user_id,
    record_profile_failure.source,
    record_profile_failure.state,
    left(record_profile_failure.message, 1000),
    clock_timestamp()
  )
  on conflict (user_id) where resolved_at is null do update
  set attempts = failure.attempts + 1,
    source = excluded.source,
    sqlstate = excluded.sqlstate,
    message = excluded.message,
    failed_at = excluded.failed_at;
$$;

comment on function private.record_profile_failure(uuid, text, text, text) is
  'Records that a profile could not be created: one open row per user, which counts the attempts. Takes the user, trigger or sync, the SQLSTATE and the message.';

revoke execute on function private.record_profile_failure(uuid, text, text, text) from public;
--! EndIncluded identity/private/record_profile_failure.sql
--! Included identity/private/tg_users__create_profile.sql
create or replace function private.tg_users__create_profile() returns trigger
language plpgsql
security definer
set search_path = ''
-- A lock that someone holds on the profiles must not hold up a sign-up for longer than a person waits.
set lock_timeout = '3s'
as $$
declare
  state text;
  problem text;
begin
  perform private.insert_profiles(array[new.id]);
  return null;
exception
  when others then
    get stacked diagnostics state = returned_sqlstate, problem = message_text;
    raise warning 'rowhouse: no profile for user %: % (%)', new.id, problem, state;
    begin
      perform private.record_profile_failure(new.id, 'trigger', state, problem);
    exception
      when others then
        raise warning 'rowhouse: the failure for user % could not be recorded: %', new.id, sqlerrm;
    end;
    return null;
end;
$$;

comment on function private.tg_users__create_profile() is
  'Trigger function of auth.users: creates the profile of a new user. Whatever fails is recorded in private.profile_failures and logged; the sign-up succeeds.';

revoke execute on function private.tg_users__create_profile() from public;
--! EndIncluded identity/private/tg_users__create_profile.sql
--! Included identity/triggers/users.sql
-- Rowhouse's only trigger in a schema of the platform. GoTrue inserts as supabase_auth_admin, so its function is a
-- security definer; execute is checked when the trigger is created, not when it fires.
create or replace trigger _100_create_profile
  after insert on auth.users
  for each row
  execute function private.tg_users__create_profile();
--! EndIncluded identity/triggers/users.sql
--! Included identity/triggers/user_profiles.sql
-- Being seen is not being changed: last_seen_at is not in the list.
create or replace trigger _100_stamp
  before update of
    display_name, platform_role, is_active, current_organization_id, deactivated_at, deactivated_by,
    deactivation_reason, sso_provider, sso_user_id, preferences
  on public.user_profiles
  for each row
  execute function private.tg__stamp_updated_at();
--! EndIncluded identity/triggers/user_profiles.sql

--! Included identity/private/current_user_id.sql
create or replace function private.current_user_id()
  returns uuid
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select profile.user_id
  from public.user_profiles as profile
  where profile.user_id = (select auth.uid()) and profile.is_active;
$$;

comment on function private.current_user_id() is
  'Returns the id of the signed-in user, null for nobody and for a user who is deactivated: every policy compares with this, so that a valid token of a deactivated user opens nothing. Write it as (select private.current_user_id()) so that it runs once per statement.';

revoke execute on function private.current_user_id() from public;
grant execute on function private.current_user_id() to authenticated, service_role;
--! EndIncluded identity/private/current_user_id.sql
--! Included identity/private/is_superadmin.sql
create or replace function private.is_superadmin()
  returns boolean
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select exists (
    select
    from public.user_profiles as profile
    where profile.user_id = (select auth.uid()) and profile.is_active and profile.platform_role = 'superadmin'
  );
$$;

comment on function private.is_superadmin() is
  'Returns whether the signed-in user is an active superadmin, as the profile says at this moment: a token that still claims the role does not count.';

revoke execute on function private.is_superadmin() from public;
grant execute on function private.is_superadmin() to authenticated, service_role;
--! EndIncluded identity/private/is_superadmin.sql
--! Included identity/private/require_superadmin.sql
create or replace function private.require_superadmin()
  returns void
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  if private.is_operator() or private.is_superadmin() then
    return;
  elsif auth.uid() is null then
    perform private.refuse(401, 'not_authenticated', 'Sign in first.');
  end if;
  perform private.refuse(403, 'superadmin_required', 'Only a superadmin may do this.', 'Ask a superadmin of the platform.');
end;
$$;

comment on function private.require_superadmin() is
  'Lets active superadmins and the operator (private.is_operator) pass. Raises PT401 not_authenticated, PT403 superadmin_required.';

revoke execute on function private.require_superadmin() from public;
--! EndIncluded identity/private/require_superadmin.sql
--! Included identity/public/is_superadmin.sql
create or replace function public.is_superadmin()
  returns boolean
  language sql
  stable
  set search_path = ''
  as $$
  select private.is_superadmin();
$$;

comment on function public.is_superadmin() is
  'Returns whether the signed-in user is an active superadmin at this moment. Edge functions ask it before they do something for a superadmin; front ends, what to show.';

revoke execute on function public.is_superadmin() from public;
grant execute on function public.is_superadmin() to authenticated, service_role;
--! EndIncluded identity/public/is_superadmin.sql
--! Included identity/policies/user_profiles.sql
drop policy if exists "users read their own profile" on public.user_profiles;
create policy "users read their own profile" on public.user_profiles
  for select
  to authenticated
  using (user_id = (select private.current_user_id()));

drop policy if exists "users change their own profile" on public.user_profiles;
create policy "users change their own profile" on public.user_profiles
  for update
  to authenticated
  using (user_id = (select private.current_user_id()))
  with check (user_id = (select private.current_user_id()));
--! EndIncluded identity/policies/user_profiles.sql

--! Included identity/private/users_without_profile.sql
create or replace function private.users_without_profile (
  after uuid default null,
  quantity integer default null
)
  returns setof uuid
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select account.id
  from auth.users as account
  where (users_without_profile.after is null or account.id > users_without_profile.after)
    and not exists (select from public.user_profiles as profile where profile.user_id = account.id)
  order by account.id
  limit users_without_profile.quantity;
$$;

comment on function private.users_without_profile(uuid, integer) is
  'Returns the ids of users who have no profile, in order of id. Takes the id to go on after and how many; null means from the start and all.';

revoke execute on function private.users_without_profile(uuid, integer) from public;
--! EndIncluded identity/private/users_without_profile.sql
--! Included identity/private/create_missing_profiles.sql
create or replace function private.create_missing_profiles (
  user_ids uuid[],
  out created bigint,
  out failed bigint
)
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  chunk_size constant integer := 1000;
  chunk uuid[];
  one uuid;
  state text;
  problem text;
begin
  created := 0;
  failed := 0;
  begin
    created := private.insert_profiles(user_ids);
  exception
    when others then
      -- One row in the way: find it by thousands, then one by one, so that it alone fails.
      for chunk_start in 1 .. cardinality(user_ids) by chunk_size loop
        chunk := user_ids[chunk_start : chunk_start + chunk_size - 1];
        begin
          created := created + private.insert_profiles(chunk);
          continue;
        exception
          when others then
            null;
        end;
        foreach one in array chunk loop
          begin
            created := created + private.insert_profiles(array[one]);
          exception
            when others then
              get stacked diagnostics state = returned_sqlstate, problem = message_text;
              -- A user who was deleted meanwhile needs no profile.
              if exists (select from auth.users as account where account.id = one) then
                failed := failed + 1;
                perform private.record_profile_failure(one, 'sync', state, problem);
              end if;
          end;
        end loop;
      end loop;
  end;
  update private.profile_failures as failure
  set resolved_at = now()
  where failure.resolved_at is null
    and failure.user_id = any (user_ids)
    and exists (select from public.user_profiles as profile where profile.user_id = failure.user_id);
end;
$$;

comment on function private.create_missing_profiles(uuid[]) is
  'Creates the profiles of these users, all in one statement; when that fails, as many as can be, and records the others in private.profile_failures. Returns how many were created and how many failed. Existing profiles are not touched; open failures of users who have a profile are marked resolved.';

revoke execute on function private.create_missing_profiles(uuid[]) from public;
--! EndIncluded identity/private/create_missing_profiles.sql
--! Included identity/private/start_sync_run.sql
create or replace function private.start_sync_run (
  source text,
  mode text
)
  returns uuid
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  insert into private.sync_runs (source, mode, invoked_by, invoked_as, started_at)
  values (start_sync_run.source, start_sync_run.mode, auth.uid(), private.caller_role(), clock_timestamp())
  returning id;
$$;

comment on function private.start_sync_run(text, text) is
  'Notes that a run of the sync begins. Takes who asks (api, queue, command_line) and the mode (sync, dry_run). Returns the id of the run.';

revoke execute on function private.start_sync_run(text, text) from public;
--! EndIncluded identity/private/start_sync_run.sql
--! Included identity/private/finish_sync_run.sql
create or replace function private.finish_sync_run (
  run_id uuid,
  outcome text,
  report public.user_sync_report
)
  returns public.user_sync_report
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  update private.sync_runs as run
  set outcome = finish_sync_run.outcome,
    finished_at = clock_timestamp(),
    total_auth_users = (finish_sync_run.report).total_auth_users,
    existing_profiles = (finish_sync_run.report).existing_profiles,
    missing_profiles = (finish_sync_run.report).missing_profiles,
    created_profiles = (finish_sync_run.report).created_profiles,
    failed_creations = (finish_sync_run.report).failed_creations,
    errors = coalesce(
      (
        select jsonb_agg(to_jsonb(failed))
        from (
          select failure.user_id, failure.sqlstate, failure.message
          from private.profile_failures as failure
          where failure.resolved_at is null and failure.source = 'sync' and failure.failed_at >= run.started_at
          order by failure.failed_at
          limit 100
        ) as failed
      ),
      '[]'
    )
  where run.id = finish_sync_run.run_id
  returning run.duration_ms into report.duration_ms;
  return report;
end;
$$;

comment on function private.finish_sync_run(uuid, text, public.user_sync_report) is
  'Notes how a run of the sync ended. Takes the run, the outcome (done, failed, interrupted) and the counts. Returns the counts with the duration in milliseconds.';

revoke execute on function private.finish_sync_run(uuid, text, public.user_sync_report) from public;
--! EndIncluded identity/private/finish_sync_run.sql
--! Included identity/private/sync_user_profiles.sql
create or replace function private.sync_user_profiles (
  dry_run boolean,
  source text
)
  returns public.user_sync_report
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  run_id uuid := private.start_sync_run(source, case when dry_run then 'dry_run' else 'sync' end);
  report public.user_sync_report;
  missing uuid[] := array(select id from private.users_without_profile() as id);
begin
  select count(*) into report.total_auth_users from auth.users;
  report.missing_profiles := cardinality(missing);
  report.existing_profiles := report.total_auth_users - report.missing_profiles;
  report.created_profiles := 0;
  report.failed_creations := 0;
  if not dry_run then
    select made.created, made.failed into report.created_profiles, report.failed_creations
    from private.create_missing_profiles(missing) as made;
  end if;
  return private.finish_sync_run(run_id, case when report.failed_creations > 0 then 'failed' else 'done' end, report);
end;
$$;

comment on function private.sync_user_profiles(boolean, text) is
  'Finds the users without a profile, creates what is missing unless it is a dry run, and records the run. Takes also who asks: api, queue. Returns the counts and the milliseconds.';

revoke execute on function private.sync_user_profiles(boolean, text) from public;
--! EndIncluded identity/private/sync_user_profiles.sql
--! Included identity/private/sync_user_profiles_as_caller.sql
create or replace function private.sync_user_profiles_as_caller (
  dry_run boolean
)
  returns public.user_sync_report
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();
  return private.sync_user_profiles(dry_run, 'api');
end;
$$;

comment on function private.sync_user_profiles_as_caller(boolean) is
  'Runs the sync for a superadmin or the operator: public.sync_user_profiles with the rights that this takes.';

revoke execute on function private.sync_user_profiles_as_caller(boolean) from public;
grant execute on function private.sync_user_profiles_as_caller(boolean) to authenticated, service_role;
--! EndIncluded identity/private/sync_user_profiles_as_caller.sql
--! Included identity/private/sync_profile_batch.sql
create or replace function private.sync_profile_batch (
  after uuid,
  quantity integer,
  dry_run boolean,
  out last_user_id uuid,
  out found_missing bigint,
  out created bigint,
  out failed bigint
)
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  missing uuid[] := array(select id from private.users_without_profile(after, quantity) as id);
begin
  last_user_id := missing[cardinality(missing)];
  found_missing := cardinality(missing);
  created := 0;
  failed := 0;
  if not dry_run then
    select made.created, made.failed into created, failed from private.create_missing_profiles(missing) as made;
  end if;
end;
$$;

comment on function private.sync_profile_batch(uuid, integer, boolean) is
  'Does one batch of a sync; the command line calls it, each batch in a transaction of its own. Takes the id to go on after (null at the start), how many profiles, and whether only to look. Returns the last id (null when nothing is left) and the counts.';

revoke execute on function private.sync_profile_batch(uuid, integer, boolean) from public;
--! EndIncluded identity/private/sync_profile_batch.sql
--! Included identity/private/run_user_sync_job.sql
create or replace function private.run_user_sync_job (
  message_id bigint
)
  returns boolean
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if not private.is_first_effect('user_sync', message_id) then
    return false;
  end if;
  perform private.sync_user_profiles(false, 'queue');
  return true;
end;
$$;

comment on function private.run_user_sync_job(bigint) is
  'Runs the sync for a message: public.run_user_sync_job with the rights that this takes.';

revoke execute on function private.run_user_sync_job(bigint) from public;
grant execute on function private.run_user_sync_job(bigint) to service_role;
--! EndIncluded identity/private/run_user_sync_job.sql
--! Included identity/private/enqueue_sync_on_drift.sql
create or replace function private.enqueue_sync_on_drift()
  returns bigint
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if exists (select from private.users_without_profile(null, 1)) then
    return private.enqueue('user_sync', 'identity.sync_profiles');
  end if;
  return null;
end;
$$;

comment on function private.enqueue_sync_on_drift() is
  'Puts a message on queue user_sync when a user has no profile; pg_cron calls it hourly. Returns the message id, null when all is well.';

revoke execute on function private.enqueue_sync_on_drift() from public;
--! EndIncluded identity/private/enqueue_sync_on_drift.sql
--! Included identity/public/sync_user_profiles.sql
create or replace function public.sync_user_profiles (
  dry_run boolean default false
)
  returns public.user_sync_report
  language sql
  volatile
  set search_path = ''
  as $$
  select private.sync_user_profiles_as_caller(coalesce(dry_run, false));
$$;

comment on function public.sync_user_profiles(boolean) is
  'Creates the profile of every user who has none (superadmins and the service role). Existing profiles are never touched; a row that cannot be created fails alone and is recorded. In a dry run nothing is created and missing_profiles says what would be. Running it twice, or twice at once, changes nothing the second time. Returns the counts and the duration in milliseconds. Raises PT401 not_authenticated, PT403 superadmin_required.';

revoke execute on function public.sync_user_profiles(boolean) from public;
grant execute on function public.sync_user_profiles(boolean) to authenticated, service_role;
--! EndIncluded identity/public/sync_user_profiles.sql
--! Included identity/public/run_user_sync_job.sql
create or replace function public.run_user_sync_job (
  message_id bigint
)
  returns boolean
  language sql
  volatile
  set search_path = ''
  as $$
  select private.run_user_sync_job(message_id);
$$;

comment on function public.run_user_sync_job(bigint) is
  'Does the work of a message identity.sync_profiles of queue user_sync: one run of the sync (service role only). Takes the message id. Returns false, and does nothing, when that message has had its effect.';

revoke execute on function public.run_user_sync_job(bigint) from public;
grant execute on function public.run_user_sync_job(bigint) to service_role;
--! EndIncluded identity/public/run_user_sync_job.sql

--! Included identity/private/user_accounts.sql
create or replace function private.user_accounts (
  ids uuid[]
)
  returns setof public.user_account
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select
    account.id,
    account.email::text,
    account.phone::text,
    coalesce(
      profile.display_name,
      private.initial_display_name(account.id, account.email, account.raw_user_meta_data)
    ),
    coalesce(profile.platform_role, 'user'),
    coalesce(profile.is_active, true),
    account.last_sign_in_at,
    account.created_at,
    case when profile.user_id is null then 'missing' else 'present' end
  from unnest(ids) with ordinality as wanted (id, position)
    join auth.users as account on account.id = wanted.id
    left join public.user_profiles as profile on profile.user_id = account.id
  order by wanted.position;
$$;

comment on function private.user_accounts(uuid[]) is
  'Returns these users as the management API shows them, in the order of the ids; ids without a user are left out. The one place that says what an account looks like: with a profile, and, with the default shape, without.';

revoke execute on function private.user_accounts(uuid[]) from public;
--! EndIncluded identity/private/user_accounts.sql
--! Included identity/private/require_user.sql
create or replace function private.require_user (
  id uuid
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  if not exists (select from auth.users as account where account.id = require_user.id) then
    perform private.refuse(404, 'user_not_found', 'There is no such user.');
  end if;
end;
$$;

comment on function private.require_user(uuid) is 'Raises PT404 user_not_found when there is no user of this id.';

revoke execute on function private.require_user(uuid) from public;
--! EndIncluded identity/private/require_user.sql
--! Included identity/private/refuse_own_account.sql
create or replace function private.refuse_own_account (
  id uuid,
  action text
)
  returns void
  language plpgsql
  stable
  set search_path = ''
  as $$
begin
  if id = auth.uid() then
    perform private.refuse(
      409,
      'own_account',
      format('You cannot %s your own account.', action),
      'Ask another superadmin: so the platform always keeps one.'
    );
  end if;
end;
$$;

comment on function private.refuse_own_account(uuid, text) is
  'Raises PT409 own_account when the user is the caller. Takes the user and the verb for the message.';

revoke execute on function private.refuse_own_account(uuid, text) from public;
--! EndIncluded identity/private/refuse_own_account.sql
--! Included identity/private/list_users.sql
create or replace function private.list_users (
  search text,
  status text,
  role text,
  page integer,
  per_page integer
)
  returns public.user_page
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  listed public.user_page;
  filters text := '';
  pattern text;
  skip bigint;
  rows_wanted integer;
  is_from_end boolean;
  ids uuid[];
begin
  perform private.require_superadmin();
  page := coalesce(page, 1);
  per_page := coalesce(per_page, 50);
  if per_page not between 1 and 100 then
    perform private.refuse(400, 'per_page_invalid', 'per_page is a number from 1 to 100.');
  elsif page < 1 then
    perform private.refuse(400, 'page_invalid', 'page is a number from 1 on.');
  elsif status not in ('active', 'inactive', 'missing') then
    perform private.refuse(400, 'status_invalid', 'status is active, inactive or missing.');
  elsif role not in ('user', 'superadmin') then
    perform private.refuse(400, 'role_invalid', 'role is user or superadmin.');
  elsif length(search) > 200 then
    perform private.refuse(400, 'search_invalid', 'search has at most 200 characters.');
  end if;

  -- Only the filters that were asked for are in the statement, so that each has the plan that it deserves. Values are
  -- parameters.
  if btrim(search) <> '' then
    pattern := '%' || regexp_replace(btrim(search), '([\\%_])', '\\\1', 'g') || '%';
    filters := filters || ' and (account.email ilike $1 or account.phone ilike $1 or profile.display_name ilike $1)';
  end if;
  filters := filters || case status
    when 'active' then ' and coalesce(profile.is_active, true)'
    when 'inactive' then ' and not profile.is_active'
    when 'missing' then ' and profile.user_id is null'
    else ''
  end;
  if role is not null then
    filters := filters || $role$ and coalesce(profile.platform_role, 'user') = $2$role$;
  end if;

  execute
    'select count(*) from auth.users as account left join public.user_profiles as profile on profile.user_id = account.id where true'
    || filters
  into listed.total
  using pattern, role;

  skip := (page - 1)::bigint * per_page;
  rows_wanted := greatest(0, least(per_page, listed.total - skip));
  -- The second half of the list is read from its end, so that the last page costs what the first does.
  is_from_end := skip > listed.total / 2;
  if is_from_end then
    skip := listed.total - skip - rows_wanted;
  end if;
  if rows_wanted > 0 then
    execute format(
      $page$
        select array(
          select account.id
          from auth.users as account left join public.user_profiles as profile on profile.user_id = account.id
          where true %1$s
          order by account.created_at %2$s nulls %3$s, account.id %2$s
          limit $3 offset $4
        )
      $page$,
      filters,
      case when is_from_end then 'asc' else 'desc' end,
      case when is_from_end then 'first' else 'last' end
    )
    into ids
    using pattern, role, rows_wanted, skip;
  end if;
  if is_from_end then
    ids := array(select id from unnest(ids) with ordinality as reversed (id, position) order by position desc);
  end if;
  listed.page := page;
  listed.per_page := per_page;
  listed.users := to_jsonb(array(select account from private.user_accounts(coalesce(ids, '{}')) as account));
  return listed;
end;
$$;

comment on function private.list_users(text, text, text, integer, integer) is
  'Lists users: public.list_users with the rights that this takes.';

revoke execute on function private.list_users(text, text, text, integer, integer) from public;
grant execute
  on function private.list_users(text, text, text, integer, integer)
  to authenticated, service_role;
--! EndIncluded identity/private/list_users.sql
--! Included identity/private/get_user.sql
create or replace function private.get_user (
  id uuid
)
  returns public.user_account
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  found_account public.user_account;
begin
  perform private.require_superadmin();
  perform private.require_user(get_user.id);
  select * into found_account from private.user_accounts(array[get_user.id]);
  return found_account;
end;
$$;

comment on function private.get_user(uuid) is 'Returns one user: public.get_user with the rights that this takes.';

revoke execute on function private.get_user(uuid) from public;
grant execute on function private.get_user(uuid) to authenticated, service_role;
--! EndIncluded identity/private/get_user.sql
--! Included identity/private/update_user.sql
create or replace function private.update_user (
  id uuid,
  display_name text,
  platform_role text,
  preferences jsonb
)
  returns public.user_account
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();
  perform private.require_user(update_user.id);
  if update_user.platform_role not in ('user', 'superadmin') then
    perform private.refuse(400, 'role_invalid', 'platform_role is user or superadmin.');
  elsif update_user.display_name is not null
    and private.clean_display_name(update_user.display_name) is distinct from update_user.display_name
  then
    perform private.refuse(
      400,
      'display_name_invalid',
      'A display name is one line of 1 to 200 characters, without control characters and without spaces around it.'
    );
  elsif jsonb_typeof(update_user.preferences) <> 'object' or length(update_user.preferences::text) > 20000 then
    perform private.refuse(400, 'preferences_invalid', 'preferences is an object of at most 20,000 characters.');
  elsif update_user.platform_role is not null then
    perform private.refuse_own_account(update_user.id, 'change the role of');
  end if;

  perform private.insert_profiles(array[update_user.id]);
  update public.user_profiles as profile
  set display_name = coalesce(update_user.display_name, profile.display_name),
    platform_role = coalesce(update_user.platform_role, profile.platform_role),
    preferences = coalesce(update_user.preferences, profile.preferences)
  where profile.user_id = update_user.id;
  return private.get_user(update_user.id);
end;
$$;

comment on function private.update_user(uuid, text, text, jsonb) is
  'Changes a profile: public.update_user with the rights that this takes.';

revoke execute on function private.update_user(uuid, text, text, jsonb) from public;
grant execute on function private.update_user(uuid, text, text, jsonb) to authenticated, service_role;
--! EndIncluded identity/private/update_user.sql
--! Included identity/private/deactivate_user.sql
create or replace function private.deactivate_user (
  id uuid,
  reason text
)
  returns public.user_account
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();
  perform private.refuse_own_account(deactivate_user.id, 'deactivate');
  perform private.require_user(deactivate_user.id);
  if coalesce(btrim(reason), '') = '' then
    perform private.refuse(400, 'reason_required', 'Deactivating a user takes a reason.');
  elsif length(reason) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;

  perform private.insert_profiles(array[deactivate_user.id]);
  update public.user_profiles as profile
  set is_active = false,
    deactivated_at = now(),
    deactivated_by = (select account.id from auth.users as account where account.id = auth.uid()),
    deactivation_reason = btrim(reason)
  where profile.user_id = deactivate_user.id and profile.is_active;
  return private.get_user(deactivate_user.id);
end;
$$;

comment on function private.deactivate_user(uuid, text) is
  'Deactivates a user: public.deactivate_user with the rights that this takes.';

revoke execute on function private.deactivate_user(uuid, text) from public;
grant execute on function private.deactivate_user(uuid, text) to authenticated, service_role;
--! EndIncluded identity/private/deactivate_user.sql
--! Included identity/private/reactivate_user.sql
create or replace function private.reactivate_user (
  id uuid
)
  returns public.user_account
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();
  perform private.require_user(reactivate_user.id);
  perform private.insert_profiles(array[reactivate_user.id]);
  update public.user_profiles as profile
  set is_active = true, deactivated_at = null, deactivated_by = null, deactivation_reason = null
  where profile.user_id = reactivate_user.id and not profile.is_active;
  return private.get_user(reactivate_user.id);
end;
$$;

comment on function private.reactivate_user(uuid) is
  'Lets a user in again: public.reactivate_user with the rights that this takes.';

revoke execute on function private.reactivate_user(uuid) from public;
grant execute on function private.reactivate_user(uuid) to authenticated, service_role;
--! EndIncluded identity/private/reactivate_user.sql
--! Included identity/private/delete_user.sql
create or replace function private.delete_user (
  id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();
  perform private.refuse_own_account(delete_user.id, 'delete');
  perform private.require_user(delete_user.id);
  delete from auth.users as account where account.id = delete_user.id;
end;
$$;

comment on function private.delete_user(uuid) is 'Deletes a user: public.delete_user with the rights that this takes.';

revoke execute on function private.delete_user(uuid) from public;
grant execute on function private.delete_user(uuid) to authenticated, service_role;
--! EndIncluded identity/private/delete_user.sql
--! Included identity/private/create_profile.sql
create or replace function private.create_profile (
  id uuid,
  is_active boolean default true
)
  returns boolean
  language plpgsql
  set search_path = ''
  as $$
begin
  perform private.require_user(create_profile.id);
  if private.insert_profiles(array[create_profile.id]) = 0 then
    return false;
  end if;
  if not create_profile.is_active then
    update public.user_profiles as profile
    set is_active = false, deactivated_at = now(), deactivation_reason = 'Created inactive by the operator.'
    where profile.user_id = create_profile.id;
  end if;
  update private.profile_failures as failure
  set resolved_at = now()
  where failure.user_id = create_profile.id and failure.resolved_at is null;
  return true;
end;
$$;

comment on function private.create_profile(uuid, boolean) is
  'Creates the profile of one user, active or not; the command line calls it. Returns false, and changes nothing, when there is one. Raises PT404 user_not_found.';

revoke execute on function private.create_profile(uuid, boolean) from public;
--! EndIncluded identity/private/create_profile.sql
--! Included identity/public/list_users.sql
create or replace function public.list_users (
  search text default null,
  status text default null,
  role text default null,
  page integer default 1,
  per_page integer default 50
)
  returns public.user_page
  language sql
  stable
  set search_path = ''
  as $$
  select private.list_users(search, status, role, page, per_page);
$$;

comment on function public.list_users(text, text, text, integer, integer) is
  'Returns one page of users, newest first, with the total count (superadmins and the service role). Takes a text to find in e-mail, phone and display name; a status (active, inactive, missing: without a profile); a role (user, superadmin); the page from 1 and its size, up to 100. A user without a profile is listed with the default shape and profile_status missing. Raises PT400 per_page_invalid, page_invalid, status_invalid, role_invalid, search_invalid; PT401 not_authenticated; PT403 superadmin_required.';

revoke execute on function public.list_users(text, text, text, integer, integer) from public;
grant execute on function public.list_users(text, text, text, integer, integer) to authenticated, service_role;
--! EndIncluded identity/public/list_users.sql
--! Included identity/public/get_user.sql
create or replace function public.get_user (
  id uuid
)
  returns public.user_account
  language sql
  stable
  set search_path = ''
  as $$
  select private.get_user(id);
$$;

comment on function public.get_user(uuid) is
  'Returns one user in the shape of list_users (superadmins and the service role). Raises PT401 not_authenticated, PT403 superadmin_required, PT404 user_not_found.';

revoke execute on function public.get_user(uuid) from public;
grant execute on function public.get_user(uuid) to authenticated, service_role;
--! EndIncluded identity/public/get_user.sql
--! Included identity/public/update_user.sql
create or replace function public.update_user (
  id uuid,
  display_name text default null,
  platform_role text default null,
  preferences jsonb default null
)
  returns public.user_account
  language sql
  volatile
  set search_path = ''
  as $$
  select private.update_user(id, display_name, platform_role, preferences);
$$;

comment on function public.update_user(uuid, text, text, jsonb) is
  'Changes the profile of a user, creating it where it is missing (superadmins and the service role). Takes the display name, the role (user, superadmin; not of oneself) and the preferences; null leaves a value as it is. E-mail and phone belong to the auth server. Returns the user. Raises PT400 display_name_invalid, role_invalid, preferences_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 user_not_found; PT409 own_account.';

revoke execute on function public.update_user(uuid, text, text, jsonb) from public;
grant execute on function public.update_user(uuid, text, text, jsonb) to authenticated, service_role;
--! EndIncluded identity/public/update_user.sql
--! Included identity/public/deactivate_user.sql
create or replace function public.deactivate_user (
  id uuid,
  reason text
)
  returns public.user_account
  language sql
  volatile
  set search_path = ''
  as $$
  select private.deactivate_user(id, reason);
$$;

comment on function public.deactivate_user(uuid, text) is
  'Shuts a user out from this moment: with a valid token too, it reads and writes nothing (superadmins and the service role; not oneself). Takes a reason of up to 1,000 characters. A user who is deactivated already keeps the first reason. Returns the user. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 user_not_found; PT409 own_account.';

revoke execute on function public.deactivate_user(uuid, text) from public;
grant execute on function public.deactivate_user(uuid, text) to authenticated, service_role;
--! EndIncluded identity/public/deactivate_user.sql
--! Included identity/public/reactivate_user.sql
create or replace function public.reactivate_user (
  id uuid
)
  returns public.user_account
  language sql
  volatile
  set search_path = ''
  as $$
  select private.reactivate_user(id);
$$;

comment on function public.reactivate_user(uuid) is
  'Lets a deactivated user in again (superadmins and the service role). Returns the user; an active one stays as it is. Raises PT401 not_authenticated, PT403 superadmin_required, PT404 user_not_found.';

revoke execute on function public.reactivate_user(uuid) from public;
grant execute on function public.reactivate_user(uuid) to authenticated, service_role;
--! EndIncluded identity/public/reactivate_user.sql
--! Included identity/public/delete_user.sql
create or replace function public.delete_user (
  id uuid
)
  returns void
  language sql
  volatile
  set search_path = ''
  as $$
  select private.delete_user(id);
$$;

comment on function public.delete_user(uuid) is
  'Deletes a user for good, with the profile, the sessions and all that is declared to go with it (superadmins and the service role; not oneself). Raises PT401 not_authenticated, PT403 superadmin_required, PT404 user_not_found, PT409 own_account.';

revoke execute on function public.delete_user(uuid) from public;
grant execute on function public.delete_user(uuid) to authenticated, service_role;
--! EndIncluded identity/public/delete_user.sql

--! Included identity/private/dangling_user_references.sql
create or replace function private.dangling_user_references()
  returns setof public.user_integrity_problem
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  reference record;
begin
  for reference in
    select
      format('%s.%I', con.conrelid::regclass, col.attname) as name,
      con.conrelid::regclass as referencing,
      col.attname as referencing_column,
      con.confrelid::regclass as referenced,
      target.attname as referenced_column,
      con.conname,
      con.convalidated
    from pg_catalog.pg_constraint as con
      join pg_catalog.pg_attribute as col on col.attrelid = con.conrelid and col.attnum = con.conkey[1]
      join pg_catalog.pg_attribute as target on target.attrelid = con.confrelid and target.attnum = con.confkey[1]
    where con.contype = 'f'
      and con.confrelid in ('auth.users'::regclass, 'public.user_profiles'::regclass)
      and cardinality(con.conkey) = 1
      and con.conparentid = 0
      and con.conrelid <> 'public.user_profiles'::regclass
      and has_table_privilege(con.conrelid, 'select')
    union all
    select 'public.user_profiles.deactivated_by', 'public.user_profiles', 'deactivated_by', 'auth.users', 'id',
      'user_profiles_deactivated_by_fkey', true
    order by 1
  loop
    if not reference.convalidated then
      return query select
        'reference_not_validated',
        reference.name,
        null::uuid,
        format('Foreign key %I was never checked against the rows that were there.', reference.conname),
        format('alter table %s validate constraint %I;', reference.referencing, reference.conname);
    end if;
    return query execute format(
      $dangling$
        select distinct
          'dangling_reference', %1$L, pointing.%2$I, %3$L,
          'Delete or correct the row, then check the constraint and its triggers.'
        from %4$s as pointing
        where pointing.%2$I is not null
          and not exists (select from %5$s as target where target.%6$I = pointing.%2$I)
      $dangling$,
      reference.name,
      reference.referencing_column,
      format('%s points to a user who does not exist.', reference.name),
      reference.referencing,
      reference.referenced,
      reference.referenced_column
    );
  end loop;
end;
$$;

comment on function private.dangling_user_references() is
  'Returns a row for each declared foreign key to a user, found in the catalog, that points nowhere or was never validated.';

revoke execute on function private.dangling_user_references() from public;
--! EndIncluded identity/private/dangling_user_references.sql
--! Included identity/private/undeclared_user_references.sql
create or replace function private.undeclared_user_references()
  returns setof public.user_integrity_problem
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select
    'undeclared_reference',
    format('%s.%I', rel.oid::regclass, col.attname),
    null::uuid,
    format('%s.%I looks like a reference to a user, and no foreign key says so.', rel.oid::regclass, col.attname),
    'Declare the foreign key, or write @survives into the comment of a column that must outlive the user.'
  from pg_catalog.pg_attribute as col
    join pg_catalog.pg_class as rel on rel.oid = col.attrelid and rel.relkind in ('r', 'p') and not rel.relispartition
  where rel.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and col.attnum > 0
    and not col.attisdropped
    and col.atttypid = 'uuid'::regtype
    and col.attname ~ '(^|_)user_id$|_by$'
    and coalesce(col_description(rel.oid, col.attnum), '') !~ '@survives\M'
    and not exists (
      select
      from pg_catalog.pg_constraint as con
      where con.contype = 'f' and con.conrelid = rel.oid and col.attnum = any (con.conkey)
    )
  order by 2;
$$;

comment on function private.undeclared_user_references() is
  'Returns a row for each uuid column of public and private that is named like a reference to a user (user_id, …_user_id, …_by) and is part of no foreign key. What must survive the user (audit) carries @survives in its comment.';

revoke execute on function private.undeclared_user_references() from public;
--! EndIncluded identity/private/undeclared_user_references.sql
--! Included identity/private/disabled_triggers.sql
create or replace function private.disabled_triggers()
  returns setof public.user_integrity_problem
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select
    'missing_trigger',
    'auth.users._100_create_profile',
    null::uuid,
    'New users get no profile: the trigger on auth.users is not there.',
    'create trigger _100_create_profile after insert on auth.users for each row execute function private.tg_users__create_profile();'
  where not exists (
    select
    from pg_catalog.pg_trigger as trg
    where trg.tgrelid = 'auth.users'::regclass and trg.tgfoid = to_regprocedure('private.tg_users__create_profile()')
  )
  union all
  select
    'disabled_trigger',
    format('%s.%I', trg.tgrelid::regclass, trg.tgname),
    null::uuid,
    case
      when trg.tgisinternal then format('A foreign key of %s is not enforced: its trigger is disabled.', trg.tgrelid::regclass)
      else format('Trigger %I of %s does not fire.', trg.tgname, trg.tgrelid::regclass)
    end,
    case
      -- Only its owner may enable a trigger; whoever may create one may replace it, which enables it.
      when trg.tgfoid = to_regprocedure('private.tg_users__create_profile()')
        then 'create or replace trigger _100_create_profile after insert on auth.users for each row execute function private.tg_users__create_profile();'
      else format(
        'alter table %s enable trigger %s;',
        trg.tgrelid::regclass,
        case when trg.tgisinternal then 'all' else quote_ident(trg.tgname) end
      )
    end
  from pg_catalog.pg_trigger as trg
    join pg_catalog.pg_class as rel on rel.oid = trg.tgrelid
  where trg.tgenabled not in ('O', 'A')
    and (rel.relnamespace in ('public'::regnamespace, 'private'::regnamespace) or rel.oid = 'auth.users'::regclass)
  order by 2;
$$;

comment on function private.disabled_triggers() is
  'Returns a row for each trigger of Rowhouse''s tables and of auth.users that does not fire, those that enforce foreign keys included, and one when the trigger that creates profiles is missing.';

revoke execute on function private.disabled_triggers() from public;
--! EndIncluded identity/private/disabled_triggers.sql
--! Included identity/private/check_user_integrity.sql
create or replace function private.check_user_integrity()
  returns setof public.user_integrity_problem
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();

  -- Causes first: what a disabled trigger leaves behind may be thousands of rows.
  return query select * from private.disabled_triggers();
  return query select * from private.undeclared_user_references();
  return query select * from private.dangling_user_references();

  return query
  select
    'user_without_profile',
    'public.user_profiles',
    missing.id,
    coalesce(
      'The profile could not be created: ' || failure.message || ' (' || failure.sqlstate || ')',
      'This user has no profile.'
    ),
    'Run the sync: rowhouse users sync'
  from private.users_without_profile() as missing (id)
    left join private.profile_failures as failure on failure.user_id = missing.id and failure.resolved_at is null;

  return query
  select
    'profile_without_user',
    'public.user_profiles',
    profile.user_id,
    'This profile belongs to no user.',
    format('delete from public.user_profiles where user_id = %L;', profile.user_id)
  from public.user_profiles as profile
  where not exists (select from auth.users as account where account.id = profile.user_id);

  return query
  select
    'duplicate_profile',
    'public.user_profiles',
    profile.user_id,
    format('This user has %s profiles.', count(*)),
    'Delete all but one, then restore the primary key user_profiles_pkey.'
  from public.user_profiles as profile
  group by profile.user_id
  having count(*) > 1;
end;
$$;

comment on function private.check_user_integrity() is
  'Looks for what is wrong with users and profiles: public.check_user_integrity with the rights that this takes.';

revoke execute on function private.check_user_integrity() from public;
grant execute on function private.check_user_integrity() to authenticated, service_role;
--! EndIncluded identity/private/check_user_integrity.sql
--! Included identity/public/check_user_integrity.sql
create or replace function public.check_user_integrity()
  returns setof public.user_integrity_problem
  language sql
  volatile
  set search_path = ''
  as $$
  select * from private.check_user_integrity();
$$;

comment on function public.check_user_integrity() is
  'Returns one row per problem with users and their profiles, with what to do; no row means sound (superadmins and the service role). Problems: user_without_profile, profile_without_user, duplicate_profile, dangling_reference, reference_not_validated, undeclared_reference, missing_trigger, disabled_trigger. Foreign keys are found in the catalog. Raises PT401 not_authenticated, PT403 superadmin_required.';

revoke execute on function public.check_user_integrity() from public;
grant execute on function public.check_user_integrity() to authenticated, service_role;
--! EndIncluded identity/public/check_user_integrity.sql

-- The auth server calls the hook as its own role.
grant usage on schema public to supabase_auth_admin;

--! Included identity/private/token_claims.sql
create or replace function private.token_claims (
  user_id uuid
)
  returns jsonb
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  update public.user_profiles as profile
  set last_seen_at = now()
  where profile.user_id = token_claims.user_id
  returning jsonb_build_object('platform_role', profile.platform_role);
$$;

comment on function private.token_claims(uuid) is
  'Returns what Rowhouse adds to the access token of a user, null without a profile, and notes that the user was seen. Takes the user id.';

revoke execute on function private.token_claims(uuid) from public;
grant execute on function private.token_claims(uuid) to supabase_auth_admin;
--! EndIncluded identity/private/token_claims.sql
--! Included identity/public/custom_access_token_hook.sql
create or replace function public.custom_access_token_hook (
  event jsonb
)
  returns jsonb
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  claims jsonb;
begin
  claims := private.token_claims((event ->> 'user_id')::uuid);
  return jsonb_set(event, '{claims}', (event -> 'claims') || coalesce(claims, '{"platform_role": "user"}'));
exception
  -- Whatever is wrong with a profile, its owner can sign in.
  when others then
    raise warning 'rowhouse: the access token of user % has no claims of ours: %', event ->> 'user_id', sqlerrm;
    return event;
end;
$$;

comment on function public.custom_access_token_hook(jsonb) is
  'The auth server''s hook before it signs an access token (supabase_auth_admin only). Takes its event, returns it with platform_role among the claims. Never raises: a sign-in must not fail because of it. The claims inform front ends; policies ask the tables.';

revoke execute on function public.custom_access_token_hook(jsonb) from public;
grant execute on function public.custom_access_token_hook(jsonb) to supabase_auth_admin;
--! EndIncluded identity/public/custom_access_token_hook.sql

select private.create_queue('user_sync');
select cron.schedule('rowhouse-user-integrity', '17 * * * *', 'select private.enqueue_sync_on_drift()');
