create table public.customers (
  company_name text,
  contact_person text,
  email text,
  phone text,
  address jsonb not null default '{}'::jsonb,
  customer_type text not null default 'residential'::text,
  tax_id text,
  payment_terms text,
  is_active boolean not null default true,
  notes text,
  marketing_consent boolean not null default false,
  sms_consent boolean not null default false,
  emergency_contact_name text,
  emergency_contact_phone text,
  customer_since date not null default CURRENT_DATE,
  tags text[] not null default '{}'::text[],
  total_bookings integer not null default 0,
  total_spent numeric(14,2) not null default 0,
  first_booking_at timestamp with time zone,
  last_booking_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint customers_address_object
    check (((jsonb_typeof(address) = 'object'::text) AND (length((address)::text) <= 5000))),
  constraint customers_bookings_in_order check ((last_booking_at >= first_booking_at)),
  constraint customers_company_name_length
    check (((length(company_name) >= 1) AND (length(company_name) <= 200))),
  constraint customers_contact_person_length
    check (((length(contact_person) >= 1) AND (length(contact_person) <= 200))),
  constraint customers_customer_since_finite check (isfinite(customer_since)),
  constraint customers_customer_type_known
    check
    ((customer_type = ANY (ARRAY['residential'::text, 'commercial'::text, 'contractor'::text,
    'individual'::text, 'corporate'::text]))),
  constraint customers_emergency_contact_name_length
    check (((length(emergency_contact_name) >= 1) AND (length(emergency_contact_name) <= 200))),
  constraint customers_emergency_contact_phone_length
    check (((length(emergency_contact_phone) >= 1) AND (length(emergency_contact_phone) <= 50))),
  constraint customers_notes_length check (((length(notes) >= 1) AND (length(notes) <= 10000))),
  constraint customers_payment_terms_length
    check (((length(payment_terms) >= 1) AND (length(payment_terms) <= 200))),
  constraint customers_phone_length check (((length(phone) >= 1) AND (length(phone) <= 50))),
  constraint customers_someone_to_address
    check ((num_nonnulls(company_name, contact_person, email, phone) > 0)),
  constraint customers_tags_few check (
CASE
    WHEN (COALESCE(array_ndims(tags), 1) = 1) THEN
      ((cardinality(tags) <= 50) AND (array_position(tags, NULL::text) IS NULL) AND
      (length(array_to_string(tags, ''::text)) <= 2500))
    ELSE false
END),
  constraint customers_tax_id_length check (((length(tax_id) >= 1) AND (length(tax_id) <= 50))),
  constraint customers_total_bookings_not_negative check ((total_bookings >= 0)),
  constraint customers_email_wellformed
    check ((private.is_email(email) AND (email = lower(email)) AND (length(email) <= 320)))
);

alter table public.customers
  enable row level security;

create trigger _050_normalize
  before insert or update of company_name,
    contact_person,
    email,
    phone, tax_id, payment_terms, notes, emergency_contact_name, emergency_contact_phone on public.customers
  for each row
  execute function private.tg_customers__normalize();

create trigger _100_stamp
  before update on public.customers
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.customers
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'customers',
  'organization_id',
  '{first_booking_at,last_booking_at,organization_id,search_text,search_words,total_bookings,total_spent,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

create trigger _500_audit_insert after insert on public.customers
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'customers',
  'organization_id',
  '{first_booking_at,last_booking_at,organization_id,search_text,search_words,total_bookings,total_spent,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

create trigger _500_audit_update after update on public.customers
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'customers',
  'organization_id',
  '{first_booking_at,last_booking_at,organization_id,search_text,search_words,total_bookings,total_spent,updated_at}',
  'id',
  '{id}',
  '{}',
  '{address}'
);

comment on column public.customers.address is 'The postal address, an object: street, postal_code, city, country, …';

comment on column public.customers.company_name is 'The company; null for a private person.';

comment on column public.customers.contact_person is 'Who to talk to.';

comment on column public.customers.created_at is 'When it was entered.';

comment on column public.customers.customer_since is 'The day from which it is a customer.';

comment on column public.customers.customer_type is 'residential, commercial, contractor, individual, or corporate.';

comment on column public.customers.email is 'The e-mail address, in lower case. Unique in the organization. Who signs up with this address and verifies it acts for the customer.';

comment on column public.customers.emergency_contact_name is 'Whom to call in an emergency.';

comment on column public.customers.emergency_contact_phone is 'Their phone number.';

comment on column public.customers.first_booking_at is 'When it made the first of these bookings. Kept by the database. @unlogged';

comment on column public.customers.is_active is 'Whether the organization still sells to it.';

comment on column public.customers.last_booking_at is 'When it made the last of them. Kept by the database. @unlogged';

comment on column public.customers.marketing_consent is 'Whether it agreed to advertising.';

comment on column public.customers.notes is 'What staff should know. The customer sees it, too.';

comment on column public.customers.payment_terms is 'What was agreed on, such as "30 days net".';

comment on column public.customers.phone is 'The phone number, as it was given.';

comment on column public.customers.sms_consent is 'Whether it agreed to text messages.';

