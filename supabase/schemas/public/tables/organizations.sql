create table public.organizations (
  name text not null,
  slug text not null,
  contact_name text,
  contact_email text,
  contact_phone text,
  address jsonb not null default '{}'::jsonb,
  industry text,
  size text,
  timezone text not null default 'UTC'::text,
  billing_email text,
  status text not null default 'active'::text,
  status_reason text,
  suspended_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  tier text not null default 'basic'::text,
  max_users integer not null default 10,
  max_properties integer not null default 100,
  features jsonb not null default '{}'::jsonb,
  allow_self_registration boolean not null default false,
  requires_approval boolean not null default true,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint organizations_address_object
    check (((jsonb_typeof(address) = 'object'::text) AND (length((address)::text) <= 5000))),
  constraint organizations_contact_name_length
    check (((length(contact_name) >= 1) AND (length(contact_name) <= 200))),
  constraint organizations_contact_phone_length
    check (((length(contact_phone) >= 1) AND (length(contact_phone) <= 50))),
  constraint organizations_dates_fit_status check ((((status = 'suspended'::text) = (suspended_at IS
    NOT NULL)) AND ((status = 'cancelled'::text) = (cancelled_at IS
    NOT NULL)) AND ((status = 'active'::text) = (status_reason IS NULL)))),
  constraint organizations_industry_length check (((length(industry) >= 1) AND (length(industry) <= 100))),
  constraint organizations_max_properties_not_negative check ((max_properties >= 0)),
  constraint organizations_max_users_positive check ((max_users > 0)),
  constraint organizations_size_length check (((length(size) >= 1) AND (length(size) <= 50))),
  constraint organizations_slug_key unique (slug),
  constraint organizations_slug_wellformed check ((slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text)),
  constraint organizations_status_known
    check ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'cancelled'::text]))),
  constraint organizations_status_reason_length
    check (((length(status_reason) >= 1) AND (length(status_reason) <= 1000))),
  constraint organizations_tier_known
    check ((tier = ANY (ARRAY['free'::text, 'basic'::text, 'professional'::text, 'enterprise'::text]))),
  constraint organizations_billing_email_wellformed check (private.is_email(billing_email)),
  constraint organizations_contact_email_wellformed check (private.is_email(contact_email)),
  constraint organizations_features_known check (private.are_features(features)),
  constraint organizations_name_clean
    check ((NOT (name IS DISTINCT FROM private.clean_display_name(name)))),
  constraint organizations_timezone_known check (private.is_timezone(timezone))
);

alter table public.organizations
  enable row level security;

create trigger _100_stamp
  before update on public.organizations
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_found
  after insert on public.organizations referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_organizations__found();

create trigger _500_audit_delete after delete on public.organizations
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'organizations',
  'id',
  '{updated_at}',
  'id',
  '{id}',
  '{}',
  '{address,features}'
);

create trigger _500_audit_insert after insert on public.organizations
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'organizations',
  'id',
  '{updated_at}',
  'id',
  '{id}',
  '{}',
  '{address,features}'
);

create trigger _500_audit_update after update on public.organizations
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'organizations',
  'id',
  '{updated_at}',
  'id',
  '{id}',
  '{}',
  '{address,features}'
);

create trigger _500_delete_documents
  after delete on public.organizations
  for each row
  execute function private.tg_organizations__delete_documents();

comment on column public.organizations.address is 'The postal address, an object: street, postal_code, city, country, …';

comment on column public.organizations.allow_self_registration is 'Whether people may join by its sign-up link.';

comment on column public.organizations.billing_email is 'Where bills go.';

comment on column public.organizations.cancelled_at is 'When it was cancelled; null otherwise.';

comment on column public.organizations.contact_email is 'Their e-mail address.';

comment on column public.organizations.contact_name is 'Who to talk to.';

comment on column public.organizations.contact_phone is 'Their phone number.';

comment on column public.organizations.created_at is 'When it was created.';

comment on column public.organizations.created_by is 'Who created it; null for the operator. Outlives the user. @survives';

comment on column public.organizations.features is 'What is switched on: an object of booleans (ai, jobber, n8n, payments, portal, quickbooks, sms, weather).';

comment on column public.organizations.industry is 'What the company does.';

comment on column public.organizations.max_properties is 'How many properties it may have.';

comment on column public.organizations.max_users is 'How many active members it may have.';

comment on column public.organizations.name is 'The name of the company: one line of 1 to 200 characters.';

comment on column public.organizations.requires_approval is 'Whether who joins by the link waits for approval.';

comment on column public.organizations.size is 'How large it is, in its own words.';

comment on column public.organizations.slug is 'Its name in links and subdomains: lower case letters, digits and hyphens. Unique on the platform.';

comment on column public.organizations.status is 'active; suspended: its members read and write nothing; cancelled: the same, and it may be purged.';

comment on column public.organizations.status_reason is 'Why it was suspended or cancelled; null while active.';

comment on column public.organizations.suspended_at is 'When it was suspended; null otherwise.';

comment on column public.organizations.tier is 'The plan: free, basic, professional, enterprise.';

comment on column public.organizations.timezone is 'An IANA time zone such as Europe/Vienna: what "today" means there.';

comment on column public.organizations.updated_at is 'When it was last changed. @unlogged';

comment on table public.organizations is 'The tenants: each row is a company that runs on Rowhouse, and a wall around everything that carries its id.';

grant update (address) on table public.organizations to authenticated;

grant update (allow_self_registration) on table public.organizations to authenticated;

grant update (billing_email) on table public.organizations to authenticated;

grant update (contact_email) on table public.organizations to authenticated;

grant update (contact_name) on table public.organizations to authenticated;

grant update (contact_phone) on table public.organizations to authenticated;

grant update (industry) on table public.organizations to authenticated;

grant update (name) on table public.organizations to authenticated;

grant update (requires_approval) on table public.organizations to authenticated;

grant update (size) on table public.organizations to authenticated;

grant update (slug) on table public.organizations to authenticated;

grant update (timezone) on table public.organizations to authenticated;

grant select on table public.organizations to authenticated, service_role;

alter table public.organizations
  add column id text not null default private.generate_organization_id();

alter table public.organizations
  add constraint organizations_id_status_key unique (id, status);

alter table public.organizations
  add constraint organizations_id_wellformed
    check (((id ~ '^[A-Z0-9]{8,9}$'::text) AND (id <> 'PLATFORM'::text)));

alter table public.organizations
  add constraint organizations_pkey primary key (id);

create index organizations_created_at_idx on public.organizations using btree (created_at, id);

create policy "only rows of the current organization" on public.organizations
  as restrictive
  for all
  to authenticated
  using ((id = ( select private.organization_with('organization.read'::text) as organization_with)))
  with check ((id = ( SELECT private.organization_with('organization.read'::text) AS organization_with)));

create policy "who may change" on public.organizations
  for update
  to authenticated
  using ((id = ( select private.organization_with('organization.manage'::text) as organization_with)))
  with check ((id = ( SELECT private.organization_with('organization.manage'::text) AS organization_with)));

create policy "who may read" on public.organizations
  for select
  to authenticated
  using ((id = ( select private.organization_with('organization.read'::text) as organization_with)));

comment on column public.organizations.id is 'Nine characters without O, 0, I, 1 and L, which people can read out over a phone; or a reserved id such as LEGACY001.';
