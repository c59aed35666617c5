create table public.quotes (
  number text not null,
  customer_id uuid not null,
  status text not null default 'draft'::text,
  currency text not null,
  subtotal numeric(14,2) not null,
  discount_amount numeric(14,2) not null default 0,
  tax_rate numeric(6,3) not null default 0,
  valid_until date not null,
  notes text,
  rejection_reason text,
  sent_at timestamp with time zone,
  accepted_at timestamp with time zone,
  rejected_at timestamp with time zone,
  expired_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint quotes_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint quotes_dates_fit_status check ((((status <> 'draft'::text) = (sent_at IS
    NOT NULL)) AND ((status = 'accepted'::text) = (accepted_at IS
    NOT NULL)) AND ((status = 'rejected'::text) = (rejected_at IS
    NOT NULL)) AND ((status = 'expired'::text) = (expired_at IS
    NOT NULL)) AND ((status = 'rejected'::text) OR (rejection_reason IS NULL)))),
  constraint quotes_discount_amount_range
    check (((discount_amount >= (0)::numeric) AND (discount_amount <= subtotal))),
  constraint quotes_notes_length check (((length(notes) >= 1) AND (length(notes) <= 5000))),
  constraint quotes_rejection_reason_length
    check (((length(rejection_reason) >= 1) AND (length(rejection_reason) <= 1000))),
  constraint quotes_status_known
    check
    ((status = ANY (ARRAY['draft'::text, 'sent'::text, 'accepted'::text, 'rejected'::text,
    'expired'::text]))),
  constraint quotes_subtotal_not_negative check ((subtotal >= (0)::numeric)),
  constraint quotes_tax_rate_range check (((tax_rate >= (0)::numeric) AND (tax_rate <= (100)::numeric))),
  created_by uuid default auth.uid(),
  constraint quotes_created_by_fkey foreign key (created_by) references auth.users(id) on delete set null
);

alter table public.quotes
  enable row level security;

alter table public.quotes
  add column tax_amount numeric(14,2) generated always as
    (round((((subtotal - discount_amount) * tax_rate) / (100)::numeric), 2)) stored not null;

alter table public.quotes
  add column total numeric(14,2) generated always as
    (((subtotal - discount_amount) + round((((subtotal - discount_amount) * tax_rate) / (100)::numeric), 2)))
    stored not null;

create index quotes_expiring_idx on public.quotes using btree (valid_until)
  where (status = 'sent'::text);

create trigger _100_stamp
  before update on public.quotes
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status
  before insert or update of status on public.quotes
  for each row
  execute function private.tg__guard_status();

create trigger _210_freeze_delete
  before delete on public.quotes
  for each row
  when ((old.status <> 'draft'::text))
  execute function private.tg_quotes__freeze();

create trigger _210_freeze_update
  before update on public.quotes
  for each row
  when ((old.status <> 'draft'::text))
  execute function private.tg_quotes__freeze();

create trigger _500_audit_delete after delete on public.quotes
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'quotes',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.quotes
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'quotes',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.quotes
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'quotes',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create policy "who may read" on public.quotes
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or (customer_id = ANY (( select
    private.sold_customer_ids() as sold_customer_ids)::uuid[])) or
    ((status <> 'draft'::text) AND (customer_id = ANY (( select private.own_customer_ids() as
    own_customer_ids)::uuid[])))));

comment on column public.quotes.accepted_at is 'When it was accepted; null otherwise.';

comment on column public.quotes.created_at is 'When it was made.';

comment on column public.quotes.currency is 'The currency of its amounts, an ISO 4217 code.';

comment on column public.quotes.customer_id is 'Whose configurations they are.';

comment on column public.quotes.discount_amount is 'What is taken off the subtotal: from 0 to all of it.';

comment on column public.quotes.expired_at is 'When it was found to have expired; null otherwise.';

comment on column public.quotes.notes is 'What is said to the customer.';

comment on column public.quotes.number is 'Its number: Q, the day in the time zone of the organization, and a count, as Q-20260115-001. Unique in the organization.';

comment on column public.quotes.rejected_at is 'When it was rejected; null otherwise.';

comment on column public.quotes.rejection_reason is 'Why it was rejected.';

comment on column public.quotes.sent_at is 'When it was sent; null for a draft.';

comment on column public.quotes.status is 'draft: being prepared; sent: its prices are frozen; accepted; rejected; expired: not answered in time.';

comment on column public.quotes.subtotal is 'The sum of its items. Computed by the database.';

comment on column public.quotes.tax_amount is 'The tax: (subtotal - discount) * rate / 100, rounded to cents.';

comment on column public.quotes.tax_rate is 'The tax in per cent of the discounted amount.';

comment on column public.quotes.total is 'What there is to pay: subtotal - discount + tax.';

comment on column public.quotes.updated_at is 'When it was last changed. @unlogged';

comment on column public.quotes.valid_until is 'The last day on which it may be accepted and ordered, in the time zone of the organization. 30 days from its making unless it says otherwise.';

comment on table public.quotes is 'What configurations of one customer are offered for. Sending it freezes its prices.';

grant select (accepted_at) on table public.quotes to authenticated;

grant select (created_at) on table public.quotes to authenticated;

grant select (currency) on table public.quotes to authenticated;

grant select (customer_id) on table public.quotes to authenticated;

grant select (discount_amount) on table public.quotes to authenticated;

grant select (expired_at) on table public.quotes to authenticated;

grant select (notes) on table public.quotes to authenticated;

grant select (number) on table public.quotes to authenticated;

grant select (rejected_at) on table public.quotes to authenticated;

grant select (rejection_reason) on table public.quotes to authenticated;

grant select (sent_at) on table public.quotes to authenticated;

grant select (status) on table public.quotes to authenticated;

grant select (subtotal) on table public.quotes to authenticated;

grant select (tax_amount) on table public.quotes to authenticated;

grant select (tax_rate) on table public.quotes to authenticated;

grant select (total) on table public.quotes to authenticated;

grant select (updated_at) on table public.quotes to authenticated;

grant select (valid_until) on table public.quotes to authenticated;

grant select on table public.quotes to service_role;

alter table public.quotes
  add column organization_id text not null default private.current_organization_id();

alter table public.quotes
  add constraint quotes_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers(organization_id, id);

alter table public.quotes
  add constraint quotes_number_key unique (organization_id, number);

alter table public.quotes
  add constraint quotes_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

create index quotes_created_at_idx on public.quotes using btree (organization_id, created_at);

create index quotes_customer_id_idx on public.quotes using btree (organization_id, customer_id, created_at);

create index quotes_status_idx on public.quotes using btree (organization_id, status, created_at);

create policy "only rows of the current organization" on public.quotes
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.quotes.organization_id is 'The organization.';

grant select (organization_id) on table public.quotes to authenticated;

alter table public.quotes
  add column id uuid not null default private.uuid_v7();

alter table public.quotes
  add constraint quotes_customer_key unique (organization_id, id, customer_id);

alter table public.quotes
  add constraint quotes_pkey primary key (organization_id, id);

comment on column public.quotes.id is 'Time-ordered id.';

grant select (id) on table public.quotes to authenticated;

create index quotes_created_by_idx on public.quotes using btree (created_by)
  where (created_by is not null);

comment on column public.quotes.created_by is 'Who made it; null when they are gone.';

grant select (created_by) on table public.quotes to authenticated;
