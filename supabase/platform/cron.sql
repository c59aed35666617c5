-- Stands in for the pg_cron extension, where the server does not run one in this database.
--
-- The tables and functions of pg_cron 1.4. Nothing here runs a job: the embedded stack's scheduler reads cron.job, runs
-- what is due and writes cron.job_run_details as the extension's worker does. As on Supabase, `postgres` reads cron.job
-- and changes it through the functions alone, which is why they write through `security definer` helpers that only it
-- can reach (nobody else may use the schema).

create schema if not exists cron;
comment on schema cron is 'Rowhouse stand-in for the pg_cron extension: jobs that run by the clock.';

create sequence if not exists cron.jobid_seq;
create sequence if not exists cron.runid_seq;

create table if not exists cron.job (
  jobid bigint not null default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default coalesce(inet_server_port(), current_setting('port')::integer),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint job_pkey primary key (jobid),
  constraint jobname_username_uniq unique (jobname, username)
);
comment on table cron.job is 'What runs when, as whom.';
comment on column cron.job.schedule is 'Five fields (minute, hour, day of month, month, day of week) in UTC, or "n seconds".';

create table if not exists cron.job_run_details (
  jobid bigint,
  runid bigint not null default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz,
  constraint job_run_details_pkey primary key (runid)
);
comment on table cron.job_run_details is 'Each run of a job and how it went.';
comment on column cron.job_run_details.status is 'starting, running, succeeded or failed.';

create or replace function cron.is_valid_schedule (
  schedule text
)
  returns boolean
  language sql
  immutable
  set search_path = ''
  as $$
  with
    shape as (
      select regexp_split_to_array(lower(btrim(schedule, E' \t')), '[ \t]+') as fields
    ),
    rules (position, lowest, highest, names) as (
      values
        (1, 0, 59, array[]::text[]),
        (2, 0, 23, array[]::text[]),
        (3, 1, 31, array[]::text[]),
        (4, 1, 12, array['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']),
        (5, 0, 7, array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'])
    ),
    -- One row per item of a list: a star, a number, a name or a range of them, the last three without a step.
    items as (
      select
        rules.*,
        regexp_match(item, '^(?:\*|([a-z]+|\d{1,2})(?:-([a-z]+|\d{1,2}))?)(?:/(\d{1,2}))?$') as parts
      from shape
      cross join rules
      cross join string_to_table(shape.fields[rules.position], ',') as item
    ),
    bounds as (
      select
        lowest,
        highest,
        parts,
        parts[3]::integer as step,
        case
          when parts[1] ~ '\d' then parts[1]::integer
          else array_position(names, parts[1]) - 1 + lowest
        end as first,
        case
          when parts[2] ~ '\d' then parts[2]::integer
          else array_position(names, parts[2]) - 1 + lowest
        end as last
      from items
    )
  select
    coalesce(schedule ~* '^[ \t]*([1-9]|[1-5]\d)[ \t]+seconds?[ \t]*$', false)
    or (
      (select cardinality(fields) = 5 from shape)
      and (
        select
          bool_and(
            parts is not null
            and (parts[1] is null or coalesce(first between lowest and highest, false))
            and (parts[2] is null or coalesce(last between first and highest, false))
            -- A step needs something to step through.
            and (step is null or (step > 0 and (parts[1] is null or parts[2] is not null)))
          )
        from bounds
      )
    );
$$;
comment on function cron.is_valid_schedule(text) is
'Whether pg_cron would take a text as a schedule: five fields with lists, ranges, steps and names, or 1 to 59 seconds.';

create or replace function cron.store_job (
  job_name text,
  schedule text,
  command text,
  username text
)
  returns bigint
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  stored_id bigint;
begin
  if schedule is null or not cron.is_valid_schedule(schedule) then
    raise exception 'invalid schedule: %', schedule using errcode = 'invalid_parameter_value';
  end if;
  insert into cron.job (jobname, schedule, command, username)
  values (job_name, store_job.schedule, store_job.command, store_job.username)
  on conflict on constraint jobname_username_uniq do update
  set
    schedule = excluded.schedule,
    command = excluded.command
  returning jobid into stored_id;
  return stored_id;
end;
$$;
comment on function cron.store_job(text, text, text, text) is
'Writes a job for the functions that are called. Takes the user as an argument: only they know who called.';

create or replace function cron.remove_job (
  job_id bigint
)
  returns void
  language sql
  security definer
  set search_path = ''
  as $$
  delete from cron.job
  where jobid = job_id;
$$;
comment on function cron.remove_job(bigint) is 'Deletes a job for the functions that are called, which find out whose it is.';

create or replace function cron.schedule (
  job_name text,
  schedule text,
  command text
)
  returns bigint
  language plpgsql
  set search_path = ''
  as $$
begin
  if job_name is null or schedule is null or command is null then
    raise exception 'a job needs a name, a schedule and a command' using errcode = 'null_value_not_allowed';
  end if;
  return cron.store_job(job_name, schedule, command, current_user);
end;
$$;
comment on function cron.schedule(text, text, text) is
'Has a command run by the clock. Replaces the job of the same name and user. Returns its id.';

create or replace function cron.schedule (
  schedule text,
  command text
)
  returns bigint
  language sql
  strict
  set search_path = ''
  as $$
  select cron.store_job(null, schedule, command, current_user);
$$;
comment on function cron.schedule(text, text) is 'Has a command run by the clock, as a new job without a name. Returns its id.';

create or replace function cron.unschedule (
  job_name text
)
  returns boolean
  language plpgsql
  strict
  set search_path = ''
  as $$
declare
  found_id bigint;
begin
  select jobid into found_id
  from cron.job
  where
    jobname = job_name
    and username = current_user;
  if not found then
    raise exception 'could not find valid entry for job ''%''', job_name using errcode = 'internal_error';
  end if;
  perform cron.remove_job(found_id);
  return true;
end;
$$;
comment on function cron.unschedule(text) is 'Removes a job of the caller by its name; an error when there is none.';

create or replace function cron.unschedule (
  job_id bigint
)
  returns boolean
  language plpgsql
  strict
  set search_path = ''
  as $$
begin
  if not exists (select from cron.job where jobid = job_id and username = current_user) then
    raise exception 'could not find valid entry for job %', job_id using errcode = 'internal_error';
  end if;
  perform cron.remove_job(job_id);
  return true;
end;
$$;
comment on function cron.unschedule(bigint) is 'Removes a job of the caller by its id; an error when there is none.';

grant select on cron.job, cron.job_run_details to public;
grant delete on cron.job_run_details to public;
alter table cron.job
  enable row level security;
alter table cron.job_run_details
  enable row level security;
drop policy if exists cron_job_policy on cron.job;
create policy cron_job_policy on cron.job
  using (username = current_user);
drop policy if exists cron_job_run_details_policy on cron.job_run_details;
create policy cron_job_run_details_policy on cron.job_run_details
  using (username = current_user);

grant usage on schema cron to postgres with grant option;
grant select on cron.job to postgres with grant option;
grant select, insert, update, delete, truncate, references
  on cron.job_run_details
  to postgres
with grant option;
