-- Stands in for the pgmq extension, where the server has none.
--
-- The functions that Rowhouse relies on, with the signatures and the behaviour of pgmq 1.4.4: a queue is a table
-- pgmq.q_<name> and an archive pgmq.a_<name>, a reader claims visible messages with `for update skip locked` and hides
-- them for a number of seconds. As in the extension, no function is `security definer`: whoever calls needs the rights
-- on the tables, and whoever creates a queue owns it. Queue names reach SQL only as quoted identifiers, and names that
-- would not fit into one are refused.

create schema if not exists pgmq authorization postgres;
comment on schema pgmq is 'Rowhouse stand-in for the pgmq extension: message queues.';

set local role postgres;

create table if not exists pgmq.meta (
  queue_name character varying not null,
  is_partitioned boolean not null,
  is_unlogged boolean not null,
  created_at timestamptz not null default now(),
  constraint meta_queue_name_key unique (queue_name)
);
comment on table pgmq.meta is 'The queues that there are.';

do $$
begin
  if to_regtype('pgmq.message_record') is null then
    create type pgmq.message_record as (
      msg_id bigint,
      read_ct integer,
      enqueued_at timestamptz,
      vt timestamptz,
      message jsonb
    );
    create type pgmq.queue_record as (
      queue_name character varying,
      is_partitioned boolean,
      is_unlogged boolean,
      created_at timestamptz
    );
    create type pgmq.metrics_result as (
      queue_name text,
      queue_length bigint,
      newest_msg_age_sec integer,
      oldest_msg_age_sec integer,
      total_messages bigint,
      scrape_time timestamptz
    );
  end if;
end;
$$;
comment on type pgmq.message_record is 'A message as it is read: hidden from other readers until vt.';

create or replace function pgmq.format_table_name (
  queue_name text,
  prefix text
)
  returns text
  language plpgsql
  immutable
  set search_path = ''
  as $$
begin
  if queue_name is null or btrim(queue_name) = '' then
    raise exception 'queue name is empty' using errcode = 'invalid_parameter_value';
  end if;
  -- 47 bytes leave room for the longest name that is derived from it within PostgreSQL's 63.
  if octet_length(lower(queue_name)) > 47 then
    raise exception 'queue name is too long, maximum length is 47 bytes' using errcode = 'invalid_parameter_value';
  end if;
  if queue_name ~ '[$;'']|--' then
    raise exception 'queue name contains one of the characters $, ; and '', or --'
      using errcode = 'invalid_parameter_value';
  end if;
  return lower(prefix || '_' || queue_name);
end;
$$;
comment on function pgmq.format_table_name(text, text) is
'The table behind a queue (prefix q) or its archive (prefix a), not yet quoted.';

create or replace function pgmq.create (
  queue_name text
)
  returns void
  language plpgsql
  set search_path = ''
  set client_min_messages = warning
  as $$
declare
  queue_table text := pgmq.format_table_name(queue_name, 'q');
  archive_table text := pgmq.format_table_name(queue_name, 'a');
begin
  -- Two sessions that create the same queue at once would collide in the catalog.
  perform pg_advisory_xact_lock(hashtext('pgmq.create ' || queue_table));
  execute format(
    'create table if not exists pgmq.%I (
       msg_id bigint primary key generated always as identity,
       read_ct integer not null default 0,
       enqueued_at timestamptz not null default now(),
       vt timestamptz not null,
       message jsonb
     )', queue_table
  );
  execute format(
    'create table if not exists pgmq.%I (
       msg_id bigint primary key,
       read_ct integer not null default 0,
       enqueued_at timestamptz not null default now(),
       archived_at timestamptz not null default now(),
       vt timestamptz not null,
       message jsonb
     )', archive_table
  );
  execute format('create index if not exists %I on pgmq.%I (vt)', queue_table || '_vt_idx', queue_table);
  execute format(
    'create index if not exists %I on pgmq.%I (archived_at)', 'archived_at_idx_' || lower(queue_name), archive_table
  );
  insert into pgmq.meta (queue_name, is_partitioned, is_unlogged)
  values ($1, false, false)
  on conflict do nothing;
end;
$$;
comment on function pgmq.create(text) is 'Makes a queue and its archive; does nothing where they exist.';

create or replace function pgmq.drop_queue (
  queue_name text
)
  returns boolean
  language plpgsql
  set search_path = ''
  as $$
declare
  queue_table text := pgmq.format_table_name(queue_name, 'q');
