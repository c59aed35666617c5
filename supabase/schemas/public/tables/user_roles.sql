create table public.user_roles (
  user_id uuid not null,
  role_code text not null,
  plant_id uuid,
  department text,
  member_is_open boolean not null default true,
  expires_at timestamp with time zone,
  granted_by uuid,
  granted_at timestamp with time zone not null default now(),
  constraint user_roles_department_length
    check (((length(department) >= 1) AND (length(department) <= 100))),
  constraint user_roles_granted_by_fkey foreign key (granted_by) references auth.users(id) on delete
    set null,
  constraint user_roles_owner_unbounded
    check
    (((role_code <> 'owner'::text) OR ((plant_id IS NULL) AND (department IS NULL) AND (expires_at IS NULL))))
);

alter table public.user_roles
  enable row level security;

create index user_roles_granted_by_idx on public.user_roles using btree (granted_by)
  where (granted_by is not null);

create trigger _100_mirror
  before insert on public.user_roles
  for each row
  execute function private.tg_user_roles__mirror();

create trigger _310_keep_owner_delete
  after delete on public.user_roles referencing OLD table as old_rows
  for each STATEMENT
  execute function private.tg_user_roles__keep_owner();

create trigger _310_keep_owner_update
  after update on public.user_roles referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_user_roles__keep_owner();

create trigger _500_audit_delete after delete on public.user_roles
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'user_roles',
  'organization_id',
  '{member_is_open,organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.user_roles
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'user_roles',
  'organization_id',
  '{member_is_open,organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.user_roles
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'user_roles',
  'organization_id',
  '{member_is_open,organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create policy "who may read" on public.user_roles
  for select
  to authenticated
  using
    ((( select private.has_permission('members.read'::text) as has_permission) or (user_id = ( select
    private.current_user_id() as current_user_id))));

comment on column public.user_roles.department is 'For which department, in the words of the organization; it narrows no permission.';

comment on column public.user_roles.expires_at is 'Until when it counts; null for good.';

comment on column public.user_roles.granted_at is 'When.';

comment on column public.user_roles.granted_by is 'Who granted it.';

comment on column public.user_roles.member_is_open is 'Whether the member may come in: a copy that a foreign key keeps equal. @unlogged';

comment on column public.user_roles.plant_id is 'Where it counts: at this plant alone, or, when null, in the whole organization.';

comment on column public.user_roles.role_code is 'The role.';

comment on column public.user_roles.user_id is 'The member.';

comment on table public.user_roles is 'Which member has which role, where and until when.';

grant select (department) on table public.user_roles to authenticated;

grant select (expires_at) on table public.user_roles to authenticated;

grant select (granted_at) on table public.user_roles to authenticated;

grant select (granted_by) on table public.user_roles to authenticated;

grant select (member_is_open) on table public.user_roles to authenticated;

grant select (plant_id) on table public.user_roles to authenticated;

grant select (role_code) on table public.user_roles to authenticated;

grant select (user_id) on table public.user_roles to authenticated;

grant select on table public.user_roles to service_role;

alter table public.user_roles
  add column organization_id text not null default private.current_organization_id();

alter table public.user_roles
  add constraint user_roles_key unique nulls
    not DISTINCT (organization_id, user_id, role_code, plant_id, department);

alter table public.user_roles
  add constraint user_roles_plant_id_fkey foreign key (organization_id, user_id, plant_id)
    references public.user_plant_access(organization_id, user_id, plant_id) on delete cascade;

alter table public.user_roles
  add constraint user_roles_role_code_fkey foreign key (organization_id, role_code)
    references public.roles(organization_id, code) on delete cascade;

alter table public.user_roles
  add constraint user_roles_user_id_fkey foreign key (organization_id, user_id, member_is_open)
    references public.members(organization_id, user_id, is_open) on update cascade on delete cascade;

create index user_roles_plant_id_idx on public.user_roles using btree (organization_id, user_id, plant_id);

create index user_roles_role_code_idx on public.user_roles using btree (organization_id, role_code);

create index user_roles_user_id_idx on public.user_roles
  using btree (organization_id, user_id, member_is_open);

create policy "only rows of the current organization" on public.user_roles
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.user_roles.organization_id is 'The organization.';

grant select (organization_id) on table public.user_roles to authenticated;

alter table public.user_roles
  add column id uuid not null default private.uuid_v7();

alter table public.user_roles
  add constraint user_roles_pkey primary key (organization_id, id);

comment on column public.user_roles.id is 'Time-ordered id.';

grant select (id) on table public.user_roles to authenticated;
