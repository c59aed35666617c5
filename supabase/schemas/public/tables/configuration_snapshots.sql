create table public.configuration_snapshots (
  configuration_id uuid not null,
  reason text not null,
  revision bigint not null,
  base_price numeric(14,2) not null,
  total_price numeric(14,2) not null,
  total_weight numeric(14,3) not null,
  data jsonb not null,
  taken_at timestamp with time zone not null default now(),
  constraint configuration_snapshots_reason_known
    check ((reason = ANY (ARRAY['saved'::text, 'quoted'::text, 'ordered'::text]))),
  taken_by uuid default auth.uid()
);

alter table public.configuration_snapshots
  enable row level security;

create trigger _000_append_only_truncate
  before truncate on public.configuration_snapshots
  for each STATEMENT
  execute function private.tg__append_only();

create trigger _000_append_only
  before delete or update on public.configuration_snapshots
  for each row
  execute function private.tg__append_only();

create trigger _500_audit_delete after delete on public.configuration_snapshots
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'configuration_snapshots',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{data}'
);

create trigger _500_audit_insert after insert on public.configuration_snapshots
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'configuration_snapshots',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{data}'
);

create trigger _500_audit_update after update on public.configuration_snapshots
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'configuration_snapshots',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{data}'
);

comment on column public.configuration_snapshots.base_price is 'The base price, in the currency of the organization.';

comment on column public.configuration_snapshots.configuration_id is 'The configuration.';

comment on column public.configuration_snapshots.data is 'Everything by value: type, name, technical data, and the values by the code of their attribute.';

comment on column public.configuration_snapshots.reason is 'What happened: saved, quoted, ordered.';

comment on column public.configuration_snapshots.revision is 'The revision of the type that it was priced by.';

comment on column public.configuration_snapshots.taken_at is 'When it was taken.';

comment on column public.configuration_snapshots.total_price is 'The price.';

comment on column public.configuration_snapshots.total_weight is 'The weight in kilograms.';

comment on table public.configuration_snapshots is 'What a configuration was when it was saved, quoted and ordered. Written by triggers, and never changed.';

grant select (base_price) on table public.configuration_snapshots to authenticated;

grant select (configuration_id) on table public.configuration_snapshots to authenticated;

grant select (data) on table public.configuration_snapshots to authenticated;

grant select (reason) on table public.configuration_snapshots to authenticated;

grant select (revision) on table public.configuration_snapshots to authenticated;

grant select (taken_at) on table public.configuration_snapshots to authenticated;

grant select (total_price) on table public.configuration_snapshots to authenticated;

grant select (total_weight) on table public.configuration_snapshots to authenticated;

grant select on table public.configuration_snapshots to service_role;

alter table public.configuration_snapshots
  add column organization_id text not null default private.current_organization_id();

create index configuration_snapshots_configuration_id_idx on public.configuration_snapshots
  using btree (organization_id, configuration_id, taken_at);

create policy "only rows of the current organization" on public.configuration_snapshots
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.read'::text) as organization_with)))
  with
    check ((organization_id = ( SELECT private.organization_with('sales.read'::text) AS organization_with)));

create policy "who may read" on public.configuration_snapshots
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.read'::text) as organization_with)));

comment on column public.configuration_snapshots.organization_id is 'The organization.';

grant select (organization_id) on table public.configuration_snapshots to authenticated;

alter table public.configuration_snapshots
  add column id uuid not null default private.uuid_v7();

alter table public.configuration_snapshots
  add constraint configuration_snapshots_pkey primary key (organization_id, id);

comment on column public.configuration_snapshots.id is 'Time-ordered id.';

grant select (id) on table public.configuration_snapshots to authenticated;

comment on column public.configuration_snapshots.taken_by is 'Who brought it about. Outlives the user. @survives';

grant select (taken_by) on table public.configuration_snapshots to authenticated;

alter table public.configuration_snapshots
  add constraint configuration_snapshots_configuration_id_fkey
    foreign key (organization_id, configuration_id) references public.configurations(organization_id, id);

alter table public.configuration_snapshots
  add constraint configuration_snapshots_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
