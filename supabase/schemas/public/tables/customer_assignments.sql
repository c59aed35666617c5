create table public.customer_assignments (
  customer_id uuid not null,
  user_id uuid not null,
  created_at timestamp with time zone not null default now()
);

alter table public.customer_assignments
  enable row level security;

create trigger _500_audit_delete after delete on public.customer_assignments
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'customer_assignments',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,customer_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.customer_assignments
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'customer_assignments',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,customer_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.customer_assignments
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'customer_assignments',
  'organization_id',
  '{organization_id}',
  '',
  '{user_id,customer_id}',
  '{}',
  '{}'
);

create policy "who may read" on public.customer_assignments
  for select
  to authenticated
  using
    ((( select private.has_permission('customers.read'::text) as has_permission) or (user_id = ( select
    private.current_user_id() as current_user_id))));

comment on column public.customer_assignments.created_at is 'When it was assigned.';

comment on column public.customer_assignments.customer_id is 'The customer.';

comment on column public.customer_assignments.user_id is 'The member who looks after it. Goes with the membership.';

comment on table public.customer_assignments is 'Which staff look after which customer. Who holds customers.assigned sees these customers alone.';

grant select (created_at) on table public.customer_assignments to authenticated;

grant insert (customer_id), select (customer_id)
  on table public.customer_assignments
  to authenticated;

grant insert (user_id), select (user_id) on table public.customer_assignments to authenticated;

grant delete on table public.customer_assignments to authenticated;

grant select on table public.customer_assignments to service_role;

alter table public.customer_assignments
  add column organization_id text not null default private.current_organization_id();

alter table public.customer_assignments
  add constraint customer_assignments_pkey primary key (organization_id, user_id, customer_id);

create index customer_assignments_customer_id_idx on public.customer_assignments
  using btree (organization_id, customer_id);

create policy "only rows of the current organization" on public.customer_assignments
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.customer_assignments
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('customers.manage'::text) AS organization_with)));

create policy "who may delete" on public.customer_assignments
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('customers.manage'::text) as organization_with)));

comment on column public.customer_assignments.organization_id is 'The organization.';

grant select (organization_id) on table public.customer_assignments to authenticated;

alter table public.customer_assignments
  add constraint customer_assignments_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers(organization_id, id) on delete cascade;

alter table public.customer_assignments
  add constraint customer_assignments_user_id_fkey foreign key (organization_id, user_id)
    references public.members(organization_id, user_id) on delete cascade;

alter table public.customer_assignments
  add constraint customer_assignments_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
