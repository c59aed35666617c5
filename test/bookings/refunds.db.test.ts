import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { callAs, queryAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { addMember } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, invariants, openSchool, type School } from './bookings.ts';
import {
  begun,
  bookedAt,
  byStaff,
  customerOf,
  event,
  finished,
  jobsFor,
  moneyOf,
  paid,
  paidByCard,
  paymentTold,
  refundTold,
  type Row,
  takenUp,
  tell,
} from './money.ts';

const db = useDatabase();
let here: School;
let there: School;

beforeAll(async () => {
  here = await openSchool(db.pool, 'Here');
  there = await openSchool(db.pool, 'There');
});

const asked = (booking_id: string, particulars = {}) =>
  byStaff(db, here, 'request_refund', { booking_id, ...particulars });
const approved = (id: string) => byStaff(db, here, 'approve_refund', { id });
const completed = (id: string) => byStaff(db, here, 'complete_refund', { id });

/** The newest refund of a booking. */
async function newestRefund(booking_id: string): Promise<Row | undefined> {
  const { rows } = await db.query<Row>(
    `select *, amount::float as amount from public.refunds where booking_id = $1 order by created_at desc limit 1`,
    [booking_id],
  );
  return rows[0];
}

/** What a refund gives back of which payment. */
async function itemsOf(refund_id: string): Promise<{ payment_id: string; amount: number }[]> {
  const { rows } = await db.query<{ payment_id: string; amount: number }>(
    `select item.payment_id, item.amount::float as amount
     from public.refund_items as item join public.payments as payment on payment.id = item.payment_id
     where item.refund_id = $1 order by payment.succeeded_at`,
    [refund_id],
  );
  return rows;
}

