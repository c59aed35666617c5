-- The roles of a Supabase cluster.
--
-- Migrations run as `postgres`, which is no superuser; PostgREST connects as `authenticator` and becomes one of the
-- three API roles; the auth and the storage server own their schemas. A migration that needs more than this would fail
-- on Supabase, so it has to fail here as well.
--
-- Roles belong to the cluster, not to the database: one that exists keeps the attributes and settings it has.
-- Passwords are set by the caller.

do $$
declare
  wanted record;
begin
  for wanted in
    select *
    from
      (
        values
          ('anon', 'nologin', array['statement_timeout = ''3s''']),
          ('authenticated', 'nologin', array['statement_timeout = ''8s''']),
          ('service_role', 'nologin bypassrls', array[]::text[]),
          ('authenticator', 'login noinherit', array['statement_timeout = ''8s''', 'lock_timeout = ''8s''']),
          (
            'supabase_auth_admin',
            'login noinherit createrole',
            array['search_path = auth', 'idle_in_transaction_session_timeout = ''60s''']
          ),
          ('supabase_storage_admin', 'login noinherit createrole', array['search_path = storage']),
          (
            'postgres',
            'login createrole createdb replication bypassrls',
            array['search_path = "$user", public, extensions']
          )
      ) as roles (name, attributes, settings)
    where not exists (select from pg_catalog.pg_roles where rolname = roles.name)
  loop
    execute format('create role %I %s', wanted.name, wanted.attributes);
    for i in 1 .. cardinality(wanted.settings) loop
      execute format('alter role %I set %s', wanted.name, wanted.settings[i]);
    end loop;
  end loop;
end;
$$;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role, pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

-- From PostgreSQL 16 on, createrole alone no longer lets a role grant the roles it did not create.
do $$
begin
  if current_setting('server_version_num')::integer >= 160000 then
    grant anon, authenticated, service_role to postgres with admin option;
  end if;
end;
$$;

-- `postgres` owns the database: that is what lets it create schemas and trusted extensions.
do $$
begin
  execute format('alter database %I owner to postgres', current_database());
  execute format(
    'grant create on database %I to supabase_auth_admin, supabase_storage_admin', current_database()
  );
end;
$$;

alter schema public owner to pg_database_owner;
revoke create on schema public from public;
grant usage on schema public to anon, authenticated, service_role;
grant usage, create on schema public to postgres;

-- Supabase hands everything new in `public` to the API roles, whoever of its two administrators creates it. The first
-- migration turns that off for `postgres`, and must find it on to do so.
do $$
declare
  creator text;
begin
  for creator in
    select rolname
    from pg_catalog.pg_roles
    where rolname in ('postgres', 'supabase_admin')
  loop
    execute format(
      'alter default privileges for role %I in schema public
         grant all on tables to postgres, anon, authenticated, service_role', creator
    );
    execute format(
      'alter default privileges for role %I in schema public
         grant all on sequences to postgres, anon, authenticated, service_role', creator
    );
    execute format(
      'alter default privileges for role %I in schema public
         grant all on functions to postgres, anon, authenticated, service_role', creator
    );
  end loop;
end;
$$;
