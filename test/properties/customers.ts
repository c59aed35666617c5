import fc from 'fast-check';
import type pg from 'pg';
import { expect } from 'vitest';
import {
  addConfigurations,
  openShop,
  perform,
  type Order,
  type Quote,
  type Shop,
} from '../sales/documents.ts';
import { addCustomer, actFor, assign } from '../customers/customers.ts';
import { asUser } from '../support/roles.ts';
import { addMember, addRole, call, inside, verifiedUser } from '../tenancy/organizations.ts';
import { all, edit, holds, outcomeOf, type Property, rowsOf, valueOf } from './property.ts';

/** A shop with three customers, of which nobody signs in for any, and three members who have no role. */
interface World {
  shop: Shop;
  customers: [string, string, string];
  users: [string, string, string];
}

async function world(client: pg.ClientBase): Promise<World> {
  const shop = await openShop(client, 'Shop');
  const customers: [string, string, string] = [
    await addCustomer(client, shop),
    await addCustomer(client, shop),
    await addCustomer(client, shop),
  ];
  const users: [string, string, string] = [
    await addMember(client, shop),
    await addMember(client, shop),
    await addMember(client, shop),
  ];
  return { shop, customers, users };
}

const place = fc.nat({ max: 2 });
/** Pairs of a user and a customer, each once, in some order. */
const pairs = fc.uniqueArray(fc.tuple(place, place), { maxLength: 6, selector: (pair) => pair.join() });

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index];
  if (item === undefined) throw new Error(`There is no number ${index}.`);
  return item;
};

/** The one column of what a member of the shop reads, in order. */
async function seen(client: pg.ClientBase, { id }: Shop, user: string, text: string): Promise<string[]> {
  return asUser(client, inside({ id }, user), async (session) =>
    (await rowsOf<{ id: string }>(session, text)).map((row) => row.id).sort(),
  );
}

