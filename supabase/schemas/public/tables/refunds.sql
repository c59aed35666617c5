create table public.refunds (
  booking_id uuid not null,
  amount numeric(14,2) not null,
  currency text not null,
  status text not null default 'pending'::text,
  reason text,
  rejection_reason text,
  failure_reason text,
  requested_by uuid,
  decided_by uuid,
  approved_at timestamp with time zone,
  processed_at timestamp with time zone,
  failed_at timestamp with time zone,
  rejected_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint refunds_amount_positive check (((amount > (0)::numeric) AND (amount < 'NaN'::numeric))),
  constraint refunds_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint refunds_decided_by_fkey foreign key (decided_by) references auth.users(id) on delete set null,
  constraint refunds_failure_reason_length check ((length(failure_reason) <= 1000)),
  constraint refunds_reason_length check ((length(reason) <= 1000)),
  constraint refunds_rejection_reason_length check ((length(rejection_reason) <= 1000)),
  constraint refunds_requested_by_fkey foreign key (requested_by) references auth.users(id) on delete
    set null,
  constraint refunds_status_known
    check
    ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'processing'::text, 'processed'::text,
    'failed'::text, 'rejected'::text])))
);

alter table public.refunds
  enable row level security;

create index refunds_decided_by_idx on public.refunds using btree (decided_by);

create index refunds_requested_by_idx on public.refunds using btree (requested_by);

create trigger _100_stamp
  before update on public.refunds
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status_insert
  before insert on public.refunds
  for each row
  when ((new.status <> 'pending'::text))
  execute function private.tg__guard_status();

create trigger _200_guard_status_update
  before update of status on public.refunds
  for each row
  when ((new.status <> old.status))
  execute function private.tg__guard_status();

create trigger _210_freeze
  before update on public.refunds
  for each row
  execute function
    private.tg__money_frozen('{status, rejection_reason, failure_reason, requested_by, decided_by, approved_at, processed_at, failed_at, rejected_at, updated_at}');

create trigger _212_freeze_delete
  before delete on public.refunds
  for each row
  execute function private.tg__money_frozen();

create trigger _500_audit_delete after delete on public.refunds
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'refunds',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.refunds
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'refunds',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.refunds
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'refunds',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _600_settle_update
  after update on public.refunds referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_refunds__settle();

comment on column public.refunds.amount is 'How much.';

comment on column public.refunds.approved_at is 'When it was approved.';

comment on column public.refunds.booking_id is 'The booking. While a refund is open it keeps its places, and nothing else becomes of it.';

comment on column public.refunds.created_at is 'When it was asked for.';

comment on column public.refunds.currency is 'Its currency, ISO 4217: that of the booking.';

comment on column public.refunds.decided_by is 'Who approved or rejected; null for a rule, or when they are gone.';

comment on column public.refunds.failed_at is 'When it failed.';

comment on column public.refunds.failure_reason is 'Why it failed, as the provider says.';

comment on column public.refunds.processed_at is 'When the money was given back.';

comment on column public.refunds.reason is 'Why it was asked for.';

comment on column public.refunds.rejected_at is 'When it was rejected.';

comment on column public.refunds.rejection_reason is 'Why it was rejected.';

comment on column public.refunds.requested_by is 'Who asked; null for a rule, or when they are gone.';

comment on column public.refunds.status is 'pending (somebody has to decide), approved, processing, processed, failed, or rejected: then the booking is what it was.';

comment on column public.refunds.updated_at is 'When it was last changed. @unlogged';

comment on table public.refunds is 'What is given back of what was paid for a booking. One at a time.';

grant select (amount) on table public.refunds to authenticated;

grant select (approved_at) on table public.refunds to authenticated;

grant select (booking_id) on table public.refunds to authenticated;

grant select (created_at) on table public.refunds to authenticated;

grant select (currency) on table public.refunds to authenticated;

grant select (decided_by) on table public.refunds to authenticated;

grant select (failed_at) on table public.refunds to authenticated;

grant select (failure_reason) on table public.refunds to authenticated;

grant select (processed_at) on table public.refunds to authenticated;

grant select (reason) on table public.refunds to authenticated;

grant select (rejected_at) on table public.refunds to authenticated;

grant select (rejection_reason) on table public.refunds to authenticated;

grant select (requested_by) on table public.refunds to authenticated;

grant select (status) on table public.refunds to authenticated;

grant select (updated_at) on table public.refunds to authenticated;

grant select on table public.refunds to service_role;

create policy "who may read" on public.refunds
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (booking_id in ( select
    booking.id
   from public.bookings booking
  where
    (booking.customer_id = ANY (( select private.current_customer_ids() as current_customer_ids)::uuid[]))))));

alter table public.refunds
  add column organization_id text not null default private.current_organization_id();

alter table public.refunds
  add constraint refunds_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings(organization_id, id);

alter table public.refunds
  add constraint refunds_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

create index refunds_booking_id_idx on public.refunds using btree (organization_id, booking_id);

create unique index refunds_open_idx on public.refunds using btree (organization_id, booking_id)
  where (status = ANY (ARRAY['pending'::text, 'approved'::text, 'processing'::text]));

create policy "only rows of the current organization" on public.refunds
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.refunds.organization_id is 'The organization.';

grant select (organization_id) on table public.refunds to authenticated;

alter table public.refunds
  add column id uuid not null default private.uuid_v7();

alter table public.refunds
  add constraint refunds_pkey primary key (organization_id, id);

comment on column public.refunds.id is 'Time-ordered id.';

grant select (id) on table public.refunds to authenticated;
