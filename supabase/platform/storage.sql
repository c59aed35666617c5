-- The part of the storage server's schema that policies are written on, and that the embedded stack's storage keeps its
-- records in.
--
-- The storage server owns it. On Supabase an extension of the server lets `postgres` create policies on
-- storage.objects without owning it; a plain PostgreSQL knows no such right, so `postgres` is made a member of the
-- owner here. That is more than it has on Supabase: it could alter these tables too.

create schema if not exists storage authorization supabase_storage_admin;
comment on schema storage is 'Rowhouse stand-in for the schema of Supabase''s storage server.';

create table if not exists storage.buckets (
  id text not null,
  name text not null,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  constraint buckets_pkey primary key (id)
);
comment on table storage.buckets is 'Containers of files.';
comment on column storage.buckets.owner is 'Superseded by owner_id.';
create unique index if not exists bname on storage.buckets (name);

do $$
begin
  create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');
exception
  when duplicate_object then null;
end;
$$;
alter table storage.buckets
  add column if not exists type storage.buckettype not null default 'STANDARD';

create table if not exists storage.objects (
  id uuid not null default gen_random_uuid(),
  bucket_id text,
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb,
  constraint objects_pkey primary key (id),
  constraint "objects_bucketId_fkey" foreign key (bucket_id) references storage.buckets (id)
);
comment on table storage.objects is 'Files: where they are and whose. Their contents are kept by the storage server.';
comment on column storage.objects.owner is 'Superseded by owner_id.';
create unique index if not exists bucketid_objname on storage.objects (bucket_id, name);
create index if not exists name_prefix_search on storage.objects (name text_pattern_ops);

create or replace function storage.foldername(name text) returns text[]
language sql immutable
set search_path = ''
return trim_array(string_to_array(name, '/'), least(1, cardinality(string_to_array(name, '/'))));
comment on function storage.foldername(text) is 'The folders of a path, outermost first, without the file.';

create or replace function storage.filename(name text) returns text
language sql immutable
set search_path = ''
return split_part(name, '/', -1);
comment on function storage.filename(text) is 'The last part of a path.';

create or replace function storage.extension(name text) returns text
language sql immutable
set search_path = ''
return split_part(split_part(name, '/', -1), '.', -1);
comment on function storage.extension(text) is 'What follows the last dot of a file name.';

create or replace function storage.operation() returns text
language sql stable
set search_path = ''
return current_setting('storage.operation', true);
comment on function storage.operation() is 'What the storage server is doing in this transaction.';

create or replace function storage.allow_only_operation(expected_operation text) returns boolean
language sql stable
set search_path = ''
return coalesce(
  expected_operation <> ''
  and regexp_replace(storage.operation(), '^storage[.]', '') = regexp_replace(expected_operation, '^storage[.]', ''),
  false
);
comment on function storage.allow_only_operation(text) is 'Whether the storage server is doing this, named with or without its "storage.".';

create or replace function storage.allow_any_operation(expected_operations text[]) returns boolean
language sql stable
set search_path = ''
return exists (
  select from unnest(expected_operations) as expected (operation)
  where storage.allow_only_operation(expected.operation)
);
comment on function storage.allow_any_operation(text[]) is 'Whether the storage server is doing one of these.';

create or replace function storage.update_updated_at_column()
  returns trigger
  language plpgsql
  set search_path = ''
  as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
comment on function storage.update_updated_at_column() is 'Stamps a changed row.';

create or replace trigger update_objects_updated_at
  before update on storage.objects
  for each row
  execute function storage.update_updated_at_column();

create or replace function storage.enforce_bucket_name_length()
  returns trigger
  language plpgsql
  set search_path = ''
  as $$
begin
  if length(new.name) > 100 then
    raise exception 'bucket name "%" is too long (% characters). Max is 100.', new.name, length(new.name);
  end if;
  return new;
end;
$$;
comment on function storage.enforce_bucket_name_length() is 'Refuses long names.';

create or replace trigger enforce_bucket_name_length_trigger
  before insert or update of name on storage.buckets
  for each row
  execute function storage.enforce_bucket_name_length();

create or replace function storage.protect_delete()
  returns trigger
  language plpgsql
  set search_path = ''
  as $$
begin
  if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
    raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
      using errcode = '42501', hint = 'This prevents accidental data loss from orphaned objects.';
  end if;
  return null;
end;
$$;
comment on function storage.protect_delete() is 'Refuses to delete a row, whose file would stay behind.';

create or replace trigger protect_buckets_delete
  before delete on storage.buckets
  for each statement
  execute function storage.protect_delete();

create or replace trigger protect_objects_delete
  before delete on storage.objects
  for each statement
  execute function storage.protect_delete();

alter table storage.buckets
  owner to supabase_storage_admin;
alter type storage.buckettype owner to supabase_storage_admin;
alter table storage.objects
  owner to supabase_storage_admin;
alter table storage.buckets
  enable row level security;
alter table storage.objects
  enable row level security;
alter function storage.foldername(text) owner to supabase_storage_admin;
alter function storage.filename(text) owner to supabase_storage_admin;
alter function storage.extension(text) owner to supabase_storage_admin;
alter function storage.operation() owner to supabase_storage_admin;
alter function storage.allow_only_operation(text) owner to supabase_storage_admin;
alter function storage.allow_any_operation(text[]) owner to supabase_storage_admin;
alter function storage.update_updated_at_column() owner to supabase_storage_admin;
alter function storage.enforce_bucket_name_length() owner to supabase_storage_admin;
alter function storage.protect_delete() owner to supabase_storage_admin;

grant usage on schema storage to postgres, anon, authenticated, service_role;
grant all on all tables in schema storage to postgres, anon, authenticated, service_role;
grant execute on all functions in schema storage to postgres, anon, authenticated, service_role;

grant supabase_storage_admin to postgres;
