-- What rollback scripts call instead of dropping what may hold data. `undo` creates it before it runs them, in its own
-- transaction and session; two settings say how: rowhouse.undoing is the number of the migration that is undone, and
-- rowhouse.keep_rows is off when the rows are to go (`rowhouse reset`).

create or replace function pg_temp.place_aside (
  wanted text
)
  returns text
  language plpgsql
  set search_path = ''
  as $$
declare
  room constant text := 'rollback_' || current_setting('rowhouse.undoing');
  candidate text := wanted;
  number integer := 1;
begin
  if to_regnamespace(room) is null then
    execute format('create schema %I', room);
    execute format(
      'comment on schema %I is %L', room,
      'Rows that would have been lost when a migration was undone. `rowhouse rollback --restore` puts them back.'
    );
  end if;
  -- What an earlier rollback has left here stays as it is.
  while to_regclass(format('%I.%I', room, candidate)) is not null loop
    number := number + 1;
    candidate := format('%s_%s', left(wanted, 55), number);
  end loop;
  return candidate;
end;
$$;

create or replace function pg_temp.describe_aside (
  aside text,
  source text,
  queue text default null
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
begin
  -- `rowhouse rollback --restore` reads the beginning.
  execute format(
    'comment on table %I.%I is %L',
    'rollback_' || current_setting('rowhouse.undoing'),
    aside,
    format(
      'Rows of %s%s, set aside at %s when %s was undone. `rowhouse rollback --restore` puts them back.',
      source,
      ' (queue ' || queue || ')',
      to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      current_setting('rowhouse.undoing')
    )
  );
end;
$$;

create or replace function pg_temp.set_aside (
  source regclass
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
declare
  room constant text := 'rollback_' || current_setting('rowhouse.undoing');
  -- Read now: the table is about to get another name.
  was constant text := source::text;
  is_kept boolean := false;
  command text;
  aside text;
begin
  execute format('lock table %s in access exclusive mode', source);
  if current_setting('rowhouse.keep_rows')::boolean then
    execute format('select exists (select from %s)', source) into is_kept;
  end if;
  if not is_kept then
    execute format('drop table %s', source);
    return;
  end if;
  if exists (select from pg_catalog.pg_class where oid = source and relkind <> 'r') then
    raise feature_not_supported using message = format('%s holds rows and is no plain table: it cannot be set aside.', source);
  end if;

  -- Nothing that the script drops afterwards may hang on the table, and nothing on it may get in the way of another one
  -- of the same name: what stays is columns and rows.
  foreach command in array array(
    select format('drop policy %I on %s', polname, source)
    from pg_catalog.pg_policy
    where polrelid = source
    union all
    select format('drop trigger %I on %s', tgname, source)
    from pg_catalog.pg_trigger
    where tgrelid = source and not tgisinternal
    union all
    -- Foreign keys first: one may point to a key of the same table.
    (
      select format('alter table %s drop constraint %I', source, conname)
      from pg_catalog.pg_constraint
      where conrelid = source and contype in ('f', 'c', 'u', 'p', 'x')
      order by contype <> 'f'
    )
    union all
    select format('drop index %s', indexrelid::regclass)
    from pg_catalog.pg_index
    where indrelid = source
      and not exists (select from pg_catalog.pg_constraint where conindid = indexrelid and conrelid = source)
    union all
    select format(
      'alter table %s alter column %I drop %s',
      source,
      attname,
      case
        when attgenerated <> '' then 'expression'
        when attidentity <> '' then 'identity'
        else 'default'
      end
    )
    from pg_catalog.pg_attribute
    where attrelid = source and attnum > 0 and not attisdropped and (atthasdef or attidentity <> '')
    union all
    select format('revoke all on table %s from public, anon, authenticated, service_role', source)
  ) loop
    execute command;
  end loop;

  aside := pg_temp.place_aside((select relname from pg_catalog.pg_class where oid = source));
  if aside <> (select relname from pg_catalog.pg_class where oid = source) then
    execute format('alter table %s rename to %I', source, aside);
  end if;
  execute format('alter table %s set schema %I', source, room);
  perform pg_temp.describe_aside(aside, was);
end;
$$;

create or replace function pg_temp.set_aside_schema (
  room text
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
declare
  source regclass;
  command text;
begin
  if not current_setting('rowhouse.keep_rows')::boolean then
    return;
  end if;
  foreach command in array array(
    select format('alter table %s drop constraint %I', conrelid::regclass, conname)
    from pg_catalog.pg_constraint
    where contype = 'f' and connamespace = room::regnamespace
  ) loop
    execute command;
  end loop;
  foreach source in array array(
    select oid::regclass
    from pg_catalog.pg_class
    where relnamespace = room::regnamespace and relkind in ('r', 'p') and not relispartition
  ) loop
    perform pg_temp.set_aside(source);
  end loop;
end;
$$;

create or replace function pg_temp.copy_aside (
  source text,
  name text,
  condition text,
  queue text
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
declare
  holds_rows boolean;
  aside text;
begin
  execute format('select exists (select from %s where %s)', source, condition) into holds_rows;
  if not holds_rows then
    return;
  end if;
  aside := pg_temp.place_aside(name);
  execute format(
    'create table %I.%I as select * from %s where %s',
    'rollback_' || current_setting('rowhouse.undoing'), aside, source, condition
  );
  perform pg_temp.describe_aside(aside, source, queue);
end;
$$;

create or replace function pg_temp.set_aside_queue (
  queue text,
  max_attempts integer default 5
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
declare
  source text;
begin
  if current_setting('rowhouse.keep_rows')::boolean then
    lock table private.job_queues, private.job_effects, private.job_failures in access exclusive mode;
    -- Copies: where pgmq is an extension, its tables belong to it and cannot be moved.
    foreach source in array array['q_' || queue, 'a_' || queue, 'q_' || queue || '_dead', 'a_' || queue || '_dead'] loop
      execute format('lock table pgmq.%I in access exclusive mode', source);
      perform pg_temp.copy_aside(format('pgmq.%I', source), source, 'true', queue);
    end loop;
    perform pg_temp.copy_aside('private.job_effects', 'job_effects', format('queue = %L', queue), queue);
    perform pg_temp.copy_aside('private.job_failures', 'job_failures', format('queue = %L', queue), queue);
    -- The migration makes the queue again; only what an operator has changed about it would be lost.
    perform pg_temp.copy_aside(
      'private.job_queues',
      'job_queues',
      format('name = %L and (max_attempts <> %s or retention <> interval ''30 days'')', queue, max_attempts),
      queue
    );
  end if;
  perform private.drop_queue(queue);
end;
$$;
