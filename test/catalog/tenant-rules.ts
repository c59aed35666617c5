import { functions, inHouse, relations, type Rule, tenantTables } from './rules.ts';

/** The forms that a wall has: the organization of the request, alone or where it may be read. */
const walls = (column: string) =>
  `^\\(${column} = \\( SELECT private\\.(current_organization_id\\(\\) AS current_organization_id|organization_with\\(''[a-z_.]+''::text\\) AS organization_with)\\)\\)$`;

/** Rows of the caller's own: of their user, their plants, the customers that they act for or look after, what they teach. */
const own = `private\\.(current_user_id|current_plant_ids|[a-z]+_customer_ids|taught_session_ids)\\(\\) AS [a-z_]+\\)`;

/**
 * What stands beside a permission, from the inside out, each form made one word: rows of one's own; those that are no draft;
 * what belongs to such a row; another permission.
 */
const grounds: [form: string, word: string][] = [
  [`\\([a-z_.]+ = ANY \\(\\( SELECT ${own}::uuid\\[\\]\\)\\)`, 'own'],
  [`\\([a-z_.]+ = \\( SELECT ${own}\\)`, 'own'],
  [`\\(\\(([a-z_]+\\.)?status (=|<>) ''draft''::text\\) AND own\\)`, 'own'],
  [`\\(own OR own\\)`, 'own'],
  [`\\([a-z_]+ IN \\( SELECT ([a-z]+)\\.(id|session_id)\\s+FROM [a-z]+ \\1\\s+WHERE own\\)\\)`, 'own'],
  [
    `\\([a-z_]+ IN \\( SELECT ([a-z]+)\\.id\\s+FROM \\([a-z_]+ \\1\\s+JOIN [a-z]+ ([a-z]+) ON \\(\\(\\(\\2\\.organization_id = \\1\\.organization_id\\) AND \\(\\2\\.id = \\1\\.\\2_id\\)\\)\\)\\)\\s+WHERE own\\)\\)`,
    'own',
  ],
  [`\\(\\(status <> ''draft''::text\\) AND own\\)`, 'own'],
  [`\\( SELECT private\\.has_permission\\(''[a-z_.]+''::text\\) AS has_permission\\)`, 'permission'],
];
const reduced = (expression: string) =>
  grounds.reduce((inner, [form, word]) => `regexp_replace(${inner}, '${form}', '${word}', 'g')`, expression);

/** All rows of the organization. */
const wholeTable =
  '\\(organization_id = \\( SELECT private\\.current_organization_id\\(\\) AS current_organization_id\\)\\)';

/** What every member sees of a table, beside what permissions open: what is for sale, and on which terms. */
const shownToMembers: Record<string, string> = {
  booking_settings: wholeTable,
  configuration_templates: '\\(is_public AND is_active\\)',
  course_price_tiers: wholeTable,
  course_sessions: `\\(status = ANY \\(ARRAY\\[''published''::text, ''full''::text\\]\\)\\)`,
  courses: 'is_active',
  manufacturing_types: 'is_active',
  refund_rules: wholeTable,
  sales_settings: wholeTable,
  venues: 'is_active',
};
const shown = `case pol.tablename ${Object.entries(shownToMembers)
  .map(([table, form]) => `when '${table}' then ' OR ${form}'`)
  .join(' ')} else '' end`;

/** The forms that a policy has: a permission of the catalog, alone or beside what is the caller's own. */
const permitted = `(side.expression ~ '^\\([a-z_]+ = \\( SELECT private\\.organization_with\\(''[a-z_.]+''::text\\) AS organization_with\\)\\)$'
  or ${reduced('side.expression')} ~ ('^\\(permission' || ${shown} || '( OR (own|permission))*\\)$'))
  and not exists (
    select from regexp_matches(side.expression, 'private\\.(?:organization_with|has_permission)\\(''([^'']*)''::text\\)', 'g') as named
    where named[1] not in (select permission.code from public.permissions as permission))`;

