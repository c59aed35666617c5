import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser, type Caller } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, addRole, call, inside } from '../tenancy/organizations.ts';
import { addColleague, addCustomer, openShop, perform, quoteAt, type Shop } from './documents.ts';

const db = useDatabase();
let acme: Shop;
let user: string;
let salesman: Caller;

const details = z.looseObject({
  id: z.string(),
  contact_person: z.string().nullable(),
  quotes: z.array(
    z.strictObject({
      id: z.string(),
      number: z.string(),
      status: z.string(),
      currency: z.string(),
      total: z.number(),
      valid_until: z.string(),
      created_at: z.string(),
    }),
  ),
  orders: z.array(
    z.strictObject({
      id: z.string(),
      number: z.string(),
      status: z.string(),
      currency: z.string(),
      total: z.number(),
      required_date: z.string().nullable(),
      created_at: z.string(),
    }),
  ),
});
const detailsFor = (caller: Caller, id = acme.customer) =>
  asUser(db, caller, async (session) => details.parse(await call(session, 'customer_details', { id })));

beforeAll(async () => {
  acme = await openShop(db.pool, 'Acme');
  user = await insertAuthUser(db.pool);
  await addMember(db.pool, acme, { user });
  const colleague = await addColleague(db.pool, acme, 'salesman');
  salesman = colleague;
  acme.customer = await addCustomer(db.pool, acme, { users: [user], staff: [colleague.id] });
  for (let index = 0; index < 12; index += 1) {
    const quote = await quoteAt(db, acme, index % 3 === 0 ? 'draft' : 'accepted', [index + 1]);
    if (index % 3 === 2) await perform(db, acme.seller, 'create_order', { quote_id: quote.id });
  }
});

test('staff read a customer with its 10 latest quotes and orders, newest first', async () => {
  for (const caller of [acme.seller, salesman]) {
    const found = await detailsFor(caller);
    expect(found).toMatchObject({
      id: acme.customer,
      contact_person: 'Ada',
      address: { city: 'Graz' },
      total_bookings: 0,
      tags: [],
    });
    expect(found.quotes.map(({ total }) => total)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    expect(found.orders.map(({ total }) => total)).toEqual([12, 9, 6, 3]);
    expect(found.orders[0]).toMatchObject({ status: 'confirmed', currency: 'EUR' });
  }
});

test('the customer does not see drafts', async () => {
  const found = await detailsFor(inside(acme, user));
  expect(found.quotes.map(({ total }) => total)).toEqual([12, 11, 9, 8, 6, 5, 3, 2]);
  expect(found.orders.map(({ total }) => total)).toEqual([12, 9, 6, 3]);
});

test('what the caller may not read in the tables is not in it, either', async () => {
  const role = await addRole(db.pool, acme, 'desk', ['customers.read']);
  const found = await detailsFor(await addColleague(db.pool, acme, role));
  expect([found.id, found.quotes, found.orders]).toEqual([acme.customer, [], []]);
});

test('others learn nothing, not even whether there is such a customer', async () => {
  const beta = await openShop(db.pool, 'Beta');
  const nowhere = '018f0000-0000-7000-8000-000000000000';
  const rival = await addColleague(db.pool, acme, 'salesman');
  const stranger = await addColleague(db.pool, acme);
  for (const caller of [rival, stranger]) {
    for (const id of [acme.customer, beta.customer, nowhere]) {
      await expectRefusal(detailsFor(caller, id), 403, 'customer_authorization');
    }
  }
  for (const id of [acme.customer, nowhere]) {
    await expectRefusal(detailsFor(beta.seller, id), 404, 'customer_not_found');
  }
  await expectRefusal(detailsFor(user), 403, 'organization_required');
});
