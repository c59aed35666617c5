create table public.sales_settings (
  currency text not null default 'EUR'::text,
  tax_rate numeric(6,3) not null default 0,
  quote_valid_days integer not null default 30,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint sales_settings_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint sales_settings_quote_valid_days_range
    check (((quote_valid_days >= 1) AND (quote_valid_days <= 365))),
  constraint sales_settings_tax_rate_range
    check (((tax_rate >= (0)::numeric) AND (tax_rate <= (100)::numeric)))
);

alter table public.sales_settings
  enable row level security;

create trigger _100_stamp
  before update on public.sales_settings
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.sales_settings
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'sales_settings',
  'organization_id',
  '{organization_id,updated_at}',
  'organization_id',
  '{organization_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.sales_settings
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'sales_settings',
  'organization_id',
  '{organization_id,updated_at}',
  'organization_id',
  '{organization_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.sales_settings
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'sales_settings',
  'organization_id',
  '{organization_id,updated_at}',
  'organization_id',
  '{organization_id}',
  '{}',
  '{}'
);

comment on column public.sales_settings.created_at is 'When it was entered.';

comment on column public.sales_settings.currency is 'The currency of its prices, an ISO 4217 code. Quotes and orders keep the one that they were made in.';

comment on column public.sales_settings.quote_valid_days is 'For how many days a quote is valid when nothing else is said.';

comment on column public.sales_settings.tax_rate is 'The tax in per cent that a quote has when nothing else is said.';

comment on column public.sales_settings.updated_at is 'When it was last changed. @unlogged';

comment on table public.sales_settings is 'What an organization has settled on for its sales: at most one row each. Without one, the defaults hold.';

grant select (created_at) on table public.sales_settings to authenticated;

grant insert (currency), select (currency), update (currency)
  on table public.sales_settings
  to authenticated;

grant insert (quote_valid_days), select (quote_valid_days), update (quote_valid_days)
  on table public.sales_settings
  to authenticated;

grant insert (tax_rate), select (tax_rate), update (tax_rate)
  on table public.sales_settings
  to authenticated;

grant select (updated_at) on table public.sales_settings to authenticated;

grant select on table public.sales_settings to service_role;

alter table public.sales_settings
  add column organization_id text not null default private.current_organization_id();

alter table public.sales_settings
  add constraint sales_settings_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.sales_settings
  add constraint sales_settings_pkey primary key (organization_id);

create policy "only rows of the current organization" on public.sales_settings
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.sales_settings
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may change" on public.sales_settings
  for update
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('sales.catalog'::text) AS organization_with)));

create policy "who may read" on public.sales_settings
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or (organization_id = ( select
    private.current_organization_id() as current_organization_id))));

comment on column public.sales_settings.organization_id is 'The organization.';

grant select (organization_id) on table public.sales_settings to authenticated;
