create table public.bookings (
  session_id uuid not null,
  customer_id uuid,
  contact_details jsonb,
  reference text not null,
  status text not null default 'pending'::text,
  attendee_count integer not null,
  unit_price numeric(14,2) not null,
  subtotal numeric(14,2) not null,
  group_discount numeric(14,2) not null default 0,
  discount_code_id uuid,
  code_discount numeric(14,2) not null default 0,
  total numeric(14,2) not null,
  currency text not null,
  amount_paid numeric(14,2) not null default 0,
  amount_refunded numeric(14,2) not null default 0,
  terms_accepted_at timestamp with time zone,
  notes text,
  cancellation_reason text,
  created_by uuid,
  confirmed_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  refunded_at timestamp with time zone,
  completed_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint bookings_amount_paid_not_negative check ((amount_paid >= (0)::numeric)),
  constraint bookings_amount_refunded_range
    check (((amount_refunded >= (0)::numeric) AND (amount_refunded <= amount_paid))),
  constraint bookings_attendee_count_range check (((attendee_count >= 1) AND (attendee_count <= 1000))),
  constraint bookings_cancellation_reason_length check ((length(cancellation_reason) <= 1000)),
  constraint bookings_code_discount_not_negative check ((code_discount >= (0)::numeric)),
  constraint bookings_contact_details_object
    check (((jsonb_typeof(contact_details) = 'object'::text) AND (length((contact_details)::text) <= 20000))),
  constraint bookings_created_by_fkey foreign key (created_by) references auth.users(id) on delete set null,
  constraint bookings_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint bookings_group_discount_not_negative check ((group_discount >= (0)::numeric)),
  constraint bookings_notes_length check ((length(notes) <= 5000)),
  constraint bookings_reference_wellformed check ((reference ~ '^[A-HJ-NP-Z2-9]{8}$'::text)),
  constraint bookings_somebodys check ((num_nonnulls(customer_id, contact_details) > 0)),
  constraint bookings_status_known
    check
    ((status = ANY (ARRAY['pending'::text, 'confirmed'::text, 'cancelled'::text, 'refunded'::text,
    'completed'::text, 'no_show'::text]))),
  constraint bookings_subtotal_not_negative check ((subtotal >= (0)::numeric)),
  constraint bookings_total_adds_up
    check (((total = ((subtotal - group_discount) - code_discount)) AND (total >= (0)::numeric))),
  constraint bookings_unit_price_not_negative check ((unit_price >= (0)::numeric))
);

alter table public.bookings
  enable row level security;

create index bookings_created_by_idx on public.bookings using btree (created_by);

create trigger _100_stamp
  before update on public.bookings
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status_insert
  before insert on public.bookings
  for each row
  when ((new.status <> 'pending'::text))
  execute function private.tg__guard_status();

create trigger _200_guard_status_update
  before update of status on public.bookings
  for each row
  when ((new.status <> old.status))
  execute function private.tg__guard_status();

create trigger _500_audit_delete after delete on public.bookings
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'bookings',
  'organization_id',
  '{contact_email,contact_problem,organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{contact_details}'
);

create trigger _500_audit_insert after insert on public.bookings
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'bookings',
  'organization_id',
  '{contact_email,contact_problem,organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{contact_details}'
);

create trigger _500_audit_update after update on public.bookings
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'bookings',
  'organization_id',
  '{contact_email,contact_problem,organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{contact_details}'
);

create trigger _600_settle_delete
  after delete on public.bookings referencing OLD table as old_rows
  for each STATEMENT
  execute function private.tg_bookings__settle();

create trigger _600_settle_insert
  after insert on public.bookings referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_bookings__settle();

create trigger _600_settle_update
  after update on public.bookings referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_bookings__settle();

create policy "who may read" on public.bookings
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (customer_id = ANY ((
    select private.current_customer_ids() as current_customer_ids)::uuid[])) or
    (session_id = ANY (( select private.taught_session_ids() as taught_session_ids)::uuid[]))));

comment on column public.bookings.amount_paid is 'What has been paid. Kept by the database.';

comment on column public.bookings.amount_refunded is 'What of that was given back. Kept by the database.';

comment on column public.bookings.attendee_count is 'How many places.';

comment on column public.bookings.cancellation_reason is 'Why it was cancelled.';

comment on column public.bookings.cancelled_at is 'When it was cancelled.';

comment on column public.bookings.code_discount is 'What the discount code took off.';

comment on column public.bookings.completed_at is 'When it was completed.';

comment on column public.bookings.confirmed_at is 'When it was confirmed.';

comment on column public.bookings.contact_details is 'What an older booking says of who booked, an object: email, name, phone, company. Never changed by the database.';

comment on column public.bookings.created_at is 'When it was booked.';

comment on column public.bookings.created_by is 'Who booked it; null when they are gone, or it was imported.';

comment on column public.bookings.currency is 'The currency of the amounts, ISO 4217.';

comment on column public.bookings.customer_id is 'Who has booked; null for an older booking whose customer is not known yet.';

comment on column public.bookings.discount_code_id is 'The discount code.';

comment on column public.bookings.group_discount is 'What a group pays less.';

