import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { callAs, queryAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { addMember } from '../tenancy/organizations.ts';
import {
  addCourse,
  addSession,
  book,
  invariants,
  openSchool,
  type Receipt,
  type School,
} from './bookings.ts';
import { bookedAt, byStaff, customerOf, jobsFor, moneyOf, paid, paidByCard, type Row } from './money.ts';

const db = useDatabase();
let here: School;
let there: School;
/** The year in which numbers are given. */
let year: string;

beforeAll(async () => {
  here = await openSchool(db.pool, 'Here');
  there = await openSchool(db.pool, 'There');
  const { rows } = await db.query<{ year: string }>(
    `select to_char(now() at time zone timezone, 'YYYY') as year from public.organizations where id = $1`,
    [here.id],
  );
  year = rows[0]?.year ?? '';
});

const sent = (school: School, id: string) => byStaff(db, school, 'send_invoice', { id });

/** The numbers that an organization has given, in order. */
async function numbersOf(school: School): Promise<string[]> {
  const { rows } = await db.query<{ number: string }>(
    'select number from public.invoices where organization_id = $1 and number is not null order by number',
    [school.id],
  );
  return rows.map(({ number }) => number);
}

const numbers = (count: number) =>
  Array.from({ length: count }, (_, index) => `INV-${year}-${String(index + 1).padStart(5, '0')}`);

describe('an invoice', () => {
  test('is a draft without a number until it is sent, and then due', async () => {
    const school = await openSchool(db.pool, 'Sender');
    await db.query(
      'insert into public.booking_settings (organization_id, invoice_due_days) values ($1, 30)',
      [school.id],
    );
    const booking = await bookedAt(db, school, 100, { attendees: 2 });
    expect(await moneyOf(db.pool, booking)).toMatchObject({ invoices: [['draft', false, 200, 0, 0]] });
    const { rows } = await db.query<{ due_on: string }>(
      `select to_char((now() at time zone timezone)::date + 30, 'YYYY-MM-DD') as due_on
       from public.organizations where id = $1`,
      [school.id],
    );
    const invoice = await sent(school, booking.invoice_id);
    expect(invoice).toMatchObject({
      status: 'sent',
      number: `INV-${year}-00001`,
      due_on: rows[0]?.due_on,
      quantity: 2,
      unit_price: 100,
      total: 200,
      currency: 'EUR',
    });
    expect(invoice.sent_at).not.toBeNull();
    expect(
      await jobsFor(db.pool, 'bookings', 'bookings.invoice', {
        organization_id: school.id,
        invoice_id: invoice.id,
      }),
    ).toBe(1);
    await expectRefusal(sent(school, booking.invoice_id), 409, 'transition_not_allowed');
    expect(await numbersOf(school)).toEqual(numbers(1));
  });

  test('follows what is paid and given back', async () => {
    const booking = await bookedAt(db, here, 100);
    await sent(here, booking.invoice_id);
    await paid(db, here, booking.id, 40);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ invoices: [['sent', true, 100, 40, 0]] });
    await paid(db, here, booking.id, 60);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ invoices: [['paid', true, 100, 100, 0]] });
    // It was made when it was sent.
    expect(await jobsFor(db.pool, 'bookings', 'bookings.invoice', { invoice_id: booking.invoice_id })).toBe(
      1,
    );
    const refund = await byStaff(db, here, 'request_refund', { booking_id: booking.id });
    await byStaff(db, here, 'approve_refund', { id: refund.id });
    await byStaff(db, here, 'complete_refund', { id: refund.id });
    expect(await moneyOf(db.pool, booking)).toMatchObject({ invoices: [['refunded', true, 100, 100, 100]] });
  });

  test('that is paid before it is sent gets its number then, and is made', async () => {
    const booking = await bookedAt(db, here, 100);
    await paidByCard(db, here, booking.id);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ invoices: [['paid', true, 100, 100, 0]] });
    expect(await jobsFor(db.pool, 'bookings', 'bookings.invoice', { invoice_id: booking.invoice_id })).toBe(
      1,
    );
    await expectRefusal(sent(here, booking.invoice_id), 409, 'transition_not_allowed');
  });

  test('of nothing is paid when it is sent', async () => {
    const course_id = await addCourse(db.pool, here, { price: 0 });
    const booking = await book(db, here, here.staff, await addSession(db.pool, here, { course_id }));
    expect(await sent(here, booking.invoice_id)).toMatchObject({ status: 'paid', total: 0 });
  });

  test('is not sent for a booking that has ended', async () => {
    const booking = await bookedAt(db, here, 100);
    await paid(db, here, booking.id, 40);
    await byStaff(db, here, 'cancel_booking', { id: booking.id });
    await expectRefusal(sent(here, booking.invoice_id), 409, 'booking_not_payable');
    // Nobody has seen the draft: with the money it is gone.
    const { rows } = await db.query<Row>('select id from public.refunds where booking_id = $1', [booking.id]);
    await byStaff(db, here, 'complete_refund', { id: rows[0]?.id });
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'refunded',
      invoices: [['void', false, 100, 40, 40]],
    });
  });

  test('that is void gives way to a new draft while the booking is live', async () => {
    const booking = await bookedAt(db, here, 100);
    const wrong = await sent(here, booking.invoice_id);
    expect(await byStaff(db, here, 'void_invoice', { id: wrong.id })).toMatchObject({
      status: 'void',
      number: wrong.number,
    });
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      invoices: [
        ['void', true, 100, 0, 0],
        ['draft', false, 100, 0, 0],
      ],
    });
    await expectRefusal(byStaff(db, here, 'void_invoice', { id: wrong.id }), 409, 'transition_not_allowed');
    await paid(db, here, booking.id, 30);
    const { rows } = await db.query<Row>(
      `select id from public.invoices where booking_id = $1 and status = 'draft'`,
      [booking.id],
    );
    await expectRefusal(byStaff(db, here, 'void_invoice', { id: rows[0]?.id }), 409, 'invoice_paid');
    await paid(db, here, booking.id, 70);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      invoices: [
        ['void', true, 100, 0, 0],
        ['paid', true, 100, 100, 0],
      ],
    });
  });

  test('is sent by who may, and seen by its customer from then on', async () => {
    const booking = await bookedAt(db, here, 100);
    const customer = await customerOf(db.pool, here, booking);
    const viewer = await addMember(db.pool, here, { roles: ['viewer'] });
    const nobody = await addMember(db.pool, here);
    const read = (school: School, user: string) =>
      queryAs(db, school, user, 'select id from public.invoices where id = $1', [booking.invoice_id]);
    expect(await read(here, viewer)).toHaveLength(1);
    expect(await read(here, customer)).toEqual([]);
    for (const name of ['send_invoice', 'void_invoice']) {
      const ask = (school: School, user: string, id = booking.invoice_id) =>
        callAs(db, school, user, name, { id });
      await expectRefusal(ask(here, viewer), 403, 'permission_required');
      for (const user of [customer, nobody]) await expectRefusal(ask(here, user), 404, 'invoice_not_found');
      await expectRefusal(ask(there, there.staff), 404, 'invoice_not_found');
      await expectRefusal(ask(here, here.staff, randomUUID()), 404, 'invoice_not_found');
    }
    await sent(here, booking.invoice_id);
    expect(await read(here, customer)).toHaveLength(1);
    expect(await read(here, nobody)).toEqual([]);
    expect(await read(there, there.staff)).toEqual([]);
    await expectRefusal(
      callAs(db, here, customer, 'void_invoice', { id: booking.invoice_id }),
      403,
      'permission_required',
    );
  });

  test('never changes and is not deleted once it is sent, whoever asks', async () => {
    const booking = await bookedAt(db, here, 100);
    const other = await bookedAt(db, here, 100);
    await db.query(`update public.invoices set description = 'First aid' where id = $1`, [
      booking.invoice_id,
    ]);
    const attempts = [
      `update public.invoices set description = 'Something else' where id = $1`,
      `update public.invoices set quantity = 2, subtotal = 200, total = 200 where id = $1`,
      `update public.invoices set currency = 'CHF' where id = $1`,
      `update public.invoices set number = 'INV-2020-00001' where id = $1`,
      `update public.invoices set due_on = due_on + 1 where id = $1`,
      `update public.invoices set booking_id = '${other.id}' where id = $1`,
      `delete from public.invoices where id = $1`,
    ];
    await sent(here, booking.invoice_id);
    for (const attempt of attempts)
      await expectRefusal(db.query(attempt, [booking.invoice_id]), 409, 'money_frozen');
    await paid(db, here, booking.id, 100);
    for (const attempt of attempts)
      await expectRefusal(db.query(attempt, [booking.invoice_id]), 409, 'money_frozen');
    await expectRefusal(
      db.query(`update public.invoices set status = 'draft' where id = $1`, [booking.invoice_id]),
      409,
      'transition_not_allowed',
    );
  });
});

