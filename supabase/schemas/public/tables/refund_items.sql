create table public.refund_items (
  refund_id uuid not null,
  payment_id uuid not null,
  amount numeric(14,2) not null,
  provider_refund_id text,
  processed_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint refund_items_amount_positive check ((amount > (0)::numeric)),
  constraint refund_items_provider_refund_id_length
    check (((length(provider_refund_id) >= 1) AND (length(provider_refund_id) <= 255)))
);

alter table public.refund_items
  enable row level security;

create trigger _100_stamp
  before update on public.refund_items
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _210_freeze
  before update on public.refund_items
  for each row
  when ((old.processed_at IS NULL))
  execute function private.tg__money_frozen('{provider_refund_id, processed_at, updated_at}');

create trigger _211_freeze_processed
  before update on public.refund_items
  for each row
  when ((old.processed_at IS NOT NULL))
  execute function private.tg__money_frozen('{provider_refund_id, updated_at}');

create trigger _212_freeze_delete
  before delete on public.refund_items
  for each row
  execute function private.tg__money_frozen();

create trigger _500_audit_delete after delete on public.refund_items
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'refund_items',
  'organization_id',
  '{organization_id,updated_at}',
  '',
  '{refund_id,payment_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.refund_items
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'refund_items',
  'organization_id',
  '{organization_id,updated_at}',
  '',
  '{refund_id,payment_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.refund_items
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'refund_items',
  'organization_id',
  '{organization_id,updated_at}',
  '',
  '{refund_id,payment_id}',
  '{}',
  '{}'
);

create trigger _600_settle_insert
  after insert on public.refund_items referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_refund_items__settle();

create trigger _600_settle_update
  after update on public.refund_items referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_refund_items__settle();

comment on column public.refund_items.amount is 'How much of it.';

comment on column public.refund_items.created_at is 'When it was approved.';

comment on column public.refund_items.payment_id is 'The payment.';

comment on column public.refund_items.processed_at is 'When this part was given back.';

comment on column public.refund_items.provider_refund_id is 'The provider''s id of it.';

comment on column public.refund_items.refund_id is 'The refund.';

comment on column public.refund_items.updated_at is 'When it was last changed. @unlogged';

comment on table public.refund_items is 'Which payments a refund gives back, and how much of each.';

grant select (amount) on table public.refund_items to authenticated;

grant select (created_at) on table public.refund_items to authenticated;

grant select (payment_id) on table public.refund_items to authenticated;

grant select (processed_at) on table public.refund_items to authenticated;

grant select (provider_refund_id) on table public.refund_items to authenticated;

grant select (refund_id) on table public.refund_items to authenticated;

grant select (updated_at) on table public.refund_items to authenticated;

grant select on table public.refund_items to service_role;

alter table public.refund_items
  add column organization_id text not null default private.current_organization_id();

alter table public.refund_items
  add constraint refund_items_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.refund_items
  add constraint refund_items_payment_id_fkey foreign key (organization_id, payment_id)
    references public.payments(organization_id, id);

alter table public.refund_items
  add constraint refund_items_pkey primary key (organization_id, refund_id, payment_id);

create index refund_items_payment_id_idx on public.refund_items using btree (organization_id, payment_id);

create policy "only rows of the current organization" on public.refund_items
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.organization_with('bookings.read'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.read'::text) AS organization_with)));

create policy "who may read" on public.refund_items
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('bookings.read'::text) as organization_with)));

comment on column public.refund_items.organization_id is 'The organization.';

grant select (organization_id) on table public.refund_items to authenticated;

alter table public.refund_items
  add constraint refund_items_refund_id_fkey foreign key (organization_id, refund_id)
    references public.refunds(organization_id, id) on delete cascade;