describe('a refund', () => {
  test('leaves the booking what it is until the money was given back, and then frees its places', async () => {
    const booking = await bookedAt(db, here, 100, { attendees: 3 });
    const payment = await paidByCard(db, here, booking.id);
    const refund = await asked(booking.id, { reason: '  Ill ' });
    expect(refund).toMatchObject({
      status: 'pending',
      amount: 300,
      currency: 'EUR',
      reason: 'Ill',
      requested_by: here.staff,
      decided_by: null,
    });
    const before = { booking: 'confirmed', paid: 300, refunded: 0, places: 3, bookings: 1, spent: 300 };
    expect(await moneyOf(db.pool, booking)).toMatchObject(before);
    expect(await itemsOf(refund.id)).toEqual([]);

    expect(await approved(refund.id)).toMatchObject({ status: 'approved', decided_by: here.staff });
    expect(await itemsOf(refund.id)).toEqual([{ payment_id: payment.id, amount: 300 }]);
    expect(
      await jobsFor(db.pool, 'payments', 'bookings.refund', {
        organization_id: here.id,
        refund_id: refund.id,
      }),
    ).toBe(1);
    expect(await takenUp(db, here, refund.id)).toEqual([
      {
        refund_id: refund.id,
        payment_id: payment.id,
        provider: 'stripe',
        provider_intent_id: payment.intent,
        amount: 300,
        currency: 'EUR',
      },
    ]);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      ...before,
      refunds: [['processing', 300, null, false, false]],
    });

    const done = [{ payment_id: payment.id, provider_refund_id: 're_1' }];
    expect(await finished(db, here, refund.id, done)).toMatchObject({ status: 'processed' });
    const after = await moneyOf(db.pool, booking);
    expect(after).toMatchObject({
      booking: 'refunded',
      paid: 300,
      refunded: 300,
      places: 0,
      bookings: 0,
      spent: 0,
      payments: [['succeeded', 300, 300, null, null]],
      invoices: [['refunded', true, 300, 300, 300]],
    });
    expect(await takenUp(db, here, refund.id)).toEqual([]);
    await finished(db, here, refund.id, done);
    await finished(db, here, refund.id, [{ payment_id: payment.id, failure: 'Too late' }]);
    expect(await moneyOf(db.pool, booking)).toEqual(after);
    await expectRefusal(asked(booking.id), 409, 'no_payment');
  });

  test('that is rejected leaves everything as it was, and can be asked for again', async () => {
    const booking = await bookedAt(db, here, 100);
    await paid(db, here, booking.id, 40);
    const before = await moneyOf(db.pool, booking);
    const refund = await asked(booking.id);
    expect(await byStaff(db, here, 'reject_refund', { id: refund.id, reason: ' No ' })).toMatchObject({
      status: 'rejected',
      rejection_reason: 'No',
      decided_by: here.staff,
    });
    expect(await moneyOf(db.pool, booking)).toEqual({
      ...before,
      refunds: [['rejected', 40, null, false, false]],
    });
    for (const name of ['approve_refund', 'reject_refund', 'complete_refund']) {
      await expectRefusal(byStaff(db, here, name, { id: refund.id }), 409, 'transition_not_allowed');
    }

    const again = await asked(booking.id);
    await approved(again.id);
    await expectRefusal(
      byStaff(db, here, 'reject_refund', { id: again.id, reason: 'x'.repeat(1001) }),
      400,
      'reason_invalid',
    );
    await byStaff(db, here, 'reject_refund', { id: again.id });
    await expectRefusal(completed(again.id), 409, 'transition_not_allowed');
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'pending', paid: 40, refunded: 0 });
  });

  test('keeps what is paid meanwhile from confirming the booking, until it is rejected', async () => {
    const booking = await bookedAt(db, here, 100);
    const payment = await begun(db, here, booking.id);
    await paid(db, here, booking.id, 40);
    const refund = await asked(booking.id);
    await tell(db, event(paymentTold(payment, 'succeeded')));
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'pending',
      paid: 140,
      invoices: [['draft', false, 100, 140, 0]],
    });
    await byStaff(db, here, 'reject_refund', { id: refund.id });
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'confirmed',
      paid: 140,
      invoices: [['paid', true, 100, 140, 0]],
    });
  });

  test('that fails leaves everything as it was, and can be asked for again', async () => {
    const booking = await bookedAt(db, here, 100);
    const payment = await paidByCard(db, here, booking.id);
    const before = await moneyOf(db.pool, booking);
    const refund = await asked(booking.id);
    await approved(refund.id);
    await takenUp(db, here, refund.id);
    await expectRefusal(byStaff(db, here, 'reject_refund', { id: refund.id }), 409, 'transition_not_allowed');
    expect(
      await finished(db, here, refund.id, [{ payment_id: payment.id, failure: 'The card is gone' }]),
    ).toMatchObject({ status: 'failed', failure_reason: 'The card is gone' });
    expect(await moneyOf(db.pool, booking)).toEqual({
      ...before,
      refunds: [['failed', 100, 'The card is gone', true, false]],
    });

    const again = await asked(booking.id);
    await approved(again.id);
    await takenUp(db, here, again.id);
    await finished(db, here, again.id, [{ payment_id: payment.id, provider_refund_id: 're_2' }]);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'refunded',
      refunded: 100,
      places: 0,
      spent: 0,
    });
  });

  test('of a part takes the newest payments first, and the rest comes after', async () => {
    const booking = await bookedAt(db, here, 100);
    const first = await paid(db, here, booking.id, 70.01);
    const second = await paid(db, here, booking.id, 29.99);
    const part = await asked(booking.id, { amount: 50 });
    await approved(part.id);
    expect(await itemsOf(part.id)).toEqual([
      { payment_id: first.id, amount: 20.01 },
      { payment_id: second.id, amount: 29.99 },
    ]);
    // Nobody but staff has to do anything.
    expect(await jobsFor(db.pool, 'payments', 'bookings.refund', { refund_id: part.id })).toBe(0);
    expect(await completed(part.id)).toMatchObject({ status: 'processed' });
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'refunded',
      paid: 100,
      refunded: 50,
      spent: 50,
      places: 0,
      invoices: [['refunded', true, 100, 100, 50]],
      payments: [
        ['succeeded', 29.99, 29.99, null, null],
        ['succeeded', 70.01, 20.01, null, null],
      ],
    });

    for (const amount of [50.01, 0, -1, 0.001]) {
      await expectRefusal(asked(booking.id, { amount }), 422, 'invalid_amount');
    }
    const rest = await asked(booking.id);
    expect(rest).toMatchObject({ amount: 50 });
    await approved(rest.id);
    expect(await itemsOf(rest.id)).toEqual([{ payment_id: first.id, amount: 50 }]);
    await completed(rest.id);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'refunded',
      refunded: 100,
      spent: 0,
      invoices: [['refunded', true, 100, 100, 100]],
    });
  });

  test('of money from staff and by card is done when both have given back theirs', async () => {
    const booking = await bookedAt(db, here, 100);
    const cash = await paid(db, here, booking.id, 40);
    const card = await paidByCard(db, here, booking.id);
    const refund = await asked(booking.id);
    await expectRefusal(completed(refund.id), 409, 'transition_not_allowed');
    await approved(refund.id);
    expect(await takenUp(db, here, refund.id)).toMatchObject([{ payment_id: card.id, amount: 60 }]);
    const done = [{ payment_id: card.id, provider_refund_id: `re_${randomUUID()}` }];
    expect(await finished(db, here, refund.id, done)).toMatchObject({ status: 'processing' });
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'confirmed',
      refunded: 60,
      spent: 40,
      places: 1,
    });
    expect(await completed(refund.id)).toMatchObject({ status: 'processed' });
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'refunded',
      refunded: 100,
      spent: 0,
      places: 0,
    });

    const other = await bookedAt(db, here, 100);
    await paidByCard(db, here, other.id);
    const byCard = await asked(other.id);
    await approved(byCard.id);
    await expectRefusal(completed(byCard.id), 409, 'refund_not_manual');
    expect(cash).toMatchObject({ status: 'succeeded' });
  });

  test('of which one part fails has failed; what was given back stays so, and the rest can be asked for', async () => {
    const booking = await bookedAt(db, here, 100);
    const cash = await paid(db, here, booking.id, 40);
    const card = await paidByCard(db, here, booking.id);
    const refund = await asked(booking.id);
    await approved(refund.id);
    await completed(refund.id);
    await takenUp(db, here, refund.id);
    await finished(db, here, refund.id, [{ payment_id: card.id, failure: 'No' }]);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'confirmed',
      refunded: 40,
      spent: 60,
      places: 1,
      refunds: [['failed', 100, 'No', true, false]],
    });
    const rest = await asked(booking.id);
    expect(rest).toMatchObject({ amount: 60 });
    await approved(rest.id);
    expect(await itemsOf(rest.id)).toEqual([{ payment_id: card.id, amount: 60 }]);
    await takenUp(db, here, rest.id);
    await finished(db, here, rest.id, [{ payment_id: card.id, provider_refund_id: `re_${randomUUID()}` }]);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'refunded',
      refunded: 100,
      spent: 0,
      places: 0,
    });
    expect(cash).toMatchObject({ amount: 40 });
  });

  test('of what was paid twice leaves the place', async () => {
    const booking = await bookedAt(db, here, 100);
    const [one, two] = [await begun(db, here, booking.id), await begun(db, here, booking.id)];
    for (const payment of [one, two]) await tell(db, event(paymentTold(payment, 'succeeded')));
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'confirmed', paid: 200, spent: 200 });
    const excess = await asked(booking.id, { amount: 100 });
    await approved(excess.id);
    await takenUp(db, here, excess.id);
    await finished(db, here, excess.id, [{ payment_id: two.id, provider_refund_id: `re_${randomUUID()}` }]);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'confirmed',
      paid: 200,
      refunded: 100,
      spent: 100,
      places: 1,
      invoices: [['paid', true, 100, 200, 100]],
    });
    const rest = await asked(booking.id);
    await approved(rest.id);
    await takenUp(db, here, rest.id);
    await finished(db, here, rest.id, [{ payment_id: one.id, provider_refund_id: `re_${randomUUID()}` }]);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'refunded', spent: 0, places: 0 });
  });

  test('may be asked for whatever has become of the booking', async () => {
    const session = await addSession(db.pool, here);
    const bookings = await Promise.all([1, 2, 3].map(() => book(db, here, here.staff, session)));
    for (const { id } of bookings) await paid(db, here, id, 100);
    for (const [index, status] of ['completed', 'no_show'].entries()) {
      await db.query('update public.bookings set status = $2 where id = $1', [bookings[index]?.id, status]);
    }
    for (const { id } of bookings) {
      const refund = await asked(id);
      await approved(refund.id);
      await completed(refund.id);
    }
    const { rows } = await db.query('select distinct status from public.bookings where session_id = $1', [
      session,
    ]);
    expect(rows).toEqual([{ status: 'refunded' }]);
  });

  test('takes a payment that has succeeded', async () => {
    const booking = await bookedAt(db, here, 100);
    await expectRefusal(asked(booking.id), 409, 'no_payment');
    const payment = await begun(db, here, booking.id);
    for (const status of ['processing', 'failed']) {
      await tell(db, event(paymentTold(payment, status), 1));
      await expectRefusal(asked(booking.id), 409, 'no_payment');
    }
    await expectRefusal(asked(booking.id, { reason: 'x'.repeat(1001) }), 400, 'reason_invalid');
  });
});