/** `ok`, or the code with which a function refuses a member; nothing of what it did stays. */
async function outcome(
  client: pg.ClientBase,
  { id }: Pick<Shop, 'id'>,
  user: string,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string> {
  return asUser(client, inside({ id }, user), (session) => call(session, name, args)).then(
    () => 'ok',
    (error: unknown) => {
      const detail = (error as pg.DatabaseError).detail;
      if (detail === undefined) throw error;
      return (JSON.parse(detail) as { code: string }).code;
    },
  );
}

const relationships: Property = {
  name: 'Customer relationship integrity: what was sold belongs to one customer, from the configuration to the order',
  check: async (client, options) => {
    const { shop, customers } = await world(client);
    const strangers = `
      select count(*)::integer
      from public.quote_items as item
        join public.quotes as quote on quote.id = item.quote_id
        join public.configurations as configuration on configuration.id = item.configuration_id
        left join public.orders as placed on placed.quote_id = quote.id
      where configuration.customer_id <> quote.customer_id
        or item.customer_id <> quote.customer_id
        or placed.customer_id <> quote.customer_id`;
    const input = fc.record({
      owners: fc.array(place, { minLength: 1, maxLength: 4 }),
      merged: fc.uniqueArray(place, { minLength: 2, maxLength: 2 }),
    });
    await holds(client, options, input, async ({ owners, merged: [kept = 0, gone = 1] }) => {
      const ids: string[] = [];
      for (const owner of owners) {
        ids.push(...(await addConfigurations(client, { ...shop, customer: at(customers, owner) }, [100])));
      }
      const made = await outcome(client, shop, shop.owner, 'create_quote', { configuration_ids: ids });
      expect(made).toBe(new Set(owners).size === 1 ? 'ok' : 'several_customers');

      const own = ids.filter((_, index) => owners[index] === owners[0]);
      const quote = await perform<Quote>(client, shop.seller, 'create_quote', { configuration_ids: own });
      expect(quote.customer_id).toBe(at(customers, at(owners, 0)));
      await perform(client, shop.seller, 'send_quote', { id: quote.id });
      await perform(client, shop.seller, 'accept_quote', { id: quote.id });
      const order = await perform<Order>(client, shop.seller, 'create_order', { quote_id: quote.id });
      expect(order.customer_id).toBe(quote.customer_id);

      await perform(client, shop.seller, 'merge_customers', {
        keep: at(customers, kept),
        remove: at(customers, gone),
      });
      expect(await valueOf(client, strangers)).toBe(0);
      const lost = 'select count(*)::integer from public.orders where customer_id = $1';
      expect(await valueOf(client, lost, [at(customers, gone)])).toBe(0);
    });
  },
  breaks: [
    {
      name: 'a quote takes configurations of several customers',
      apply: all(
        'alter table public.quote_items drop constraint quote_items_configuration_id_fkey',
        edit('private.create_quote(uuid[], numeric[], numeric, numeric, date, text)', [
          'chosen.customers > 1',
          'false',
        ]),
      ),
    },
    {
      name: 'an order does not follow its quote to another customer',
      apply: `alter table public.orders drop constraint orders_quote_id_fkey;
              alter table public.orders drop constraint orders_customer_id_fkey`,
    },
  ],
};

const mappings: Property = {
  name: 'User–customer mapping consistency: a user reaches the customers that they are mapped to, and the first is their own',
  check: async (client, options) => {
    const { shop, customers, users } = await world(client);
    await holds(client, options, pairs, async (mapped) => {
      for (const [index, [user, customer]] of mapped.entries()) {
        await client.query(
          `insert into public.customer_users (organization_id, customer_id, user_id, created_at)
           values ($1, $2, $3, now() + $4 * interval '1 second')`,
          [shop.id, at(customers, customer), at(users, user), index],
        );
      }
      for (const [index, user] of users.entries()) {
        const own = mapped.filter(([who]) => who === index).map(([, customer]) => at(customers, customer));
        expect(await seen(client, shop, user, 'select id from public.customers')).toEqual([...own].sort());
        if (own.length === 0) continue;
        const before = await valueOf(client, 'select count(*)::integer from public.customers');
        const got = await perform<{ id: string }>(client, inside(shop, user), 'get_or_create_customer');
        expect(got.id).toBe(own[0]);
        expect(await valueOf(client, 'select count(*)::integer from public.customers')).toBe(before);
      }
    });
  },
  breaks: [
    {
      name: 'a user reaches what others are mapped to',
      apply: edit('private.own_customer_ids()', ['and mapping.user_id = (select auth.uid())', '']),
    },
    {
      name: 'the last one is their own',
      apply: edit('private.get_or_create_customer()', [
        'order by mapping.created_at,',
        'order by mapping.created_at desc,',
      ]),
    },
  ],
};

const ownership: Property = {
  name: 'Authorization by customer ownership: who is neither mapped nor assigned reaches nothing of a customer',
  check: async (client, options) => {
    const { shop, customers, users } = await world(client);
    const seller = await addMember(client, shop, { roles: ['salesman'] });
    const sales: { configuration: string; draft: string; sent: string }[] = [];
    for (const customer of customers) {
      const [first = '', second = ''] = await addConfigurations(client, { ...shop, customer }, [100, 50]);
      const quotes: string[] = [];
      for (const id of [first, second]) {
        const quote = await perform<Quote>(client, shop.seller, 'create_quote', { configuration_ids: [id] });
        quotes.push(quote.id);
      }
      await perform(client, shop.seller, 'send_quote', { id: quotes[1] });
      sales.push({ configuration: first, draft: at(quotes, 0), sent: at(quotes, 1) });
    }
    const input = fc.record({ mapped: pairs, assigned: fc.uniqueArray(place), asked: place });
    await holds(client, options, input, async ({ mapped, assigned, asked }) => {
      for (const [user, customer] of mapped)
        await actFor(client, shop, at(users, user), at(customers, customer));
      for (const customer of assigned) await assign(client, shop, seller, at(customers, customer));
      const people = [
        ...users.map((user, index) => ({ user, sells: false, of: mapped.filter(([who]) => who === index) })),
        { user: seller, sells: true, of: assigned.map((customer) => [0, customer] as const) },
      ];
      for (const { user, sells, of } of people) {
        const reached = new Set(of.map(([, customer]) => customer));
        const mine = sales.filter((_, index) => reached.has(index));
        const quotes = mine.flatMap(({ draft, sent }) => (sells ? [draft, sent] : [sent]));
        expect(await seen(client, shop, user, 'select id from public.quotes')).toEqual(quotes.sort());
        const configurations = await seen(client, shop, user, 'select id from public.configurations');
        expect(configurations).toHaveLength(2 * mine.length);
        expect(await outcome(client, shop, user, 'customer_details', { id: at(customers, asked) })).toBe(
          reached.has(asked) ? 'ok' : 'customer_authorization',
        );
        expect(await outcome(client, shop, user, 'accept_quote', { id: at(sales, asked).sent })).toBe(
          reached.has(asked) ? 'ok' : 'quote_not_found',
        );
      }
    });
  },
  breaks: [
    {
      name: 'everybody reads all quotes that were sent',
      apply: `alter policy "who may read" on public.quotes
              using ((select private.has_permission('sales.read')) or status <> 'draft')`,
    },
    {
      name: 'customers see drafts',
      apply: `alter policy "who may read" on public.quotes
              using (customer_id = any ((select private.sales_customer_ids())::uuid[]))`,
    },
    {
      name: 'details are told of every customer',
      apply: edit('private.require_customer(uuid)', [
        'may_read_all constant boolean := private.has_permission',
        'may_read_all constant boolean := true or private.has_permission',
      ]),
    },
  ],
};

const autoCreation: Property = {
  name: 'Auto-creation idempotency: however often a user asks, there is one customer, always the same',
  check: async (client, options) => {
    const { shop, users } = await world(client);
    const input = fc.record({
      hasAddress: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      calls: fc.array(place, { minLength: 2, maxLength: 6 }),
    });
    await holds(client, options, input, async ({ hasAddress, calls }) => {
      for (const [index, has] of hasAddress.entries()) {
        await client.query(
          `update auth.users
           set email = case when $2 then email end, email_confirmed_at = case when $2 then now() end
           where id = $1`,
          [at(users, index), has],
        );
      }
      const before = await valueOf<number>(client, 'select count(*)::integer from public.customers');
      const answers = new Map<number, string>();
      for (const user of calls) {
        const { id } = await perform<{ id: string }>(
          client,
          inside(shop, at(users, user)),
          'get_or_create_customer',
        );
        expect(id).toBe(answers.get(user) ?? id);
        answers.set(user, id);
      }
      const asked = new Set(calls).size;
      expect(new Set(answers.values()).size).toBe(asked);
      expect(await valueOf(client, 'select count(*)::integer from public.customers')).toBe(before + asked);
      expect(await valueOf(client, 'select count(*)::integer from public.customer_users')).toBe(asked);
    });
  },
  breaks: [
    {
      name: 'the mapping is not looked for',
      apply: edit('private.get_or_create_customer()', [
        'and member.is_open\n        order by',
        'and false\n        order by',
      ]),
    },
  ],
};

const foreignKeys: Property = {
  name: 'Foreign-key satisfaction: a customer column never holds a user, a customer of somebody else, or nobody',
  check: async (client, options) => {
    const { shop, customers, users } = await world(client);
    const other = await openShop(client, 'Other');
    // Every table that has one, from the catalog.
    const columns = await rowsOf<{ target: string; name: string }>(
      client,
      `select con.conrelid::regclass::text as target, here.attname as name
       from pg_constraint as con
         cross join unnest(con.conkey, con.confkey) as pair (here, there)
         join pg_attribute as here on here.attrelid = con.conrelid and here.attnum = pair.here
         join pg_attribute as there on there.attrelid = con.confrelid and there.attnum = pair.there
       where con.contype = 'f' and con.confrelid = 'public.customers'::regclass and there.attname = 'id'
       order by 1`,
    );
    expect(columns.map(({ target }) => target)).toEqual(
      expect.arrayContaining([
        'booking_waitlist',
        'bookings',
        'configurations',
        'customer_assignments',
        'customer_health_notes',
        'customer_users',
        'orders',
        'quotes',
      ]),
    );
    await actFor(client, shop, users[0], customers[0]);
    await assign(client, shop, users[0], customers[0]);
    await client.query(
      `insert into public.customer_health_notes (organization_id, customer_id, kind, note) values ($1, $2, 'other', 'None.')`,
      [shop.id, customers[0]],
    );
    const [configuration = ''] = await addConfigurations(client, { ...shop, customer: customers[0] }, [100]);
    const quote = await perform<Quote>(client, shop.seller, 'create_quote', {
      configuration_ids: [configuration],
    });
    await perform(client, shop.seller, 'send_quote', { id: quote.id });
    await perform(client, shop.seller, 'accept_quote', { id: quote.id });
    await perform(client, shop.seller, 'create_order', { quote_id: quote.id });
    // One booking, and one who waits.
    await client.query(
      `with course as (
         insert into public.courses (organization_id, name, slug, duration_minutes, price)
         values ($1, 'First aid', 'first-aid', 480, 120) returning id
       )
       insert into public.course_sessions (organization_id, course_id, starts_at, ends_at)
       select $1, id, now() + interval '1 day', now() + interval '2 days' from course`,
      [shop.id],
    );
    await client.query(
      `insert into public.bookings (
         organization_id, session_id, customer_id, reference, attendee_count, unit_price, subtotal, total, currency
       ) select $1, id, $2, 'ABCDEFGH', 1, 120, 120, 120, 'EUR' from public.course_sessions where organization_id = $1`,
      [shop.id, customers[0]],
    );
    await client.query(
      `insert into public.booking_waitlist (organization_id, session_id, customer_id, position)
       select $1, id, $2, 1 from public.course_sessions where organization_id = $1`,
      [shop.id, customers[0]],
    );
    const wrongs = fc.oneof(fc.uuid(), fc.constantFrom(...users, other.customer, shop.owner));
    await holds(client, options, wrongs, async (wrong) => {
      for (const { target, name } of columns) {
        const written = await outcomeOf(
          client,
          `update ${target} set ${name} = $1 where organization_id = $2 and ${name} = $3`,
          [wrong, shop.id, customers[0]],
        );
        expect(written, target).toBe('23503');
      }
    });
  },
  breaks: [
    {
      name: 'configurations may name anybody',
      apply: `alter table public.configurations drop constraint configurations_customer_id_fkey;
              alter table public.quote_items drop constraint quote_items_configuration_id_fkey`,
    },
    {
      name: 'the organization is not part of the key',
      apply: `alter table public.customers add constraint customers_id_key unique (id);
              alter table public.customer_health_notes drop constraint customer_health_notes_customer_id_fkey;
              alter table public.customer_health_notes add constraint customer_health_notes_customer_id_fkey
                foreign key (customer_id) references public.customers (id);`,
    },
  ],
};

const roles: Property = {
  name: 'Role assignment validity: a role opens what it holds, while it lasts, and nothing else',
  check: async (client, options) => {
    const { shop, customers } = await world(client);
    const [configuration = ''] = await addConfigurations(client, { ...shop, customer: customers[0] }, [100]);
    await perform(client, shop.seller, 'create_quote', { configuration_ids: [configuration] });
    const everyone = (await rowsOf<{ id: string }>(client, 'select id from public.customers')).map(
      ({ id }) => id,
    );
    const permissions = [
      'customers.read',
      'customers.assigned',
      'customers.manage',
      'sales.read',
      'sales.assigned',
      'sales.write',
    ];
    const input = fc.record({
      held: fc.subarray(permissions),
      lasts: fc.constantFrom('for good', 'until tomorrow', 'until yesterday'),
      isAssigned: fc.boolean(),
    });
    await holds(client, options, input, async ({ held, lasts, isAssigned }) => {
      const user = await addMember(client, shop, { roles: [await addRole(client, shop, 'some', held)] });
      await client.query(
        `update public.user_roles
         set granted_at = now() - interval '1 week',
             expires_at = case $2 when 'until tomorrow' then now() + interval '1 day'
                                  when 'until yesterday' then now() - interval '1 day' end
         where user_id = $1`,
        [user, lasts],
      );
      if (isAssigned) await assign(client, shop, user, customers[0]);
      const may = (permission: string) => lasts !== 'until yesterday' && held.includes(permission);
      const reached = may('customers.read')
        ? everyone
        : may('customers.assigned') && isAssigned
          ? [customers[0]]
          : [];
      expect(await seen(client, shop, user, 'select id from public.customers')).toEqual([...reached].sort());
      expect(await seen(client, shop, user, 'select id from public.quotes')).toHaveLength(
        may('sales.read') || (may('sales.assigned') && isAssigned) ? 1 : 0,
      );
      const sold = await outcome(client, shop, user, 'create_quote', { configuration_ids: [configuration] });
      expect(sold === 'ok').toBe(may('sales.write') || (may('sales.assigned') && isAssigned));
      const asked = { user_id: user, customer_id: customers[0] };
      expect(await outcome(client, shop, user, 'explain_customer_access', asked)).toBe(
        may('customers.manage') ? 'ok' : 'permission_required',
      );
    });
  },
  breaks: [
    {
      name: 'roles never end',
      apply: edit('private.organization_with(text)', [
        'and (held.expires_at is null or held.expires_at > now());',
        ';',
      ]),
    },
    {
      name: 'whoever reads customers reads quotes',
      apply: `alter policy "who may read" on public.quotes using ((select private.has_permission('customers.read')))`,
    },
  ],
};

/** The same address as people write it. */
const spelling = fc.constantFrom(
  (address: string) => address,
  (address: string) => address.toUpperCase(),
  (address: string) => `  ${address} `,
);

const compatibility: Property = {
  name: 'Compatibility: what was there before its user stays readable by staff, and is adopted with a verified address',
  check: async (client, options) => {
    const { shop } = await world(client);
    const viewer = await addMember(client, shop, { roles: ['viewer'] });
    const user = await addMember(client, shop, { user: await verifiedUser(client, 'someone@example.com') });
    const input = fc.record({
      entered: spelling,
      signedUp: spelling,
      isVerified: fc.boolean(),
      isTheirs: fc.boolean(),
    });
    await holds(client, options, input, async ({ entered, signedUp, isVerified, isTheirs }) => {
      const address = 'older@example.com';
      const customer = await addCustomer(client, shop, { email: entered(address), contact_person: 'Older' });
      const [configuration = ''] = await addConfigurations(client, { ...shop, customer }, [100]);
      expect(await seen(client, shop, viewer, 'select id from public.customers')).toContain(customer);
      expect(await seen(client, shop, viewer, 'select id from public.configurations')).toContain(
        configuration,
      );

      await client.query(
        'update auth.users set email = $2, email_confirmed_at = case when $3 then now() end where id = $1',
        [user, signedUp(isTheirs ? address : 'newer@example.com'), isVerified],
      );
      if (!isVerified) {
        expect(await outcome(client, shop, user, 'get_or_create_customer')).toBe('email_not_verified');
        expect(await seen(client, shop, user, 'select id from public.configurations')).toEqual([]);
        return;
      }
      const got = await perform<{ id: string }>(client, inside(shop, user), 'get_or_create_customer');
      expect(got.id === customer).toBe(isTheirs);
      expect(await seen(client, shop, user, 'select id from public.configurations')).toEqual(
        isTheirs ? [configuration] : [],
      );
      expect(await seen(client, shop, viewer, 'select id from public.configurations')).toContain(
        configuration,
      );
    });
  },
  breaks: [
    {
      name: 'an address counts before it is verified',
      apply: edit('private.verified_email(uuid)', ['account.email_confirmed_at is not null', 'true']),
    },
    {
      name: 'staff sees only what has a user',
      apply: `alter policy "who may read" on public.customers
              using (id in (select customer_id from public.customer_users))`,
    },
  ],
};

const particular = fc.option(fc.constantFrom('Ada', ' Ada  Lovelace ', 'Grace', '  ', ''), { nil: null });

const consistency: Property = {
  name: 'Customer data consistency: what is found is filled where it is empty, and never overwritten',
  check: async (client, options) => {
    const { shop } = await world(client);
    const entry = fc.record({ name: particular, phone: particular, company: particular, email: spelling });
    const clean = (text: string | null) => text?.trim().replace(/\s+/g, ' ') || null;
    await holds(client, options, fc.array(entry, { minLength: 1, maxLength: 4 }), async (entries) => {
      const expected: Record<string, string | null> = {};
      for (const [index, { name, phone, company, email }] of entries.entries()) {
        const customer = await perform<Record<string, unknown>>(
          client,
          shop.seller,
          'find_or_create_customer',
          {
            email: email('ada@example.com'),
            name,
            phone,
            company,
          },
        );
        const given = { contact_person: clean(name), phone: clean(phone), company_name: clean(company) };
        for (const [column, value] of Object.entries(given)) expected[column] ??= value;
        if (index === 0) expected.customer_type = given.company_name === null ? 'residential' : 'corporate';
        expect(customer).toMatchObject({ ...expected, email: 'ada@example.com' });
      }
      const one = `select count(*)::integer from public.customers where organization_id = $1 and email = 'ada@example.com'`;
      expect(await valueOf(client, one, [shop.id])).toBe(1);
    });
  },
  breaks: [
    {
      name: 'the latest is written',
      apply: edit(
        'private.find_or_create_customer(text, text, text, text)',
        ['coalesce(customer.phone, number)', 'coalesce(number, customer.phone)'],
        ['customer.phone is null and number', 'number'],
      ),
    },
    {
      name: 'a company makes an old customer corporate',
      apply: edit('private.find_or_create_customer(text, text, text, text)', [
        'company_name = coalesce(customer.company_name, firm)',
        `company_name = coalesce(customer.company_name, firm), customer_type = case when firm is null then customer.customer_type else 'corporate' end`,
      ]),
    },
  ],
};

/** What holds of customers and what was sold to them for any input, as the specification lists it. */
export const customerProperties: Property[] = [
  relationships,
  mappings,
  ownership,
  autoCreation,
  foreignKeys,
  roles,
  compatibility,
  consistency,
];
