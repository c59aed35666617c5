create table public.courses (
  name text not null,
  slug text not null,
  course_type text not null default 'public'::text,
  description text,
  duration_minutes integer not null,
  price numeric(14,2) not null,
  currency text not null default 'EUR'::text,
  minimum_age integer,
  certificate_months integer,
  has_certificate boolean not null default true,
  is_active boolean not null default true,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint courses_certificate_months_range
    check (((certificate_months >= 1) AND (certificate_months <= 600))),
  constraint courses_course_type_known
    check ((course_type = ANY (ARRAY['public'::text, 'private'::text, 'online'::text, 'refresher'::text]))),
  constraint courses_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint courses_description_length check ((length(description) <= 10000)),
  constraint courses_duration_minutes_range
    check (((duration_minutes >= 5) AND (duration_minutes <= 43200))),
  constraint courses_minimum_age_range check (((minimum_age >= 1) AND (minimum_age <= 120))),
  constraint courses_name_length check (((length(name) >= 1) AND (length(name) <= 200))),
  constraint courses_price_range check (((price >= (0)::numeric) AND (price <= (1000000000)::numeric))),
  constraint courses_slug_wellformed
    check (((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(slug) <= 100)))
);

alter table public.courses
  enable row level security;

create trigger _100_stamp
  before update on public.courses
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.courses
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'courses',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.courses
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'courses',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.courses
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'courses',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create policy "who may read" on public.courses
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or is_active or ( select
    private.has_permission('bookings.teach'::text) as has_permission)));

comment on column public.courses.certificate_months is 'For how many months its certificate is valid; null for ever.';

comment on column public.courses.course_type is 'public, private (for one customer), online, or refresher.';

comment on column public.courses.created_at is 'When it was entered.';

comment on column public.courses.currency is 'The currency of the price, ISO 4217.';

comment on column public.courses.description is 'What is taught.';

comment on column public.courses.duration_minutes is 'How long it takes.';

comment on column public.courses.has_certificate is 'Whether who attends gets a certificate.';

comment on column public.courses.is_active is 'Whether it is still offered.';

comment on column public.courses.minimum_age is 'From which age on one may attend, in years on the day of the session. Then the date of birth of each attendee is asked for.';

comment on column public.courses.name is 'What it is called.';

comment on column public.courses.price is 'The price of a place, unless a session has its own.';

comment on column public.courses.slug is 'Its name in addresses: lower-case letters, digits, hyphens. Unique in the organization.';

comment on column public.courses.updated_at is 'When it was last changed. @unlogged';

comment on table public.courses is 'What an organization teaches.';

grant insert (certificate_months), select (certificate_months), update (certificate_months)
  on table public.courses
  to authenticated;

grant insert (course_type), select (course_type), update (course_type)
  on table public.courses
  to authenticated;

grant select (created_at) on table public.courses to authenticated;

grant insert (currency), select (currency), update (currency)
  on table public.courses
  to authenticated;

grant insert (description), select (description), update (description)
  on table public.courses
  to authenticated;

grant insert (duration_minutes), select (duration_minutes), update (duration_minutes)
  on table public.courses
  to authenticated;

grant insert (has_certificate), select (has_certificate), update (has_certificate)
  on table public.courses
  to authenticated;

grant insert (is_active), select (is_active), update (is_active)
  on table public.courses
  to authenticated;

grant insert (minimum_age), select (minimum_age), update (minimum_age)
  on table public.courses
  to authenticated;

grant insert (name), select (name), update (name) on table public.courses to authenticated;

grant insert (price), select (price), update (price) on table public.courses to authenticated;

grant insert (slug), select (slug), update (slug) on table public.courses to authenticated;

grant select (updated_at) on table public.courses to authenticated;

grant delete on table public.courses to authenticated;

grant select on table public.courses to service_role;

alter table public.courses
  add column organization_id text not null default private.current_organization_id();

alter table public.courses
  add constraint courses_slug_key unique (organization_id, slug);

create policy "only rows of the current organization" on public.courses
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.courses
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may change" on public.courses
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may delete" on public.courses
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)));

comment on column public.courses.organization_id is 'The organization.';

grant select (organization_id) on table public.courses to authenticated;

alter table public.courses
  add column id uuid not null default private.uuid_v7();

alter table public.courses
  add constraint courses_pkey primary key (organization_id, id);

comment on column public.courses.id is 'Time-ordered id.';

grant select (id) on table public.courses to authenticated;

alter table public.courses
  add constraint courses_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
