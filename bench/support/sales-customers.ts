import { z } from 'zod';
import { withConnection } from '../../src/postgres/connect.ts';
import { type Place, progress } from './place.ts';
import { type Caller, managerOf } from './tenants.ts';

/** How many of each organization's customers have a user who signs in for them. */
export const usersPerOrganization = 1000;

const userId = (kind: string, number: number) =>
  `00000000-0000-4000-${kind}-${String(number).padStart(12, '0')}`;

/** A caller, and who they are. */
export type Known = Caller & { userId: string };

/** The manager of an organization. */
export function managerCaller(organization: number, organizations: number): Known {
  return { ...managerOf(organization, organizations), userId: userId('8000', organization) };
}

/** The user who signs in for the customer with this index, as the role customer. */
export function customerCaller(organization: number, organizations: number, index: number): Known {
  const manager = managerOf(organization, organizations);
  const sub = userId('9000', organization * usersPerOrganization + index);
  const claims = claimsOf.parse(JSON.parse(manager.claims));
  return {
    ...manager,
    userId: sub,
    claims: JSON.stringify({ ...claims, sub, organization_role: 'customer' }),
  };
}
const claimsOf = z.looseObject({ sub: z.string(), organization_role: z.string() });

/**
 * Organizations with a manager each (whose id managerOf of tenants.ts knows). `bench_reader` passes the policies, as the
 * owner of a table does, so that the floor reads the very tables and indexes that ours reads.
 */
export const makeOrganizations = `
  insert into public.organizations (id, name, slug, max_users)
  select 'BENCH' || lpad(number::text, 4, '0'), 'Organization ' || number, 'organization-' || number, 100000
  from generate_series(0, $organizations - 1) as number;

  insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  select
    ('00000000-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid, 'authenticated', 'authenticated',
    'manager' || number || '@example.com', now(), '{}', '{"full_name": "Ada Lovelace"}', now(), now()
  from generate_series(0, $organizations - 1) as number;

  insert into public.members (organization_id, user_id, status, joined_at)
  select
    'BENCH' || lpad(number::text, 4, '0'), ('00000000-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid, 'active', now()
  from generate_series(0, $organizations - 1) as number;

  insert into public.user_roles (organization_id, user_id, role_code)
  select organization_id, user_id, 'manager' from public.members;`;

export const makeReader = `
  do $$
  begin
    -- A role is the cluster's, and there are two databases.
    if not exists (select from pg_catalog.pg_roles where rolname = 'bench_reader') then
      create role bench_reader nologin bypassrls;
      grant bench_reader to authenticator;
    end if;
  end;
  $$;
  grant usage on schema public, private to bench_reader;
  grant select on all tables in schema public, private to bench_reader;
  grant execute on all functions in schema private to bench_reader;`;

/** A surname out of 9,600, some of them with letters that have accents; the commoner, the earlier in the lists. */
const surname = (number: string) => `(
  (array['Mor', 'Schw', 'Ber', 'Hub', 'Gru', 'Wag', 'Mül', 'Stein', 'Pich', 'Mos', 'Wol', 'Bau', 'Kör', 'Lan', 'Fuch',
    'Win', 'Tha', 'Ran', 'Zim', 'Ker', 'Dob', 'Nov', 'Pos', 'Sza', 'Har', 'Jel', 'Vra', 'Cer', 'Kle', 'Bran'])[
      1 + floor(30 * power((hashint4(${number} * 7 + 1) & 1023) / 1024.0, 1.5))::integer]
  || (array['a', 'e', 'i', 'o', 'u', 'ei', 'au', 'ie'])[1 + (hashint4(${number} * 7 + 2) & 7)]
  || (array['n', 'r', 'l', 's', 'tt', 'ck', 'nd', 'rg', 'b', 'm'])[1 + (hashint4(${number} * 7 + 3) & 1023) % 10]
  || (array['er', 'mann', '', 'ova'])[1 + (hashint4(${number} * 7 + 4) & 3)]
)`;
const firstName = (
  number: string,
) => `(array['Anna', 'Ben', 'Clara', 'David', 'Eva', 'Felix', 'Greta', 'Hugo', 'Ida',
  'Jonas', 'Katharina', 'Lukas', 'Maria', 'Noah', 'Olivia', 'Paul', 'Rosa', 'Simon', 'Theresa', 'Ulrich', 'Valentina',
  'Walter', 'Xenia', 'Yannick', 'Zoë', 'André', 'Béla', 'Chloé', 'Dóra', 'Émile', 'Franz', 'Gisela'])[
    1 + (hashint4(${number} * 7 + 5) & 31)]`;

