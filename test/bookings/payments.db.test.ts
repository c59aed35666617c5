import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { assign, callAs, queryAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { addMember } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, invariants, openSchool, type School } from './bookings.ts';
import {
  begun,
  bookedAt,
  byBackend,
  byStaff,
  customerOf,
  event,
  moneyOf,
  paid,
  paymentTold,
  tell,
} from './money.ts';

const db = useDatabase();
let here: School;
let there: School;

beforeAll(async () => {
  here = await openSchool(db.pool, 'Here');
  there = await openSchool(db.pool, 'There');
});

describe('money that staff was given', () => {
  test('confirms a booking once all of it is there, to the cent', async () => {
    const booking = await bookedAt(db, here, 0.3);
    expect(await paid(db, here, booking.id, 0.1)).toMatchObject({
      provider: 'manual',
      method: 'cash',
      amount: 0.1,
      currency: 'EUR',
      status: 'succeeded',
      created_by: here.staff,
    });
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'pending',
      paid: 0.1,
      spent: 0.1,
      invoices: [['draft', false, 0.3, 0.1, 0]],
    });
    await paid(db, here, booking.id, 0.2);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'confirmed',
      paid: 0.3,
      spent: 0.3,
      bookings: 1,
      places: 1,
      invoices: [['paid', true, 0.3, 0.3, 0]],
    });
  });

  test('is at most what is open, in whole cents', async () => {
    const booking = await bookedAt(db, here, 80);
    await paid(db, here, booking.id, 30);
    for (const amount of [0, -1, 0.001, 10.005, 50.01, Number.NaN, null]) {
      await expectRefusal(
        byStaff(db, here, 'record_payment', { booking_id: booking.id, amount }),
        422,
        'invalid_amount',
      );
    }
    await paid(db, here, booking.id, 50);
    await expectRefusal(paid(db, here, booking.id, 0.01), 409, 'booking_not_payable');
  });

  test('says how it was given, and what staff noted', async () => {
    const booking = await bookedAt(db, here, 80);
    const give = (particulars: Record<string, unknown>) =>
      byStaff(db, here, 'record_payment', { booking_id: booking.id, amount: 10, ...particulars });
    expect(await give({ method: 'bank_transfer', note: '  No. 17 ' })).toMatchObject({
      method: 'bank_transfer',
      note: 'No. 17',
    });
    expect(await give({ note: ' ' })).toMatchObject({ note: null });
    for (const method of ['gold', null]) await expectRefusal(give({ method }), 400, 'method_invalid');
    await expectRefusal(give({ note: 'x'.repeat(1001) }), 400, 'note_invalid');
    for (const idempotency_key of ['', 'x'.repeat(256)]) {
      await expectRefusal(give({ idempotency_key }), 400, 'idempotency_key_invalid');
    }
  });

  test('is recorded once with the same key, also when it is sent 20 times at once', async () => {
    const booking = await bookedAt(db, here, 80);
    const crowd = { pool: db.crowd(20) };
    const sent = { booking_id: booking.id, amount: 20, idempotency_key: randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => byStaff(crowd, here, 'record_payment', sent)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      paid: 20,
      payments: [['succeeded', 20, 0, null, null]],
    });

    await paid(db, here, booking.id, 60);
    expect(await byStaff(db, here, 'record_payment', sent)).toEqual(answers[0]);
    const other = await bookedAt(db, here, 80);
    for (const different of [{ amount: 21 }, { method: 'card' }, { note: 'x' }, { booking_id: other.id }]) {
      await expectRefusal(
        byStaff(db, here, 'record_payment', { ...sent, ...different }),
        422,
        'idempotency_mismatch',
      );
    }
    await expectRefusal(callAs(db, here, here.owner, 'record_payment', sent), 422, 'idempotency_mismatch');
    const elsewhere = await bookedAt(db, there, 80);
    expect(await byStaff(db, there, 'record_payment', { ...sent, booking_id: elsewhere.id })).toMatchObject({
      organization_id: there.id,
      amount: 20,
    });
  });

  test('never exceeds what is open, also when 10 are given the last of it at once', async () => {
    const booking = await bookedAt(db, here, 100);
    const crowd = { pool: db.crowd(10) };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => paid(crowd, here, booking.id, 60)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ paid: 60, booking: 'pending' });
  });

  test('is recorded by who may, and the others learn nothing', async () => {
    const booking = await bookedAt(db, here, 80);
    const sent = { booking_id: booking.id, amount: 10 };
    const give = (user: string, args = sent) => callAs(db, here, user, 'record_payment', args, {});
    expect(await give(here.owner)).toMatchObject({ status: 'succeeded' });
    for (const roles of [['supervisor'], ['viewer'], ['data_entry']]) {
      await expectRefusal(give(await addMember(db.pool, here, { roles })), 403, 'permission_required');
    }
    await expectRefusal(give(await customerOf(db.pool, here, booking)), 403, 'permission_required');
    const salesman = await addMember(db.pool, here, { roles: ['salesman'] });
    await assign(db.pool, here, salesman, booking.customer_id);
    await expectRefusal(give(salesman), 403, 'permission_required');
    await expectRefusal(give(await addMember(db.pool, here)), 404, 'booking_not_found');
    await expectRefusal(give(here.staff, { ...sent, booking_id: randomUUID() }), 404, 'booking_not_found');
    await expectRefusal(callAs(db, there, there.staff, 'record_payment', sent, {}), 404, 'booking_not_found');
  });
});