describe('customers', () => {
  test('may ask for as much as the rules give', async () => {
    const shares = [
      { starts_in: '8 days', most: 99.99, more: 100 },
      { starts_in: '7 days -1 minute', most: 50, more: 50.01 },
      { starts_in: '49 hours', most: 50, more: 50.01 },
      { starts_in: '47 hours', most: 0, more: 0.01 },
    ];
    for (const { starts_in, most, more } of shares) {
      const booking = await bookedAt(db, here, 99.99, { starts_in });
      await paid(db, here, booking.id, 99.99);
      const customer = await customerOf(db.pool, here, booking);
      const ask = (particulars = {}) =>
        callAs(db, here, customer, 'request_refund', { booking_id: booking.id, ...particulars });
      await expectRefusal(ask({ amount: more }), 422, 'invalid_amount');
      if (most === 0) await expectRefusal(ask(), 422, 'invalid_amount');
      else expect(await ask()).toMatchObject({ amount: most, status: 'pending', requested_by: customer });
    }
  });

  test('get no more than their share in several steps, and all of it when the session is cancelled', async () => {
    const booking = await bookedAt(db, here, 100, { starts_in: '3 days' });
    await paid(db, here, booking.id, 100);
    const customer = await customerOf(db.pool, here, booking);
    const ask = (amount?: number) =>
      callAs(db, here, customer, 'request_refund', {
        booking_id: booking.id,
        amount: amount ?? null,
      }) as Promise<Row>;
    const first = await ask(30);
    await approved(first.id);
    await completed(first.id);
    await expectRefusal(ask(20.01), 422, 'invalid_amount');
    const second = await ask();
    expect(second).toMatchObject({ amount: 20 });
    await approved(second.id);
    await completed(second.id);
    await expectRefusal(ask(), 422, 'invalid_amount');

    await byStaff(db, here, 'cancel_session', { id: booking.session_id, reason: 'Flood' });
    expect(await ask()).toMatchObject({ amount: 50 });
  });

  test('ask for their own, and decide on nothing', async () => {
    const booking = await bookedAt(db, here, 100);
    await paid(db, here, booking.id, 100);
    const customer = await customerOf(db.pool, here, booking);
    const viewer = await addMember(db.pool, here, { roles: ['viewer'] });
    const nobody = await addMember(db.pool, here);
    const ask = (school: School, user: string) =>
      callAs(db, school, user, 'request_refund', { booking_id: booking.id });
    await expectRefusal(ask(here, viewer), 403, 'permission_required');
    await expectRefusal(ask(here, nobody), 404, 'booking_not_found');
    await expectRefusal(ask(there, there.staff), 404, 'booking_not_found');
    const refund = (await ask(here, customer)) as Row;
    for (const name of ['approve_refund', 'reject_refund', 'complete_refund']) {
      const decide = (school: School, user: string, id = refund.id) => callAs(db, school, user, name, { id });
      await expectRefusal(decide(here, customer), 403, 'permission_required');
      await expectRefusal(decide(here, viewer), 403, 'permission_required');
      await expectRefusal(decide(here, nobody), 404, 'refund_not_found');
      await expectRefusal(decide(there, there.staff), 404, 'refund_not_found');
      await expectRefusal(decide(here, here.staff, randomUUID()), 404, 'refund_not_found');
    }
    const read = (school: School, user: string) =>
      queryAs(db, school, user, 'select id from public.refunds where id = $1', [refund.id]);
    for (const user of [customer, viewer]) expect(await read(here, user)).toHaveLength(1);
    expect(await read(here, nobody)).toEqual([]);
    expect(await read(there, there.staff)).toEqual([]);
  });
});

