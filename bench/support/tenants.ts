import { withConnection } from '../../src/postgres/connect.ts';
import { type Place, progress } from './place.ts';

/** How many rows each organization has. */
export const rowsPerOrganization = 1000;

/** How many organizations the users have who are in more than one. */
export const severalOrganizations = [2, 50];

/** A member as a request meets them. */
export interface Caller {
  organizationId: string;
  /** Which of how many organizations this is. */
  organization: number;
  organizations: number;
  /** request.jwt.claims: what Supabase's auth server puts into a token, and what the hook adds. */
  claims: string;
}

const organizationOf = (index: number) => `BENCH${String(index).padStart(4, '0')}`;
const userOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** The id of the row of an organization that has this index, from 0. */
export const rowOf = (organization: number, organizations: number, index: number) =>
  `01900000-0000-7000-8000-${(index * organizations + organization).toString(16).padStart(12, '0')}`;

/** A caller who works in the organization with this index. */
function callerIn(organization: number, organizations: number, user: string): Caller {
  const organizationId = organizationOf(organization);
  const issuedAt = 1_795_258_800;
  return {
    organizationId,
    organization,
    organizations,
    claims: JSON.stringify({
      iss: 'https://abcdefghijklmnopqrst.supabase.co/auth/v1',
      sub: user,
      aud: 'authenticated',
      exp: issuedAt + 3600,
      iat: issuedAt,
      email: 'ada.lovelace@example.com',
      phone: '',
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: {
        email: 'ada.lovelace@example.com',
        email_verified: true,
        full_name: 'Ada Lovelace',
        sub: user,
      },
      role: 'authenticated',
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: issuedAt }],
      session_id: '5b1c9c6e-3a52-4e0e-9a2f-6f0a1b2c3d4e',
      is_anonymous: false,
      organization_id: organizationId,
      organization_role: 'manager',
      platform_role: 'user',
    }),
  };
}

/** The manager whom an organization has, and who is in no other. */
export const managerOf = (organization: number, organizations: number) =>
  callerIn(organization, organizations, userOf(organization));

/** The user who is a manager in this many organizations, at work in one of them. */
export const managerOfMany = (count: number, organization: number, organizations: number) =>
  callerIn(organization, organizations, userIn(count));

/** The id of the user who is in this many organizations. */
export const userIn = (count: number) => userOf(900_000 + count);

/**
 * Organizations with five members each, in roles that are not all alike; a catalog of permissions as large as that of an
 * operations backend; and users who are in several organizations.
 */
const makeMembers = `
  select private.define_permissions(
    (
      select jsonb_object_agg(module || '.' || action, 'For the bench.')
      from
        unnest(array['visits', 'estimates', 'guests', 'bookings', 'jobs', 'items', 'lots', 'projects', 'reports', 'webhooks']) as module,
        unnest(array['read', 'write', 'approve', 'delete']) as action
    ),
    '{
      "owner": ["visits.*", "estimates.*", "guests.*", "bookings.*", "jobs.*", "items.*", "lots.*", "projects.*", "reports.*", "webhooks.*"],
      "manager": ["visits.*", "estimates.*", "guests.*", "bookings.*", "jobs.*", "items.*"],
      "operator": ["visits.read", "visits.write", "items.read", "lots.read"],
      "viewer": ["visits.read", "estimates.read"]
    }'
  );

  insert into public.organizations (id, name, slug, max_users)
  select 'BENCH' || lpad(number::text, 4, '0'), 'Organization ' || number, 'organization-' || number, 100
  from generate_series(0, $organizations - 1) as number;

  create temporary table bench_members as
  select
    ('00000000-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid as user_id,
    'BENCH' || lpad((number % $organizations)::text, 4, '0') as organization_id,
    -- The first member of each organization is its manager; the others have what is left, two of them two roles.
    (array['manager', 'owner', 'operator', 'viewer', 'operator'])[number / $organizations + 1] as role_code,
    (array[null, null, 'viewer', null, 'customer'])[number / $organizations + 1] as second_role_code
  from generate_series(0, 5 * $organizations - 1) as number
  union all
  select
    ('00000000-0000-4000-8000-' || lpad((900000 + count)::text, 12, '0'))::uuid,
    'BENCH' || lpad(number::text, 4, '0'),
    'manager',
    null
  from unnest(array[$several]) as count, generate_series(0, count - 1) as number;

  insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  select user_id, 'authenticated', 'authenticated', user_id || '@example.com', now(), '{}', '{"full_name": "Ada Lovelace"}', now(), now()
  from (select distinct user_id from bench_members) as member;

  insert into public.members (organization_id, user_id, status, joined_at)
  select organization_id, user_id, 'active', now() from bench_members;

  insert into public.user_roles (organization_id, user_id, role_code)
  select organization_id, user_id, role_code from bench_members
  union all
  select organization_id, user_id, second_role_code from bench_members where second_role_code is not null;

  drop table bench_members;`;

