create table public.orders (
  number text not null,
  quote_id uuid not null,
  customer_id uuid not null,
  status text not null default 'confirmed'::text,
  currency text not null,
  subtotal numeric(14,2) not null,
  discount_amount numeric(14,2) not null,
  tax_rate numeric(6,3) not null,
  tax_amount numeric(14,2) not null,
  total numeric(14,2) not null,
  required_date date,
  delivery_address jsonb not null default '{}'::jsonb,
  notes text,
  cancellation_reason text,
  confirmed_at timestamp with time zone,
  production_at timestamp with time zone,
  shipped_at timestamp with time zone,
  installed_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint orders_cancellation_reason_length
    check (((length(cancellation_reason) >= 1) AND (length(cancellation_reason) <= 1000))),
  constraint orders_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint orders_dates_fit_status check (((confirmed_at IS NOT NULL) AND ((production_at IS
    NOT NULL) OR (status = ANY (ARRAY['confirmed'::text, 'cancelled'::text]))) AND
    ((production_at IS NULL) OR (status <> 'confirmed'::text)) AND
    ((status = ANY (ARRAY['shipped'::text, 'installed'::text])) = (shipped_at IS
    NOT NULL)) AND ((status = 'installed'::text) = (installed_at IS
    NOT NULL)) AND ((status = 'cancelled'::text) = (cancelled_at IS
    NOT NULL)) AND ((status = 'cancelled'::text) OR (cancellation_reason IS NULL)))),
  constraint orders_delivery_address_object
    check
    (((jsonb_typeof(delivery_address) = 'object'::text) AND (length((delivery_address)::text) <= 5000))),
  constraint orders_notes_length check (((length(notes) >= 1) AND (length(notes) <= 5000))),
  constraint orders_status_known
    check
    ((status = ANY (ARRAY['confirmed'::text, 'production'::text, 'shipped'::text, 'installed'::text,
    'cancelled'::text]))),
  created_by uuid default auth.uid(),
  constraint orders_created_by_fkey foreign key (created_by) references auth.users(id) on delete set null
);

alter table public.orders
  enable row level security;

create trigger _100_stamp
  before update on public.orders
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status
  before insert or update of status on public.orders
  for each row
  execute function private.tg__guard_status();

create trigger _210_freeze
  before update on public.orders
  for each row
  execute function
    private.tg__order_frozen('{customer_id, status, production_at, shipped_at, installed_at, cancelled_at, cancellation_reason, required_date, delivery_address, notes, created_by, updated_at}');

create trigger _500_audit_delete after delete on public.orders
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'orders',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{delivery_address}'
);

create trigger _500_audit_insert after insert on public.orders
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'orders',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{delivery_address}'
);

create trigger _500_audit_update after update on public.orders
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'orders',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{delivery_address}'
);

create policy "who may read" on public.orders
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or (customer_id = ANY (( select
    private.sales_customer_ids() as sales_customer_ids)::uuid[]))));

comment on column public.orders.cancellation_reason is 'Why it was cancelled.';

comment on column public.orders.cancelled_at is 'When it was cancelled.';

comment on column public.orders.confirmed_at is 'When it was ordered.';

comment on column public.orders.created_at is 'When it was made.';

comment on column public.orders.currency is 'The currency of its amounts, an ISO 4217 code.';

comment on column public.orders.customer_id is 'The customer of the quote: a foreign key makes any other impossible.';

comment on column public.orders.delivery_address is 'Where it goes, an object: street, postal_code, city, country, …';

comment on column public.orders.discount_amount is 'What was taken off, as quoted.';

comment on column public.orders.installed_at is 'When it was installed.';

comment on column public.orders.notes is 'What there is to say.';

comment on column public.orders.number is 'Its number: O, the day in the time zone of the organization, and a count, as O-20260115-001. Unique in the organization.';

comment on column public.orders.production_at is 'When production began.';

comment on column public.orders.quote_id is 'The quote. There is one order of each.';

comment on column public.orders.required_date is 'The day on which the customer needs it.';

comment on column public.orders.shipped_at is 'When it was shipped.';

comment on column public.orders.status is 'confirmed, production, shipped, installed; or cancelled, before it was shipped.';

comment on column public.orders.subtotal is 'The sum of its items, as quoted.';

comment on column public.orders.tax_amount is 'The tax, as quoted.';

comment on column public.orders.tax_rate is 'The tax in per cent, as quoted.';

comment on column public.orders.total is 'What there is to pay, as quoted.';

comment on column public.orders.updated_at is 'When it was last changed. @unlogged';

comment on table public.orders is 'What is made: an accepted quote, once.';

grant select (cancellation_reason) on table public.orders to authenticated;

grant select (cancelled_at) on table public.orders to authenticated;

grant select (confirmed_at) on table public.orders to authenticated;

grant select (created_at) on table public.orders to authenticated;

grant select (currency) on table public.orders to authenticated;

grant select (customer_id) on table public.orders to authenticated;

grant select (delivery_address) on table public.orders to authenticated;

grant select (discount_amount) on table public.orders to authenticated;

grant select (installed_at) on table public.orders to authenticated;

grant select (notes) on table public.orders to authenticated;

grant select (number) on table public.orders to authenticated;

grant select (production_at) on table public.orders to authenticated;

grant select (quote_id) on table public.orders to authenticated;

grant select (required_date) on table public.orders to authenticated;

grant select (shipped_at) on table public.orders to authenticated;

grant select (status) on table public.orders to authenticated;

grant select (subtotal) on table public.orders to authenticated;

grant select (tax_amount) on table public.orders to authenticated;

grant select (tax_rate) on table public.orders to authenticated;

grant select (total) on table public.orders to authenticated;

grant select (updated_at) on table public.orders to authenticated;

grant select on table public.orders to service_role;

alter table public.orders
  add column organization_id text not null default private.current_organization_id();

alter table public.orders
  add constraint orders_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers(organization_id, id) deferrable;

alter table public.orders
  add constraint orders_number_key unique (organization_id, number);

alter table public.orders
  add constraint orders_quote_key unique (organization_id, quote_id);

create index orders_created_at_idx on public.orders using btree (organization_id, created_at);

create index orders_customer_id_idx on public.orders using btree (organization_id, customer_id, created_at);

create index orders_quote_id_idx on public.orders using btree (organization_id, quote_id, customer_id);

create index orders_status_idx on public.orders using btree (organization_id, status, created_at);

create policy "only rows of the current organization" on public.orders
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.orders.organization_id is 'The organization.';

grant select (organization_id) on table public.orders to authenticated;

alter table public.orders
  add column id uuid not null default private.uuid_v7();

alter table public.orders
  add constraint orders_pkey primary key (organization_id, id);

comment on column public.orders.id is 'Time-ordered id.';

grant select (id) on table public.orders to authenticated;

create index orders_created_by_idx on public.orders using btree (created_by)
  where (created_by is not null);

comment on column public.orders.created_by is 'Who ordered; null when they are gone.';

grant select (created_by) on table public.orders to authenticated;

alter table public.orders
  add constraint orders_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.orders
  add constraint orders_quote_id_fkey foreign key (organization_id, quote_id, customer_id)
    references public.quotes(organization_id, id, customer_id) on update cascade deferrable;