/**
 * Tables of public whose rows belong to no organization. The organizations themselves are behind the same wall, by
 * their id; a profile is its user's; the catalog of permissions is the same for all.
 */
const ofThePlatform = ['organizations', 'permissions', 'user_profiles'];

/**
 * Tables of `private` whose key is what a payment provider calls a thing: it is the same for all organizations, and an event is
 * kept before it is known whose it is. Only the service role gets there.
 */
const ofProviders = `array['payment_intents', 'webhook_events']::name[]`;

/** A table as it should be, with further columns and statements. */
export const pumps = (columns: string, more = '') => `
  create table public.pumps (
    organization_id text not null default private.current_organization_id() references public.organizations on delete cascade,
    id uuid not null default private.uuid_v7(), plant_id uuid, ${columns}
    primary key (organization_id, id)
  ); ${more}`;

/** What holds for every tenant table. */
export const tenantRules: Record<string, Rule> = {
  'a table of public belongs to organizations, or is named here': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             where nsp.nspname = 'public' and rel.relkind in ('r', 'p')
               and rel.relname <> all (array['${ofThePlatform.join("', '")}'])
               and not exists (select from ${tenantTables} as tenant where tenant.oid = rel.oid)`,
    breakage: `create table public.pumps (id uuid primary key)`,
  },
  'every tenant table of public has one restrictive policy: the wall, with its check, for every command': {
    broken: `select tenant.name as object
             from (select oid::regclass::text as name, relname, 'organization_id' as key from ${tenantTables} as tenant where is_api
               union all select 'organizations', 'organizations', 'id') as tenant
             where not exists (
               select from pg_policies as pol
               where pol.schemaname = 'public' and pol.tablename = tenant.relname and pol.permissive = 'RESTRICTIVE'
               having count(*) = 1 and bool_and(
                 pol.cmd = 'ALL' and pol.roles = array['authenticated']::name[] and pol.with_check = pol.qual
                 and pol.qual ~ case tenant.key when 'id' then '${walls('id')}' else '${walls('organization_id')}' end))`,
    breakage: [
      `drop policy "only rows of the current organization" on public.plants`,
      `alter policy "only rows of the current organization" on public.plants
         using (organization_id = (select private.current_organization_id()) or true)`,
      `alter policy "only rows of the current organization" on public.plants with check (true)`,
      `alter policy "only rows of the current organization" on public.organizations with check (true)`,
      `alter policy "only rows of the current organization" on public.plants
         using (organization_id <> (select private.current_organization_id()))
         with check (organization_id <> (select private.current_organization_id()))`,
      `alter policy "only rows of the current organization" on public.plants
         using (code = (select private.current_organization_id())) with check (code = (select private.current_organization_id()))`,
      `alter policy "only rows of the current organization" on public.plants to service_role`,
      `drop policy "only rows of the current organization" on public.plants;
       create policy "only rows of the current organization" on public.plants as restrictive for select to authenticated
         using (organization_id = (select private.current_organization_id()))`,
      `drop policy "only rows of the current organization" on public.plants;
       create policy "only rows of the current organization" on public.plants to authenticated
         using (organization_id = (select private.current_organization_id()))`,
      `create policy "another" on public.plants as restrictive to authenticated using (true) with check (true)`,
      pumps(''),
    ],
  },
  'a wall that asks for a permission is the same look as the policy to read, so that it is made once': {
    broken: `select format('%s: %s', wall.tablename, wall.qual) as object from pg_policies as wall
             where wall.schemaname = 'public' and wall.permissive = 'RESTRICTIVE' and wall.qual ~ 'organization_with'
               and not exists (select from pg_policies as pol
                 where pol.schemaname = 'public' and pol.tablename = wall.tablename
                   and pol.permissive = 'PERMISSIVE' and pol.cmd = 'SELECT' and pol.qual = wall.qual)`,
    breakage: `alter policy "who may read" on public.plants using (organization_id = (select private.organization_with('plants.manage')))`,
  },
  'at most one permissive policy per command, for authenticated alone, and none for all commands': {
    broken: `select format('%s %s', pol.tablename, pol.cmd) as object from pg_policies as pol
             where pol.schemaname in ('public', 'private') and pol.permissive = 'PERMISSIVE'
             group by pol.tablename, pol.cmd
             having count(*) > 1 or pol.cmd = 'ALL' or bool_or(pol.roles <> array['authenticated']::name[])`,
    breakage: [
      `create policy "another" on public.plants for select to authenticated using ((select private.has_permission('audit.read')))`,
      `create policy "all" on public.roles to authenticated using ((select private.has_permission('roles.read')))`,
      `alter policy "who may read" on public.roles to authenticated, service_role`,
    ],
  },
  'a permissive policy of a tenant table asks for a permission that exists, and for nothing less': {
    broken: `select format('%s: %s', pol.tablename, pol.policyname) as object
             from pg_policies as pol
             left join ${tenantTables} as tenant on tenant.relname = pol.tablename and tenant.is_api
             cross join lateral (values (pol.qual), (pol.with_check)) as side (expression)
             where pol.schemaname = 'public' and pol.permissive = 'PERMISSIVE' and side.expression is not null
               and (tenant.oid is not null or pol.tablename = 'organizations')
               and not (${permitted})`,
    breakage: [
      `alter policy "who may read" on public.plants using (true)`,
      `alter policy "who may read" on public.plants using (organization_id = (select private.organization_with('plants.reed')))`,
      `alter policy "who may read" on public.plants
         using (organization_id = (select private.organization_with('plants.read')) or code = 'open')`,
      `alter policy "who may read" on public.members using ((select private.has_permission('members.read')) or status = 'active')`,
      `alter policy "who may change" on public.plants with check (code is not null)`,
      `alter policy "who may read" on public.customers using ((select private.has_permission('customers.read')) or is_active)`,
      `alter policy "who may read" on public.members using ((select private.has_permission('members.read'))
         or organization_id = (select private.current_organization_id()))`,
      `alter policy "who may read" on public.manufacturing_types
         using ((select private.has_permission('sales.read')) or is_active or base_price > 0)`,
      `alter policy "who may read" on public.attribute_nodes
         using ((select private.has_permission('sales.read')) or (select private.has_permission('sales.assignt')))`,
      `alter policy "who may read" on public.quotes using ((select private.has_permission('sales.read')) or status <> 'draft')`,
      `alter policy "who may read" on public.quotes using ((select private.has_permission('sales.read'))
         or status <> 'draft' or customer_id = any ((select private.own_customer_ids())::uuid[]))`,
      `alter policy "who may read" on public.quote_items using ((select private.has_permission('sales.read'))
         or quote_id in (select quote.id from public.quotes as quote where quote.status <> 'draft'))`,
      `alter policy "who may read" on public.configurations using (customer_id = any ((select private.own_customer_ids())::uuid[]))`,
      `alter policy "who may read" on public.course_sessions
         using ((select private.has_permission('bookings.read')) or status <> 'cancelled')`,
      `alter policy "who may read" on public.discount_codes
         using ((select private.has_permission('bookings.read')) or is_active)`,
      `alter policy "who may read" on public.certificates using ((select private.has_permission('bookings.read'))
         or attendee_id in (select attendee.id from public.booking_attendees as attendee join public.bookings as booking
           on booking.organization_id = attendee.organization_id
           where booking.customer_id = any ((select private.current_customer_ids())::uuid[])))`,
      `alter policy "who may read" on public.invoices using ((select private.has_permission('bookings.read'))
         or status <> 'draft' or booking_id in (select booking.id from public.bookings as booking
           where booking.customer_id = any ((select private.current_customer_ids())::uuid[])))`,
    ],
  },
  'no policy says true, or asks what the user says of themself': {
    broken: `select format('%s: %s', pol.tablename, pol.policyname) as object from pg_policies as pol
             where pol.schemaname in ('public', 'private')
               and concat_ws(' ', pol.qual, pol.with_check) ~ '(^|\\W)true(\\W|$)|_meta_?data|current_setting|jwt|email'`,
    breakage: [
      `alter policy "who may read" on public.plants using ((select private.has_permission('plants.read')) or true)`,
      `alter policy "who may read" on public.plants using (((select auth.jwt()) -> 'user_metadata') ? 'organization_id')`,
      `alter policy "who may read" on public.plants using ((select current_setting('request.jwt.claims')) like '%admin%')`,
    ],
  },
  'no function asks what the user says of themself, but to name a new profile and list how they sign in': {
    broken: `select fn.oid::regprocedure::text as object from ${functions}
             where ${inHouse} and fn.prosrc ~ 'user_meta|app_meta'
               and fn.proname not in ('initial_display_name', 'insert_profiles', 'sso_provider', 'user_accounts')`,
    breakage: `create function private.broken() returns boolean language sql set search_path = '' as
               $$ select (auth.jwt() -> 'app_metadata' ->> 'role') = 'admin' $$`,
  },
  'organization_id is not null, and fills itself where clients write': {
    broken: `select tenant.oid::regclass::text as object from ${tenantTables} as tenant
             join pg_attribute as col on col.attrelid = tenant.oid and col.attnum = tenant.organization_attnum
             left join pg_attrdef as def on def.adrelid = col.attrelid and def.adnum = col.attnum
             where not col.attnotnull and tenant.relname <> 'webhook_events' or col.atttypid <> 'text'::regtype
               or tenant.is_api and tenant.relname <> 'audit_logs'
                 and pg_get_expr(def.adbin, def.adrelid) is distinct from 'private.current_organization_id()'`,
    breakage: [
      `alter table public.plants alter column organization_id drop default`,
      `create table private.broken (organization_id text)`,
    ],
  },
  'what is unique starts with the organization, so that a conflict tells nothing of another': {
    broken: `select idx.indexrelid::regclass::text as object from ${tenantTables} as tenant
             join pg_index as idx on idx.indrelid = tenant.oid
             where (idx.indisunique or idx.indisexclusion) and idx.indkey[0] <> tenant.organization_attnum
               and (tenant.is_api or tenant.relname <> all (${ofProviders}))
             union all
             select tenant.oid::regclass::text from ${tenantTables} as tenant
             where not exists (select from pg_index as idx where idx.indrelid = tenant.oid and idx.indisprimary)`,
    breakage: [
      `alter table public.plants add unique (code)`,
      `create unique index broken on public.plants (code, organization_id)`,
      `create unique index broken on public.plants ((lower(code)))`,
      `alter table public.audit_logs drop constraint audit_logs_pkey`,
    ],
  },
  'a foreign key between tenant tables carries the organization, in the same place': {
    broken: `select format('%s: %s', con.conrelid::regclass, con.conname) as object from pg_constraint as con
             join ${tenantTables} as here on here.oid = con.conrelid
             join ${tenantTables} as there on there.oid = con.confrelid
             where con.contype = 'f'
               and array_position(con.conkey, here.organization_attnum)
                 is distinct from coalesce(array_position(con.confkey, there.organization_attnum), 0)`,
    breakage: [
      `alter table public.plants add unique (id);
       alter table public.user_plant_access add constraint broken foreign key (plant_id) references public.plants (id)`,
      `alter table public.user_roles add column giver text;
       alter table public.user_roles add constraint broken
         foreign key (giver, role_code) references public.roles (organization_id, code)`,
    ],
  },
  'a row goes with its organization: each tenant table has a cascading foreign key that leads there': {
    broken: `with recursive going as (
               select 'public.organizations'::regclass::oid as oid
               union
               select con.conrelid from going
               join pg_constraint as con on con.confrelid = going.oid and con.contype = 'f' and con.confdeltype = 'c'
               join ${tenantTables} as tenant on tenant.oid = con.conrelid
               where tenant.organization_attnum = any (con.conkey)
             )
             select tenant.oid::regclass::text as object from ${tenantTables} as tenant
             -- The log tells of what is gone.
             where tenant.oid not in (select oid from going) and tenant.oid <> 'public.audit_logs'::regclass`,
    breakage: [
      `alter table public.plants drop constraint plants_organization_id_fkey`,
      `alter table private.role_permissions drop constraint role_permissions_role_code_fkey`,
      `alter table public.roles drop constraint roles_organization_id_fkey;
       alter table public.roles add foreign key (organization_id) references public.organizations`,
    ],
  },
  'the log refers to nothing, so that it outlives what it tells of': {
    broken: `select con.conname::text as object from pg_constraint as con
             where con.contype = 'f' and con.conrelid = 'public.audit_logs'::regclass`,
    breakage: `alter table public.audit_logs add constraint broken
                 foreign key (organization_id) references public.organizations on delete cascade`,
  },
  'every tenant table of record is audited, by triggers that are awake': {
    broken: `select format('%s %s', tenant.oid::regclass, verb) as object
             from ${tenantTables} as tenant, unnest(array['insert', 'update', 'delete']) as verb
             where tenant.is_api and tenant.relname <> 'audit_logs'
               and not exists (select from pg_trigger as trg
                 where trg.tgrelid = tenant.oid and trg.tgname = '_500_audit_' || verb and trg.tgenabled in ('O', 'A')
                   and trg.tgfoid = 'private.tg__audit()'::regprocedure)`,
    breakage: [
      `drop trigger _500_audit_update on public.plants`,
      `alter table public.user_roles disable trigger _500_audit_delete`,
      pumps(''),
    ],
  },
  'audit triggers know the columns as they are': {
    broken: `select format('%s: %s', trg.tgrelid::regclass, trg.tgname) as object from pg_trigger as trg
             where trg.tgfoid = 'private.tg__audit()'::regprocedure
               and string_to_array(encode(trg.tgargs, 'escape'), '\\000')
                 is distinct from private.audit_arguments(trg.tgrelid) || ''::text`,
    breakage: [
      `comment on column public.plants.address is 'The postal address, an object. @secret'`,
      `alter table public.plants add column layout jsonb`,
    ],
  },
  'updated_at is stamped': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             join pg_attribute as col on col.attrelid = rel.oid and col.attname = 'updated_at' and not col.attisdropped
             where nsp.nspname = 'public' and rel.relkind in ('r', 'p')
               and not exists (select from pg_trigger as trg
                 where trg.tgrelid = rel.oid and trg.tgfoid = 'private.tg__stamp_updated_at()'::regprocedure
                   -- Before, for each row, on update; awake.
                   and trg.tgtype = 19 and trg.tgqual is null and trg.tgenabled in ('O', 'A'))`,
    breakage: [
      `drop trigger _100_stamp on public.plants`,
      `alter table public.members disable trigger _100_stamp`,
      pumps('updated_at timestamptz not null default now(),'),
    ],
  },
  'clients write neither the organization nor ids, statuses, dates and names of who did it': {
    broken: `select format('%s.%s', rel.oid::regclass, col.attname) as object from ${relations}
             join pg_attribute as col on col.attrelid = rel.oid and col.attnum > 0 and not col.attisdropped
             where ${inHouse} and rel.relkind in ('r', 'p', 'v')
               and (col.attname in ('id', 'organization_id', 'status', 'is_system', 'token_hash')
                 or col.attname ~ '(^|_)(status|created|updated|granted|joined|approved|suspended|cancelled|invited)_?(at|by)?$')
               and (has_column_privilege('authenticated', rel.oid, col.attnum, 'insert')
                 or has_column_privilege('authenticated', rel.oid, col.attnum, 'update'))`,
    breakage: [
      `grant insert (organization_id) on public.plants to authenticated`,
      `grant update (id) on public.plants to authenticated`,
      `grant update on public.organizations to authenticated`,
      `grant update (status) on public.members to authenticated`,
      `grant insert (granted_by) on public.user_roles to authenticated`,
    ],
  },
  'a grant to write is by column, and one to the whole table is to read or delete': {
    broken: `select format('%s: %s %s', rel.oid::regclass, acl.grantee::regrole, acl.privilege_type) as object
             from ${relations}, aclexplode(rel.relacl) as acl
             where nsp.nspname = 'public' and acl.grantee in ('anon'::regrole, 'authenticated'::regrole)
               and acl.privilege_type not in ('SELECT', 'DELETE')`,
    breakage: `grant insert on public.plants to authenticated`,
  },
  'nobody reads the hash of a token': {
    broken: `select role as object from unnest(array['anon', 'authenticated']) as role
             where has_column_privilege(role, 'public.invitations', 'token_hash', 'select')`,
    breakage: `grant select on public.invitations to authenticated`,
  },
  'partitions are in private, and nobody is granted one': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             where rel.relispartition and (nsp.nspname <> 'private' or exists (
               select from unnest(array['anon', 'authenticated', 'service_role']) as role
               where has_any_column_privilege(role, rel.oid, 'select, insert, update, references')
                 or has_table_privilege(role, rel.oid, 'delete, truncate, trigger')))`,
    breakage: [
      `create table public.audit_logs_2001_01 partition of public.audit_logs for values from ('2001-01-01') to ('2001-02-01')`,
      `grant select on private.audit_logs_default to authenticated`,
      `grant select (action) on private.audit_logs_default to service_role`,
    ],
  },
  'what row-level security filters with cannot leak, so that an index serves it': {
    broken: `select distinct format('%s: %s', idx.indexrelid::regclass, eq.oid::regprocedure) as object
             from ${tenantTables} as tenant
             join pg_index as idx on idx.indrelid = tenant.oid
             join pg_class as rel on rel.oid = idx.indexrelid
             join pg_am as method on method.oid = rel.relam and method.amname in ('btree', 'hash')
             cross join lateral unnest(idx.indclass::oid[]) as key (opclass)
             join pg_opclass as opc on opc.oid = key.opclass
             join pg_amop as member on member.amopfamily = opc.opcfamily and member.amoplefttype = opc.opcintype
               and member.amoprighttype = opc.opcintype
               and member.amopstrategy = case method.amname when 'hash' then 1 else 3 end
             join pg_operator as op on op.oid = member.amopopr
             join pg_proc as eq on eq.oid = op.oprcode
             -- The history of a row is looked for by the operator, whom no policy filters.
             where tenant.is_api and not eq.proleakproof and rel.relname <> 'audit_logs_row_key_idx'`,
    breakage: [
      `create index broken on public.plants (organization_id, address)`,
      `alter table public.plants add column price numeric; create index broken on public.plants (organization_id, price)`,
    ],
  },
  "a function that clients call takes no organization, but for superadmins and to choose one's own": {
    broken: `select fn.oid::regprocedure::text as object from ${functions}
             where ${inHouse} and (has_function_privilege('authenticated', fn.oid, 'execute') or has_function_privilege('anon', fn.oid, 'execute'))
               and exists (select from unnest(fn.proargnames, fn.proargtypes::oid[]) as argument (name, type)
                 where argument.name ~ 'organization' and argument.name <> 'allow_organization_sign_up'
                   or argument.name = 'id' and argument.type = 'text'::regtype)
               and fn.proname not in (
                 'switch_organization', 'create_organization', 'update_organization', 'suspend_organization',
                 'reactivate_organization', 'cancel_organization', 'set_organization_status', 'purge_organization')`,
    breakage: [
      `create function public.broken(organization_id text) returns integer language sql set search_path = '' as 'select 1';
       grant execute on function public.broken(text) to authenticated`,
      `grant execute on function private.usage_of(text) to authenticated`,
    ],
  },
};
