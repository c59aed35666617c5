create table public.quote_items (
  quote_id uuid not null,
  customer_id uuid not null,
  configuration_id uuid not null,
  position integer not null,
  description text not null,
  quantity numeric(12,3) not null,
  unit_price numeric(14,2) not null,
  constraint quote_items_description_length
    check (((length(description) >= 1) AND (length(description) <= 500))),
  constraint quote_items_position_positive check ((position > 0)),
  constraint quote_items_quantity_range
    check (((quantity > (0)::numeric) AND (quantity <= (1000000)::numeric))),
  constraint quote_items_unit_price_not_negative check ((unit_price >= (0)::numeric))
);

alter table public.quote_items
  enable row level security;

alter table public.quote_items
  add column line_total numeric(14,2) generated always as (round((quantity * unit_price), 2)) stored
    not null;

create trigger _200_total_delete
  after delete on public.quote_items referencing OLD table as old_rows
  for each STATEMENT
  execute function private.tg_quote_items__total();

create trigger _200_total_insert
  after insert on public.quote_items referencing NEW table as new_rows
  for each STATEMENT
  execute function private.tg_quote_items__total();

create trigger _200_total_update
  after update on public.quote_items referencing OLD table as old_rows NEW table as new_rows
  for each STATEMENT
  execute function private.tg_quote_items__total();

create trigger _500_audit_delete after delete on public.quote_items
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'quote_items',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.quote_items
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'quote_items',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.quote_items
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'quote_items',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.quote_items.configuration_id is 'What is quoted.';

comment on column public.quote_items.customer_id is 'The customer of quote and configuration alike.';

comment on column public.quote_items.description is 'What the line says.';

comment on column public.quote_items.line_total is 'Quantity times unit price, rounded to cents.';

comment on column public.quote_items.position is 'Its place on the quote, from 1.';

comment on column public.quote_items.quantity is 'How many.';

comment on column public.quote_items.quote_id is 'The quote.';

comment on column public.quote_items.unit_price is 'What one costs: the price of the configuration, in the currency of the quote.';

comment on table public.quote_items is 'The lines of a quote: a configuration, how many, and for how much.';

grant select (configuration_id) on table public.quote_items to authenticated;

grant select (customer_id) on table public.quote_items to authenticated;

grant select (description) on table public.quote_items to authenticated;

grant select (line_total) on table public.quote_items to authenticated;

grant select (position) on table public.quote_items to authenticated;

grant select (quantity) on table public.quote_items to authenticated;

grant select (quote_id) on table public.quote_items to authenticated;

grant select (unit_price) on table public.quote_items to authenticated;

grant select on table public.quote_items to service_role;

alter table public.quote_items
  add column organization_id text not null default private.current_organization_id();

alter table public.quote_items
  add constraint quote_items_configuration_id_fkey
    foreign key (organization_id, configuration_id, customer_id)
    references public.configurations(organization_id, id, customer_id) on update cascade deferrable;

alter table public.quote_items
  add constraint quote_items_configuration_key unique (organization_id, quote_id, configuration_id);

alter table public.quote_items
  add constraint quote_items_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.quote_items
  add constraint quote_items_position_key unique (organization_id, quote_id, position);

create index quote_items_configuration_id_idx on public.quote_items
  using btree (organization_id, configuration_id, customer_id);

create index quote_items_quote_id_idx on public.quote_items
  using btree (organization_id, quote_id, customer_id);

create policy "only rows of the current organization" on public.quote_items
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.quote_items.organization_id is 'The organization.';

grant select (organization_id) on table public.quote_items to authenticated;

alter table public.quote_items
  add column id uuid not null default private.uuid_v7();

alter table public.quote_items
  add constraint quote_items_pkey primary key (organization_id, id);

comment on column public.quote_items.id is 'Time-ordered id.';

grant select (id) on table public.quote_items to authenticated;

alter table public.quote_items
  add constraint quote_items_quote_id_fkey foreign key (organization_id, quote_id, customer_id)
    references public.quotes(organization_id, id, customer_id) on update cascade on delete cascade deferrable;

create policy "who may read" on public.quote_items
  for select
  to authenticated
  using
    ((( select private.has_permission('sales.read'::text) as has_permission) or (quote_id in ( select quote.id
   from public.quotes quote
  where
    ((quote.customer_id = ANY (( select private.sold_customer_ids() as sold_customer_ids)::uuid[])) or
    ((quote.status <> 'draft'::text) AND (quote.customer_id = ANY (( select private.own_customer_ids() as
    own_customer_ids)::uuid[]))))))));
