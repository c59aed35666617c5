create table public.customer_users (
  customer_id uuid not null,
  user_id uuid not null,
  created_at timestamp with time zone not null default now()
);

alter table public.customer_users
  enable row level security;

create trigger _500_audit_delete after delete on public.customer_users
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'customer_users',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,customer_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.customer_users
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'customer_users',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,customer_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.customer_users
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'customer_users',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,customer_id}',
  '{}',
  '{}'
);

create policy "who may read" on public.customer_users
  for select
  to authenticated
  using
    ((( select private.has_permission('customers.read'::text) as has_permission) or (user_id = ( select
    private.current_user_id() as current_user_id))));

comment on column public.customer_users.created_at is 'When they were brought together. The first customer of a user is their own.';

comment on column public.customer_users.customer_id is 'The customer.';

comment on column public.customer_users.user_id is 'The user, a member of the organization. Goes with the membership.';

comment on table public.customer_users is 'Which users act for which customer: they see it, and what was sold to it. Several users may share a customer, and a user may have several.';

grant select (created_at) on table public.customer_users to authenticated;

grant insert (customer_id), select (customer_id) on table public.customer_users to authenticated;

grant insert (user_id), select (user_id) on table public.customer_users to authenticated;

grant delete on table public.customer_users to authenticated;

grant select on table public.customer_users to service_role;

alter table public.customer_users
  add column organization_id text not null default private.current_organization_id();

alter table public.customer_users
  add constraint customer_users_pkey primary key (organization_id, user_id, customer_id);

create index customer_users_customer_id_idx on public.customer_users
  using btree (organization_id, customer_id);

create policy "only rows of the current organization" on public.customer_users
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.customer_users
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('customers.manage'::text) AS organization_with)));

create policy "who may delete" on public.customer_users
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('customers.manage'::text) as organization_with)));

comment on column public.customer_users.organization_id is 'The organization.';

grant select (organization_id) on table public.customer_users to authenticated;

alter table public.customer_users
  add constraint customer_users_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers(organization_id, id) on delete cascade;

alter table public.customer_users
  add constraint customer_users_user_id_fkey foreign key (organization_id, user_id)
    references public.members(organization_id, user_id) on delete cascade;

alter table public.customer_users
  add constraint customer_users_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