begin
  if to_regclass(format('pgmq.%I', queue_table)) is null then
    raise notice 'pgmq queue % does not exist', queue_name;
    return false;
  end if;
  execute format('drop table pgmq.%I', queue_table);
  execute format('drop table if exists pgmq.%I', pgmq.format_table_name(queue_name, 'a'));
  delete from pgmq.meta as queues
  where lower(queues.queue_name) = lower(drop_queue.queue_name);
  return true;
end;
$$;
comment on function pgmq.drop_queue(text) is 'Removes a queue, its archive and all messages. True when there was one.';

create or replace function pgmq.purge_queue (
  queue_name text
)
  returns bigint
  language plpgsql
  set search_path = ''
  as $$
declare
  queue_table text := pgmq.format_table_name(queue_name, 'q');
  purged bigint;
begin
  execute format('select count(*) from pgmq.%I', queue_table) into purged;
  execute format('truncate pgmq.%I', queue_table);
  return purged;
end;
$$;
comment on function pgmq.purge_queue(text) is 'Deletes every message of a queue, visible or not; the archive stays.';

create or replace function pgmq.list_queues()
  returns setof pgmq.queue_record
  language sql
  stable
  set search_path = ''
  as $$
  select (queue_name, is_partitioned, is_unlogged, created_at)::pgmq.queue_record
  from pgmq.meta;
$$;
comment on function pgmq.list_queues() is 'The queues that there are.';

create or replace function pgmq.metrics (
  queue_name text
)
  returns pgmq.metrics_result
  language plpgsql
  set search_path = ''
  as $$
declare
  queue_table text := pgmq.format_table_name(queue_name, 'q');
  measured pgmq.metrics_result;
begin
  execute format(
    'select
       $1,
       count(*),
       extract(epoch from (now() - max(enqueued_at)))::integer,
       extract(epoch from (now() - min(enqueued_at)))::integer,
       (select case when is_called then last_value else 0 end from pgmq.%I),
       now()
     from pgmq.%I', queue_table || '_msg_id_seq', queue_table
  ) into measured using queue_name;
  return measured;
end;
$$;
comment on function pgmq.metrics(text) is 'How long a queue is, how old its messages are, how many it ever had.';

create or replace function pgmq.metrics_all()
  returns setof pgmq.metrics_result
  language sql
  set search_path = ''
  as $$
  select measured.*
  from pgmq.meta
  cross join lateral pgmq.metrics(meta.queue_name) as measured;
$$;
comment on function pgmq.metrics_all() is 'The metrics of every queue.';

create or replace function pgmq.send_batch (
  queue_name text,
  msgs jsonb[],
  delay integer default 0
)
  returns setof bigint
  language plpgsql
  set search_path = ''
  as $$
begin
  return query execute format(
    'insert into pgmq.%I (vt, message)
     select clock_timestamp() + make_interval(secs => $2), message
     from unnest($1) with ordinality as messages (message, position)
     order by position
     returning msg_id', pgmq.format_table_name(queue_name, 'q')
  ) using msgs, delay;
end;
$$;
comment on function pgmq.send_batch(text, jsonb[], integer) is
'Puts messages on a queue, in order, visible after `delay` seconds. Returns their ids.';

create or replace function pgmq.send (
  queue_name text,
  msg jsonb,
  delay integer default 0
)
  returns setof bigint
  language plpgsql
  set search_path = ''
  as $$
begin
  return query execute format(
    'insert into pgmq.%I (vt, message)
     values (clock_timestamp() + make_interval(secs => $2), $1)
     returning msg_id', pgmq.format_table_name(queue_name, 'q')
  ) using msg, delay;
end;
$$;
comment on function pgmq.send(text, jsonb, integer) is
'Puts a message on a queue, visible after `delay` seconds. Returns its id.';

create or replace function pgmq.read (
  queue_name text,
  vt integer,
  qty integer
)
  returns setof pgmq.message_record
  language plpgsql
  set search_path = ''
  as $$
declare
  queue_table text := pgmq.format_table_name(queue_name, 'q');
begin
  return query execute format(
    'with claimed as (
       select msg_id
       from pgmq.%I
       where vt <= clock_timestamp()
       order by msg_id
       limit $2
       for update skip locked
     )
     update pgmq.%I as queue
     set
       vt = clock_timestamp() + make_interval(secs => $1),
       read_ct = queue.read_ct + 1
     from claimed
     where queue.msg_id = claimed.msg_id
     returning queue.msg_id, queue.read_ct, queue.enqueued_at, queue.vt, queue.message', queue_table, queue_table
  ) using vt, qty;