describe('one refund at a time', () => {
  test('is open: of 50 who ask at once one gets it, and the others are told', async () => {
    const booking = await bookedAt(db, here, 100);
    await paid(db, here, booking.id, 100);
    const crowd = { pool: db.crowd(50) };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        byStaff(crowd, here, 'request_refund', { booking_id: booking.id, amount: 1 }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        await expectRefusal(Promise.reject(outcome.reason as Error), 409, 'refund_open');
    }
    expect(await moneyOf(db.pool, booking)).toMatchObject({ refunds: [['pending', 1, null, false, false]] });
  });

  test('is decided on once: of those who approve and reject it at once one is heard', async () => {
    const booking = await bookedAt(db, here, 100);
    await paidByCard(db, here, booking.id);
    const refund = await asked(booking.id);
    const crowd = { pool: db.crowd(10) };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        byStaff(crowd, here, index % 2 === 0 ? 'approve_refund' : 'reject_refund', { id: refund.id }),
      ),
    );
    const heard = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value.status] : [],
    );
    // Approved, and rejected after that, is two decisions.
    expect([['approved'], ['rejected'], ['approved', 'rejected']]).toContainEqual(heard.toSorted());
    const jobs = await jobsFor(db.pool, 'payments', 'bookings.refund', { refund_id: refund.id });
    expect(jobs).toBe(heard.includes('approved') ? 1 : 0);
    if (heard.includes('rejected')) expect(await takenUp(db, here, refund.id)).toEqual([]);
    else expect(await takenUp(db, here, refund.id)).toHaveLength(1);
  });

  test('is processed by the worker, however often the message comes', async () => {
    const booking = await bookedAt(db, here, 100);
    const payment = await paidByCard(db, here, booking.id);
    const refund = await asked(booking.id);
    expect(await takenUp(db, here, refund.id)).toEqual([]);
    await expectRefusal(finished(db, here, refund.id, []), 409, 'transition_not_allowed');
    await approved(refund.id);
    expect(await takenUp(db, there, refund.id)).toEqual([]);
    expect(await takenUp(db, here, randomUUID())).toEqual([]);
    // It may have been interrupted before the provider was asked, or after it.
    expect(await takenUp(db, here, refund.id)).toEqual(await takenUp(db, here, refund.id));

    await expectRefusal(
      finished(db, here, refund.id, [{ payment_id: randomUUID() }]),
      400,
      'results_invalid',
    );
    await expectRefusal(
      finished(db, here, refund.id, [{ payment_id: payment.id, status: 'lost' }]),
      400,
      'results_invalid',
    );
    await expectRefusal(finished(db, there, refund.id, []), 404, 'refund_not_found');
    const taken = { payment_id: payment.id, provider_refund_id: `re_${randomUUID()}` };
    expect(await finished(db, here, refund.id, [{ ...taken, status: 'pending' }])).toMatchObject({
      status: 'processing',
    });
    expect(await takenUp(db, here, refund.id)).toEqual([]);
    const told = refundTold(payment, 'succeeded', { provider_refund_id: taken.provider_refund_id });
    expect(await tell(db, event(told))).toEqual({ outcome: 'applied', error: null });
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'refunded', refunded: 100, spent: 0 });
  });
});

