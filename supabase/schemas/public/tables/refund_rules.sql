create table public.refund_rules (
  hours_before integer not null,
  refund_percent numeric(5,2) not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint refund_rules_hours_before_range check (((hours_before >= 0) AND (hours_before <= 17520))),
  constraint refund_rules_refund_percent_range
    check (((refund_percent >= (0)::numeric) AND (refund_percent <= (100)::numeric)))
);

alter table public.refund_rules
  enable row level security;

create trigger _100_stamp
  before update on public.refund_rules
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.refund_rules
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'refund_rules',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.refund_rules
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'refund_rules',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.refund_rules
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'refund_rules',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.refund_rules.created_at is 'When it was entered.';

comment on column public.refund_rules.hours_before is 'At least so many hours before the start of the session.';

comment on column public.refund_rules.refund_percent is 'The share that comes back, in percent.';

comment on column public.refund_rules.updated_at is 'When it was last changed. @unlogged';

comment on table public.refund_rules is 'Which share of what was paid comes back to who cancels how early: the rule with the most hours that are met counts, and none means nothing. An organization without rules refunds everything until 168 hours before the start, and half until 48.';

grant select (created_at) on table public.refund_rules to authenticated;

grant insert (hours_before), select (hours_before), update (hours_before)
  on table public.refund_rules
  to authenticated;

grant insert (refund_percent), select (refund_percent), update (refund_percent)
  on table public.refund_rules
  to authenticated;

grant select (updated_at) on table public.refund_rules to authenticated;

grant delete on table public.refund_rules to authenticated;

grant select on table public.refund_rules to service_role;

alter table public.refund_rules
  add column organization_id text not null default private.current_organization_id();

alter table public.refund_rules
  add constraint refund_rules_hours_before_key unique (organization_id, hours_before);

alter table public.refund_rules
  add constraint refund_rules_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

create policy "only rows of the current organization" on public.refund_rules
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

create policy "who may add" on public.refund_rules
  for insert
  to authenticated
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may change" on public.refund_rules
  for update
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('bookings.catalog'::text) AS organization_with)));

create policy "who may delete" on public.refund_rules
  for delete
  to authenticated
  using
    ((organization_id = ( select private.organization_with('bookings.catalog'::text) as organization_with)));

create policy "who may read" on public.refund_rules
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (organization_id = ( select
    private.current_organization_id() as current_organization_id))));

comment on column public.refund_rules.organization_id is 'The organization.';

grant select (organization_id) on table public.refund_rules to authenticated;

alter table public.refund_rules
  add column id uuid not null default private.uuid_v7();

alter table public.refund_rules
  add constraint refund_rules_pkey primary key (organization_id, id);

comment on column public.refund_rules.id is 'Time-ordered id.';

grant select (id) on table public.refund_rules to authenticated;
