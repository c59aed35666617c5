import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { asUser, type Caller } from '../support/roles.ts';
import { planOf, planProblems } from './plans.ts';

const organizations = 10;
const customersEach = 1000;
const organization = 'PLAN0000';

const db = useDatabase();

const idOf = (kind: string, number: number) =>
  `01900000-0000-7000-${kind}-${number.toString(16).padStart(12, '0')}`;
/** The same in SQL. */
const idIn = (kind: string, number: string) =>
  `('01900000-0000-7000-${kind}-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** The members of each organization: who may read all, who looks after some customers, who acts for one. */
const roles = ['manager', 'salesman', 'customer'] as const;
const userOf = (role: (typeof roles)[number]) => idOf('8000', roles.indexOf(role));
const as = (role: (typeof roles)[number]): Caller => ({
  id: userOf(role),
  organization_id: organization,
  organization_role: role,
  platform_role: 'user',
});

/** The customer whom the user of the role customer acts for, one of the three that the salesman looks after. */
const ownCustomer = idOf('9000', 0);

/** Ten organizations with 1,000 customers, of which 100 have ten configurations, quotes and orders each. */
const fill = `
  select set_config('session_replication_role', 'replica', false), set_config('synchronous_commit', 'on', false);
  insert into public.organizations (id, name, slug)
  select 'PLAN000' || n, 'Organization ' || n, 'organization-' || n from generate_series(0, ${organizations - 1}) as n;
  insert into public.roles (organization_id, code, name, is_system, permissions)
  select organization.id, role.code, role.name, true, role.permissions
  from public.organizations as organization, private.system_roles as role;
  insert into private.role_permissions (organization_id, role_code, permission)
  select role.organization_id, role.code, permission.code
  from public.roles as role, public.permissions as permission
  where permission.code = any (role.permissions) or split_part(permission.code, '.', 1) || '.*' = any (role.permissions);

  insert into auth.users (id, aud, role, email, email_confirmed_at)
  select ${idIn('8000', 'n')}, 'authenticated', 'authenticated', 'user' || n || '@example.com', now()
  from generate_series(0, 2) as n;
  insert into public.user_profiles (user_id, display_name)
  select ${idIn('8000', 'n')}, 'Ada Lovelace' from generate_series(0, 2) as n;
  insert into public.members (organization_id, user_id, status, joined_at)
  select '${organization}', ${idIn('8000', 'n')}, 'active', now() from generate_series(0, 2) as n;
  insert into public.user_roles (organization_id, user_id, role_code)
  select '${organization}', ${idIn('8000', 'n')}, (array['manager', 'salesman', 'customer'])[n + 1]
  from generate_series(0, 2) as n;

  create temporary table numbers as
  select
    n, 'PLAN000' || n % ${organizations} as organization_id, ${idIn('9000', 'n % 1000')} as buyer_id,
    now() - make_interval(mins => n) as moment
  from generate_series(0, ${organizations * customersEach - 1}) as n;
  insert into public.customers (organization_id, id, contact_person, email, phone, created_at)
  select
    organization_id, ${idIn('9000', 'n')}, (array['Anna', 'Ben', 'Clara', 'David'])[1 + n / ${organizations} % 4] || ' '
      || (array['Moser', 'Huber', 'Gruber', 'Wagner', 'Steiner', 'Bauer', 'Fuchs'])[1 + n / ${organizations} % 7] || n,
    'person' || n || '@example.com', '+43 664 ' || 1000000 + n, moment
  from numbers;
  insert into public.customer_users (organization_id, customer_id, user_id)
  values ('${organization}', '${ownCustomer}', '${userOf('customer')}');
  insert into public.customer_assignments (organization_id, customer_id, user_id)
  select '${organization}', ${idIn('9000', `n * ${organizations}`)}, '${userOf('salesman')}'
  from generate_series(0, 2) as n;

  insert into public.manufacturing_types (organization_id, id, name)
  select 'PLAN000' || n, ${idIn('a000', 'n')}, 'Door' from generate_series(0, ${organizations - 1}) as n;
  insert into public.configurations (
    organization_id, id, manufacturing_type_id, customer_id, name, reference_code, status, saved_at, quoted_at, created_at
  )
  select
    organization_id, ${idIn('b000', 'n')}, ${idIn('a000', `n % ${organizations}`)}, buyer_id, 'Front door',
    'C-20260115-' || n, 'quoted', moment, moment, moment
  from numbers;
  insert into public.quotes (
    organization_id, id, number, customer_id, status, currency, subtotal, valid_until, sent_at, created_at
  )
  select
    organization_id, ${idIn('c000', 'n')}, 'Q-20260115-' || n, buyer_id,
    (array['sent', 'draft', 'sent'])[1 + n / ${organizations} % 3], 'EUR', 100, moment::date + 30,
    case when n / ${organizations} % 3 <> 1 then moment end, moment
  from numbers;
  insert into public.orders (
    organization_id, id, number, quote_id, customer_id, status, currency, subtotal, discount_amount, tax_rate, tax_amount,
    total, confirmed_at, production_at, created_at
  )
  select
    organization_id, ${idIn('d000', 'n')}, 'O-20260115-' || n, ${idIn('c000', 'n')}, buyer_id,
    case when n / ${organizations} % 3 = 1 then 'production' else 'confirmed' end, 'EUR', 100, 0, 0, 0, 100, moment,
    case when n / ${organizations} % 3 = 1 then moment end, moment
  from numbers;`;

beforeAll(async () => {
  const client = await db.superuser();
  await client.query(fill);
  await client.query('vacuum (analyze)');
});

/** What lists ask for, what their plan must be, and how many rows each caller finds. */
const lists = {
  'customers, newest first': {
    text: 'select id, company_name, contact_person, created_at from public.customers order by created_at desc, id desc limit 50',
    indexes: ['customers_created_at_idx'],
    rows: { manager: 50, salesman: 3, customer: 1 },
  },
  'quotes of a status, newest first': {
    text: `select * from public.quotes where status = $1 order by created_at desc limit 50`,
    values: ['sent'],
    indexes: ['quotes_status_idx'],
    conditions: ['status = '],
    rows: { manager: 50, salesman: 20, customer: 7 },
  },
  'orders of a status, newest first': {
    text: `select * from public.orders where status = $1 order by created_at desc limit 50`,
    values: ['confirmed'],
    indexes: ['orders_status_idx'],
    conditions: ['status = '],
    rows: { manager: 50, salesman: 20, customer: 7 },
  },
  'configurations of one customer, newest first': {
    text: 'select id, name, status, total_price, created_at from public.configurations where customer_id = $1 order by created_at desc limit 3',
    values: [ownCustomer],
    indexes: ['configurations_customer_id_idx'],
    conditions: ['customer_id = '],
    rows: { manager: 3, salesman: 3, customer: 3 },
  },
} satisfies Record<
  string,
  { text: string; values?: string[]; rows: Record<(typeof roles)[number], number> } & Parameters<
    typeof planProblems
  >[1]
>;
type List = { text: string; values?: string[] } & Parameters<typeof planProblems>[1];

const literal = (list: List) => list.text.replaceAll('$1', `'${list.values?.[0] ?? ''}'`);

/** The plan that a prepared statement keeps for all values. */
async function genericPlanOf(client: pg.ClientBase, list: List) {
  const type = list.text.includes('customer_id = $1') ? '(uuid)' : list.values ? '(text)' : '';
  await client.query(`set local plan_cache_mode = force_generic_plan`);
  await client.query(`prepare list ${type} as ${list.text}`);
  try {
    return await planOf(client, `execute list ${list.values ? `('${list.values[0] ?? ''}')` : ''}`);
  } finally {
    await client.query('deallocate list');
  }
}

describe.each(roles)('for a member with the role %s', (role) => {
  test.each(Object.entries(lists))(
    '%s: one walk along an index, from the organization on',
    async (_, list: List) => {
      await asUser(db, as(role), async (client) => {
        expect(planProblems(await planOf(client, literal(list)), list)).toEqual([]);
        expect(planProblems(await genericPlanOf(client, list), list)).toEqual([]);
      });
    },
  );

  test.each(Object.entries(lists))('%s: as many rows as there are for them', async (_, list) => {
    await asUser(db, as(role), async (client) => {
      const { rows } = await client.query(literal(list));
      expect(rows).toHaveLength(list.rows[role]);
    });
  });
});

test.each([
  ['salesman', [0, 1, 2]],
  ['customer', [0]],
] as const)(
  'a member with the role %s finds what is of their own customers alone',
  async (role, customers) => {
    const own = customers.map((number) => idOf('9000', number * organizations));
    for (const table of ['configurations', 'quotes', 'orders']) {
      const { rows } = await asUser(db, as(role), (client) =>
        client.query(`select distinct customer_id from public.${table} order by customer_id`),
      );
      expect(rows).toEqual(own.map((customer_id) => ({ customer_id })));
    }
  },
);

test('this test notices a list that no index answers', async () => {
  const text = 'select * from public.quotes order by total desc limit 50';
  const plan = await asUser(db, as('manager'), (client) => planOf(client, text));
  expect(planProblems(plan, { indexes: ['quotes_status_idx'] })).not.toEqual([]);
});

/** How often the search index was entered, and how many customers came from the table, on this connection. */
async function countReads(client: pg.ClientBase) {
  const { rows } = await client.query<{ scans: number; fetched: number }>(
    `select
       pg_stat_get_xact_numscans('public.customers_search_idx'::regclass)::integer as scans,
       pg_stat_get_xact_tuples_fetched('public.customers'::regclass)::integer as fetched`,
  );
  return rows[0] ?? { scans: NaN, fetched: NaN };
}

/** Searches, and says what was found and what was read. */
async function searched(role: (typeof roles)[number], query: string) {
  return asUser(db, as(role), async (client) => {
    const before = await countReads(client);
    const { rows } = await client.query<{ total: number }>(
      'select total::integer from public.search_customers(query => $1)',
      [query],
    );
    const after = await countReads(client);
    return {
      total: rows[0]?.total,
      scans: after.scans - before.scans,
      fetched: after.fetched - before.fetched,
    };
  });
}

describe('search_customers', () => {
  test.each([
    ['three letters of a name', 'hub', 143],
    ['two words', 'anna grub', 36],
    ['one e-mail address', 'person4320@', 1],
    ['what nobody is called', 'xyzzy', 0],
  ])('finds %s by its index, and reads hardly a row that it does not find', async (_, query, expected) => {
    const { total, scans, fetched } = await searched('manager', query);
    expect({ total, scans }).toEqual({ total: expected, scans: 1 });
    // Those that were found, those of the page once more, and few that have the same trigrams.
    expect(fetched).toBeLessThanOrEqual(expected + Math.min(expected, 50) + 10);
  });

  test('finds for a salesman among their own customers, of which there are few', async () => {
    const { total, fetched } = await searched('salesman', 'moser');
    expect(total).toBe(1);
    expect(fetched).toBeLessThanOrEqual(20);
  });
});

describe('the lines of a quote', () => {
  // As PostgreSQL asks for each line. The index of a customer's documents would do, and reads all that the customer has.
  test.each(['quotes', 'configurations'])('find their row of %s by its key', async (table) => {
    const plan = await db.inRollback(async (client) => {
      await client.query('set local plan_cache_mode = force_generic_plan');
      await client.query(
        `prepare foreign_key (text, uuid, uuid) as
         select 1 from only public.${table} as x
         where x.organization_id = $1 and x.id = $2 and x.customer_id = $3 for key share of x`,
      );
      const found = await planOf(
        client,
        `execute foreign_key ('${organization}', '${ownCustomer}', '${ownCustomer}')`,
      );
      await client.query('deallocate foreign_key');
      return JSON.stringify(found);
    });
    expect(plan).toMatch(/"Index Name":"\w+_(customer_key|pkey)"/);
  });
});