describe('money that comes late', () => {
  test('for a cancelled booking goes back by itself', async () => {
    const booking = await bookedAt(db, here, 100, { starts_in: '3 days' });
    const payment = await begun(db, here, booking.id);
    await byStaff(db, here, 'cancel_booking', { id: booking.id });
    expect(await tell(db, event(paymentTold(payment, 'succeeded')))).toMatchObject({ outcome: 'applied' });
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'cancelled',
      paid: 100,
      places: 0,
      refunds: [['approved', 100, null, false, false]],
    });
    const refund = await newestRefund(booking.id);
    expect(refund).toMatchObject({ requested_by: null, decided_by: null });
    expect(await takenUp(db, here, refund?.id ?? '')).toMatchObject([
      { payment_id: payment.id, amount: 100 },
    ]);
    await finished(db, here, refund?.id ?? '', [
      { payment_id: payment.id, provider_refund_id: `re_${randomUUID()}` },
    ]);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'refunded', refunded: 100, spent: 0 });
  });

  test('comes back in full, and what the rules keep of the rest stays', async () => {
    const booking = await bookedAt(db, here, 100, { starts_in: '3 days' });
    const [first, second] = [await begun(db, here, booking.id), await begun(db, here, booking.id)];
    await tell(db, event(paymentTold(first, 'succeeded')));
    await byStaff(db, here, 'cancel_booking', { id: booking.id });
    const byRule = await newestRefund(booking.id);
    expect(byRule).toMatchObject({ status: 'approved', amount: 50 });
    // One is open: the other waits until it has ended, however it ends.
    await tell(db, event(paymentTold(second, 'succeeded')));
    expect(await newestRefund(booking.id)).toEqual(byRule);
    await byStaff(db, here, 'reject_refund', { id: byRule?.id });
    const late = await newestRefund(booking.id);
    expect(late).toMatchObject({ status: 'approved', amount: 100 });
    expect(await itemsOf(late?.id ?? '')).toEqual([{ payment_id: second.id, amount: 100 }]);
    await takenUp(db, here, late?.id ?? '');
    await finished(db, here, late?.id ?? '', [{ payment_id: second.id, failure: 'No' }]);
    // Not again and again.
    expect(await newestRefund(booking.id)).toMatchObject({ id: late?.id, status: 'failed' });
  });

  test('while a refund of all is open follows it', async () => {
    const booking = await bookedAt(db, here, 100);
    const [first, second] = [await begun(db, here, booking.id), await begun(db, here, booking.id)];
    await tell(db, event(paymentTold(first, 'succeeded')));
    const refund = await asked(booking.id);
    await approved(refund.id);
    await takenUp(db, here, refund.id);
    await tell(db, event(paymentTold(second, 'succeeded')));
    await finished(db, here, refund.id, [{ payment_id: first.id, provider_refund_id: `re_${randomUUID()}` }]);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'refunded', paid: 200, refunded: 100 });
    expect(await newestRefund(booking.id)).toMatchObject({ status: 'approved', amount: 100 });
  });

  test('is all there was for a cancelled session, also where a part was on its way', async () => {
    const course_id = await addCourse(db.pool, here, { price: 100 });
    const session = await addSession(db.pool, here, { course_id });
    const [whole, part, wish, unpaid] = [
      await book(db, here, here.staff, session),
      await book(db, here, here.staff, session),
      await book(db, here, here.staff, session),
      await book(db, here, here.staff, session),
    ];
    const payment = await paidByCard(db, here, part.id);
    for (const { id } of [whole, wish]) await paid(db, here, id, 100);
    const onItsWay = await asked(part.id, { amount: 30 });
    await approved(onItsWay.id);
    await takenUp(db, here, onItsWay.id);
    const wished = await asked(wish.id, { amount: 10 });

    await byStaff(db, here, 'cancel_session', { id: session, reason: 'Flood' });
    for (const { id } of [whole, wish]) {
      expect(await newestRefund(id)).toMatchObject({ status: 'approved', amount: 100, reason: 'Flood' });
    }
    const { rows } = await db.query('select status, rejection_reason from public.refunds where id = $1', [
      wished.id,
    ]);
    expect(rows).toEqual([{ status: 'rejected', rejection_reason: 'Flood' }]);
    expect(await newestRefund(unpaid.id)).toBeUndefined();
    expect(await newestRefund(part.id)).toMatchObject({ id: onItsWay.id, status: 'processing' });
    await finished(db, here, onItsWay.id, [
      { payment_id: payment.id, provider_refund_id: `re_${randomUUID()}` },
    ]);
    const rest = await newestRefund(part.id);
    expect(rest).toMatchObject({ status: 'approved', amount: 70 });
    expect(await jobsFor(db.pool, 'payments', 'bookings.refund', { refund_id: rest?.id })).toBe(1);
  });
});

