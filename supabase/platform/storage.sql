-- The part of the storage server's schema that policies are written on.
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

alter table storage.buckets
  owner to supabase_storage_admin;
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
alter function storage.update_updated_at_column() owner to supabase_storage_admin;

grant usage on schema storage to postgres, anon, authenticated, service_role;
grant all on all tables in schema storage to postgres, anon, authenticated, service_role;
grant execute on all functions in schema storage to postgres, anon, authenticated, service_role;

grant supabase_storage_admin to postgres;