comment on column public.customers.tags is 'Words to group customers by: at most 50.';

comment on column public.customers.tax_id is 'The tax number, for invoices.';

comment on column public.customers.total_bookings is 'How many bookings it has that are neither cancelled nor refunded. Kept by the database. @unlogged';

comment on column public.customers.total_spent is 'What it has paid for bookings less what was given back, in the currencies of the bookings. Kept by the database. @unlogged';

comment on column public.customers.updated_at is 'When it was last changed. @unlogged';

comment on table public.customers is 'Who an organization sells to: a person or a company. No user; customer_users says who signs in for it.';

grant insert (address), select (address), update (address)
  on table public.customers
  to authenticated;

grant insert (company_name), select (company_name), update (company_name)
  on table public.customers
  to authenticated;

grant insert (contact_person), select (contact_person), update (contact_person)
  on table public.customers
  to authenticated;

grant select (created_at) on table public.customers to authenticated;

grant insert (customer_since), select (customer_since), update (customer_since)
  on table public.customers
  to authenticated;

grant insert (customer_type), select (customer_type), update (customer_type)
  on table public.customers
  to authenticated;

grant insert (email), select (email), update (email) on table public.customers to authenticated;

grant insert (emergency_contact_name), select (emergency_contact_name), update (emergency_contact_name)
  on table public.customers
  to authenticated;

grant insert (emergency_contact_phone),
  select (emergency_contact_phone), update (emergency_contact_phone)
  on table public.customers
  to authenticated;

grant select (first_booking_at) on table public.customers to authenticated;

grant insert (is_active), select (is_active), update (is_active)
  on table public.customers
  to authenticated;

grant select (last_booking_at) on table public.customers to authenticated;

grant insert (marketing_consent), select (marketing_consent), update (marketing_consent)
  on table public.customers
  to authenticated;

grant insert (notes), select (notes), update (notes) on table public.customers to authenticated;

grant insert (payment_terms), select (payment_terms), update (payment_terms)
  on table public.customers
  to authenticated;

grant insert (phone), select (phone), update (phone) on table public.customers to authenticated;

grant insert (sms_consent), select (sms_consent), update (sms_consent)
  on table public.customers
  to authenticated;

grant insert (tags), select (tags), update (tags) on table public.customers to authenticated;

grant insert (tax_id), select (tax_id), update (tax_id) on table public.customers to authenticated;

grant select (total_bookings) on table public.customers to authenticated;

grant select (total_spent) on table public.customers to authenticated;

grant select (updated_at) on table public.customers to authenticated;

grant select on table public.customers to service_role;

alter table public.customers
  add column organization_id text not null default private.current_organization_id();

alter table public.customers
  add constraint customers_email_key unique (organization_id, email);

create policy "only rows of the current organization" on public.customers
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.customers.organization_id is 'The organization.';

grant select (organization_id) on table public.customers to authenticated;

alter table public.customers
  add column id uuid not null default private.uuid_v7();

alter table public.customers
  add constraint customers_pkey primary key (organization_id, id);

create index customers_created_at_idx on public.customers using btree (organization_id, created_at, id);

create index customers_last_booking_at_idx on public.customers
  using btree (organization_id, last_booking_at desc nulls last, id);

create policy "who may add" on public.customers
  for insert
  to authenticated
  with
    check
    ((( SELECT private.has_permission('customers.write'::text) AS has_permission) OR (id = ANY (( SELECT
    private.assigned_customer_ids() AS assigned_customer_ids)::uuid[]))));

create policy "who may change" on public.customers
  for update
  to authenticated
  using
    ((( select private.has_permission('customers.write'::text) as has_permission) or (id = ANY (( select
    private.assigned_customer_ids() as assigned_customer_ids)::uuid[]))))
  with
    check
    ((( SELECT private.has_permission('customers.write'::text) AS has_permission) OR (id = ANY (( SELECT
    private.assigned_customer_ids() AS assigned_customer_ids)::uuid[]))));

create policy "who may read" on public.customers
  for select
  to authenticated
  using
    ((( select private.has_permission('customers.read'::text) as has_permission) or (id = ANY (( select
    private.current_customer_ids() as current_customer_ids)::uuid[]))));

comment on column public.customers.id is 'Time-ordered id.';

grant select (id) on table public.customers to authenticated;

alter table public.customers
  add column search_text text generated always as
    (private.search_key(ARRAY[company_name, contact_person, email, phone, regexp_replace(phone,
    '[^0-9]+'::text, ''::text, 'g'::text)])) stored not null;

comment on column public.customers.search_text is 'Names, address and number without accents, for search_customers. @unlogged';

grant select (search_text) on table public.customers to authenticated;

alter table public.customers
  add column search_words tsvector generated always as
    (private.search_words(ARRAY[company_name, contact_person, email, phone])) stored not null;

comment on column public.customers.search_words is 'The words of search_text. @unlogged';

grant select (search_words) on table public.customers to authenticated;

alter table public.customers
  add constraint customers_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

create index customers_search_idx on public.customers
  using gin (organization_id, search_text extensions.gin_trgm_ops, search_words);