/** A million people and companies, spread evenly over the organizations, made without triggers. */
const insertCustomers = `
  insert into public.customers (
    organization_id, id, company_name, contact_person, email, phone, address, customer_type, created_at
  )
  select
    'BENCH' || lpad((number % $organizations)::text, 4, '0'),
    ('01900000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid,
    case
      when number / $organizations % 3 = 0 then
        surname || (array[' Bau GmbH', ' & Söhne', ' Fenster', ' Immobilien', ' Hotels', ' Consulting', ' Holz AG', ' Design'])[
          1 + (hashint4(number * 7 + 6) & 7)]
    end,
    first_name || ' ' || surname,
    lower(first_name || '.' || surname) || number || '@example' || hashint4(number) % 50 + 50 || '.com',
    '+43 664 ' || 1000000 + number,
    '{"street": "Hauptplatz 1", "postal_code": "8010", "city": "Graz", "country": "AT"}',
    case when number / $organizations % 3 = 0 then 'corporate' else 'residential' end,
    timestamptz '2024-01-01 00:00:00+00' + make_interval(secs => number * 60)
  from generate_series($1::integer, $2::integer) as number,
    lateral (select ${surname('number')} as surname, ${firstName('number')} as first_name) as named`;

/** Users who are customers: the first 1,000 of each organization. */
const makeUsers = `
  set session_replication_role = replica;
  insert into auth.users (
    instance_id, id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000',
    ('00000000-0000-4000-9000-' || lpad(number::text, 12, '0'))::uuid, 'authenticated', 'authenticated',
    'customer' || number || '@example.com', now(), '{}', '{"full_name": "Ada Lovelace"}', now(), now()
  from generate_series(0, $organizations * ${usersPerOrganization} - 1) as number;
  insert into public.user_profiles (user_id, display_name)
  select id, 'Ada Lovelace' from auth.users where email like 'customer%';
  insert into public.members (organization_id, user_id, status, joined_at)
  select
    'BENCH' || lpad((number / ${usersPerOrganization})::text, 4, '0'),
    ('00000000-0000-4000-9000-' || lpad(number::text, 12, '0'))::uuid, 'active', now()
  from generate_series(0, $organizations * ${usersPerOrganization} - 1) as number;
  insert into public.user_roles (organization_id, user_id, role_code)
  select organization_id, user_id, 'customer' from public.members where user_id >= '00000000-0000-4000-9000-000000000000';
  insert into public.customer_users (organization_id, customer_id, user_id)
  select
    'BENCH' || lpad((number / ${usersPerOrganization})::text, 4, '0'),
    (
      '01900000-0000-7000-8000-'
      || lpad(to_hex(number % ${usersPerOrganization} * $organizations + number / ${usersPerOrganization}), 12, '0')
    )::uuid,
    ('00000000-0000-4000-9000-' || lpad(number::text, 12, '0'))::uuid
  from generate_series(0, $organizations * ${usersPerOrganization} - 1) as number;`;

/** Rows go in faster before their index than through it; the definition is the one that the migration gave it. */
async function withoutIndex(url: string, index: string, work: () => Promise<void>): Promise<void> {
  await withConnection(url, async (client) => {
    const { rows } = await client.query<{ definition: string }>(
      'select pg_get_indexdef($1::regclass) as definition',
      [index],
    );
    const definition = rows[0]?.definition;
    if (definition === undefined) throw new Error(`There is no index ${index}.`);
    await client.query(`drop index ${index}`);
    await work();
    progress(`building ${index}`);
    await client.query(`set maintenance_work_mem = '1GB'; ${definition}`);
  });
}

/** Fills the database: so many customers in so many organizations, 1,000 users of theirs in each, and a manager. */
export async function makeCustomerBase(
  place: Place,
  database: string,
  organizations: number,
  customers: number,
): Promise<void> {
  const fill = (sql: string) =>
    sql.replaceAll('$organizations', String(organizations)).replaceAll('$customers', String(customers));
  await withConnection(place.url(database), (client) => client.query(fill(makeOrganizations)));
  const url = place.superuserUrl(database);
  await withoutIndex(url, 'public.customers_search_idx', async () => {
    progress(`inserting ${customers.toLocaleString('en')} customers`);
    const half = Math.floor(customers / 2);
    await Promise.all(
      [
        [0, half - 1],
        [half, customers - 1],
      ].map((range) =>
        withConnection(url, async (client) => {
          await client.query('set session_replication_role = replica');
          await client.query(fill(insertCustomers), range);
        }),
      ),
    );
  });
  progress('making users of theirs');
  await withConnection(url, async (client) => {
    await client.query(makeReader);
    await client.query(fill(makeUsers));
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
}
