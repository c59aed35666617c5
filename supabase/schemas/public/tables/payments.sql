create table public.payments (
  booking_id uuid not null,
  provider text not null,
  provider_intent_id text,
  method text not null default 'card'::text,
  amount numeric(14,2) not null,
  amount_refunded numeric(14,2) not null default 0,
  currency text not null,
  status text not null default 'pending'::text,
  idempotency_key text,
  note text,
  failure_reason text,
  created_by uuid,
  succeeded_at timestamp with time zone,
  failed_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint payments_amount_positive check (((amount > (0)::numeric) AND (amount < 'NaN'::numeric))),
  constraint payments_amount_refunded_range
    check (((amount_refunded >= (0)::numeric) AND (amount_refunded <= amount))),
  constraint payments_created_by_fkey foreign key (created_by) references auth.users(id) on delete set null,
  constraint payments_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint payments_failure_reason_length check ((length(failure_reason) <= 1000)),
  constraint payments_idempotency_key_length
    check (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 255))),
  constraint payments_method_known
    check ((method = ANY (ARRAY['card'::text, 'cash'::text, 'bank_transfer'::text, 'other'::text]))),
  constraint payments_note_length check ((length(note) <= 1000)),
  constraint payments_provider_intent_id_length
    check (((length(provider_intent_id) >= 1) AND (length(provider_intent_id) <= 255))),
  constraint payments_provider_known check ((provider = ANY (ARRAY['manual'::text, 'stripe'::text]))),
  constraint payments_refunds_what_succeeded
    check (((amount_refunded = (0)::numeric) OR (status = 'succeeded'::text))),
  constraint payments_status_known
    check
    ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'succeeded'::text, 'failed'::text,
    'cancelled'::text])))
);

alter table public.payments
  enable row level security;

create index payments_created_by_idx on public.payments using btree (created_by);

create trigger _100_stamp
  before update on public.payments
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status_insert
  before insert on public.payments
  for each row
  when ((new.status <> 'pending'::text))
  execute function private.tg__guard_status();

create trigger _200_guard_status_update
  before update of status on public.payments
  for each row
  when ((new.status <> old.status))
  execute function private.tg__guard_status();

create trigger _210_freeze
  before update on public.payments
  for each row
  execute function
    private.tg__money_frozen('{provider_intent_id, status, amount_refunded, note, failure_reason, created_by, succeeded_at, failed_at, updated_at}');

create trigger _211_freeze_intent
  before update on public.payments
  for each row
  when ((old.provider_intent_id IS NOT NULL))
  execute function
    private.tg__money_frozen('{status, amount_refunded, note, failure_reason, created_by, succeeded_at, failed_at, updated_at}');

create trigger _212_freeze_delete
  before delete on public.payments
  for each row
  execute function private.tg__money_frozen();

create trigger _500_audit_delete after delete on public.payments
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'payments',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.payments
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'payments',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.payments
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'payments',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _600_settle_insert
  after insert on public.payments referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_payments__settle();

create trigger _600_settle_update
  after update on public.payments referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_payments__settle();

comment on column public.payments.amount is 'How much.';

comment on column public.payments.amount_refunded is 'What of that was given back. Kept by the database.';

comment on column public.payments.booking_id is 'The booking.';

comment on column public.payments.created_at is 'When it was begun.';

comment on column public.payments.created_by is 'Who recorded or began it; null when they are gone.';

comment on column public.payments.currency is 'The currency of the amounts, ISO 4217: that of the booking.';

comment on column public.payments.failed_at is 'When it failed first.';

comment on column public.payments.failure_reason is 'Why it failed, as the provider says.';

comment on column public.payments.idempotency_key is 'Makes that one payment is recorded once. Unique in the organization.';

comment on column public.payments.method is 'card, cash, bank_transfer, or other.';

comment on column public.payments.note is 'What staff noted, such as the number of a receipt.';

comment on column public.payments.provider is 'Who takes the money: manual (staff), or stripe.';

comment on column public.payments.provider_intent_id is 'The provider''s id of it. It belongs to one payment of one organization.';

comment on column public.payments.status is 'pending, processing, succeeded, failed (may still succeed), or cancelled.';

comment on column public.payments.succeeded_at is 'When it succeeded.';

comment on column public.payments.updated_at is 'When it was last changed. @unlogged';

comment on table public.payments is 'What was paid for a booking, or is being paid.';

grant select (amount_refunded) on table public.payments to authenticated;

grant select (amount) on table public.payments to authenticated;

grant select (booking_id) on table public.payments to authenticated;

grant select (created_at) on table public.payments to authenticated;

grant select (created_by) on table public.payments to authenticated;

grant select (currency) on table public.payments to authenticated;

grant select (failed_at) on table public.payments to authenticated;

grant select (failure_reason) on table public.payments to authenticated;

grant select (idempotency_key) on table public.payments to authenticated;

grant select (method) on table public.payments to authenticated;

grant select (note) on table public.payments to authenticated;

grant select (provider_intent_id) on table public.payments to authenticated;

grant select (provider) on table public.payments to authenticated;

grant select (status) on table public.payments to authenticated;

grant select (succeeded_at) on table public.payments to authenticated;

grant select (updated_at) on table public.payments to authenticated;

grant select on table public.payments to service_role;

create policy "who may read" on public.payments
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (booking_id in ( select
    booking.id
   from public.bookings booking
  where
    (booking.customer_id = ANY (( select private.current_customer_ids() as current_customer_ids)::uuid[]))))));

alter table public.payments
  add column organization_id text not null default private.current_organization_id();

alter table public.payments
  add constraint payments_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings(organization_id, id);

alter table public.payments
  add constraint payments_idempotency_key_key unique (organization_id, idempotency_key);

alter table public.payments
  add constraint payments_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.payments
  add constraint payments_provider_intent_id_key unique (organization_id, provider, provider_intent_id);

create index payments_booking_id_idx on public.payments using btree (organization_id, booking_id);

create policy "only rows of the current organization" on public.payments
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.payments.organization_id is 'The organization.';

grant select (organization_id) on table public.payments to authenticated;

alter table public.payments
  add column id uuid not null default private.uuid_v7();

alter table public.payments
  add constraint payments_pkey primary key (organization_id, id);

comment on column public.payments.id is 'Time-ordered id.';

grant select (id) on table public.payments to authenticated;
