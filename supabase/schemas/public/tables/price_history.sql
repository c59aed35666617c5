create table public.price_history (
  configuration_id uuid not null,
  old_price numeric(14,2),
  new_price numeric(14,2) not null,
  revision bigint not null,
  changed_at timestamp with time zone not null default now(),
  changed_by uuid default auth.uid()
);

alter table public.price_history
  enable row level security;

create trigger _000_append_only_truncate
  before truncate on public.price_history
  for each STATEMENT
  execute function private.tg__append_only();

create trigger _000_append_only
  before delete or update on public.price_history
  for each row
  execute function private.tg__append_only();

create trigger _500_audit_delete after delete on public.price_history
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'price_history',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.price_history
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'price_history',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.price_history
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'price_history',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.price_history.changed_at is 'When it changed.';

comment on column public.price_history.configuration_id is 'The configuration.';

comment on column public.price_history.new_price is 'The price after.';

comment on column public.price_history.old_price is 'The price before, in the currency of the organization; null for the first.';

comment on column public.price_history.revision is 'The revision of the type that it was priced by.';

comment on table public.price_history is 'Each change of a configuration''s price. Written by a trigger, and never changed; goes with a draft that is deleted.';

grant select (changed_at) on table public.price_history to authenticated;

grant select (configuration_id) on table public.price_history to authenticated;

grant select (new_price) on table public.price_history to authenticated;

grant select (old_price) on table public.price_history to authenticated;

grant select (revision) on table public.price_history to authenticated;

grant select on table public.price_history to service_role;

alter table public.price_history
  add column organization_id text not null default private.current_organization_id();

alter table public.price_history
  add constraint price_history_configuration_id_fkey foreign key (organization_id, configuration_id)
    references public.configurations(organization_id, id) on delete cascade;

alter table public.price_history
  add constraint price_history_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

create index price_history_configuration_id_idx on public.price_history
  using btree (organization_id, configuration_id, changed_at);

create policy "only rows of the current organization" on public.price_history
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.read'::text) as organization_with)))
  with
    check ((organization_id = ( SELECT private.organization_with('sales.read'::text) AS organization_with)));

create policy "who may read" on public.price_history
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.read'::text) as organization_with)));

comment on column public.price_history.organization_id is 'The organization.';

grant select (organization_id) on table public.price_history to authenticated;

alter table public.price_history
  add column id uuid not null default private.uuid_v7();

alter table public.price_history
  add constraint price_history_pkey primary key (organization_id, id);

comment on column public.price_history.id is 'Time-ordered id.';

grant select (id) on table public.price_history to authenticated;

comment on column public.price_history.changed_by is 'Who changed what it depends on. Outlives the user. @survives';

grant select (changed_by) on table public.price_history to authenticated;
