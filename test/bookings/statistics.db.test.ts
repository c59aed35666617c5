import type pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { addCustomer, callAs } from '../customers/customers.ts';
import { inTransaction, useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { addMember, callAll, inside } from '../tenancy/organizations.ts';
import { addSession, book, invariants, openSchool, type Receipt, type School } from './bookings.ts';
import { importBookings } from './older.ts';

const db = useDatabase();
let acme: School;
let beta: School;
let kept: Receipt;
let cancelled: Receipt;
/** A customer without a booking. */
let idle: string;

interface Statistics extends pg.QueryResultRow {
  total_bookings: number;
  total_spent: string;
  first_booking_at: Date | null;
  last_booking_at: Date | null;
}

const recalculate = (args: Record<string, unknown> = {}, where = acme, user = where.staff) =>
  asUser(db, inside(where, user), (session) => callAll(session, 'recalculate_customer_statistics', args), {
    commit: true,
  });

async function statisticsOf(customer: string): Promise<Statistics | undefined> {
  const { rows } = await db.query<Statistics>(
    `select total_bookings, total_spent, first_booking_at, last_booking_at from public.customers where id = $1`,
    [customer],
  );
  return rows[0];
}

/** Writes statistics that no booking has led to. */
async function spoil(...customers: string[]): Promise<void> {
  await db.query(
    `update public.customers
     set total_bookings = 77, total_spent = -1, first_booking_at = '2001-01-01', last_booking_at = '2002-02-02'
     where id = any ($1)`,
    [customers],
  );
}

beforeAll(async () => {
  acme = await openSchool(db.pool, 'Acme');
  beta = await openSchool(db.pool, 'Beta');
  const [first, second] = [
    await addSession(db.pool, acme, { starts_in: '20 days' }),
    await addSession(db.pool, acme, { starts_in: '40 days' }),
  ];
  kept = await book(db, acme, acme.website, first, { email: 'ada@example.com', attendees: 2 });
  await callAs(db, acme, acme.staff, 'record_payment', { booking_id: kept.id, amount: 200 });
  const again = await book(db, acme, acme.website, second, { email: 'ada@example.com' });
  await callAs(db, acme, acme.staff, 'cancel_booking', { id: again.id });
  cancelled = await book(db, acme, acme.website, first, { email: 'grace@example.com' });
  await callAs(db, acme, acme.staff, 'cancel_booking', { id: cancelled.id });
  idle = await addCustomer(db.pool, acme, { email: 'idle@example.com' });
  await importBookings(db.pool, acme, first, [
    { contact_details: { email: 'older@example.com' }, amount_paid: 30 },
  ]);
  await callAs(db, acme, acme.staff, 'backfill_booking_customers');
  await book(db, beta, beta.website, await addSession(db.pool, beta), { email: 'ada@example.com' });
});

test('after bookings, payments, cancellations and a backfill nothing differs', async () => {
  expect(await recalculate()).toEqual([]);
  expect(await recalculate({ dry_run: true })).toEqual([]);
  expect(await invariants(db.pool, acme.id)).toEqual([]);
  expect(await statisticsOf(kept.customer_id)).toMatchObject({ total_bookings: 1, total_spent: '200.00' });
  // What is cancelled was no booking.
  expect(await statisticsOf(cancelled.customer_id)).toEqual({
    total_bookings: 0,
    total_spent: '0.00',
    first_booking_at: null,
    last_booking_at: null,
  });
});

test('what somebody has written past the rules is found, told, and repaired', async () => {
  const right = await Promise.all([kept.customer_id, idle].map(statisticsOf));
  await spoil(kept.customer_id, idle);
  const spoilt = await Promise.all([kept.customer_id, idle].map(statisticsOf));
  const expected = [kept.customer_id, idle]
    .map((customer_id, index) => ({
      customer_id,
      total_bookings_before: 77,
      total_bookings: right[index]?.total_bookings,
      total_spent_before: -1,
      total_spent: Number(right[index]?.total_spent),
      first_booking_at_before: '2001-01-01T00:00:00+00:00',
      last_booking_at_before: '2002-02-02T00:00:00+00:00',
    }))
    .toSorted((a, b) => (a.customer_id < b.customer_id ? -1 : 1));

  const dry = await recalculate({ dry_run: true });
  expect(dry).toMatchObject(expected);
  expect(dry).toHaveLength(2);
  expect(await Promise.all([kept.customer_id, idle].map(statisticsOf))).toEqual(spoilt);

  expect(await recalculate()).toEqual(dry);
  expect(await Promise.all([kept.customer_id, idle].map(statisticsOf))).toEqual(right);
  expect(await recalculate()).toEqual([]);
});

test.each([
  'total_bookings = 5',
  'total_spent = 5',
  `last_booking_at = '2100-01-01'`,
  'first_booking_at = null',
])('one that is wrong is enough: %s', async (change) => {
  await db.query(`update public.customers set ${change} where id = $1`, [kept.customer_id]);
  expect(await recalculate()).toMatchObject([{ customer_id: kept.customer_id }]);
  expect(await recalculate()).toEqual([]);
});

test('for one customer the others are left', async () => {
  await spoil(kept.customer_id, idle);
  expect(await recalculate({ customer_id: idle })).toMatchObject([{ customer_id: idle, total_bookings: 0 }]);
  expect(await statisticsOf(kept.customer_id)).toMatchObject({ total_bookings: 77 });
  expect(await recalculate()).toMatchObject([{ customer_id: kept.customer_id, total_bookings: 1 }]);
});

test('what a booking that is under way changes is not lost', async () => {
  await spoil(kept.customer_id);
  const session = await addSession(db.pool, acme, { starts_in: '60 days' });
  const repaired = await inTransaction(db.pool, 'commit', async (client) => {
    await book(client, acme, acme.website, session, { email: 'ada@example.com' });
    const {
      rows: [me],
    } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const result = recalculate();
    // The repair waits for whoever has the customer, and counts after that.
    await expect
      .poll(
        async () =>
          (await db.query('select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))', [me?.pid]))
            .rowCount,
      )
      .toBe(1);
    return { result };
  });
  expect(await repaired.result).toMatchObject([{ customer_id: kept.customer_id, total_bookings: 2 }]);
  expect(await recalculate()).toEqual([]);
});

test('only those who manage bookings may, in their organization', async () => {
  for (const role of ['supervisor', 'viewer', 'partner', 'data_entry']) {
    const user = await addMember(db.pool, acme, { roles: [role] });
    await expectRefusal(recalculate({}, acme, user), 403, 'permission_required');
  }
  await expectRefusal(recalculate({}, acme, beta.staff), 403, 'organization_required');
  await spoil(idle);
  expect(await recalculate({}, beta)).toEqual([]);
  await expectRefusal(recalculate({ customer_id: idle }, beta), 404, 'customer_not_found');
  expect(await statisticsOf(idle)).toMatchObject({ total_bookings: 77 });
  expect(await recalculate()).toHaveLength(1);
});
