create table public.customer_health_notes (
  customer_id uuid not null,
  kind text not null,
  note text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint customer_health_notes_kind_known
    check ((kind = ANY (ARRAY['medical'::text, 'dietary'::text, 'other'::text]))),
  constraint customer_health_notes_note_length check (((length(note) >= 1) AND (length(note) <= 5000)))
);

alter table public.customer_health_notes
  enable row level security;

create trigger _100_stamp
  before update on public.customer_health_notes
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.customer_health_notes
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'customer_health_notes',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{note}',
  '{}'
);

create trigger _500_audit_insert after insert on public.customer_health_notes
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'customer_health_notes',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{note}',
  '{}'
);

create trigger _500_audit_update after update on public.customer_health_notes
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'customer_health_notes',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{note}',
  '{}'
);

comment on column public.customer_health_notes.created_at is 'When it was entered.';

comment on column public.customer_health_notes.customer_id is 'The customer.';

comment on column public.customer_health_notes.kind is 'medical, dietary, or other.';

comment on column public.customer_health_notes.note is 'What there is to know. The audit log says that it changed, and not what it says. @secret';

comment on column public.customer_health_notes.updated_at is 'When it was last changed. @unlogged';

comment on table public.customer_health_notes is 'What must be known about a customer''s health. Apart from the customer, because few may read it.';

grant select (created_at) on table public.customer_health_notes to authenticated;

grant insert (customer_id), select (customer_id)
  on table public.customer_health_notes
  to authenticated;

grant insert (kind), select (kind), update (kind)
  on table public.customer_health_notes
  to authenticated;

grant insert (note), select (note), update (note)
  on table public.customer_health_notes
  to authenticated;

grant select (updated_at) on table public.customer_health_notes to authenticated;

grant delete on table public.customer_health_notes to authenticated;

grant select on table public.customer_health_notes to service_role;

alter table public.customer_health_notes
  add column organization_id text not null default private.current_organization_id();

create index customer_health_notes_customer_id_idx on public.customer_health_notes
  using btree (organization_id, customer_id);

create policy "only rows of the current organization" on public.customer_health_notes
  as restrictive
  for all
  to authenticated
  using
    ((organization_id = ( select private.organization_with('customers.health'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('customers.health'::text) AS organization_with)));

create policy "who may add" on public.customer_health_notes
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('customers.health'::text) AS organization_with)));

create policy "who may change" on public.customer_health_notes
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('customers.health'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('customers.health'::text) AS organization_with)));

create policy "who may delete" on public.customer_health_notes
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('customers.health'::text) as organization_with)));

create policy "who may read" on public.customer_health_notes
  for select
  to authenticated
  using
    ((organization_id = ( select private.organization_with('customers.health'::text) as organization_with)));

comment on column public.customer_health_notes.organization_id is 'The organization.';

grant select (organization_id) on table public.customer_health_notes to authenticated;

alter table public.customer_health_notes
  add column id uuid not null default private.uuid_v7();

alter table public.customer_health_notes
  add constraint customer_health_notes_pkey primary key (organization_id, id);

comment on column public.customer_health_notes.id is 'Time-ordered id.';

grant select (id) on table public.customer_health_notes to authenticated;

alter table public.customer_health_notes
  add constraint customer_health_notes_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers(organization_id, id) on delete cascade;

alter table public.customer_health_notes
  add constraint customer_health_notes_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
