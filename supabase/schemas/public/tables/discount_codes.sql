create table public.discount_codes (
  code text not null,
  description text,
  kind text not null,
  amount numeric(14,2) not null,
  currency text,
  course_id uuid,
  minimum_total numeric(14,2),
  max_uses integer,
  max_uses_per_customer integer,
  used_count integer not null default 0,
  valid_from timestamp with time zone,
  valid_until timestamp with time zone,
  is_active boolean not null default true,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint discount_codes_amount_range
    check (((amount > (0)::numeric) AND (amount <= (1000000000)::numeric))),
  constraint discount_codes_code_wellformed check ((code ~ '^[A-Z0-9][A-Z0-9_-]{1,49}$'::text)),
  constraint discount_codes_currency_wellformed check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint discount_codes_description_length check ((length(description) <= 1000)),
  constraint discount_codes_ends_later check ((valid_until > valid_from)),
  constraint discount_codes_fixed_has_currency check (((kind = 'fixed'::text) = (currency IS NOT NULL))),
  constraint discount_codes_kind_known check ((kind = ANY (ARRAY['percentage'::text, 'fixed'::text]))),
  constraint discount_codes_max_uses_per_customer_positive check ((max_uses_per_customer > 0)),
  constraint discount_codes_max_uses_positive check ((max_uses > 0)),
  constraint discount_codes_minimum_total_range
    check (((minimum_total >= (0)::numeric) AND (minimum_total <= (1000000000)::numeric))),
  constraint discount_codes_percentage_range
    check (((kind <> 'percentage'::text) OR (amount <= (100)::numeric))),
  constraint discount_codes_used_count_not_negative check ((used_count >= 0))
);

alter table public.discount_codes
  enable row level security;

create trigger _100_stamp
  before update on public.discount_codes
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.discount_codes
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'discount_codes',
  'organization_id',
  '{organization_id,updated_at,used_count}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.discount_codes
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'discount_codes',
  'organization_id',
  '{organization_id,updated_at,used_count}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.discount_codes
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'discount_codes',
  'organization_id',
  '{organization_id,updated_at,used_count}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.discount_codes.amount is 'The percentage, or the amount.';

comment on column public.discount_codes.code is 'The word, in capitals. Unique in the organization.';

comment on column public.discount_codes.course_id is 'The only course that it is for; null for all.';

comment on column public.discount_codes.created_at is 'When it was entered.';

comment on column public.discount_codes.currency is 'The currency of a fixed amount, ISO 4217; null for a percentage.';

comment on column public.discount_codes.description is 'What it is for.';

comment on column public.discount_codes.is_active is 'Whether it may be used.';

comment on column public.discount_codes.kind is 'percentage of what is left after the group discount, or fixed: an amount off the booking.';

comment on column public.discount_codes.max_uses is 'For how many bookings that are neither cancelled nor refunded; null for any number.';

comment on column public.discount_codes.max_uses_per_customer is 'The same for one customer.';

comment on column public.discount_codes.minimum_total is 'From which amount on it counts, after the group discount.';

comment on column public.discount_codes.updated_at is 'When it was last changed. @unlogged';

comment on column public.discount_codes.used_count is 'How many such bookings have it. Kept by the database. @unlogged';

comment on column public.discount_codes.valid_from is 'From when on; null for always.';

comment on column public.discount_codes.valid_until is 'Until when, exclusive; null for ever.';

comment on table public.discount_codes is 'Words that make a booking cheaper.';

grant insert (amount), select (amount), update (amount)
  on table public.discount_codes
  to authenticated;

grant insert (code), select (code) on table public.discount_codes to authenticated;

grant insert (course_id), select (course_id), update (course_id)
  on table public.discount_codes
  to authenticated;

grant select (created_at) on table public.discount_codes to authenticated;

grant insert (currency), select (currency), update (currency)
  on table public.discount_codes
  to authenticated;

grant insert (description), select (description), update (description)
  on table public.discount_codes
  to authenticated;

grant insert (is_active), select (is_active), update (is_active)
  on table public.discount_codes
  to authenticated;

grant insert (kind), select (kind), update (kind) on table public.discount_codes to authenticated;

grant insert (max_uses_per_customer), select (max_uses_per_customer), update (max_uses_per_customer)
  on table public.discount_codes
  to authenticated;

grant insert (max_uses), select (max_uses), update (max_uses)
  on table public.discount_codes
  to authenticated;

grant insert (minimum_total), select (minimum_total), update (minimum_total)
  on table public.discount_codes
  to authenticated;

grant select (updated_at) on table public.discount_codes to authenticated;

grant select (used_count) on table public.discount_codes to authenticated;

grant insert (valid_from), select (valid_from), update (valid_from)
  on table public.discount_codes
  to authenticated;

grant insert (valid_until), select (valid_until), update (valid_until)
  on table public.discount_codes
  to authenticated;

grant delete on table public.discount_codes to authenticated;

grant select on table public.discount_codes to service_role;

alter table public.discount_codes
  add column organization_id text not null default private.current_organization_id();

alter table public.discount_codes
  add constraint discount_codes_code_key unique (organization_id, code);

alter table public.discount_codes
  add constraint discount_codes_course_id_fkey foreign key (organization_id, course_id)
    references public.courses(organization_id, id) on delete cascade;

create index discount_codes_course_id_idx on public.discount_codes using btree (organization_id, course_id);

create policy "only rows of the current organization" on public.discount_codes
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.organization_with('bookings.read'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.read'::text) AS organization_with)));

create policy "who may add" on public.discount_codes
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may change" on public.discount_codes
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may delete" on public.discount_codes
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)));

create policy "who may read" on public.discount_codes
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('bookings.read'::text) as organization_with)));

comment on column public.discount_codes.organization_id is 'The organization.';

grant select (organization_id) on table public.discount_codes to authenticated;

alter table public.discount_codes
  add column id uuid not null default private.uuid_v7();

alter table public.discount_codes
  add constraint discount_codes_pkey primary key (organization_id, id);

comment on column public.discount_codes.id is 'Time-ordered id.';

grant select (id) on table public.discount_codes to authenticated;

alter table public.discount_codes
  add constraint discount_codes_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
