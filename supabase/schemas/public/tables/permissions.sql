create table public.permissions (
  code text not null,
  description text not null,
  constraint permissions_code_wellformed check ((code ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'::text)),
  constraint permissions_description_given check ((btrim(description) <> ''::text)),
  constraint permissions_pkey primary key (code)
);

alter table public.permissions
  enable row level security;

alter table public.permissions
  add column module text generated always as (split_part(code, '.'::text, 1)) stored not null;

create index permissions_module_idx on public.permissions using btree (module);

create policy "everybody who is signed in reads the catalog" on public.permissions
  for select
  to authenticated
  using ((( select private.current_user_id() as current_user_id) is not null));

comment on column public.permissions.code is 'module.action, such as plants.manage.';

comment on column public.permissions.description is 'What it allows, as a sentence.';

comment on column public.permissions.module is 'The module: what is before the dot.';

comment on table public.permissions is 'Everything that can be permitted, the same for all organizations. Each module adds its own.';

grant select on table public.permissions to authenticated, service_role;