comment on column public.bookings.notes is 'What staff should know. The customer sees it, too.';

comment on column public.bookings.reference is 'What the customer says on the phone: 8 characters, unique in the organization, drawn at random.';

comment on column public.bookings.refunded_at is 'When it was refunded.';

comment on column public.bookings.session_id is 'The session.';

comment on column public.bookings.status is 'pending (not paid yet), confirmed, cancelled, refunded, completed, or no_show. All but cancelled and refunded take places.';

comment on column public.bookings.subtotal is 'The price of all places.';

comment on column public.bookings.terms_accepted_at is 'When the terms were accepted.';

comment on column public.bookings.total is 'What there is to pay.';

comment on column public.bookings.unit_price is 'The price of a place, when it was booked.';

comment on column public.bookings.updated_at is 'When it was last changed. @unlogged';

comment on table public.bookings is 'Places in a session for a customer. Older ones, imported without a customer, have contact_details until the backfill finds it.';

grant select (amount_paid) on table public.bookings to authenticated;

grant select (amount_refunded) on table public.bookings to authenticated;

grant select (attendee_count) on table public.bookings to authenticated;

grant select (cancellation_reason) on table public.bookings to authenticated;

grant select (cancelled_at) on table public.bookings to authenticated;

grant select (code_discount) on table public.bookings to authenticated;

grant select (completed_at) on table public.bookings to authenticated;

grant select (confirmed_at) on table public.bookings to authenticated;

grant select (contact_details), update (contact_details) on table public.bookings to authenticated;

grant select (created_at) on table public.bookings to authenticated;

grant select (created_by) on table public.bookings to authenticated;

grant select (currency) on table public.bookings to authenticated;

grant select (customer_id) on table public.bookings to authenticated;

grant select (discount_code_id) on table public.bookings to authenticated;

grant select (group_discount) on table public.bookings to authenticated;

grant select (notes), update (notes) on table public.bookings to authenticated;

grant select (reference) on table public.bookings to authenticated;

grant select (refunded_at) on table public.bookings to authenticated;

grant select (session_id) on table public.bookings to authenticated;

grant select (status) on table public.bookings to authenticated;

grant select (subtotal) on table public.bookings to authenticated;

grant select (terms_accepted_at) on table public.bookings to authenticated;

grant select (total) on table public.bookings to authenticated;

grant select (unit_price) on table public.bookings to authenticated;

grant select (updated_at) on table public.bookings to authenticated;

grant select on table public.bookings to service_role;

alter table public.bookings
  add column organization_id text not null default private.current_organization_id();

alter table public.bookings
  add constraint bookings_reference_key unique (organization_id, reference);

create index bookings_customer_id_idx on public.bookings using btree (organization_id, customer_id);

create index bookings_discount_code_id_idx on public.bookings using btree (organization_id, discount_code_id);

create index bookings_session_id_idx on public.bookings using btree (organization_id, session_id);

create policy "only rows of the current organization" on public.bookings
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may change" on public.bookings
  for update
  to authenticated
  using ((organization_id = ( select private.organization_with('bookings.write'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.write'::text) AS organization_with)));

comment on column public.bookings.organization_id is 'The organization.';

grant select (organization_id) on table public.bookings to authenticated;

alter table public.bookings
  add column id uuid not null default private.uuid_v7();

alter table public.bookings
  add constraint bookings_pkey primary key (organization_id, id);

create index bookings_created_at_idx on public.bookings using btree (organization_id, created_at, id);

create index bookings_status_idx on public.bookings using btree (organization_id, status, created_at, id);

comment on column public.bookings.id is 'Time-ordered id.';

grant select (id) on table public.bookings to authenticated;

alter table public.bookings
  add column contact_email text generated always as (private.contact_email(contact_details)) stored;

comment on column public.bookings.contact_email is 'The e-mail address in contact_details, in lower case; null where there is none that can be one. @unlogged';

grant select (contact_email) on table public.bookings to authenticated;

alter table public.bookings
  add column contact_problem text generated always as (private.contact_problem(contact_details)) stored;

comment on column public.bookings.contact_problem is 'Why no customer can be found from contact_details: missing_email or invalid_email; null where nothing is wrong, or nothing is there. @unlogged';

grant select (contact_problem) on table public.bookings to authenticated;

alter table public.bookings
  add constraint bookings_session_id_fkey foreign key (organization_id, session_id)
    references public.course_sessions(organization_id, id);

alter table public.bookings
  add constraint bookings_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers(organization_id, id);

alter table public.bookings
  add constraint bookings_discount_code_id_fkey foreign key (organization_id, discount_code_id)
    references public.discount_codes(organization_id, id);

alter table public.bookings
  add constraint bookings_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

create index bookings_contact_email_idx on public.bookings using btree (organization_id, contact_email, id)
  where ((customer_id is null) AND (contact_problem is null));

create index bookings_contact_problem_idx on public.bookings using btree (organization_id, id)
  where ((customer_id is null) AND (contact_problem is not null));

create index bookings_contact_search_idx on public.bookings
  using gin (organization_id, private.contact_search(contact_details) extensions.gin_trgm_ops)
  where (customer_id is null);
