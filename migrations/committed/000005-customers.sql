--! Previous: sha1:4182cf17d4286ce32b6c9777af99a749bf6fd7d8
--! Hash: sha1:74669d4f49793f50b0cd060b05d3f5a4bc147981
--! Message: customers

-- customers: who an organization sells to. A customer is no user; customer_users says which users act for which customer.

create extension if not exists pg_trgm with schema extensions;
create extension if not exists btree_gin with schema extensions;
create extension if not exists unaccent with schema extensions;

-- What a refusal tells a program beside its code: positions, fields. Nothing depends on the function by more than its name.
drop function private.refuse(integer, text, text, text);
--! Included platform/private/refuse.sql
create or replace function private.refuse (
  status integer,
  code text,
  message text,
  hint text default null,
  details jsonb default null
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
begin
  raise exception using
    errcode = 'PT' || status,
    message = refuse.message,
    detail = (coalesce(refuse.details, '{}') || jsonb_build_object('code', refuse.code))::text,
    hint = coalesce(refuse.hint, '');
end;
$$;

comment on function private.refuse(integer, text, text, text, jsonb) is
  'Refuses a request. Takes the HTTP status (400 to 499), a stable code such as user_not_found, a sentence for a person, what to do about it, and what a program can use beside the code, as an object: a position, the fields. Never returns: raises SQLSTATE PT<status>, which PostgREST turns into that status, with {"code": …} and the details as detail. docs/errors.md lists the codes.';

revoke execute on function private.refuse(integer, text, text, text, jsonb) from public;
--! EndIncluded platform/private/refuse.sql

-- A rollback takes a module's permissions out of the catalog; what roles hold of it waits for it to come back.
--! Included access/private/define_permissions.sql
create or replace function private.define_permissions (
  descriptions jsonb,
  holders jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  insert into public.permissions (code, description)
  select entry.key, entry.value from jsonb_each_text(descriptions) as entry
  on conflict (code) do update
  set description = excluded.description;

  update private.system_roles as role
  set permissions = array(
    select distinct held
    from unnest(role.permissions || array(select jsonb_array_elements_text(holders -> role.code))) as held
    order by held
  )
  where holders ? role.code;

  -- Not those that have all of it: nothing changes for them, and the audit log would say so.
  update public.roles as role
  set permissions = array(
    select distinct held
    from unnest(role.permissions || array(select jsonb_array_elements_text(holders -> role.code))) as held
    order by held
  )
  where role.is_system
    and holders ? role.code
    and not role.permissions @> array(select jsonb_array_elements_text(holders -> role.code));

  -- Of a module that comes back, roles still hold single permissions as well.
  insert into private.role_permissions (organization_id, role_code, permission)
  select role.organization_id, role.code, held
  from public.roles as role, private.expand_permissions(role.permissions) as held
  where role.permissions && array(
      select code from jsonb_object_keys(descriptions) as code
      union all
      select split_part(code, '.', 1) || '.*' from jsonb_object_keys(descriptions) as code
    )
  on conflict do nothing;
end;
$$;

comment on function private.define_permissions(jsonb, jsonb) is
  'Adds a module''s permissions, for migrations. Takes {"module.action": "What it allows."} and who holds them from birth, {"role": ["module.*", …]}: the system roles of all organizations, present and future, get them.';

revoke execute on function private.define_permissions(jsonb, jsonb) from public;
--! EndIncluded access/private/define_permissions.sql
--! Included access/private/undefine_permissions.sql
create or replace function private.undefine_permissions (
  module text
)
  returns void
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  update private.system_roles as role
  set permissions = array(
    select held
    from unnest(role.permissions) as held
    where split_part(held, '.', 1) <> undefine_permissions.module
    order by held
  )
  where exists (
    select from unnest(role.permissions) as held where split_part(held, '.', 1) = undefine_permissions.module
  );

  -- The roles of organizations keep naming what they hold: it means nothing without the catalog, and is theirs again
  -- when the module comes back.
  delete from public.permissions as permission where permission.module = undefine_permissions.module;
end;
$$;

comment on function private.undefine_permissions(text) is
  'Takes a module''s permissions out of the catalog, and with it from everybody, for rollback scripts: roles give them no more, and name them for when the module comes back. Takes the module.';

revoke execute on function private.undefine_permissions(text) from public;
--! EndIncluded access/private/undefine_permissions.sql

--! Included customers/private/search_key.sql
create or replace function private.search_key (
  parts text[]
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  -- Accents first: where the locale does not know them, lower() leaves capitals that have one as they are.
  select lower(extensions.unaccent('extensions.unaccent'::regdictionary, array_to_string(parts, E'\n', '')));
$$;

comment on function private.search_key(text[]) is
  'Returns texts as they are searched: lower case, without accents, one line each; nothing for null, so that each keeps its line. Takes the texts.';

revoke execute on function private.search_key(text[]) from public;
-- Generated columns call it as whoever writes the row.
grant execute on function private.search_key(text[]) to authenticated, service_role;
--! EndIncluded customers/private/search_key.sql
--! Included customers/private/search_words.sql
create or replace function private.search_words (
  parts text[]
)
  returns tsvector
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  -- Not to_tsvector, to which an e-mail address is one word.
  select array_to_tsvector(
    array_remove(regexp_split_to_array(private.search_key(parts), '[^[:alnum:]]+'), '')
  );
$$;

comment on function private.search_words(text[]) is
  'Returns the words of texts as they are searched: what stands between blanks and punctuation, in lower case and without accents. Takes the texts.';

revoke execute on function private.search_words(text[]) from public;
-- Generated columns call it as whoever writes the row.
grant execute on function private.search_words(text[]) to authenticated, service_role;
--! EndIncluded customers/private/search_words.sql

create table public.customers (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  company_name text constraint customers_company_name_length check (length(company_name) between 1 and 200),
  contact_person text constraint customers_contact_person_length check (length(contact_person) between 1 and 200),
  email text
    constraint customers_email_wellformed
      check (private.is_email(email) and email = lower(email) and length(email) <= 320),
  phone text constraint customers_phone_length check (length(phone) between 1 and 50),
  address jsonb not null default '{}'
    constraint customers_address_object
      check (jsonb_typeof(address) = 'object' and length(address::text) <= 5000),
  customer_type text not null default 'residential'
    constraint customers_customer_type_known
      check (customer_type in ('residential', 'commercial', 'contractor', 'individual', 'corporate')),
  tax_id text constraint customers_tax_id_length check (length(tax_id) between 1 and 50),
  payment_terms text constraint customers_payment_terms_length check (length(payment_terms) between 1 and 200),
  is_active boolean not null default true,
  notes text constraint customers_notes_length check (length(notes) between 1 and 10000),
  marketing_consent boolean not null default false,
  sms_consent boolean not null default false,
  emergency_contact_name text
    constraint customers_emergency_contact_name_length check (length(emergency_contact_name) between 1 and 200),
  emergency_contact_phone text
    constraint customers_emergency_contact_phone_length check (length(emergency_contact_phone) between 1 and 50),
  customer_since date not null default current_date
    constraint customers_customer_since_finite check (isfinite(customer_since)),
  tags text[] not null default '{}'
    constraint customers_tags_few
      check (
        case
          when coalesce(array_ndims(tags), 1) = 1 then
            cardinality(tags) <= 50
            and array_position(tags, null) is null
            and length(array_to_string(tags, '')) <= 2500
          else false
        end
      ),
  total_bookings integer not null default 0
    constraint customers_total_bookings_not_negative check (total_bookings >= 0),
  total_spent numeric(14, 2) not null default 0,
  first_booking_at timestamptz,
  last_booking_at timestamptz,
  -- The digits once more, so that a number is found however it was written.
  search_text text not null
    generated always as (
      private.search_key(
        array[company_name, contact_person, email, phone, regexp_replace(phone, '[^0-9]+', '', 'g')]
      )
    ) stored,
  search_words tsvector not null
    generated always as (private.search_words(array[company_name, contact_person, email, phone])) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customers_pkey primary key (organization_id, id),
  constraint customers_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint customers_email_key unique (organization_id, email),
  constraint customers_someone_to_address
    check (num_nonnulls(company_name, contact_person, email, phone) > 0),
  constraint customers_bookings_in_order check (last_booking_at >= first_booking_at)
);

create index customers_created_at_idx on public.customers (organization_id, created_at, id);
-- Search: organization first, so that a look-up reads the entries of one alone.
create index customers_search_idx on public.customers using gin (
  organization_id extensions.text_ops, search_text extensions.gin_trgm_ops, search_words
);

comment on table public.customers is 'Who an organization sells to: a person or a company. No user; customer_users says who signs in for it.';
comment on column public.customers.organization_id is 'The organization.';
comment on column public.customers.id is 'Time-ordered id.';
comment on column public.customers.company_name is 'The company; null for a private person.';
comment on column public.customers.contact_person is 'Who to talk to.';
comment on column public.customers.email is 'The e-mail address, in lower case. Unique in the organization. Who signs up with this address and verifies it acts for the customer.';
comment on column public.customers.phone is 'The phone number, as it was given.';
comment on column public.customers.address is 'The postal address, an object: street, postal_code, city, country, …';
comment on column public.customers.customer_type is 'residential, commercial, contractor, individual, or corporate.';
comment on column public.customers.tax_id is 'The tax number, for invoices.';
comment on column public.customers.payment_terms is 'What was agreed on, such as "30 days net".';
comment on column public.customers.is_active is 'Whether the organization still sells to it.';
comment on column public.customers.notes is 'What staff should know. The customer sees it, too.';
comment on column public.customers.marketing_consent is 'Whether it agreed to advertising.';
comment on column public.customers.sms_consent is 'Whether it agreed to text messages.';
comment on column public.customers.emergency_contact_name is 'Whom to call in an emergency.';
comment on column public.customers.emergency_contact_phone is 'Their phone number.';
comment on column public.customers.customer_since is 'The day from which it is a customer.';
comment on column public.customers.tags is 'Words to group customers by: at most 50.';
comment on column public.customers.total_bookings is 'How many bookings it has made. Kept by the database.';
comment on column public.customers.total_spent is 'What it has paid, in the currency of the organization. Kept by the database.';
comment on column public.customers.first_booking_at is 'When it first booked. Kept by the database.';
comment on column public.customers.last_booking_at is 'When it last booked. Kept by the database.';
comment on column public.customers.search_text is 'Names, address and number without accents, for search_customers. @unlogged';
comment on column public.customers.search_words is 'The words of search_text. @unlogged';
comment on column public.customers.created_at is 'When it was entered.';
comment on column public.customers.updated_at is 'When it was last changed. @unlogged';

create table public.customer_users (
  organization_id text not null default private.current_organization_id(),
  customer_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  constraint customer_users_pkey primary key (organization_id, user_id, customer_id),
  constraint customer_users_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint customer_users_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers (organization_id, id) on delete cascade,
  constraint customer_users_user_id_fkey foreign key (organization_id, user_id)
    references public.members (organization_id, user_id) on delete cascade
);

comment on table public.customer_users is 'Which users act for which customer: they see it, and what was sold to it. Several users may share a customer, and a user may have several.';
comment on column public.customer_users.organization_id is 'The organization.';
comment on column public.customer_users.customer_id is 'The customer.';
comment on column public.customer_users.user_id is 'The user, a member of the organization. Goes with the membership.';
comment on column public.customer_users.created_at is 'When they were brought together. The first customer of a user is their own.';

create table public.customer_assignments (
  organization_id text not null default private.current_organization_id(),
  customer_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  constraint customer_assignments_pkey primary key (organization_id, user_id, customer_id),
  constraint customer_assignments_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint customer_assignments_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers (organization_id, id) on delete cascade,
  constraint customer_assignments_user_id_fkey foreign key (organization_id, user_id)
    references public.members (organization_id, user_id) on delete cascade
);

comment on table public.customer_assignments is 'Which staff look after which customer. Who holds customers.assigned sees these customers alone.';
comment on column public.customer_assignments.organization_id is 'The organization.';
comment on column public.customer_assignments.customer_id is 'The customer.';
comment on column public.customer_assignments.user_id is 'The member who looks after it. Goes with the membership.';
comment on column public.customer_assignments.created_at is 'When it was assigned.';

create table public.customer_health_notes (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  customer_id uuid not null,
  kind text not null constraint customer_health_notes_kind_known
    check (kind in ('medical', 'dietary', 'other')),
  note text not null constraint customer_health_notes_note_length check (length(note) between 1 and 5000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customer_health_notes_pkey primary key (organization_id, id),
  constraint customer_health_notes_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint customer_health_notes_customer_id_fkey foreign key (organization_id, customer_id)
    references public.customers (organization_id, id) on delete cascade
);

comment on table public.customer_health_notes is 'What must be known about a customer''s health. Apart from the customer, because few may read it.';
comment on column public.customer_health_notes.organization_id is 'The organization.';
comment on column public.customer_health_notes.id is 'Time-ordered id.';
comment on column public.customer_health_notes.customer_id is 'The customer.';
comment on column public.customer_health_notes.kind is 'medical, dietary, or other.';
comment on column public.customer_health_notes.note is 'What there is to know. The audit log says that it changed, and not what it says. @secret';
comment on column public.customer_health_notes.created_at is 'When it was entered.';
comment on column public.customer_health_notes.updated_at is 'When it was last changed. @unlogged';

-- What the functions of the API return.

create type public.customer_page as (
  customers jsonb,
  total bigint,
  page integer,
  per_page integer
);
comment on type public.customer_page is 'One page of the customers that a search found, as public.search_customers returns it.';
comment on column public.customer_page.customers is 'The customers of this page, those first whose name begins with what was looked for, as a JSON list. @notNull @list customer_summary';
comment on column public.customer_page.total is 'How many match on all pages. @notNull';
comment on column public.customer_page.page is 'The number of this page, from 1. @notNull';
comment on column public.customer_page.per_page is 'How many a page holds. @notNull';

create type public.customer_summary as (
  id uuid,
  company_name text,
  contact_person text,
  email text,
  phone text,
  customer_type text,
  is_active boolean,
  tags text[],
  total_bookings integer,
  total_spent numeric,
  last_booking_at timestamptz,
  created_at timestamptz
);
comment on type public.customer_summary is 'A customer in a list.';
comment on column public.customer_summary.id is 'The id. @notNull';
comment on column public.customer_summary.company_name is 'The company; null for a private person.';
comment on column public.customer_summary.contact_person is 'Who to talk to.';
comment on column public.customer_summary.email is 'The e-mail address.';
comment on column public.customer_summary.phone is 'The phone number.';
comment on column public.customer_summary.customer_type is 'The kind of customer. @notNull @values customers.customer_type';
comment on column public.customer_summary.is_active is 'Whether the organization still sells to it. @notNull';
comment on column public.customer_summary.tags is 'Words to group customers by. @notNull';
comment on column public.customer_summary.total_bookings is 'How many bookings it has made. @notNull';
comment on column public.customer_summary.total_spent is 'What it has paid, in the currency of the organization. @notNull';
comment on column public.customer_summary.last_booking_at is 'When it last booked; null for never.';
comment on column public.customer_summary.created_at is 'When it was entered. @notNull';

create type public.customer_access_reason as (
  source text,
  is_granted boolean,
  explanation text
);
comment on type public.customer_access_reason is 'One way in which a user may reach a customer, as public.explain_customer_access finds it.';
comment on column public.customer_access_reason.source is 'The way. @notNull @values membership, superadmin, permission, mapping, assignment, email';
comment on column public.customer_access_reason.is_granted is 'Whether it leads there. @notNull';
comment on column public.customer_access_reason.explanation is 'Why it does or does not, as a sentence. @notNull';

-- The rules.

--! Included customers/private/assigned_customer_ids.sql
create or replace function private.assigned_customer_ids()
  returns uuid[]
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select array(
    select assignment.customer_id
    from public.customer_assignments as assignment
    where assignment.organization_id = (select private.organization_with('customers.assigned'))
      and assignment.user_id = (select auth.uid())
  );
$$;

comment on function private.assigned_customer_ids() is
  'Returns the customers of the current organization that are assigned to the caller; an empty array without one, and without customers.assigned. Policies write it as any ((select private.assigned_customer_ids())::uuid[]).';

revoke execute on function private.assigned_customer_ids() from public;
grant execute on function private.assigned_customer_ids() to authenticated, service_role;
--! EndIncluded customers/private/assigned_customer_ids.sql
--! Included customers/private/clean_line.sql
create or replace function private.clean_line (
  candidate text
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  -- Not every locale counts the blanks that do not break among the blanks.
  select nullif(btrim(regexp_replace(candidate, '[[:space:]\u00A0\u2007\u202F]+', ' ', 'g')), '');
$$;

comment on function private.clean_line(text) is
  'Returns a text as one line: no blanks around it, and one between words. Null when nothing is left.';

revoke execute on function private.clean_line(text) from public;
--! EndIncluded customers/private/clean_line.sql
--! Included customers/private/own_customer_ids.sql
create or replace function private.own_customer_ids()
  returns uuid[]
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select array(
    select mapping.customer_id
    from public.customer_users as mapping
    where mapping.organization_id = (select private.current_organization_id())
      and mapping.user_id = (select auth.uid())
  );
$$;

comment on function private.own_customer_ids() is
  'Returns the customers that the caller acts for in the current organization; an empty array without one. Policies write it as any ((select private.own_customer_ids())::uuid[]).';

revoke execute on function private.own_customer_ids() from public;
grant execute on function private.own_customer_ids() to authenticated, service_role;
--! EndIncluded customers/private/own_customer_ids.sql
--! Included customers/private/current_customer_ids.sql
create or replace function private.current_customer_ids()
  returns uuid[]
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select private.own_customer_ids() || private.assigned_customer_ids();
$$;

comment on function private.current_customer_ids() is
  'Returns the customers of the current organization that the caller reaches without customers.read: those that they act for, and those that are assigned to them. Policies write it as any ((select private.current_customer_ids())::uuid[]).';

revoke execute on function private.current_customer_ids() from public;
grant execute on function private.current_customer_ids() to authenticated, service_role;
--! EndIncluded customers/private/current_customer_ids.sql
--! Included customers/private/customer_references.sql
create or replace function private.customer_references()
  returns table (
    target regclass,
    table_name name,
    organization_column name,
    customer_column name,
    assignments text,
    is_restricting boolean
  )
  language sql
  stable
  set search_path = ''
  as $$
  select
    con.conrelid::regclass,
    rel.relname,
    min(here.attname) filter (where there.attname = 'organization_id'),
    min(here.attname) filter (where there.attname = 'id'),
    string_agg(format('%I = kept.%I', here.attname, there.attname), ', ')
      filter (where there.attname <> 'organization_id'),
    con.confdeltype in ('a', 'r')
  from pg_catalog.pg_constraint as con
    join pg_catalog.pg_class as rel on rel.oid = con.conrelid
    cross join unnest(con.conkey, con.confkey) as pair (here, there)
    join pg_catalog.pg_attribute as here on here.attrelid = con.conrelid and here.attnum = pair.here
    join pg_catalog.pg_attribute as there on there.attrelid = con.confrelid and there.attnum = pair.there
  where con.contype = 'f'
    and con.confrelid = 'public.customers'::regclass
    -- Partitions have copies of their table's keys.
    and con.conparentid = 0
  group by con.oid, con.conrelid, rel.relname, con.confdeltype
  having bool_or(there.attname = 'organization_id') and bool_or(there.attname = 'id')
  order by con.conrelid::regclass::text, con.conname;
$$;

comment on function private.customer_references() is
  'Returns the foreign keys that refer to a customer, from the catalog, so that tables of later modules are among them: the table and its name, its columns of the organization and of the customer, what an update sets to make a row refer to the customer "kept", and whether the key keeps a customer from being deleted.';

revoke execute on function private.customer_references() from public;
--! EndIncluded customers/private/customer_references.sql
--! Included customers/private/delete_customer.sql
create or replace function private.delete_customer (
  id uuid
)
  returns public.customers
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('customers.manage');
  deleted public.customers;
  reference record;
  amount bigint;
  counts jsonb := '{}'::jsonb;
begin
  -- Locked, so that nothing new refers to it.
  select * into deleted
  from public.customers as customer
  where customer.organization_id = current_id and customer.id = delete_customer.id
  for update;
  if not found then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;

  for reference in
    select * from private.customer_references() as key where key.is_restricting
  loop
    execute format(
      'select count(*) from %s where %I = $1 and %I = $2',
      reference.target, reference.organization_column, reference.customer_column
    )
    into amount
    using current_id, delete_customer.id;
    if amount > 0 then
      counts := counts || jsonb_build_object(
        reference.table_name, amount + coalesce((counts ->> reference.table_name)::bigint, 0)
      );
    end if;
  end loop;
  if counts <> '{}' then
    perform private.refuse(
      409,
      'customer_in_use',
      format(
        'The customer cannot be deleted: it has %s.',
        (
          select string_agg(format('%s %s', part.value, replace(part.key, '_', ' ')), ', ' order by part.key)
          from jsonb_each_text(counts) as part
        )
      ),
      'Set is_active to false, or merge it into another with merge_customers.',
      details => jsonb_build_object('references', counts)
    );
  end if;
  delete from public.customers as customer
  where customer.organization_id = current_id and customer.id = delete_customer.id;
  return deleted;
end;
$$;

comment on function private.delete_customer(uuid) is
  'Deletes a customer: public.delete_customer with the rights that this takes.';

revoke execute on function private.delete_customer(uuid) from public;
grant execute on function private.delete_customer(uuid) to authenticated, service_role;
--! EndIncluded customers/private/delete_customer.sql
--! Included customers/private/drop_duplicates.sql
create or replace function private.drop_duplicates (
  target regclass,
  organization_column name,
  customer_column name,
  organization_id text,
  keep uuid,
  remove uuid
)
  returns bigint
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  duplicated record;
  affected bigint;
  total bigint := 0;
begin
  for duplicated in
    select
      coalesce(pg_get_expr(idx.indpred, idx.indrelid), 'true') as condition,
      coalesce(
        string_agg(
          format(
            'kept.%1$I ' || case when idx.indnullsnotdistinct then 'is not distinct from' else '=' end || ' gone.%1$I',
            col.attname
          ),
          ' and '
        ) filter (where col.attname not in (organization_column, customer_column)),
        'true'
      ) as is_same
    from pg_catalog.pg_index as idx
      cross join unnest((idx.indkey::smallint[])[0 : idx.indnkeyatts - 1]) as part (attnum)
      join pg_catalog.pg_attribute as col on col.attrelid = idx.indrelid and col.attnum = part.attnum
    where idx.indrelid = target and idx.indisunique and idx.indexprs is null
    group by idx.indexrelid, idx.indpred, idx.indrelid
    having bool_or(col.attname = customer_column)
  loop
    execute format(
      'delete from %1$s as gone where gone.%2$I = $1 and gone.%3$I = $3 and (%4$s) and exists ('
        'select from (select * from %1$s where %2$I = $1 and %3$I = $2 and (%4$s)) as kept where %5$s)',
      target, organization_column, customer_column, duplicated.condition, duplicated.is_same
    )
    using organization_id, keep, remove;
    get diagnostics affected = row_count;
    total := total + affected;
  end loop;
  return total;
end;
$$;

comment on function private.drop_duplicates(regclass, name, name, text, uuid, uuid) is
  'Deletes the rows of one customer that another has as well, by the table''s unique keys, so that the rest can be moved to it. Takes the table, its columns of the organization and of the customer, the organization, the customer that stays and the one that goes; who asks is checked by who calls. Returns how many there were.';

revoke execute on function private.drop_duplicates(regclass, name, name, text, uuid, uuid) from public;
--! EndIncluded customers/private/drop_duplicates.sql
--! Included customers/private/roles_with.sql
create or replace function private.roles_with (
  user_id uuid,
  code text
)
  returns text[]
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  with held as (
    select mine.role_code, mine.plant_id
    from public.user_roles as mine
    where mine.organization_id = (select private.current_organization_id())
      and mine.user_id = roles_with.user_id
      and (mine.expires_at is null or mine.expires_at > now())
  )
  select array(
    select granted.role_code
    from private.role_permissions as granted
    where granted.organization_id = (select private.current_organization_id())
      and granted.permission = roles_with.code
      and (
        granted.role_code in (select held.role_code from held where held.plant_id is null)
        or granted.role_code = 'customer' and not exists (select from held)
      )
    order by granted.role_code
  );
$$;

comment on function private.roles_with(uuid, text) is
  'Returns the roles by which a user has a permission in the whole of the current organization, as private.organization_with counts them: not expired, bound to no plant; customer for a member without any. Takes the user and the code of the permission; who asks is checked by who calls.';

revoke execute on function private.roles_with(uuid, text) from public;
--! EndIncluded customers/private/roles_with.sql
--! Included customers/private/verified_email.sql
create or replace function private.verified_email (
  user_id uuid
)
  returns text
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select lower(nullif(btrim(account.email), ''))
  from auth.users as account
  where account.id = verified_email.user_id
    and account.email_confirmed_at is not null
    and account.is_anonymous is not true;
$$;

comment on function private.verified_email(uuid) is
  'Returns the e-mail address of a user, in lower case, if the auth server has seen that it is theirs; otherwise null. Takes the user. What users say of themselves in their metadata counts for nothing.';

revoke execute on function private.verified_email(uuid) from public;
--! EndIncluded customers/private/verified_email.sql
--! Included customers/private/explain_customer_access.sql
create or replace function private.explain_customer_access (
  user_id uuid,
  customer_id uuid
)
  returns setof public.customer_access_reason
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('customers.manage');
  member public.members;
  customer public.customers;
  is_superadmin boolean;
  readers constant text[] := private.roles_with(user_id, 'customers.read');
  assignees constant text[] := private.roles_with(user_id, 'customers.assigned');
  is_mapped boolean;
  is_mapped_elsewhere boolean;
  is_assigned boolean;
  verified constant text := private.verified_email(user_id);
begin
  select * into member
  from public.members as candidate
  where candidate.organization_id = current_id and candidate.user_id = explain_customer_access.user_id;
  if not found then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  end if;
  select * into customer
  from public.customers as candidate
  where candidate.organization_id = current_id and candidate.id = explain_customer_access.customer_id;
  if not found then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;

  select
    coalesce(bool_or(mapping.customer_id = customer.id), false),
    coalesce(bool_or(mapping.customer_id <> customer.id), false)
  into is_mapped, is_mapped_elsewhere
  from public.customer_users as mapping
  where mapping.organization_id = current_id and mapping.user_id = member.user_id;
  is_assigned := exists (
    select
    from public.customer_assignments as assignment
    where assignment.organization_id = current_id
      and assignment.user_id = member.user_id
      and assignment.customer_id = customer.id
  );
  is_superadmin := exists (
    select
    from public.user_profiles as profile
    where profile.user_id = member.user_id and profile.is_active and profile.platform_role = 'superadmin'
  );

  return query
  values
    (
      'membership',
      member.is_open,
      case
        when member.is_open then 'The member is active. The ways below count.'
        when not member.user_is_active then 'The user is deactivated on the platform: none of the ways below counts.'
        when member.organization_status <> 'active' then
          format('The organization is %s: of the ways below, none but superadmin counts.', member.organization_status)
        else format('The member is %s: of the ways below, none but superadmin counts.', member.status)
      end
    ),
    (
      'superadmin',
      is_superadmin,
      case
        when is_superadmin then 'A superadmin of the platform reaches every customer.'
        else 'The user is no superadmin of the platform.'
      end
    ),
    (
      'permission',
      member.is_open and readers <> '{}',
      case
        when readers <> '{}' then format('The member holds customers.read, by %s.', array_to_string(readers, ', '))
        else 'No role of the member that counts in the whole organization holds customers.read.'
      end
    ),
    (
      'mapping',
      member.is_open and is_mapped,
      case
        when is_mapped then 'The user acts for the customer (customer_users).'
        when is_mapped_elsewhere then 'The user acts for another customer, and not for this one (customer_users).'
        else 'The user does not act for the customer (customer_users).'
      end
    ),
    (
      'assignment',
      member.is_open and is_assigned and assignees <> '{}',
      case
        when is_assigned and assignees <> '{}' then
          format(
            'The customer is assigned to the member, who holds customers.assigned, by %s.',
            array_to_string(assignees, ', ')
          )
        when is_assigned then 'The customer is assigned to the member, but none of their roles holds customers.assigned.'
        when assignees <> '{}' then 'The member holds customers.assigned, but the customer is not assigned to them.'
        else 'The customer is not assigned to the member.'
      end
    ),
    (
      'email',
      false,
      case
        when customer.email is null then 'The customer has no e-mail address that could be the user''s.'
        when verified is null then 'The user has no verified e-mail address.'
        when verified <> customer.email then 'The user''s verified e-mail address is not the customer''s.'
        when is_mapped then 'The user has the customer''s e-mail address, verified, and acts for it already.'
        when is_mapped_elsewhere then
          'The user has the customer''s e-mail address, verified, but acts for another one: get_or_create_customer stays with that.'
        else
          'The user has the customer''s e-mail address, verified: it would be adopted at the next get_or_create_customer.'
      end
    );
end;
$$;

comment on function private.explain_customer_access(uuid, uuid) is
  'Explains who reaches a customer: public.explain_customer_access with the rights that this takes.';

revoke execute on function private.explain_customer_access(uuid, uuid) from public;
grant execute on function private.explain_customer_access(uuid, uuid) to authenticated, service_role;
--! EndIncluded customers/private/explain_customer_access.sql
--! Included customers/private/find_or_insert_customer.sql
create or replace function private.find_or_insert_customer (
  organization_id text,
  email text,
  contact_person text,
  phone text,
  company_name text,
  out customer_id uuid,
  out is_new boolean
)
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  violated text;
  reason text;
begin
  for attempt in 1 .. 10 loop
    is_new := false;
    -- Locked against being deleted or merged away until the transaction ends.
    select customer.id into customer_id
    from public.customers as customer
    where customer.organization_id = find_or_insert_customer.organization_id
      and customer.email = find_or_insert_customer.email
    for key share;
    exit when found;

    is_new := true;
    insert into public.customers (organization_id, email, contact_person, phone, company_name, customer_type)
    values (
      find_or_insert_customer.organization_id,
      find_or_insert_customer.email,
      find_or_insert_customer.contact_person,
      find_or_insert_customer.phone,
      find_or_insert_customer.company_name,
      case when find_or_insert_customer.company_name is null then 'residential' else 'corporate' end
    )
    on conflict on constraint customers_email_key do nothing
    returning id into customer_id;
    -- Otherwise another transaction was faster, and has committed: then it is found, unless it is gone again.
    exit when found;
  end loop;
  if customer_id is null then
    raise exception using
      errcode = 'integrity_constraint_violation',
      message = 'The address is taken by a customer that is not found by it.';
  end if;
exception
  when integrity_constraint_violation or data_exception then
    get stacked diagnostics violated = constraint_name, reason = message_text;
    raise log 'rowhouse: customer not created: %', reason;
    perform private.refuse(
      422,
      'customer_creation_failed',
      'The customer could not be created.',
      'The organization can enter it by hand, with an address and a name that it can have.',
      details => jsonb_build_object('constraint', nullif(violated, ''))
    );
end;
$$;

comment on function private.find_or_insert_customer(text, text, text, text, text) is
  'Returns the customer of an organization that has an e-mail address, and makes one where there is none; however many ask at once, there is one. Takes the organization, the address in lower case (null: always a new one), the name, the phone number and the company of a new one; who asks is checked by who calls. Raises PT422 customer_creation_failed, with the constraint, when the values are such as no customer can have.';

revoke execute on function private.find_or_insert_customer(text, text, text, text, text) from public;
--! EndIncluded customers/private/find_or_insert_customer.sql
--! Included customers/private/find_or_create_customer.sql
create or replace function private.find_or_create_customer (
  email text,
  name text,
  phone text,
  company text
)
  returns public.customers
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  is_assigned_only constant boolean :=
    not private.has_permission('customers.write') and private.has_permission('customers.assigned');
  current_id text;
  address constant text := lower(private.clean_line(email));
  person constant text := private.clean_line(name);
  number constant text := private.clean_line(phone);
  firm constant text := private.clean_line(company);
  found_id uuid;
  is_new boolean;
  result public.customers;
begin
  current_id := private.require_permission(
    case when is_assigned_only then 'customers.assigned' else 'customers.write' end
  );
  if (private.is_email(address) and length(address) <= 320) is not true then
    perform private.refuse(400, 'email_invalid', 'This is no e-mail address.');
  elsif length(person) > 200 then
    perform private.refuse(400, 'name_invalid', 'A name has at most 200 characters.');
  elsif length(number) > 50 then
    perform private.refuse(400, 'phone_invalid', 'A phone number has at most 50 characters.');
  elsif length(firm) > 200 then
    perform private.refuse(400, 'company_invalid', 'The name of a company has at most 200 characters.');
  end if;

  select made.customer_id, made.is_new
  into found_id, is_new
  from private.find_or_insert_customer(current_id, address, person, number, firm) as made;
  if is_assigned_only and is_new then
    insert into public.customer_assignments (organization_id, customer_id, user_id)
    values (current_id, found_id, auth.uid());
  elsif is_assigned_only and not found_id = any (private.assigned_customer_ids()) then
    perform private.record_denial('customer_authorization', jsonb_build_object('customer_id', found_id));
    perform private.refuse(
      403,
      'customer_authorization',
      'Somebody else looks after the customer with this address.',
      'Ask someone who manages customers to assign it to you.'
    );
  end if;

  update public.customers as customer
  set contact_person = coalesce(customer.contact_person, person),
    phone = coalesce(customer.phone, number),
    company_name = coalesce(customer.company_name, firm)
  where customer.organization_id = current_id
    and customer.id = found_id
    and (
      customer.contact_person is null and person is not null
      or customer.phone is null and number is not null
      or customer.company_name is null and firm is not null
    )
  returning * into result;
  if not found then
    select * into result
    from public.customers as customer
    where customer.organization_id = current_id and customer.id = found_id;
  end if;
  return result;
end;
$$;

comment on function private.find_or_create_customer(text, text, text, text) is
  'Finds or creates a customer: public.find_or_create_customer with the rights that this takes.';

revoke execute on function private.find_or_create_customer(text, text, text, text) from public;
grant execute
  on function private.find_or_create_customer(text, text, text, text)
  to authenticated, service_role;
--! EndIncluded customers/private/find_or_create_customer.sql
--! Included customers/private/get_or_create_customer.sql
create or replace function private.get_or_create_customer()
  returns public.customers
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  current_id text := claims ->> 'organization_id';
  caller constant uuid := (claims ->> 'sub')::uuid;
  email text;
  own public.customers;
begin
  for attempt in 1 .. 2 loop
    -- All that a known user costs: three look-ups by key, and no lock. That the member is open says all that
    -- current_organization_id would.
    select customer.* into own
    from public.customers as customer
    where customer.organization_id = current_id
      and customer.id = (
        select mapping.customer_id
        from public.members as member
          join public.customer_users as mapping
            on mapping.organization_id = member.organization_id and mapping.user_id = member.user_id
        where member.organization_id = current_id and member.user_id = caller and member.is_open
        order by mapping.created_at, mapping.customer_id
        fetch first row only
      );
    if found then
      return own;
    end if;
    -- Who waited for the lock looks again: the first of many calls at once has made what the others return.
    exit when attempt = 2;
    current_id := private.require_organization();
    if not exists (
      select
      from public.members as member
      where member.organization_id = current_id and member.user_id = caller and member.is_open
    ) then
      perform private.record_denial('customer_authorization');
      perform private.refuse(
        403, 'customer_authorization', 'You are no member of this organization, so you are no customer of it.'
      );
    end if;
    perform pg_advisory_xact_lock(hashtextextended(format('get_or_create_customer %s %s', current_id, caller), 0));
  end loop;

  email := private.verified_email(caller);
  -- The same whether the address belongs to a customer or not: whoever signs up with it must not learn that.
  if email is null and exists (
    select
    from auth.users as account
    where account.id = caller and (account.is_anonymous or btrim(account.email) <> '')
  ) then
    perform private.refuse(
      403,
      'email_not_verified',
      'Verify your e-mail address first.',
      'The link is in the mail that came when you signed up.'
    );
  end if;

  insert into public.customer_users (organization_id, customer_id, user_id)
  select current_id, made.customer_id, caller
  from public.user_profiles as profile,
    private.find_or_insert_customer(current_id, email, profile.display_name, null, null) as made
  where profile.user_id = caller
  on conflict do nothing;
  select customer.* into own
  from public.customer_users as mapping
    join public.customers as customer
      on customer.organization_id = mapping.organization_id and customer.id = mapping.customer_id
  where mapping.organization_id = current_id and mapping.user_id = caller
  order by mapping.created_at, mapping.customer_id
  fetch first row only;
  return own;
end;
$$;

comment on function private.get_or_create_customer() is
  'Returns the caller''s customer: public.get_or_create_customer with the rights that this takes.';

revoke execute on function private.get_or_create_customer() from public;
grant execute on function private.get_or_create_customer() to authenticated, service_role;
--! EndIncluded customers/private/get_or_create_customer.sql
--! Included customers/private/merge_customers.sql
create or replace function private.merge_customers (
  keep uuid,
  remove uuid
)
  returns public.customers
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('customers.manage');
  reference record;
  affected bigint;
  moved jsonb := '{}'::jsonb;
  dropped jsonb := '{}'::jsonb;
  gone public.customers;
  result public.customers;
begin
  if keep = remove then
    perform private.refuse(400, 'merge_invalid', 'A customer cannot be merged into itself.');
  end if;
  -- In one order, so that two merges of the same customers wait for each other; and so that nothing new refers to the
  -- one that goes.
  perform
  from public.customers as customer
  where customer.organization_id = current_id and customer.id in (keep, remove)
  order by customer.id
  for update;
  get diagnostics affected = row_count;
  if affected < 2 then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;

  -- Copies of the customer that other keys keep equal follow in any order.
  set constraints all deferred;
  for reference in
    select * from private.customer_references()
  loop
    affected := private.drop_duplicates(
      reference.target, reference.organization_column, reference.customer_column, current_id, keep, remove
    );
    if affected > 0 then
      dropped := dropped || jsonb_build_object(
        reference.table_name, affected + coalesce((dropped ->> reference.table_name)::bigint, 0)
      );
    end if;
    execute format(
      'update %s as moving set %s from public.customers as kept'
        ' where kept.organization_id = $1 and kept.id = $2 and moving.%I = $1 and moving.%I = $3',
      reference.target, reference.assignments, reference.organization_column, reference.customer_column
    )
    using current_id, keep, remove;
    get diagnostics affected = row_count;
    if affected > 0 then
      moved := moved || jsonb_build_object(
        reference.table_name, affected + coalesce((moved ->> reference.table_name)::bigint, 0)
      );
    end if;
  end loop;

  -- Before its address goes to the other: an address is there once.
  delete from public.customers as customer
  where customer.organization_id = current_id and customer.id = remove
  returning * into gone;
  update public.customers as kept
  set company_name = coalesce(kept.company_name, gone.company_name),
    contact_person = coalesce(kept.contact_person, gone.contact_person),
    email = coalesce(kept.email, gone.email),
    phone = coalesce(kept.phone, gone.phone),
    address = case when kept.address = '{}' then gone.address else kept.address end,
    tax_id = coalesce(kept.tax_id, gone.tax_id),
    payment_terms = coalesce(kept.payment_terms, gone.payment_terms),
    notes = coalesce(kept.notes, gone.notes),
    emergency_contact_name = coalesce(kept.emergency_contact_name, gone.emergency_contact_name),
    emergency_contact_phone = coalesce(kept.emergency_contact_phone, gone.emergency_contact_phone),
    customer_since = least(kept.customer_since, gone.customer_since),
    -- As many of both as a customer can have, its own first.
    tags = array(
      select fitting.tag
      from (
        select
          united.tag,
          min(united.position) as position,
          row_number() over ordered as count,
          sum(length(united.tag)) over ordered as length
        from unnest(kept.tags || gone.tags) with ordinality as united (tag, position)
        group by united.tag
        window ordered as (order by min(united.position))
      ) as fitting
      where fitting.count <= 50 and fitting.length <= 2500
      order by fitting.position
    ),
    total_bookings = kept.total_bookings + gone.total_bookings,
    total_spent = kept.total_spent + gone.total_spent,
    first_booking_at = least(kept.first_booking_at, gone.first_booking_at),
    last_booking_at = greatest(kept.last_booking_at, gone.last_booking_at)
  where kept.organization_id = current_id and kept.id = keep
  returning * into result;
  -- What does not fit is refused here, and not when the transaction ends.
  set constraints all immediate;

  perform private.record_event(
    'customers.merged', 'update', 'notice',
    table_name => 'customers',
    row_key => jsonb_build_object('id', keep),
    details => jsonb_build_object('removed_id', remove, 'moved', moved, 'dropped', dropped)
  );
  return result;
end;
$$;

comment on function private.merge_customers(uuid, uuid) is
  'Merges two customers: public.merge_customers with the rights that this takes.';

revoke execute on function private.merge_customers(uuid, uuid) from public;
grant execute on function private.merge_customers(uuid, uuid) to authenticated, service_role;
--! EndIncluded customers/private/merge_customers.sql
--! Included customers/private/require_customer.sql
create or replace function private.require_customer (
  id uuid
)
  returns public.customers
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  may_read_all constant boolean := private.has_permission('customers.read');
  found_customer public.customers;
begin
  if may_read_all or require_customer.id = any (private.current_customer_ids()) then
    select * into found_customer
    from public.customers as customer
    where customer.organization_id = current_id and customer.id = require_customer.id;
    if found then
      return found_customer;
    end if;
  end if;
  if may_read_all then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;
  perform private.record_denial('customer_authorization', jsonb_build_object('customer_id', require_customer.id));
  perform private.refuse(
    403, 'customer_authorization', 'You do not act for this customer.', 'Ask the organization to assign it to you.'
  );
  return null;
end;
$$;

comment on function private.require_customer(uuid) is
  'Returns a customer of the current organization that the caller may see: with customers.read any, otherwise one that they act for or that is assigned to them. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization (without customers.read also for what does not exist); PT404 customer_not_found.';

revoke execute on function private.require_customer(uuid) from public;
--! EndIncluded customers/private/require_customer.sql
--! Included customers/private/search_customers.sql
create or replace function private.search_customers (
  query text,
  type text,
  has_bookings boolean,
  page integer,
  per_page integer
)
  returns public.customer_page
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  -- Who may read all customers is asked once.
  permitted_id constant text := private.organization_with('customers.read');
  may_read_all constant boolean := permitted_id is not null;
  current_id constant text := coalesce(permitted_id, private.require_organization());
  phrase text;
  -- Words of which a trigram can be made, as patterns, the most telling first.
  patterns text[];
  -- Shorter ones, as a query for words that begin with them.
  beginnings tsquery;
  -- What no index knows, such as a lone "@".
  others text[];
  listed public.customer_page;
begin
  perform private.require_page(page, per_page, query);
  if type not in ('residential', 'commercial', 'contractor', 'individual', 'corporate') then
    perform private.refuse(
      400, 'type_invalid', 'type is residential, commercial, contractor, individual or corporate.'
    );
  end if;
  phrase := coalesce(private.clean_line(private.search_key(array[query])), '');
  select
    coalesce(
      array_agg(private.contains_pattern(part) order by length(part) desc) filter (where part ~ '[[:alnum:]]{3}'), '{}'
    ),
    coalesce(
      array_agg(private.contains_pattern(part))
        filter (where part !~ '[[:alnum:]]{3}' and part !~ '^[[:alnum:]]+$'),
      '{}'
    ),
    (string_agg(part || ':*', ' & ') filter (where part ~ '^[[:alnum:]]{1,2}$'))::tsquery
  into patterns, others, beginnings
  from (select distinct part from unnest(string_to_array(phrase, ' ')) as part where part <> '') as words;

  listed.page := page;
  listed.per_page := per_page;
  if may_read_all and cardinality(patterns) > 0 then
    -- What most searches are: planned once per session. The second word is asked of the index as well; where there is
    -- none, the first one twice, which costs nothing.
    with found as materialized (
      select
        customer.id,
        starts_with(split_part(customer.search_text, E'\n', 1), phrase)
          or starts_with(split_part(customer.search_text, E'\n', 2), phrase) as begins,
        ltrim(customer.search_text, E'\n') collate "C" as name
      from public.customers as customer
      where customer.organization_id = current_id
        and customer.search_text like patterns[1]
        and customer.search_text like coalesce(patterns[2], patterns[1])
        and customer.search_text || '' like all (patterns[3:] || others)
        and (beginnings is null or customer.search_words @@ beginnings)
        and (search_customers.type is null or customer.customer_type = search_customers.type)
        and (search_customers.has_bookings is null or (customer.total_bookings > 0) = search_customers.has_bookings)
    ),
    page_of_found as (
      select found.*
      from found
      order by found.begins desc, found.name, found.id
      limit per_page offset (search_customers.page - 1)::bigint * per_page
    )
    select
      (select count(*) from found),
      coalesce(
        jsonb_agg(
          to_jsonb(
            row(
              customer.id, customer.company_name, customer.contact_person, customer.email, customer.phone,
              customer.customer_type, customer.is_active, customer.tags, customer.total_bookings, customer.total_spent,
              customer.last_booking_at, customer.created_at
            )::public.customer_summary
          )
          order by page_of_found.begins desc, page_of_found.name, page_of_found.id
        ),
        '[]'
      )
    into listed.total, listed.customers
    from page_of_found
      join public.customers as customer on customer.organization_id = current_id and customer.id = page_of_found.id;
    return listed;
  end if;

  -- Put together of what this search has, so that it is planned for that; nothing of the query is in the text. An index
  -- is asked for a pattern only where it can answer by trigrams: for others it would go through all organizations.
  execute
    'with found as materialized (
      select
        customer.id,
        starts_with(split_part(customer.search_text, E''\n'', 1), $3)
          or starts_with(split_part(customer.search_text, E''\n'', 2), $3) as begins,
        ltrim(customer.search_text, E''\n'') collate "C" as name
      from public.customers as customer
      where customer.organization_id = $1'
    || case when not may_read_all then ' and customer.id = any ($2)' else '' end
    || case when cardinality(patterns) > 0 then ' and customer.search_text like $4[1]' else '' end
    || case when cardinality(patterns) > 1 then ' and customer.search_text like all ($4[2:])' else '' end
    || case when beginnings is not null then ' and customer.search_words @@ $5' else '' end
    || case when cardinality(others) > 0 then ' and customer.search_text || '''' like all ($6)' else '' end
    || case when type is not null then ' and customer.customer_type = $7' else '' end
    || case when has_bookings is not null then ' and (customer.total_bookings > 0) = $8' else '' end
    || '
    ),
    listed as (
      select found.*
      from found
      order by found.begins desc, found.name, found.id
      limit $9 offset ($10 - 1)::bigint * $9
    )
    select
      (select count(*) from found),
      coalesce(
        jsonb_agg(
          to_jsonb(
            row(
              customer.id, customer.company_name, customer.contact_person, customer.email, customer.phone,
              customer.customer_type, customer.is_active, customer.tags, customer.total_bookings, customer.total_spent,
              customer.last_booking_at, customer.created_at
            )::public.customer_summary
          )
          order by listed.begins desc, listed.name, listed.id
        ),
        ''[]''
      )
    from listed
      join public.customers as customer on customer.organization_id = $1 and customer.id = listed.id'
  into listed.total, listed.customers
  using
    current_id, case when not may_read_all then private.current_customer_ids() end, phrase, patterns, beginnings,
    others, type, has_bookings, per_page, page;
  return listed;
end;
$$;

comment on function private.search_customers(text, text, boolean, integer, integer) is
  'Searches customers: public.search_customers with the rights that this takes.';

revoke execute on function private.search_customers(text, text, boolean, integer, integer) from public;
grant execute
  on function private.search_customers(text, text, boolean, integer, integer)
  to authenticated, service_role;
--! EndIncluded customers/private/search_customers.sql
--! Included customers/private/tg_customers__normalize.sql
create or replace function private.tg_customers__normalize()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  new.company_name := private.clean_line(new.company_name);
  new.contact_person := private.clean_line(new.contact_person);
  new.email := lower(private.clean_line(new.email));
  new.phone := private.clean_line(new.phone);
  new.tax_id := private.clean_line(new.tax_id);
  new.payment_terms := private.clean_line(new.payment_terms);
  new.emergency_contact_name := private.clean_line(new.emergency_contact_name);
  new.emergency_contact_phone := private.clean_line(new.emergency_contact_phone);
  new.notes := nullif(btrim(new.notes, E' \t\r\n'), '');
  -- Who verifies the address of a customer acts for it: that is not for who merely looks after it.
  if tg_op = 'UPDATE'
    and new.email is distinct from old.email
    and private.has_permission('customers.assigned')
    and not private.has_permission('customers.write')
  then
    perform private.refuse(
      403,
      'permission_required',
      'This takes the permission customers.write.',
      'The address says who acts for the customer: ask someone who may change it.'
    );
  end if;
  return new;
end;
$$;

comment on function private.tg_customers__normalize() is
  'Trigger function: makes what is written comparable. Texts lose the blanks around them, and those of one line all but one between words; the e-mail address is lower case; what is empty becomes null. Raises PT403 permission_required when somebody who only looks after a customer (customers.assigned) changes its e-mail address.';

revoke execute on function private.tg_customers__normalize() from public;
--! EndIncluded customers/private/tg_customers__normalize.sql

--! Included customers/triggers/customers.sql
create or replace trigger _050_normalize
  before insert or update of company_name, contact_person, email, phone, tax_id, payment_terms, notes,
    emergency_contact_name, emergency_contact_phone
  on public.customers
  for each row
  execute function private.tg_customers__normalize();
--! EndIncluded customers/triggers/customers.sql

-- The API.

--! Included customers/public/delete_customer.sql
create or replace function public.delete_customer (
  id uuid
)
  returns public.customers
  language sql
  volatile
  set search_path = ''
  as $$
  select private.delete_customer(id);
$$;

comment on function public.delete_customer(uuid) is
  'Deletes a customer that nothing was made for yet (customers.manage), with its users, assignments and health notes; the users keep their logins. Takes the id. Returns the customer as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 customer_not_found; PT409 customer_in_use, whose details say under "references" how many rows of which table refer to it.';

revoke execute on function public.delete_customer(uuid) from public;
grant execute on function public.delete_customer(uuid) to authenticated, service_role;
--! EndIncluded customers/public/delete_customer.sql
--! Included customers/public/explain_customer_access.sql
create or replace function public.explain_customer_access (
  user_id uuid,
  customer_id uuid
)
  returns setof public.customer_access_reason
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.explain_customer_access(user_id, customer_id);
$$;

comment on function public.explain_customer_access(uuid, uuid) is
  'Returns why a member of the current organization does or does not reach a customer, a row for each way (customers.manage): membership, without which nothing else counts but superadmin; then superadmin, permission, mapping, assignment, one of which is enough; and email, which says whether get_or_create_customer would link them. Takes the user and the customer. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 member_not_found, customer_not_found.';

revoke execute on function public.explain_customer_access(uuid, uuid) from public;
grant execute on function public.explain_customer_access(uuid, uuid) to authenticated, service_role;
--! EndIncluded customers/public/explain_customer_access.sql
--! Included customers/public/find_or_create_customer.sql
create or replace function public.find_or_create_customer (
  email text,
  name text default null,
  phone text default null,
  company text default null
)
  returns public.customers
  language sql
  volatile
  set search_path = ''
  as $$
  select private.find_or_create_customer(email, name, phone, company);
$$;

comment on function public.find_or_create_customer(text, text, text, text) is
  'Returns the customer of the current organization that has an e-mail address, and makes one where there is none (customers.write; with customers.assigned alone, a new one is assigned to the caller, and one of somebody else is refused). Takes the address; the name, the phone number and the company fill what the customer does not have yet, and overwrite nothing. A new one with a company is corporate, without one residential. Creates no login. Raises PT400 email_invalid, name_invalid, phone_invalid, company_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, customer_authorization; PT422 customer_creation_failed.';

revoke execute on function public.find_or_create_customer(text, text, text, text) from public;
grant execute
  on function public.find_or_create_customer(text, text, text, text)
  to authenticated, service_role;
--! EndIncluded customers/public/find_or_create_customer.sql
--! Included customers/public/get_or_create_customer.sql
create or replace function public.get_or_create_customer()
  returns public.customers
  -- Not sql as its siblings: that is planned anew with every call, and entry pages call this with every request.
  language plpgsql
  volatile
  set search_path = ''
  as $$
begin
  return private.get_or_create_customer();
end;
$$;

comment on function public.get_or_create_customer() is
  'Returns the customer that the caller is in the current organization: the first that they act for; else the one that has their verified e-mail address, for which they act from then on; else a new one. May be called as often as one likes, also at once: there is one. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization (a superadmin who is no member), email_not_verified (the caller has an address that is not verified, or is anonymous, and acts for no customer); PT422 customer_creation_failed (the account has an address that no customer can have).';

revoke execute on function public.get_or_create_customer() from public;
grant execute on function public.get_or_create_customer() to authenticated, service_role;
--! EndIncluded customers/public/get_or_create_customer.sql
--! Included customers/public/merge_customers.sql
create or replace function public.merge_customers (
  keep uuid,
  remove uuid
)
  returns public.customers
  language sql
  volatile
  set search_path = ''
  as $$
  select private.merge_customers(keep, remove);
$$;

comment on function public.merge_customers(uuid, uuid) is
  'Makes one customer of two (customers.manage). Takes the one that stays and the one that goes. All that refers to the second refers to the first from then on, in whatever status; what both have, such as the same user, is there once. The first keeps its particulars and gets those that it lacks, the tags of both and the sum of the statistics; consents stay its own. Cannot be undone; the audit log holds the event customers.merged and what was removed. Returns the one that stays. Raises PT400 merge_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 customer_not_found.';

revoke execute on function public.merge_customers(uuid, uuid) from public;
grant execute on function public.merge_customers(uuid, uuid) to authenticated, service_role;
--! EndIncluded customers/public/merge_customers.sql
--! Included customers/public/search_customers.sql
create or replace function public.search_customers (
  query text default null,
  type text default null,
  has_bookings boolean default null,
  page integer default 1,
  per_page integer default 50
)
  returns public.customer_page
  language sql
  stable
  set search_path = ''
  as $$
  select private.search_customers(query, type, has_bookings, page, per_page);
$$;

comment on function public.search_customers(text, text, boolean, integer, integer) is
  'Returns one page of the customers that match, those first whose name begins with the query, then by name, and the total: of all customers with customers.read, otherwise of those that the caller acts for or that are assigned to them. Takes words, all of which must be found, in any order, without regard to case and accents: three characters and more anywhere in company, name, e-mail address and phone number, one or two at the beginning of a word; a customer_type; whether it has made bookings; the page from 1 and its size, up to 100. Raises PT400 search_invalid (more than 200 characters), type_invalid, page_invalid, per_page_invalid; PT401 not_authenticated; PT403 organization_required.';

revoke execute on function public.search_customers(text, text, boolean, integer, integer) from public;
grant execute
  on function public.search_customers(text, text, boolean, integer, integer)
  to authenticated, service_role;
--! EndIncluded customers/public/search_customers.sql

-- Who may.

select private.define_permissions(
  descriptions => '{
    "customers.read": "Read all customers.",
    "customers.write": "Add customers, and change their particulars.",
    "customers.assigned": "Read and change the customers that are assigned to one, and add such.",
    "customers.manage": "Assign customers to staff and to users, merge and delete them, and see why a user reaches one.",
    "customers.health": "Read and write what must be known about a customer''s health."
  }',
  holders => '{
    "owner": ["customers.*"],
    "admin": ["customers.*"],
    "manager": ["customers.read", "customers.write", "customers.manage"],
    "plant_manager": ["customers.read", "customers.write"],
    "department_head": ["customers.read"],
    "supervisor": ["customers.read"],
    "salesman": ["customers.assigned"],
    "partner": ["customers.assigned"],
    "data_entry": ["customers.read", "customers.write"],
    "instructor": ["customers.health"],
    "viewer": ["customers.read"]
  }'
);

select private.secure_table(
  'public.customers',
  read => 'customers.read',
  write => 'customers.write',
  insertable => array[
    'company_name', 'contact_person', 'email', 'phone', 'address', 'customer_type', 'tax_id', 'payment_terms',
    'is_active', 'notes', 'marketing_consent', 'sms_consent', 'emergency_contact_name', 'emergency_contact_phone',
    'customer_since', 'tags'
  ],
  updatable => array[
    'company_name', 'contact_person', 'email', 'phone', 'address', 'customer_type', 'tax_id', 'payment_terms',
    'is_active', 'notes', 'marketing_consent', 'sms_consent', 'emergency_contact_name', 'emergency_contact_phone',
    'customer_since', 'tags'
  ],
  read_also => 'id = any ((select private.current_customer_ids())::uuid[])',
  write_also => 'id = any ((select private.assigned_customer_ids())::uuid[])'
);
select private.secure_table(
  'public.customer_users',
  read => 'customers.read',
  write => 'customers.manage',
  insertable => array['customer_id', 'user_id'],
  is_deletable => true,
  read_also => 'user_id = (select private.current_user_id())'
);
select private.secure_table(
  'public.customer_assignments',
  read => 'customers.read',
  write => 'customers.manage',
  insertable => array['customer_id', 'user_id'],
  is_deletable => true,
  read_also => 'user_id = (select private.current_user_id())'
);
select private.secure_table(
  'public.customer_health_notes',
  read => 'customers.health',
  write => 'customers.health',
  insertable => array['customer_id', 'kind', 'note'],
  updatable => array['kind', 'note'],
  is_deletable => true
);
