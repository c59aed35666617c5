import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCatalog } from '../../src/isolation/catalog.ts';
import { createFiller } from '../../src/isolation/rows.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, events, found, type Organization } from '../tenancy/organizations.ts';
import { actFor, addCustomer, assign, callAs, countOf } from './customers.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
let manager: string;
beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  manager = await addMember(db.pool, acme, { roles: ['manager'] });
});

const merge = (client: pg.ClientBase, keep: string | null, remove: string | null, user = manager) =>
  callAs(client, acme, user, 'merge_customers', { keep, remove });

interface Reference {
  target: string;
  table_name: string;
  customer_column: string;
}

const references = async (client: pg.ClientBase) =>
  (
    await client.query<Reference>(
      'select target::text, table_name, customer_column from private.customer_references()',
    )
  ).rows;

/** How many rows of each referring table belong to a customer. */
async function rowsOf(client: pg.ClientBase, id: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { target, table_name, customer_column } of await references(client)) {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::integer as count from ${target} where ${customer_column} = $1`,
      [id],
    );
    found[table_name] = rows[0]?.count ?? 0;
  }
  return found;
}

describe('the particulars', () => {
  test('the one that stays keeps its own, gets what it lacks, the tags of both and the sum of the statistics', async () => {
    await db.inRollback(async (client) => {
      const keep = await addCustomer(client, acme, {
        contact_person: 'Grace Hopper',
        customer_type: 'individual',
        notes: 'Kept.',
        tags: ['b', 'a'],
        marketing_consent: false,
        customer_since: '2025-05-01',
        total_bookings: 2,
        total_spent: '10.50',
        first_booking_at: '2025-06-01',
        last_booking_at: '2025-07-01',
      });
      const remove = await addCustomer(client, acme, {
        company_name: 'Navy',
        contact_person: 'G. Hopper',
        email: 'grace@example.com',
        phone: '123',
        address: { city: 'Arlington' },
        customer_type: 'corporate',
        tax_id: 'T-1',
        payment_terms: '30 days',
        notes: 'Gone.',
        tags: ['c', 'a'],
        marketing_consent: true,
        emergency_contact_name: 'Howard',
        emergency_contact_phone: '456',
        customer_since: '2024-01-01',
        total_bookings: 3,
        total_spent: '4.25',
        first_booking_at: '2024-06-01',
        last_booking_at: '2024-07-01',
      });
      const merged = {
        id: keep,
        company_name: 'Navy',
        contact_person: 'Grace Hopper',
        email: 'grace@example.com',
        phone: '123',
        address: { city: 'Arlington' },
        customer_type: 'individual',
        tax_id: 'T-1',
        payment_terms: '30 days',
        notes: 'Kept.',
        tags: ['b', 'a', 'c'],
        // Nobody agrees for somebody else.
        marketing_consent: false,
        emergency_contact_name: 'Howard',
        emergency_contact_phone: '456',
        customer_since: '2024-01-01',
        total_bookings: 5,
        total_spent: 14.75,
      };
      expect(await merge(client, keep, remove)).toMatchObject(merged);
      const { rows } = await client.query<{ row: unknown }>(
        'select to_jsonb(customer) as row from public.customers as customer where organization_id = $1',
        [acme.id],
      );
      expect(rows).toEqual([{ row: expect.objectContaining(merged) as unknown }]);
      const { rows: span } = await client.query(
        `select first_booking_at = '2024-06-01' as first, last_booking_at = '2025-07-01' as last
         from public.customers where id = $1`,
        [keep],
      );
      expect(span).toEqual([{ first: true, last: true }]);
    });
  });

  test('of the tags of both, as many as a customer can have stay, its own first', async () => {
    await db.inRollback(async (client) => {
      const many = (letter: string) => Array.from({ length: 40 }, (_, index) => `${letter}${index}`);
      const keep = await addCustomer(client, acme, { contact_person: 'K', tags: many('k') });
      const remove = await addCustomer(client, acme, { contact_person: 'R', tags: many('r') });
      expect(await merge(client, keep, remove)).toMatchObject({
        tags: [...many('k'), ...many('r').slice(0, 10)],
      });
      const long = await addCustomer(client, acme, { contact_person: 'L', tags: ['x'.repeat(2500)] });
      expect(await merge(client, long, keep)).toMatchObject({ tags: ['x'.repeat(2500)] });
    });
  });
});

describe('what refers to the one that goes', () => {
  test('refers to the one that stays, in every table that the catalog knows', async () => {
    await db.inRollback(async (client) => {
      const organization = await found(client, 'Full');
      const boss = await addMember(client, organization, { roles: ['manager'] });
      const filler = await createFiller(client, await readCatalog(client));
      const users = [boss, await insertAuthUser(client), await insertAuthUser(client)];
      const owner = { organization: organization.id, marker: 'qhbcdfghjkm', idStem: 'deadbeef', users };
      expect(await filler.fill(owner)).toEqual([]);

      const { rows } = await client.query<{ id: string }>(
        'select id from public.customers where organization_id = $1',
        [organization.id],
      );
      expect(rows).toHaveLength(1);
      const remove = rows[0]?.id ?? '';
      const before = await rowsOf(client, remove);
      expect(Object.keys(before)).toEqual(
        expect.arrayContaining([
          'customer_users',
          'customer_assignments',
          'customer_health_notes',
          'configurations',
          'quotes',
          'orders',
        ]),
      );
      expect(Object.values(before)).not.toContain(0);
      // Documents that do not change any more are moved as well.
      for (const [table, ...path] of [
        ['quotes', 'sent', 'accepted'],
        ['orders', 'production', 'shipped', 'installed'],
      ]) {
        for (const status of path) {
          await client.query(`update public.${table} set status = $2 where organization_id = $1`, [
            organization.id,
            status,
          ]);
        }
      }

      const keep = await addCustomer(client, organization);
      const untouched = await addCustomer(client, acme);
      expect(await callAs(client, organization, boss, 'merge_customers', { keep, remove })).toMatchObject({
        id: keep,
      });
      expect(await rowsOf(client, keep)).toEqual(before);
      expect(Object.values(await rowsOf(client, remove)).every((count) => count === 0)).toBe(true);
      expect(Object.values(await rowsOf(client, untouched)).every((count) => count === 0)).toBe(true);
      // Copies of the customer, which no key ties to customers, have followed.
      const { rows: mirrored } = await client.query(
        'select distinct customer_id as id from public.quote_items where organization_id = $1',
        [organization.id],
      );
      expect(mirrored).toEqual([{ id: keep }]);

      expect(await events(client, 'customers.merged')).toMatchObject([
        {
          organization_id: organization.id,
          actor_id: boss,
          action: 'update',
          severity: 'notice',
          table_name: 'customers',
          row_key: { id: keep },
          after: { removed_id: remove, moved: before, dropped: {} },
        },
      ]);
    });
  });

  test('and is there once where both have it', async () => {
    await db.inRollback(async (client) => {
      const [keep, remove] = [await addCustomer(client, acme), await addCustomer(client, acme)];
      const [both, one] = [await addMember(client, acme), await addMember(client, acme)];
      for (const customer of [keep, remove]) {
        await actFor(client, acme, both, customer);
        await assign(client, acme, both, customer);
      }
      await actFor(client, acme, one, remove);
      await merge(client, keep, remove);
      const { rows } = await client.query(
        'select customer_id, user_id from public.customer_users order by 2',
      );
      expect(rows).toEqual([both, one].sort().map((user) => ({ customer_id: keep, user_id: user })));
      expect(await countOf(client, acme, 'customer_assignments')).toBe(1);
      expect(await events(client, 'customers.merged')).toMatchObject([
        { after: { moved: { customer_users: 1 }, dropped: { customer_users: 1, customer_assignments: 1 } } },
      ]);
    });
  });

  test('tables of modules to come are found by their keys: unique ones, partial ones, copies of other columns', async () => {
    await db.inRollback(async (client) => {
      await client.query(`
        alter table public.customers
          add constraint customers_id_type_key unique (organization_id, id, customer_type);
        create table public.visits (
          organization_id text not null,
          id uuid not null default private.uuid_v7(),
          guest_id uuid,
          guest_type text,
          place text not null,
          is_open boolean not null default false,
          primary key (organization_id, id),
          constraint visits_guest_id_fkey foreign key (organization_id, guest_id, guest_type)
            references public.customers (organization_id, id, customer_type),
          unique (organization_id, guest_id, place)
        );
        create unique index on public.visits (organization_id, guest_id) where is_open`);
      const keep = await addCustomer(client, acme, { contact_person: 'K', customer_type: 'commercial' });
      const remove = await addCustomer(client, acme, { contact_person: 'R', customer_type: 'individual' });
      await client.query(
        `insert into public.visits (organization_id, guest_id, guest_type, place, is_open)
         values ($1, $2, 'commercial', 'a', true), ($1, $2, 'commercial', 'b', false),
           ($1, $3, 'individual', 'b', false), ($1, $3, 'individual', 'c', true), ($1, $3, 'individual', 'd', false)`,
        [acme.id, keep, remove],
      );
      await merge(client, keep, remove);
      const { rows } = await client.query(
        'select guest_id, guest_type, place, is_open from public.visits order by place',
      );
      // b was at both; c was open beside the open a.
      expect(rows).toEqual(
        [
          ['a', true],
          ['b', false],
          ['d', false],
        ].map(([place, is_open]) => ({ guest_id: keep, guest_type: 'commercial', place, is_open })),
      );
    });
  });

  test('a user reaches what was the other customer, at once', async () => {
    await db.inRollback(async (client) => {
      const [keep, remove] = [await addCustomer(client, acme), await addCustomer(client, acme)];
      const user = await addMember(client, acme);
      await actFor(client, acme, user, remove);
      await merge(client, keep, remove);
      expect(await callAs(client, acme, user, 'get_or_create_customer')).toMatchObject({ id: keep });
    });
  });
});

describe('is refused', () => {
  test('without customers.manage', async () => {
    await db.inRollback(async (client) => {
      const [keep, remove] = [await addCustomer(client, acme), await addCustomer(client, acme)];
      const clerk = await addMember(client, acme, { roles: ['data_entry'] });
      await expectRefusal(merge(client, keep, remove, clerk), 403, 'permission_required');
      expect(await merge(client, keep, remove)).toMatchObject({ id: keep });
    });
  });

  test('for a customer and itself', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme);
      await expectRefusal(merge(client, id, id), 400, 'merge_invalid');
      expect(await countOf(client, acme, 'customers')).toBe(1);
    });
  });

  test('for one of another organization as for one that does not exist, on either side', async () => {
    await db.inRollback(async (client) => {
      const [here, there] = [await addCustomer(client, acme), await addCustomer(client, beta)];
      const answers = [];
      for (const other of [there, randomUUID(), null]) {
        answers.push(
          await expectRefusal(merge(client, here, other), 404, 'customer_not_found'),
          await expectRefusal(merge(client, other, here), 404, 'customer_not_found'),
        );
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await countOf(client, beta, 'customers')).toBe(1);
    });
  });
});

test('two merges that cross end with one customer: one goes through, the other finds nothing', async () => {
  const crowd = { pool: db.crowd(8) };
  for (let round = 0; round < 5; round += 1) {
    const here = await found(db.pool, `Cross${round}`);
    const [one, two] = [await addCustomer(db.pool, here), await addCustomer(db.pool, here)];
    const outcomes = await Promise.allSettled(
      [0, 1, 2, 3, 4, 5, 6, 7].map((index) =>
        callAs(
          crowd,
          here,
          here.owner,
          'merge_customers',
          index % 2 === 0 ? { keep: one, remove: two } : { keep: two, remove: one },
        ),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        await expectRefusal(Promise.reject(outcome.reason as Error), 404, 'customer_not_found');
      }
    }
    expect(await countOf(db.pool, here, 'customers')).toBe(1);
  }
});

test('a first call of a user meets a merge that takes their customer away: one customer, reached', async () => {
  const crowd = { pool: db.crowd(4) };
  for (let round = 0; round < 10; round += 1) {
    const here = await found(db.pool, `Meet${round}`);
    const address = `meet${round}@example.com`;
    const keep = await addCustomer(db.pool, here, { contact_person: 'Kept' });
    const remove = await addCustomer(db.pool, here, { email: address });
    const user = await addMember(db.pool, here, { account: { email: address } });
    await db.query('update auth.users set email_confirmed_at = now() where id = $1', [user]);
    await Promise.all([
      callAs(crowd, here, here.owner, 'merge_customers', { keep, remove }),
      callAs(crowd, here, user, 'get_or_create_customer'),
    ]);
    expect(await countOf(db.pool, here, 'customers')).toBe(1);
    expect(await callAs(db, here, user, 'get_or_create_customer')).toMatchObject({ id: keep });
  }
});
