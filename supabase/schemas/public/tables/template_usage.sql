create table public.template_usage (
  template_id uuid not null,
  configuration_id uuid not null,
  usage_type text not null,
  used_at timestamp with time zone not null default now(),
  quoted_at timestamp with time zone,
  ordered_at timestamp with time zone,
  constraint template_usage_ordered_after_quoted check (((ordered_at IS NULL) OR (quoted_at IS NOT NULL))),
  constraint template_usage_usage_type_known
    check ((usage_type = ANY (ARRAY['customer_start'::text, 'sales_assist'::text, 'quick_quote'::text]))),
  used_by uuid default auth.uid(),
  constraint template_usage_used_by_fkey foreign key (used_by) references auth.users(id) on delete set null
);

alter table public.template_usage
  enable row level security;

create trigger _500_audit_delete after delete on public.template_usage
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'template_usage',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.template_usage
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'template_usage',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.template_usage
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'template_usage',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.template_usage.configuration_id is 'The configuration that began with it.';

comment on column public.template_usage.ordered_at is 'When the configuration was ordered.';

comment on column public.template_usage.quoted_at is 'When the configuration was first quoted.';

comment on column public.template_usage.template_id is 'The template.';

comment on column public.template_usage.usage_type is 'customer_start: a customer began with it; sales_assist: staff did, for a customer; quick_quote: staff did, to quote at once.';

comment on column public.template_usage.used_at is 'When it was applied.';

comment on table public.template_usage is 'Each time that a template was applied, and what came of it.';

grant select (configuration_id) on table public.template_usage to authenticated;

grant select (ordered_at) on table public.template_usage to authenticated;

grant select (quoted_at) on table public.template_usage to authenticated;

grant select (template_id) on table public.template_usage to authenticated;

grant select (usage_type) on table public.template_usage to authenticated;

grant select (used_at) on table public.template_usage to authenticated;

grant select on table public.template_usage to service_role;

alter table public.template_usage
  add column organization_id text not null default private.current_organization_id();

alter table public.template_usage
  add constraint template_usage_configuration_id_fkey foreign key (organization_id, configuration_id)
    references public.configurations(organization_id, id) on delete cascade;

alter table public.template_usage
  add constraint template_usage_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.template_usage
  add constraint template_usage_template_id_fkey foreign key (organization_id, template_id)
    references public.configuration_templates(organization_id, id) on delete cascade;

create index template_usage_configuration_id_idx on public.template_usage
  using btree (organization_id, configuration_id);

create index template_usage_template_id_idx on public.template_usage
  using btree (organization_id, template_id);

create policy "only rows of the current organization" on public.template_usage
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.read'::text) as organization_with)))
  with
    check ((organization_id = ( SELECT private.organization_with('sales.read'::text) AS organization_with)));

create policy "who may read" on public.template_usage
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('sales.read'::text) as organization_with)));

comment on column public.template_usage.organization_id is 'The organization.';

grant select (organization_id) on table public.template_usage to authenticated;

alter table public.template_usage
  add column id uuid not null default private.uuid_v7();

alter table public.template_usage
  add constraint template_usage_pkey primary key (organization_id, id);

comment on column public.template_usage.id is 'Time-ordered id.';

grant select (id) on table public.template_usage to authenticated;

create index template_usage_used_by_idx on public.template_usage using btree (used_by)
  where (used_by is not null);

comment on column public.template_usage.used_by is 'Who applied it; null when they are gone.';

grant select (used_by) on table public.template_usage to authenticated;