describe('a payment by card', () => {
  test('is begun by who acts for the customer, of all that is open', async () => {
    const booking = await bookedAt(db, here, 80);
    await paid(db, here, booking.id, 30.5);
    const customer = await customerOf(db.pool, here, booking);
    const begin = (user: string, args = {}) =>
      callAs(db, here, user, 'create_payment', { booking_id: booking.id, ...args });
    const payment = await begin(customer);
    expect(payment).toMatchObject({
      provider: 'stripe',
      method: 'card',
      amount: 49.5,
      currency: 'EUR',
      status: 'pending',
      created_by: customer,
    });
    // Who comes back to the page goes on with it.
    expect(await begin(customer)).toEqual(payment);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ paid: 30.5, booking: 'pending' });

    const keyed = await begin(customer, { idempotency_key: 'k1' });
    expect(keyed).not.toMatchObject({ id: (payment as { id: string }).id });
    expect(await begin(customer, { idempotency_key: 'k1' })).toEqual(keyed);
    await expectRefusal(begin(here.staff, { idempotency_key: 'k1' }), 422, 'idempotency_mismatch');
    await expectRefusal(begin(await addMember(db.pool, here)), 404, 'booking_not_found');
    await expectRefusal(
      begin(await addMember(db.pool, here, { roles: ['viewer'] })),
      403,
      'permission_required',
    );
    await expectRefusal(
      callAs(db, there, there.staff, 'create_payment', { booking_id: booking.id }),
      404,
      'booking_not_found',
    );
  });

  test('is not begun where nothing is open', async () => {
    const begin = (booking_id: string) => byStaff(db, here, 'create_payment', { booking_id });
    const done = await bookedAt(db, here, 10);
    await paid(db, here, done.id, 10);
    await expectRefusal(begin(done.id), 409, 'booking_not_payable');

    const ended = await bookedAt(db, here, 10);
    await byStaff(db, here, 'cancel_booking', { id: ended.id });
    await expectRefusal(begin(ended.id), 409, 'booking_not_payable');
    await expectRefusal(paid(db, here, ended.id, 1), 409, 'booking_not_payable');

    const refunding = await bookedAt(db, here, 10);
    await paid(db, here, refunding.id, 4);
    await byStaff(db, here, 'request_refund', { booking_id: refunding.id });
    await expectRefusal(begin(refunding.id), 409, 'booking_not_payable');

    const course_id = await addCourse(db.pool, here, { price: 0 });
    const free = await book(db, here, here.staff, await addSession(db.pool, here, { course_id }));
    await expectRefusal(begin(free.id), 409, 'booking_not_payable');
  });

  test('has one intent, and an intent is of one payment', async () => {
    const [mine, theirs] = [await bookedAt(db, here, 80), await bookedAt(db, there, 80)];
    const payment = await begun(db, here, mine.id);
    const other = await byStaff(db, there, 'create_payment', { booking_id: theirs.id });
    const attach = (organization_id: string, payment_id: string, provider_intent_id: string | null) =>
      byBackend(db, 'attach_payment_intent', { organization_id, payment_id, provider_intent_id });
    expect(await attach(here.id, payment.id, payment.intent)).toMatchObject({
      provider_intent_id: payment.intent,
    });
    await expectRefusal(attach(here.id, payment.id, 'pi_another'), 409, 'intent_taken');
    await expectRefusal(attach(there.id, other.id, payment.intent), 409, 'intent_taken');
    await expectRefusal(attach(here.id, other.id, 'pi_another'), 404, 'payment_not_found');
    await expectRefusal(attach(here.id, payment.id, ''), 400, 'intent_invalid');
    const cash = await paid(db, here, mine.id, 1);
    await expectRefusal(attach(here.id, cash.id, 'pi_another'), 404, 'payment_not_found');
    expect(await attach(there.id, other.id, `pi_${randomUUID()}`)).toMatchObject({ status: 'pending' });
    await expect(
      callAs(db, here, here.owner, 'attach_payment_intent', {
        organization_id: here.id,
        payment_id: payment.id,
        provider_intent_id: 'pi_another',
      }),
    ).rejects.toMatchObject({ code: '42501' });
  });
});

