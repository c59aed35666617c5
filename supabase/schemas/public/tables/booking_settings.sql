create table public.booking_settings (
  cancellation_hours integer not null default 48,
  waitlist_offer_hours integer not null default 24,
  invoice_due_days integer not null default 14,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint booking_settings_cancellation_hours_range
    check (((cancellation_hours >= 0) AND (cancellation_hours <= 8760))),
  constraint booking_settings_invoice_due_days_range
    check (((invoice_due_days >= 0) AND (invoice_due_days <= 365))),
  constraint booking_settings_waitlist_offer_hours_range
    check (((waitlist_offer_hours >= 1) AND (waitlist_offer_hours <= 720)))
);

alter table public.booking_settings
  enable row level security;

create trigger _100_stamp
  before update on public.booking_settings
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.booking_settings
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'booking_settings',
  'organization_id',
  '{organization_id,updated_at}',
  'organization_id',
  '{organization_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.booking_settings
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'booking_settings',
  'organization_id',
  '{organization_id,updated_at}',
  'organization_id',
  '{organization_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.booking_settings
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'booking_settings',
  'organization_id',
  '{organization_id,updated_at}',
  'organization_id',
  '{organization_id}',
  '{}',
  '{}'
);

comment on column public.booking_settings.cancellation_hours is 'Until how many hours before the start a customer may cancel what is paid.';

comment on column public.booking_settings.created_at is 'When it was entered.';

comment on column public.booking_settings.invoice_due_days is 'How many days after it was sent an invoice is due.';

comment on column public.booking_settings.updated_at is 'When it was last changed. @unlogged';

comment on column public.booking_settings.waitlist_offer_hours is 'For how many hours a place is kept for whom the waitlist offers it to.';

comment on table public.booking_settings is 'What an organization has settled on for its bookings. Without a row, the defaults hold.';

grant insert (cancellation_hours), select (cancellation_hours), update (cancellation_hours)
  on table public.booking_settings
  to authenticated;

grant select (created_at) on table public.booking_settings to authenticated;

grant insert (invoice_due_days), select (invoice_due_days), update (invoice_due_days)
  on table public.booking_settings
  to authenticated;

grant select (updated_at) on table public.booking_settings to authenticated;

grant insert (waitlist_offer_hours), select (waitlist_offer_hours), update (waitlist_offer_hours)
  on table public.booking_settings
  to authenticated;

grant select on table public.booking_settings to service_role;

alter table public.booking_settings
  add column organization_id text not null default private.current_organization_id();

alter table public.booking_settings
  add constraint booking_settings_pkey primary key (organization_id);

create policy "only rows of the current organization" on public.booking_settings
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.booking_settings
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may change" on public.booking_settings
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may read" on public.booking_settings
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (organization_id = ( select
    private.current_organization_id() as current_organization_id))));

comment on column public.booking_settings.organization_id is 'The organization.';

grant select (organization_id) on table public.booking_settings to authenticated;

alter table public.booking_settings
  add constraint booking_settings_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
