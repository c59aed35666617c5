create table public.invoices (
  booking_id uuid not null,
  number text,
  status text not null default 'draft'::text,
  description text not null,
  quantity integer not null,
  unit_price numeric(14,2) not null,
  subtotal numeric(14,2) not null,
  discount_amount numeric(14,2) not null default 0,
  total numeric(14,2) not null,
  currency text not null,
  amount_paid numeric(14,2) not null default 0,
  amount_refunded numeric(14,2) not null default 0,
  due_on date,
  sent_at timestamp with time zone,
  paid_at timestamp with time zone,
  void_at timestamp with time zone,
  refunded_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint invoices_amount_paid_not_negative check ((amount_paid >= (0)::numeric)),
  constraint invoices_amount_refunded_range
    check (((amount_refunded >= (0)::numeric) AND (amount_refunded <= amount_paid))),
  constraint invoices_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint invoices_description_length
    check (((length(description) >= 1) AND (length(description) <= 500))),
  constraint invoices_discount_amount_range
    check (((discount_amount >= (0)::numeric) AND (discount_amount <= subtotal))),
  constraint invoices_number_wellformed check ((number ~ '^INV-[0-9]{4}-[0-9]{5,}$'::text)),
  constraint invoices_numbered_once_sent
    check (((status = ANY (ARRAY['draft'::text, 'void'::text])) OR (number IS NOT NULL))),
  constraint invoices_quantity_positive check ((quantity > 0)),
  constraint invoices_status_known
    check ((status = ANY (ARRAY['draft'::text, 'sent'::text, 'paid'::text, 'void'::text, 'refunded'::text]))),
  constraint invoices_subtotal_adds_up check ((subtotal = ((quantity)::numeric * unit_price))),
  constraint invoices_total_adds_up check ((total = (subtotal - discount_amount))),
  constraint invoices_unit_price_not_negative check ((unit_price >= (0)::numeric))
);

alter table public.invoices
  enable row level security;

create trigger _100_stamp
  before update on public.invoices
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status_insert
  before insert on public.invoices
  for each row
  when ((new.status <> 'draft'::text))
  execute function private.tg__guard_status();

create trigger _200_guard_status_update
  before update of status on public.invoices
  for each row
  when ((new.status <> old.status))
  execute function private.tg__guard_status();

create trigger _210_freeze
  before update on public.invoices
  for each row
  when ((old.status <> 'draft'::text))
  execute function
    private.tg__money_frozen('{status, amount_paid, amount_refunded, sent_at, paid_at, void_at, refunded_at, updated_at}');

create trigger _212_freeze_delete
  before delete on public.invoices
  for each row
  when ((old.number IS NOT NULL))
  execute function private.tg__money_frozen();

create trigger _500_audit_delete after delete on public.invoices
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'invoices',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.invoices
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'invoices',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.invoices
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'invoices',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.invoices.amount_paid is 'What has been paid. Kept by the database.';

comment on column public.invoices.amount_refunded is 'What of that was given back. Kept by the database.';

comment on column public.invoices.booking_id is 'The booking. It has one invoice that is not void.';

comment on column public.invoices.created_at is 'When it was made.';

comment on column public.invoices.currency is 'The currency of the amounts, ISO 4217.';

comment on column public.invoices.description is 'What it is for: the course and the day.';

comment on column public.invoices.discount_amount is 'What the group and the code took off.';

comment on column public.invoices.due_on is 'The day on which it is due.';

comment on column public.invoices.number is 'Its number, INV-<year>-<count>, from the moment that it is sent or paid. Unique in the organization.';

comment on column public.invoices.paid_at is 'When all of it was paid.';

comment on column public.invoices.quantity is 'How many places.';

comment on column public.invoices.refunded_at is 'When it was refunded.';

comment on column public.invoices.sent_at is 'When it was sent.';

comment on column public.invoices.status is 'draft, sent, paid, void, or refunded.';

comment on column public.invoices.subtotal is 'The price of all places.';

comment on column public.invoices.total is 'What there is to pay.';

comment on column public.invoices.unit_price is 'The price of a place.';

comment on column public.invoices.updated_at is 'When it was last changed. @unlogged';

comment on column public.invoices.void_at is 'When it was declared void.';

comment on table public.invoices is 'What is asked of a customer for a booking. A draft has no number: numbers are given when it is sent, without a gap.';

grant select (amount_paid) on table public.invoices to authenticated;

grant select (amount_refunded) on table public.invoices to authenticated;

grant select (booking_id) on table public.invoices to authenticated;

grant select (created_at) on table public.invoices to authenticated;

grant select (currency) on table public.invoices to authenticated;

grant select (description) on table public.invoices to authenticated;

grant select (discount_amount) on table public.invoices to authenticated;

grant select (due_on) on table public.invoices to authenticated;

grant select (number) on table public.invoices to authenticated;

grant select (paid_at) on table public.invoices to authenticated;

grant select (quantity) on table public.invoices to authenticated;

grant select (refunded_at) on table public.invoices to authenticated;

grant select (sent_at) on table public.invoices to authenticated;

grant select (status) on table public.invoices to authenticated;

grant select (subtotal) on table public.invoices to authenticated;

grant select (total) on table public.invoices to authenticated;

grant select (unit_price) on table public.invoices to authenticated;

grant select (updated_at) on table public.invoices to authenticated;

grant select (void_at) on table public.invoices to authenticated;

grant select on table public.invoices to service_role;

create policy "who may read" on public.invoices
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or ((status <> 'draft'::text)
    AND (booking_id in ( select booking.id
   from public.bookings booking
  where
    (booking.customer_id = ANY (( select private.current_customer_ids() as
    current_customer_ids)::uuid[])))))));

alter table public.invoices
  add column organization_id text not null default private.current_organization_id();

alter table public.invoices
  add constraint invoices_booking_id_fkey foreign key (organization_id, booking_id)
    references public.bookings(organization_id, id);

alter table public.invoices
  add constraint invoices_number_key unique (organization_id, number);

create index invoices_booking_id_idx on public.invoices using btree (organization_id, booking_id);

create unique index invoices_live_idx on public.invoices using btree (organization_id, booking_id)
  where (status <> 'void'::text);

create policy "only rows of the current organization" on public.invoices
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.invoices.organization_id is 'The organization.';

grant select (organization_id) on table public.invoices to authenticated;

alter table public.invoices
  add column id uuid not null default private.uuid_v7();

alter table public.invoices
  add constraint invoices_pkey primary key (organization_id, id);

comment on column public.invoices.id is 'Time-ordered id.';

grant select (id) on table public.invoices to authenticated;

alter table public.invoices
  add constraint invoices_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