describe('what was paid', () => {
  test('is seen by who may see the booking, and written by nobody but the functions', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await paid(db, here, booking.id, 10);
    const read = (school: School, user: string) =>
      queryAs(db, school, user, 'select id from public.payments where id = $1', [payment.id]);
    for (const user of [here.staff, await customerOf(db.pool, here, booking)]) {
      expect(await read(here, user)).toHaveLength(1);
    }
    expect(await read(here, await addMember(db.pool, here))).toEqual([]);
    expect(await read(there, there.staff)).toEqual([]);
    for (const table of ['payments', 'refunds', 'refund_items', 'invoices']) {
      await expect(
        queryAs(db, here, here.owner, `update public.${table} set organization_id = organization_id`),
      ).rejects.toMatchObject({ code: '42501' });
      await expect(queryAs(db, here, here.owner, `delete from public.${table}`)).rejects.toMatchObject({
        code: '42501',
      });
    }
  });

  test('never changes and is not deleted, whoever asks', async () => {
    const [booking, other] = [await bookedAt(db, here, 80), await bookedAt(db, here, 80)];
    const payment = await begun(db, here, booking.id);
    await tell(db, event(paymentTold(payment, 'succeeded')));
    const change = (assignment: string) =>
      db.query(`update public.payments set ${assignment} where id = '${payment.id}'`);
    for (const assignment of [
      'amount = 79.99',
      `currency = 'CHF'`,
      `booking_id = '${other.id}'`,
      `provider = 'manual'`,
      `provider_intent_id = 'pi_another'`,
      'provider_intent_id = null',
      `created_at = created_at - interval '1 day'`,
    ]) {
      await expectRefusal(change(assignment), 409, 'money_frozen');
    }
    await expectRefusal(change(`status = 'failed'`), 409, 'transition_not_allowed');
    await expectRefusal(
      db.query('delete from public.payments where id = $1', [payment.id]),
      409,
      'money_frozen',
    );
    await change(`note = 'seen'`);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ paid: 80, booking: 'confirmed' });
  });

  test('goes with its organization', async () => {
    const gone = await openSchool(db.pool, 'Gone');
    const booking = await bookedAt(db, gone, 80);
    const payment = await begun(db, gone, booking.id);
    await tell(db, event(paymentTold(payment, 'succeeded')));
    await byStaff(db, gone, 'request_refund', { booking_id: booking.id });
    await db.query('delete from public.organizations where id = $1', [gone.id]);
    const { rows } = await db.query('select from public.payments where organization_id = $1', [gone.id]);
    expect(rows).toEqual([]);
  });

  test('of several bookings at once settles each of them', async () => {
    const bookings = [
      await bookedAt(db, here, 10),
      await bookedAt(db, here, 20),
      await bookedAt(db, there, 30),
    ];
    await db.query(
      `insert into public.payments (organization_id, booking_id, provider, amount, currency, status)
       select organization_id, id, 'manual', total / 2, currency, 'succeeded'
       from public.bookings, generate_series(1, 2) where id = any ($1)`,
      [bookings.map(({ id }) => id)],
    );
    for (const booking of bookings) {
      expect(await moneyOf(db.pool, booking)).toMatchObject({
        booking: 'confirmed',
        paid: booking.total,
        spent: booking.total,
        invoices: [['paid', true, booking.total, booking.total, 0]],
      });
    }
  });
});

test('all that was done here leaves every invariant whole', async () => {
  for (const school of [here, there]) expect(await invariants(db.pool, school.id)).toEqual([]);
});