describe('the numbers of invoices', () => {
  test('have no gap and no double when 40 are sent at once, and a part of that is undone', async () => {
    const school = await openSchool(db.pool, 'Numbers');
    const course_id = await addCourse(db.pool, school);
    const session = await addSession(db.pool, school, { course_id, capacity: 40 });
    const bookings: Receipt[] = [];
    for (let index = 0; index < 40; index += 1) {
      bookings.push(await book(db, school, school.staff, session));
    }
    const crowd = { pool: db.crowd(20) };
    const given = await Promise.all(
      bookings.map(({ id, invoice_id }, index) => {
        // Every third is undone, as when a connection breaks; of the others half are sent, and half paid.
        const commit = index % 3 !== 0;
        return index % 2 === 0
          ? callAs(crowd, school, school.staff, 'send_invoice', { id: invoice_id }, { commit })
          : callAs(
              crowd,
              school,
              school.staff,
              'record_payment',
              { booking_id: id, amount: 100 },
              { commit },
            );
      }),
    );
    expect(given).toHaveLength(40);
    const count = bookings.filter((_, index) => index % 3 !== 0).length;
    expect(await numbersOf(school)).toEqual(numbers(count));
    expect(await invariants(db.pool, school.id)).toEqual([]);
  });

  test('are of each organization its own', async () => {
    const [one, two] = [await openSchool(db.pool, 'One'), await openSchool(db.pool, 'Two')];
    for (const school of [one, two]) {
      for (const attendees of [1, 2]) {
        await sent(school, (await bookedAt(db, school, 10, { attendees })).invoice_id);
      }
      expect(await numbersOf(school)).toEqual(numbers(2));
    }
  });

  test('are given in one statement, where one statement pays several', async () => {
    const [one, two] = [await openSchool(db.pool, 'Three'), await openSchool(db.pool, 'Four')];
    for (const school of [one, two]) for (const price of [10, 20]) await bookedAt(db, school, price);
    await db.query(
      `insert into public.payments (organization_id, booking_id, provider, amount, currency, status)
       select organization_id, id, 'manual', total, currency, 'succeeded'
       from public.bookings where organization_id = any ($1)`,
      [[one.id, two.id]],
    );
    for (const school of [one, two]) expect(await numbersOf(school)).toEqual(numbers(2));
  });

  test('begin anew with the year of the organization', async () => {
    const school = await openSchool(db.pool, 'Newyear');
    // It has given 7 last year, and 99,999 this year.
    await db.query(
      `insert into private.number_counters (organization_id, document, day, last_number)
       values ($1, 'INV', make_date($2 - 1, 1, 1), 7), ($1, 'INV', make_date($2, 1, 1), 99999)`,
      [school.id, Number(year)],
    );
    const booking = await bookedAt(db, school, 10);
    expect(await sent(school, booking.invoice_id)).toMatchObject({ number: `INV-${year}-100000` });
  });
});

test('all that was done here leaves every invariant whole', async () => {
  for (const school of [here, there]) expect(await invariants(db.pool, school.id)).toEqual([]);
});
