create table public.course_price_tiers (
  course_id uuid not null,
  min_attendees integer not null,
  discount_percent numeric(5,2) not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint course_price_tiers_discount_percent_range
    check (((discount_percent > (0)::numeric) AND (discount_percent <= (100)::numeric))),
  constraint course_price_tiers_min_attendees_range
    check (((min_attendees >= 2) AND (min_attendees <= 1000)))
);

alter table public.course_price_tiers
  enable row level security;

create trigger _100_stamp
  before update on public.course_price_tiers
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.course_price_tiers
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'course_price_tiers',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.course_price_tiers
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'course_price_tiers',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.course_price_tiers
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'course_price_tiers',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.course_price_tiers.course_id is 'The course.';

comment on column public.course_price_tiers.created_at is 'When it was entered.';

comment on column public.course_price_tiers.discount_percent is 'What is taken off, in percent.';

comment on column public.course_price_tiers.min_attendees is 'From how many attendees of one booking on.';

comment on column public.course_price_tiers.updated_at is 'When it was last changed. @unlogged';

comment on table public.course_price_tiers is 'What groups pay less: of the tiers whose number of attendees is met, that with the most counts.';

grant insert (course_id), select (course_id) on table public.course_price_tiers to authenticated;

grant select (created_at) on table public.course_price_tiers to authenticated;

grant insert (discount_percent), select (discount_percent), update (discount_percent)
  on table public.course_price_tiers
  to authenticated;

grant insert (min_attendees), select (min_attendees), update (min_attendees)
  on table public.course_price_tiers
  to authenticated;

grant select (updated_at) on table public.course_price_tiers to authenticated;

grant delete on table public.course_price_tiers to authenticated;

grant select on table public.course_price_tiers to service_role;

alter table public.course_price_tiers
  add column organization_id text not null default private.current_organization_id();

alter table public.course_price_tiers
  add constraint course_price_tiers_min_attendees_key unique (organization_id, course_id, min_attendees);

create policy "only rows of the current organization" on public.course_price_tiers
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.course_price_tiers
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may change" on public.course_price_tiers
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may delete" on public.course_price_tiers
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)));

create policy "who may read" on public.course_price_tiers
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (organization_id = ( select
    private.current_organization_id() as current_organization_id))));

comment on column public.course_price_tiers.organization_id is 'The organization.';

grant select (organization_id) on table public.course_price_tiers to authenticated;

alter table public.course_price_tiers
  add column id uuid not null default private.uuid_v7();

alter table public.course_price_tiers
  add constraint course_price_tiers_pkey primary key (organization_id, id);

comment on column public.course_price_tiers.id is 'Time-ordered id.';

grant select (id) on table public.course_price_tiers to authenticated;

alter table public.course_price_tiers
  add constraint course_price_tiers_course_id_fkey foreign key (organization_id, course_id)
    references public.courses(organization_id, id) on delete cascade;

alter table public.course_price_tiers
  add constraint course_price_tiers_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