/**
 * Two tables with the same columns, rows, indexes, checks, foreign key and stamp. public.visits is a tenant table, as a
 * module makes it; bench.visits has neither policies nor the default that fills the organization in. Neither is audited:
 * the bench of the audit trigger says what that takes.
 */
const makeTables = `
  create table public.visits (
    organization_id text not null default private.current_organization_id(),
    id uuid not null default private.uuid_v7(),
    number text not null,
    customer_id uuid not null,
    title text not null,
    status text not null default 'draft' check (status in ('draft', 'sent', 'done')),
    total numeric(12, 2) not null,
    due_on date,
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (organization_id, id),
    constraint visits_organization_id_fkey foreign key (organization_id) references public.organizations (id) on delete cascade
  );
  create index on public.visits (organization_id, status, id);

  insert into public.visits
  select
    'BENCH' || lpad((number % $organizations)::text, 4, '0'), ('01900000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid,
    'A-' || number, gen_random_uuid(), 'Repair of the roof at number ' || number,
    (array['draft', 'sent', 'done'])[number / $organizations % 3 + 1], number % 1000 * 1.25, current_date,
    'Ring twice; the dog is friendly.', now(), now()
  from generate_series(0, $organizations * ${rowsPerOrganization} - 1) as number;

  create schema bench;
  create table bench.visits (like public.visits including all);
  alter table bench.visits
    alter column organization_id drop default,
    add foreign key (organization_id) references public.organizations (id) on delete cascade;
  insert into bench.visits select * from public.visits;

  select private.secure_table(
    'public.visits', read => 'visits.read', write => 'visits.write',
    insertable => '{number, customer_id, title, status, total, due_on, notes}',
    updatable => '{number, customer_id, title, status, total, due_on, notes}'
  );
  do $$
  declare
    audit_trigger record;
  begin
    for audit_trigger in
      select trg.tgname
      from pg_catalog.pg_trigger as trg
        join pg_catalog.pg_proc as proc on proc.oid = trg.tgfoid
      where trg.tgrelid = 'public.visits'::regclass and proc.proname = 'tg__audit'
    loop
      execute format('drop trigger %I on public.visits', audit_trigger.tgname);
    end loop;
  end;
  $$;
  create trigger _100_stamp before update on bench.visits for each row execute function private.tg__stamp_updated_at();
  grant usage on schema bench to authenticated;
  grant select, insert, update on bench.visits to authenticated;`;

/** Fills the database bench: organizations, members with roles, and the table with row-level security beside the one without. */
export async function makeTenants(place: Place, organizations: number): Promise<void> {
  const fill = (sql: string) =>
    sql
      .replaceAll('$organizations', String(organizations))
      .replaceAll('$several', severalOrganizations.join(', '));
  await withConnection(place.url('bench'), async (client) => {
    progress(`making ${organizations.toLocaleString('en')} organizations and their members`);
    await client.query(fill(makeMembers));
    progress(`inserting ${(organizations * rowsPerOrganization).toLocaleString('en')} rows, twice`);
    await client.query(fill(makeTables));
  });
  await withConnection(place.superuserUrl('bench'), async (client) => {
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
}
