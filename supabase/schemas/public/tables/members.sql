create table public.members (
  user_id uuid not null,
  status text not null default 'pending'::text,
  organization_status text not null default 'active'::text,
  user_is_active boolean not null default true,
  joined_at timestamp with time zone,
  approved_by uuid,
  suspended_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint members_approved_by_fkey foreign key (approved_by) references auth.users(id) on delete
    set null,
  constraint members_dates_fit_status
    check
    ((((status = 'pending'::text) = (joined_at IS NULL)) AND ((status = 'suspended'::text) = (suspended_at IS
    NOT NULL)))),
  constraint members_organization_status_known
    check ((organization_status = ANY (ARRAY['active'::text, 'suspended'::text, 'cancelled'::text]))),
  constraint members_status_known
    check ((status = ANY (ARRAY['pending'::text, 'active'::text, 'suspended'::text]))),
  constraint members_user_id_fkey foreign key (user_id, user_is_active)
    references public.user_profiles(user_id, is_active) on update cascade on delete cascade
);

alter table public.members
  enable row level security;

alter table public.members
  add column is_open boolean generated always as
    (((status = 'active'::text) AND (organization_status = 'active'::text) AND user_is_active)) stored
    not null;

create index members_approved_by_idx on public.members using btree (approved_by)
  where (approved_by is not null);

create index members_user_id_idx on public.members using btree (user_id, user_is_active);

create trigger _100_mirror
  before insert on public.members
  for each row
  execute function private.tg_members__mirror();

create trigger _100_stamp
  before update on public.members
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _300_limit_insert
  after insert on public.members referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_members__limit();

create trigger _300_limit_update
  after update on public.members referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_members__limit();

create trigger _310_keep_owner_update
  after update on public.members referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_members__keep_owner();

create trigger _500_audit_delete after delete on public.members
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'members',
  'organization_id',
  '{is_open,organization_id,organization_status,updated_at,user_is_active}',
  'user_id',
  '{user_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.members
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'members',
  'organization_id',
  '{is_open,organization_id,organization_status,updated_at,user_is_active}',
  'user_id',
  '{user_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.members
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'members',
  'organization_id',
  '{is_open,organization_id,organization_status,updated_at,user_is_active}',
  'user_id',
  '{user_id}',
  '{}',
  '{}'
);

create policy "who may read" on public.members
  for select
  to authenticated
  using
    ((( select private.has_permission('members.read'::text) as has_permission) or (user_id = ( select
    private.current_user_id() as current_user_id))));

comment on column public.members.approved_by is 'Who let the member in; null for those who came by an invitation or founded the organization.';

comment on column public.members.created_at is 'When the member asked to join, or was added.';

comment on column public.members.is_open is 'Whether the member may come in: member, organization and user are all active. @unlogged';

comment on column public.members.joined_at is 'When the member first became active; null while pending.';

comment on column public.members.organization_status is 'The status of the organization: a copy that a foreign key keeps equal. @unlogged';

comment on column public.members.status is 'pending: waits for approval; active; suspended: shut out, and may be let in again.';

comment on column public.members.suspended_at is 'When the member was suspended; null otherwise.';

comment on column public.members.updated_at is 'When the row was last changed. @unlogged';

comment on column public.members.user_id is 'The user.';

comment on column public.members.user_is_active is 'Whether the user is active on the platform: a copy that a foreign key keeps equal. @unlogged';

comment on table public.members is 'Who belongs to which organization. What they may do there is in user_roles.';

grant select (approved_by) on table public.members to authenticated;

grant select (created_at) on table public.members to authenticated;

grant select (is_open) on table public.members to authenticated;

grant select (joined_at) on table public.members to authenticated;

grant select (organization_status) on table public.members to authenticated;

grant select (status) on table public.members to authenticated;

grant select (suspended_at) on table public.members to authenticated;

grant select (updated_at) on table public.members to authenticated;

grant select (user_id) on table public.members to authenticated;

grant select (user_is_active) on table public.members to authenticated;

grant select on table public.members to service_role;

alter table public.members
  add column organization_id text not null default private.current_organization_id();

alter table public.members
  add constraint members_is_open_key unique (organization_id, user_id, is_open);

alter table public.members
  add constraint members_pkey primary key (organization_id, user_id);

create index members_active_idx on public.members using btree (organization_id)
  where (status = 'active'::text);

create index members_organization_id_idx on public.members using btree (organization_id, organization_status);

create policy "only rows of the current organization" on public.members
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.members.organization_id is 'The organization.';

grant select (organization_id) on table public.members to authenticated;

alter table public.members
  add constraint members_organization_id_fkey foreign key (organization_id, organization_status)
    references public.organizations(id, status) on update cascade on delete cascade;
