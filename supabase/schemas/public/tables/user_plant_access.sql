create table public.user_plant_access (
  user_id uuid not null,
  plant_id uuid not null,
  access_level text not null default 'read'::text,
  granted_by uuid,
  granted_at timestamp with time zone not null default now(),
  constraint user_plant_access_granted_by_fkey foreign key (granted_by) references auth.users(id) on delete
    set null,
  constraint user_plant_access_level_known
    check ((access_level = ANY (ARRAY['read'::text, 'write'::text, 'admin'::text])))
);

alter table public.user_plant_access
  enable row level security;

create index user_plant_access_granted_by_idx on public.user_plant_access using btree (granted_by)
  where (granted_by is not null);

create trigger _500_audit_delete after delete on public.user_plant_access
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'user_plant_access',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,plant_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.user_plant_access
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'user_plant_access',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,plant_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.user_plant_access
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'user_plant_access',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,plant_id}',
  '{}',
  '{}'
);

create policy "who may read" on public.user_plant_access
  for select
  to authenticated
  using
    ((( select private.has_permission('members.read'::text) as has_permission) or (user_id = ( select
    private.current_user_id() as current_user_id))));

comment on column public.user_plant_access.access_level is 'read, write (and read), admin (and both).';

comment on column public.user_plant_access.granted_at is 'When.';

comment on column public.user_plant_access.granted_by is 'Who granted it.';

comment on column public.user_plant_access.plant_id is 'The plant.';

comment on column public.user_plant_access.user_id is 'The member.';

comment on table public.user_plant_access is 'At which plants a member works, and how far that goes.';

grant select (access_level) on table public.user_plant_access to authenticated;

grant select (granted_at) on table public.user_plant_access to authenticated;

grant select (granted_by) on table public.user_plant_access to authenticated;

grant select (plant_id) on table public.user_plant_access to authenticated;

grant select (user_id) on table public.user_plant_access to authenticated;

grant select on table public.user_plant_access to service_role;

alter table public.user_plant_access
  add column organization_id text not null default private.current_organization_id();

alter table public.user_plant_access
  add constraint user_plant_access_pkey primary key (organization_id, user_id, plant_id);

alter table public.user_plant_access
  add constraint user_plant_access_plant_id_fkey foreign key (organization_id, plant_id)
    references public.plants(organization_id, id) on delete cascade;

alter table public.user_plant_access
  add constraint user_plant_access_user_id_fkey foreign key (organization_id, user_id)
    references public.members(organization_id, user_id) on delete cascade;

create index user_plant_access_plant_id_idx on public.user_plant_access
  using btree (organization_id, plant_id);

create policy "only rows of the current organization" on public.user_plant_access
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.user_plant_access.organization_id is 'The organization.';

grant select (organization_id) on table public.user_plant_access to authenticated;
