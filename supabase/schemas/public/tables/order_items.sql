create table public.order_items (
  order_id uuid not null,
  quote_item_id uuid not null,
  configuration_id uuid not null,
  position integer not null,
  description text not null,
  quantity numeric(12,3) not null,
  unit_price numeric(14,2) not null,
  line_total numeric(14,2) not null,
  status text not null default 'pending'::text,
  pending_at timestamp with time zone,
  in_production_at timestamp with time zone,
  completed_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  constraint order_items_dates_fit_status check (((pending_at IS
    NOT NULL) AND ((status = ANY (ARRAY['in_production'::text, 'completed'::text])) = (in_production_at IS
    NOT NULL)) AND ((status = 'completed'::text) = (completed_at IS NOT NULL)))),
  constraint order_items_description_length
    check (((length(description) >= 1) AND (length(description) <= 500))),
  constraint order_items_position_positive check ((position > 0)),
  constraint order_items_status_known
    check ((status = ANY (ARRAY['pending'::text, 'in_production'::text, 'completed'::text])))
);

alter table public.order_items
  enable row level security;

create trigger _100_stamp
  before update on public.order_items
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _200_guard_status
  before insert or update of status on public.order_items
  for each row
  execute function private.tg__guard_status();

create trigger _210_freeze
  before update on public.order_items
  for each row
  execute function private.tg__order_frozen('{status, in_production_at, completed_at, updated_at}');

create trigger _500_audit_delete after delete on public.order_items
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'order_items',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.order_items
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'order_items',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.order_items
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'order_items',
  'organization_id',
  '{organization_id,updated_at}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.order_items.completed_at is 'When it was finished.';

comment on column public.order_items.configuration_id is 'What is made.';

comment on column public.order_items.description is 'What the line says.';

comment on column public.order_items.in_production_at is 'When its production began.';

comment on column public.order_items.line_total is 'What the line costs.';

comment on column public.order_items.order_id is 'The order.';

comment on column public.order_items.pending_at is 'When it was ordered.';

comment on column public.order_items.position is 'Its place on the order, from 1.';

comment on column public.order_items.quantity is 'How many.';

comment on column public.order_items.quote_item_id is 'The line of the quote.';

comment on column public.order_items.status is 'pending, in_production, completed.';

comment on column public.order_items.unit_price is 'What one costs, in the currency of the order.';

comment on column public.order_items.updated_at is 'When it was last changed. @unlogged';

comment on table public.order_items is 'What an order consists of, as it was quoted.';

grant select (completed_at) on table public.order_items to authenticated;

grant select (configuration_id) on table public.order_items to authenticated;

grant select (description) on table public.order_items to authenticated;

grant select (in_production_at) on table public.order_items to authenticated;

grant select (line_total) on table public.order_items to authenticated;

grant select (order_id) on table public.order_items to authenticated;

grant select (pending_at) on table public.order_items to authenticated;

grant select (position) on table public.order_items to authenticated;

grant select (quantity) on table public.order_items to authenticated;

grant select (quote_item_id) on table public.order_items to authenticated;

grant select (status) on table public.order_items to authenticated;

grant select (unit_price) on table public.order_items to authenticated;

grant select (updated_at) on table public.order_items to authenticated;

grant select on table public.order_items to service_role;

alter table public.order_items
  add column organization_id text not null default private.current_organization_id();

alter table public.order_items
  add constraint order_items_configuration_id_fkey foreign key (organization_id, configuration_id)
    references public.configurations(organization_id, id);

alter table public.order_items
  add constraint order_items_position_key unique (organization_id, order_id, position);

create index order_items_configuration_id_idx on public.order_items
  using btree (organization_id, configuration_id);

create index order_items_quote_item_id_idx on public.order_items using btree (organization_id, quote_item_id);

create index order_items_status_idx on public.order_items using btree (organization_id, status);

create policy "only rows of the current organization" on public.order_items
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.order_items.organization_id is 'The organization.';

grant select (organization_id) on table public.order_items to authenticated;

alter table public.order_items
  add column id uuid not null default private.uuid_v7();

alter table public.order_items
  add constraint order_items_pkey primary key (organization_id, id);

comment on column public.order_items.id is 'Time-ordered id.';

grant select (id) on table public.order_items to authenticated;

alter table public.order_items
  add constraint order_items_order_id_fkey foreign key (organization_id, order_id)
    references public.orders(organization_id, id) on delete cascade;

create policy "who may read" on public.order_items
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or (order_id in ( select
    placed.id
   from public.orders placed
  where (placed.customer_id = ANY (( select private.sales_customer_ids() as sales_customer_ids)::uuid[]))))));

alter table public.order_items
  add constraint order_items_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.order_items
  add constraint order_items_quote_item_id_fkey foreign key (organization_id, quote_item_id)
    references public.quote_items(organization_id, id);