test('all of it at once: nobody waits for ever, nothing is paid or given back twice', async () => {
  const school = await openSchool(db.pool, 'Crowded');
  const session = await addSession(db.pool, school);
  const bookings = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const booking = await book(db, school, school.staff, session);
      return { ...booking, payment: await begun(db, school, booking.id) };
    }),
  );
  const crowd = { pool: db.crowd(24) };
  const openRefunds = async (booking_id: string) => {
    const { rows } = await db.query<{ id: string }>(
      `select id from public.refunds where booking_id = $1 and status in ('pending', 'approved', 'processing')`,
      [booking_id],
    );
    return rows.map(({ id }) => id);
  };
  const work = async (id: string) => {
    const parts = (await takenUp(crowd, school, id)) as { payment_id: string }[];
    const results = parts.map(({ payment_id }) => ({ payment_id, provider_refund_id: `re_${id}` }));
    if (results.length > 0) await finished(crowd, school, id, results);
  };
  for (const round of [1, 2, 3]) {
    const steps = bookings.flatMap(({ id: booking_id, payment }) => [
      () => byStaff(crowd, school, 'record_payment', { booking_id, amount: 10 * round }),
      () => tell(crowd, event(paymentTold(payment, round === 1 ? 'failed' : 'succeeded'), round)),
      () => byStaff(crowd, school, 'request_refund', { booking_id, amount: 5 }),
      () => byStaff(crowd, school, 'request_refund', { booking_id }),
      async () => {
        for (const id of await openRefunds(booking_id)) {
          await byStaff(crowd, school, 'approve_refund', { id });
          await byStaff(crowd, school, 'complete_refund', { id });
        }
      },
      async () => {
        for (const id of await openRefunds(booking_id)) await work(id);
      },
      () => byStaff(crowd, school, 'cancel_booking', { id: booking_id }),
    ]);
    const outcomes = await Promise.allSettled(steps.map((step) => step()));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ code: expect.stringMatching(/^PT4(09|22)$/) as unknown });
      }
    }
    expect(await invariants(db.pool, school.id)).toEqual([]);
  }
});

test('what was given back never changes and is not deleted, whoever asks', async () => {
  const [booking, other] = [await bookedAt(db, here, 80), await bookedAt(db, here, 80)];
  await paid(db, here, booking.id, 80);
  const refund = await asked(booking.id);
  await approved(refund.id);
  const attempts = [
    `update public.refunds set amount = 79 where id = $1`,
    `update public.refunds set currency = 'CHF' where id = $1`,
    `update public.refunds set booking_id = '${other.id}' where id = $1`,
    `update public.refunds set reason = 'another' where id = $1`,
    `delete from public.refunds where id = $1`,
    `update public.refund_items set amount = 79 where refund_id = $1`,
    `delete from public.refund_items where refund_id = $1`,
  ];
  for (const attempt of attempts) await expectRefusal(db.query(attempt, [refund.id]), 409, 'money_frozen');
  await completed(refund.id);
  for (const attempt of [
    ...attempts,
    `update public.refund_items set processed_at = null where refund_id = $1`,
  ]) {
    await expectRefusal(db.query(attempt, [refund.id]), 409, 'money_frozen');
  }
});

test('all that was done here leaves every invariant whole', async () => {
  for (const school of [here, there]) expect(await invariants(db.pool, school.id)).toEqual([]);
});
