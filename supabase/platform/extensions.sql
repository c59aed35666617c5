-- The schema that Supabase keeps extensions in, and those of its default ones that a plain PostgreSQL has.
--
-- Migrations install what else they need with `create extension … with schema extensions`.

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
comment on schema extensions is 'Rowhouse stand-in for Supabase''s schema of extensions.';

create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;