end;
$$;
comment on function pgmq.read(text, integer, integer) is
'Claims up to `qty` visible messages, oldest first, and hides them from other readers for `vt` seconds.';

create or replace function pgmq.read_with_poll (
  queue_name text,
  vt integer,
  qty integer,
  max_poll_seconds integer default 5,
  poll_interval_ms integer default 100
)
  returns setof pgmq.message_record
  language plpgsql
  set search_path = ''
  as $$
declare
  deadline timestamptz := clock_timestamp() + make_interval(secs => max_poll_seconds);
begin
  while clock_timestamp() < deadline loop
    return query select * from pgmq.read(queue_name, vt, qty);
    exit when found;
    perform pg_sleep(poll_interval_ms / 1000.0);
  end loop;
end;
$$;
comment on function pgmq.read_with_poll(text, integer, integer, integer, integer) is
'Reads as pgmq.read does, and waits up to `max_poll_seconds` for a first message.';

create or replace function pgmq.pop (
  queue_name text
)
  returns setof pgmq.message_record
  language plpgsql
  set search_path = ''
  as $$
declare
  queue_table text := pgmq.format_table_name(queue_name, 'q');
begin
  return query execute format(
    'with claimed as (
       select msg_id
       from pgmq.%I
       where vt <= clock_timestamp()
       order by msg_id
       limit 1
       for update skip locked
     )
     delete from pgmq.%I
     where msg_id = (select msg_id from claimed)
     returning msg_id, read_ct, enqueued_at, vt, message', queue_table, queue_table
  );
end;
$$;
comment on function pgmq.pop(text) is 'Takes the oldest visible message off a queue for good.';

create or replace function pgmq.set_vt (
  queue_name text,
  msg_id bigint,
  vt integer
)
  returns setof pgmq.message_record
  language plpgsql
  set search_path = ''
  as $$
begin
  return query execute format(
    'update pgmq.%I
     set vt = clock_timestamp() + make_interval(secs => $2)
     where msg_id = $1
     returning msg_id, read_ct, enqueued_at, vt, message', pgmq.format_table_name(queue_name, 'q')
  ) using msg_id, vt;
end;
$$;
comment on function pgmq.set_vt(text, bigint, integer) is
'Makes a message visible `vt` seconds from the call; 0 is at once.';

create or replace function pgmq.delete (
  queue_name text,
  msg_ids bigint[]
)
  returns setof bigint
  language plpgsql
  set search_path = ''
  as $$
begin
  return query execute format(
    'delete from pgmq.%I where msg_id = any($1) returning msg_id', pgmq.format_table_name(queue_name, 'q')
  ) using msg_ids;
end;
$$;
comment on function pgmq.delete(text, bigint[]) is 'Removes messages for good. Returns the ids that there were.';

create or replace function pgmq.delete (
  queue_name text,
  msg_id bigint
)
  returns boolean
  language sql
  set search_path = ''
  as $$
  select exists (select from pgmq.delete(queue_name, array[msg_id]));
$$;
comment on function pgmq.delete(text, bigint) is 'Removes a message for good. True when there was one.';

create or replace function pgmq.archive (
  queue_name text,
  msg_ids bigint[]
)
  returns setof bigint
  language plpgsql
  set search_path = ''
  as $$
begin
  return query execute format(
    'with archived as (
       delete from pgmq.%I
       where msg_id = any($1)
       returning msg_id, read_ct, enqueued_at, vt, message
     )
     insert into pgmq.%I (msg_id, read_ct, enqueued_at, vt, message)
     select msg_id, read_ct, enqueued_at, vt, message
     from archived
     returning msg_id',
    pgmq.format_table_name(queue_name, 'q'), pgmq.format_table_name(queue_name, 'a')
  ) using msg_ids;
end;
$$;
comment on function pgmq.archive(text, bigint[]) is
'Moves messages from a queue to its archive. Returns the ids that there were.';

create or replace function pgmq.archive (
  queue_name text,
  msg_id bigint
)
  returns boolean
  language sql
  set search_path = ''
  as $$
  select exists (select from pgmq.archive(queue_name, array[msg_id]));
$$;
comment on function pgmq.archive(text, bigint) is 'Moves a message from a queue to its archive. True when there was one.';

grant usage on schema pgmq to pg_monitor;
grant select on all tables in schema pgmq to pg_monitor;
alter default privileges in schema pgmq grant select on tables to pg_monitor;
alter default privileges in schema pgmq grant select on sequences to pg_monitor;

reset role;
