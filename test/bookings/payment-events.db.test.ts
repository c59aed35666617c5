import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { inTransaction, useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';
import { call, inside } from '../tenancy/organizations.ts';
import { invariants, openSchool, type School } from './bookings.ts';
import {
  begun,
  bookedAt,
  byBackend,
  byStaff,
  event,
  finished,
  type IntentPayment,
  moneyOf,
  type Outcome,
  paidByCard,
  paymentTold,
  permutations,
  refundTold,
  takenUp,
  tell,
  tellAll,
  type Told,
} from './money.ts';

const db = useDatabase();
let here: School;
let there: School;

beforeAll(async () => {
  here = await openSchool(db.pool, 'Here');
  there = await openSchool(db.pool, 'There');
});

const applied = { outcome: 'applied', error: null };
const ignored = { outcome: 'ignored', error: null };
const failed = (error: string) => ({ outcome: 'failed', error });

/** What is stored of an event. */
async function stored({ event_id }: Told): Promise<Record<string, unknown> | undefined> {
  const { rows } = await db.query<Record<string, unknown>>(
    `select outcome, error, attempts, organization_id, processed_at is not null as is_processed, payload
     from private.webhook_events where provider = 'stripe' and event_id = $1`,
    [event_id],
  );
  return rows[0];
}

/**
 * The states, each once, in which a booking ends after every order of some events, each of which is delivered twice, and
 * once more in the end. Undone.
 */
async function statesAfter(
  client: pg.PoolClient,
  booking: { id: string },
  events: readonly Told[],
): Promise<unknown[]> {
  const states = new Set<string>();
  for (const order of permutations(events)) {
    await client.query('savepoint one_order');
    await tellAll(client, [...order.flatMap((one) => [one, one]), ...order]);
    states.add(JSON.stringify(await moneyOf(client, booking)));
    await client.query('rollback to savepoint one_order');
  }
  return [...states].map((state) => JSON.parse(state) as unknown);
}

describe('an event of a payment', () => {
  test('is stored, and applied', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await begun(db, here, booking.id);
    const begins = event(paymentTold(payment, 'processing'), 1);
    expect(await tell(db, begins)).toEqual(applied);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'pending',
      payments: [['processing', 80, 0, null, null]],
    });
    const ends = event(paymentTold(payment, 'succeeded', { organization_id: here.id }), 2);
    expect(await tell(db, ends)).toEqual(applied);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'confirmed',
      paid: 80,
      spent: 80,
      invoices: [['paid', true, 80, 80, 0]],
    });
    expect(await stored(ends)).toEqual({
      outcome: 'applied',
      error: null,
      attempts: 1,
      organization_id: here.id,
      is_processed: true,
      payload: { id: ends.event_id },
    });
  });

  test('says why a payment has failed, which may succeed later', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await begun(db, here, booking.id);
    expect(await tell(db, event(paymentTold(payment, 'failed', { failure: 'No money' }), 60))).toEqual(
      applied,
    );
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'pending',
      payments: [['failed', 80, 0, 'No money', '2026-01-01T00:01:00+00:00']],
    });
    expect(await tell(db, event(paymentTold(payment, 'succeeded'), 61))).toEqual(applied);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'confirmed', paid: 80 });
  });

  test('that comes again is a duplicate, also when it comes 20 times at once', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await begun(db, here, booking.id);
    const told = event(paymentTold(payment, 'succeeded'));
    const crowd = { pool: db.crowd(20) };
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => tell(crowd, told)));
    expect(outcomes.filter(({ outcome }) => outcome === 'applied')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(19);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ paid: 80, spent: 80 });
  });

  test('that is older than what is known changes nothing', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await begun(db, here, booking.id);
    await tell(db, event(paymentTold(payment, 'processing'), 5));
    expect(await tell(db, event(paymentTold(payment, 'failed', { failure: 'No' }), 4))).toEqual(ignored);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      payments: [['processing', 80, 0, null, expect.any(String)]],
    });
    await tell(db, event(paymentTold(payment, 'succeeded'), 3));
    for (const status of ['failed', 'cancelled', 'processing', 'succeeded']) {
      expect(await tell(db, event(paymentTold(payment, status), 9))).toEqual(ignored);
    }
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'confirmed', paid: 80 });
  });

  test('may come before anybody knows whose payment it is', async () => {
    const booking = await bookedAt(db, here, 80);
    const { id } = await byStaff(db, here, 'create_payment', { booking_id: booking.id });
    const intent = `pi_${randomUUID()}`;
    const early = event(paymentTold({ intent, amount: 80 }, 'succeeded'));
    const wrong = event(paymentTold({ intent, amount: 81 }, 'succeeded'));
    for (const told of [early, wrong]) {
      expect(await tell(db, told)).toEqual({ outcome: 'ignored', error: 'intent_unknown' });
    }
    expect(await moneyOf(db.pool, booking)).toMatchObject({ paid: 0 });
    const attached = await byBackend(db, 'attach_payment_intent', {
      organization_id: here.id,
      payment_id: id,
      provider_intent_id: intent,
    });
    expect(attached).toMatchObject({ status: 'succeeded' });
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'confirmed', paid: 80 });
    expect(await stored(early)).toMatchObject({ outcome: 'applied', error: null, organization_id: here.id });
    expect(await stored(wrong)).toMatchObject({ outcome: 'failed', error: 'amount_mismatch' });
  });

  test('is not lost when it comes while the intent is being attached', async () => {
    const payments = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const booking = await bookedAt(db, here, 80);
        return { booking, payment: await byStaff(db, here, 'create_payment', { booking_id: booking.id }) };
      }),
    );
    const crowd = { pool: db.crowd(20) };
    await Promise.all(
      payments.flatMap(({ payment }) => {
        const intent = `pi_${randomUUID()}`;
        return [
          byBackend(crowd, 'attach_payment_intent', {
            organization_id: here.id,
            payment_id: payment.id,
            provider_intent_id: intent,
          }),
          tell(crowd, event(paymentTold({ intent, amount: 80 }, 'succeeded'))),
        ];
      }),
    );
    for (const { booking } of payments) expect(await moneyOf(db.pool, booking)).toMatchObject({ paid: 80 });
  });

  test('waits for one that is being attached in another transaction', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await byStaff(db, here, 'create_payment', { booking_id: booking.id });
    const intent = `pi_${randomUUID()}`;
    const outcome = await inTransaction(db.pool, 'commit', async (client) => {
      await call(client, 'attach_payment_intent', {
        organization_id: here.id,
        payment_id: payment.id,
        provider_intent_id: intent,
      });
      const telling = tell(db, event(paymentTold({ intent, amount: 80 }, 'succeeded')));
      // Not before it waits for this transaction.
      await expect
        .poll(
          async () => {
            const { rows } = await db.query(`select from pg_locks where locktype = 'advisory' and not granted
             and database = (select oid from pg_database where datname = current_database())`);
            return rows.length;
          },
          { timeout: 20_000 },
        )
        .toBe(1);
      return { telling };
    });
    expect(await outcome.telling).toEqual(applied);
    expect(await moneyOf(db.pool, booking)).toMatchObject({ paid: 80 });
  });
});

describe('an event that cannot be meant', () => {
  const state = async (...bookings: { id: string }[]) =>
    Promise.all(bookings.map((booking) => moneyOf(db.pool, booking)));

  test('because it names another organization changes nothing in either', async () => {
    const [mine, theirs] = [await bookedAt(db, here, 80), await bookedAt(db, there, 80)];
    const [payment, other] = [await begun(db, here, mine.id), await begun(db, there, theirs.id)];
    const before = await state(mine, theirs);
    const told = event(paymentTold(payment, 'succeeded', { organization_id: there.id }));
    expect(await tell(db, told)).toEqual(failed('organization_mismatch'));
    expect(await tell(db, told)).toEqual(failed('organization_mismatch'));
    expect(await state(mine, theirs)).toEqual(before);
    expect(await stored(told)).toMatchObject({ attempts: 2, organization_id: here.id, is_processed: false });
    // Nor does it get in the way of what is meant.
    expect(await tell(db, event(paymentTold(payment, 'succeeded', { organization_id: here.id })))).toEqual(
      applied,
    );
    expect(await tell(db, event(paymentTold(other, 'failed', { organization_id: there.id })))).toEqual(
      applied,
    );
    expect(await state(mine, theirs)).toMatchObject([{ paid: 80 }, { paid: 0 }]);
  });

  test('because of its amount or currency changes nothing', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await begun(db, here, booking.id);
    const before = await state(booking);
    for (const wrong of [{ amount: 8000 }, { amount: 79.99 }, { amount: 0 }, { currency: 'USD' }]) {
      const told = event(paymentTold(payment, 'succeeded', wrong));
      expect(await tell(db, told)).toEqual(failed('amount_mismatch'));
    }
    expect(await state(booking)).toEqual(before);
    const written = { amount: '80.00', currency: 'eur' };
    expect(await tell(db, event(paymentTold(payment, 'succeeded', written)))).toEqual(applied);
  });

  test('because nobody waits for it is kept, and ignored', async () => {
    const told = event(null);
    expect(await tell(db, told)).toEqual(ignored);
    expect(await stored(told)).toMatchObject({
      outcome: 'ignored',
      organization_id: null,
      is_processed: true,
    });
    const unknown = event(paymentTold({ intent: `pi_${randomUUID()}`, amount: 1 }, 'succeeded'));
    expect(await tell(db, unknown)).toEqual({ outcome: 'ignored', error: 'intent_unknown' });
    expect(await tell(db, unknown)).toMatchObject({ outcome: 'duplicate' });
  });

  test('because it cannot be read is kept, and gets in nobody’s way', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await begun(db, here, booking.id);
    const right = paymentTold(payment, 'succeeded');
    for (const change of [
      [],
      'succeeded',
      { ...right, kind: 'payout' },
      { ...right, status: 'lost' },
      { ...right, amount: 'eighty' },
      { ...right, amount: '-80' },
      { ...right, amount: null },
      { ...right, currency: 978 },
      { ...right, intent_id: 'x'.repeat(256) },
      { ...right, organization_id: 7 },
      { ...right, kind: 'refund' },
      { ...right, kind: 'refund', provider_refund_id: 're_1', refund_id: 7 },
    ]) {
      const told = event(change);
      expect(await tell(db, told)).toEqual(failed('change_invalid'));
      expect(
        await byBackend(db, 'retry_payment_event', { provider: 'stripe', event_id: told.event_id }),
      ).toEqual(failed('change_invalid'));
    }
    expect(await tell(db, event(right))).toEqual(applied);
  });
});

describe('an event of a refund', () => {
  /** A refund that the worker is at. */
  async function refunding(where: Parameters<typeof bookedAt>[0], amount = 80) {
    const booking = await bookedAt(where, here, 80);
    const payment = await paidByCard(where, here, booking.id);
    const refund = await byStaff(where, here, 'request_refund', { booking_id: booking.id, amount });
    await byStaff(where, here, 'approve_refund', { id: refund.id });
    await takenUp(where, here, refund.id);
    return { booking, payment, refund, part: { ...payment, amount } };
  }

  test('finds it by our id or by the provider’s', async () => {
    for (const byOurs of [true, false]) {
      const { booking, payment, refund, part } = await refunding(db);
      const provider_refund_id = `re_${randomUUID()}`;
      const told = event(
        refundTold(part, 'succeeded', { provider_refund_id, ...(byOurs && { refund_id: refund.id }) }),
      );
      if (!byOurs) {
        expect(await tell(db, told)).toEqual(failed('refund_unknown'));
        const result = { payment_id: payment.id, provider_refund_id, status: 'pending' };
        expect(await finished(db, here, refund.id, [result])).toMatchObject({ status: 'processed' });
        expect(await stored(told)).toMatchObject(applied);
      } else {
        expect(await tell(db, told)).toEqual(applied);
        await finished(db, here, refund.id, [{ payment_id: payment.id, provider_refund_id }]);
      }
      expect(await moneyOf(db.pool, booking)).toMatchObject({
        booking: 'refunded',
        refunded: 80,
        spent: 0,
        places: 0,
      });
    }
  });

  test('says that it has failed: then it can be asked for again', async () => {
    const { booking, refund, part } = await refunding(db);
    const news = {
      provider_refund_id: `re_${randomUUID()}`,
      refund_id: refund.id,
      failure: 'Account closed',
    };
    expect(await tell(db, event(refundTold(part, 'failed', news)))).toEqual(applied);
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'confirmed',
      refunded: 0,
      places: 1,
      refunds: [['failed', 80, 'Account closed', true, false]],
    });
    const again = await byStaff(db, here, 'request_refund', { booking_id: booking.id });
    await byStaff(db, here, 'approve_refund', { id: again.id });
    await takenUp(db, here, again.id);
    const second = { provider_refund_id: `re_${randomUUID()}`, refund_id: again.id };
    expect(await tell(db, event(refundTold(part, 'succeeded', second)))).toEqual(applied);
    // The first cannot have succeeded as well: there is nothing left of the payment.
    expect(await tell(db, event(refundTold(part, 'succeeded', news)))).toEqual(failed('refund_superseded'));
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'refunded', refunded: 80 });
  });

  test('of another amount, organization or payment changes nothing', async () => {
    const { booking, payment, refund, part } = await refunding(db, 30);
    const other = await paidByCard(db, here, (await bookedAt(db, here, 30)).id);
    const before = await moneyOf(db.pool, booking);
    const news = { provider_refund_id: `re_${randomUUID()}`, refund_id: refund.id };
    const told = (of: Pick<IntentPayment, 'intent' | 'amount'>, particulars = {}) =>
      tell(db, event(refundTold(of, 'succeeded', { ...news, ...particulars })));
    expect(await told(payment)).toEqual(failed('amount_mismatch'));
    expect(await told(part, { currency: 'USD' })).toEqual(failed('amount_mismatch'));
    expect(await told(part, { organization_id: there.id })).toEqual(failed('organization_mismatch'));
    expect(await told(other)).toEqual(failed('refund_unknown'));
    expect(await told(part, { refund_id: randomUUID() })).toEqual(failed('refund_unknown'));
    expect(await told(part, { refund_id: 'nonsense' })).toEqual(failed('refund_unknown'));
    expect(await moneyOf(db.pool, booking)).toEqual(before);
    expect(await told(part)).toEqual(applied);
  });

  test('of one that was rejected changes nothing', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await paidByCard(db, here, booking.id);
    const refund = await byStaff(db, here, 'request_refund', { booking_id: booking.id });
    await byStaff(db, here, 'approve_refund', { id: refund.id });
    await byStaff(db, here, 'reject_refund', { id: refund.id });
    const told = refundTold(payment, 'succeeded', {
      provider_refund_id: `re_${randomUUID()}`,
      refund_id: refund.id,
    });
    expect(await tell(db, event(told))).toEqual(failed('refund_not_approved'));
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'confirmed', refunded: 0 });
  });

  test('ends the same in every order, each event delivered again and again', async () => {
    const states = await inTransaction(db.pool, 'rollback', async (client) => {
      const { booking, payment, refund, part } = await refunding(client);
      const news = { provider_refund_id: `re_${randomUUID()}`, refund_id: refund.id };
      return statesAfter(client, booking, [
        event(refundTold(part, 'pending', news), 1),
        event(refundTold(part, 'failed', { ...news, failure: 'No' }), 2),
        event(refundTold(part, 'succeeded', news), 3),
        event(paymentTold(payment, 'failed', { failure: 'Old' }), 0),
      ]);
    });
    expect(states).toEqual([
      expect.objectContaining({
        booking: 'refunded',
        paid: 80,
        refunded: 80,
        spent: 0,
        places: 0,
        refunds: [['processed', 80, null, false, true]],
      }),
    ]);
  });
});

describe('events of payments end the same in every order, each delivered again and again', () => {
  /** The states in which all orders of the events of a booking with two payments end. */
  const endsOf = (
    events: (one: IntentPayment, two: IntentPayment) => Told[],
    prepared: (client: pg.PoolClient, booking: { id: string }) => Promise<unknown> = () => Promise.resolve(),
  ) =>
    inTransaction(db.pool, 'rollback', async (client) => {
      const booking = await bookedAt(client, here, 80);
      const told = events(await begun(client, here, booking.id), await begun(client, here, booking.id));
      await prepared(client, booking);
      return statesAfter(client, booking, told);
    });

  test('when it succeeds after it has failed', async () => {
    expect(
      await endsOf((one) => [
        event(paymentTold(one, 'processing'), 1),
        event(paymentTold(one, 'failed', { failure: 'No' }), 2),
        event(paymentTold(one, 'processing'), 3),
        event(paymentTold(one, 'succeeded'), 4),
      ]),
    ).toEqual([expect.objectContaining({ booking: 'confirmed', paid: 80, bookings: 1, spent: 80 })]);
  });

  test('when it fails, is tried again and cancelled', async () => {
    expect(
      await endsOf((one) => [
        event(paymentTold(one, 'failed', { failure: 'No' }), 1),
        event(paymentTold(one, 'processing'), 2),
        event(paymentTold(one, 'failed', { failure: 'No, again' }), 3),
        event(paymentTold(one, 'cancelled', { failure: 'Too late' }), 4),
      ]),
    ).toEqual([
      expect.objectContaining({
        booking: 'pending',
        paid: 0,
        payments: [
          ['cancelled', 80, 0, 'Too late', '2026-01-01T00:00:01+00:00'],
          ['pending', 80, 0, null, null],
        ],
      }),
    ]);
  });

  test('when all is said at the same second, and some of it cannot be true', async () => {
    const ends = await endsOf((one) =>
      ['processing', 'failed', 'cancelled', 'succeeded'].map((status) => event(paymentTold(one, status))),
    );
    expect(ends).toEqual([expect.objectContaining({ booking: 'confirmed', paid: 80 })]);
  });

  test('when two payments of a booking succeed', async () => {
    const ends = await endsOf((one, two) => [
      event(paymentTold(one, 'succeeded'), 1),
      event(paymentTold(two, 'succeeded'), 2),
      event(paymentTold(one, 'processing'), 0),
      event(paymentTold(two, 'succeeded', { amount: 79 }), 3),
    ]);
    expect(ends).toEqual([
      expect.objectContaining({ booking: 'confirmed', paid: 160, spent: 160, bookings: 1, refunds: null }),
    ]);
  });

  test('when the booking was cancelled before', async () => {
    const ends = await endsOf(
      (one) => [
        event(paymentTold(one, 'processing'), 1),
        event(paymentTold(one, 'failed'), 2),
        event(paymentTold(one, 'succeeded'), 3),
      ],
      (client, { id }) => byStaff(client, here, 'cancel_booking', { id }),
    );
    expect(ends).toEqual([
      expect.objectContaining({
        booking: 'cancelled',
        paid: 80,
        refunds: [['approved', 80, null, false, false]],
        invoices: [['void', false, 80, 0, 0]],
      }),
    ]);
  });

  test('when payments, refunds and late money of a cancelled booking come in any order', async () => {
    // Each step may come before or after the others; the worker takes up what is open whenever it comes by.
    const ends = await inTransaction(db.pool, 'rollback', async (client) => {
      const booking = await bookedAt(client, here, 80);
      const [one, two] = [await begun(client, here, booking.id), await begun(client, here, booking.id)];
      await byStaff(client, here, 'cancel_booking', { id: booking.id });
      const work = async () => {
        const { rows } = await client.query<{ id: string }>(
          `select id from public.refunds where booking_id = $1 and status in ('approved', 'processing')`,
          [booking.id],
        );
        for (const { id } of rows) {
          const parts = (await takenUp(client, here, id)) as { payment_id: string }[];
          await finished(
            client,
            here,
            id,
            parts.map(({ payment_id }) => ({ payment_id, provider_refund_id: `re_${id}` })),
          );
        }
      };
      const steps = [
        () => tell(client, event(paymentTold(one, 'succeeded'))),
        () => tell(client, event(paymentTold(two, 'succeeded'))),
        work,
        () => tell(client, event(paymentTold(one, 'failed'))),
      ];
      const states = new Set<string>();
      for (const order of permutations(steps)) {
        await client.query('savepoint one_order');
        for (const step of order) await step();
        // In the end, the worker has come by often enough.
        for (const again of [work, work]) await again();
        // Whether it went back in one refund or in two depends on when the worker came by.
        const { refunds, ...state } = await moneyOf(client, booking);
        expect(refunds).not.toBeNull();
        states.add(JSON.stringify(state));
        await client.query('rollback to savepoint one_order');
      }
      return [...states].map((state) => JSON.parse(state) as unknown);
    });
    expect(ends).toEqual([
      expect.objectContaining({
        booking: 'refunded',
        paid: 160,
        refunded: 160,
        spent: 0,
        places: 0,
        bookings: 0,
        payments: expect.arrayContaining([['succeeded', 80, 80, null, null]]) as unknown,
      }),
    ]);
  });
});

describe('what goes wrong while an event is applied', () => {
  test('undoes all but that, and the event can be tried again', async () => {
    const booking = await bookedAt(db, here, 80);
    const payment = await begun(db, here, booking.id);
    const before = await moneyOf(db.pool, booking);
    const told = event(paymentTold(payment, 'succeeded'));
    const later = event(paymentTold(payment, 'succeeded'), 1);
    await inTransaction(db.pool, 'commit', async (client) => {
      await client.query(
        `create function pg_temp.broken() returns trigger language plpgsql as
           $$ begin raise exception 'The disk is full.'; end $$;
         create trigger _999_broken before update on public.payments for each row execute function pg_temp.broken()`,
      );
      for (const outcome of [await tell(client, told), await tell(client, told), await tell(client, later)]) {
        expect(outcome).toEqual(failed('The disk is full.'));
      }
      await client.query('drop trigger _999_broken on public.payments');
    });
    expect(await moneyOf(db.pool, booking)).toEqual(before);
    expect(await stored(told)).toMatchObject({ outcome: 'failed', attempts: 2, is_processed: false });

    const retry = { provider: 'stripe', event_id: told.event_id };
    expect(await byBackend(db, 'retry_payment_event', retry)).toEqual(applied);
    expect(await stored(told)).toMatchObject({
      outcome: 'applied',
      error: null,
      attempts: 3,
      is_processed: true,
    });
    expect(await moneyOf(db.pool, booking)).toMatchObject({ booking: 'confirmed', paid: 80 });
    // What was told beside it is settled with it; and trying again changes nothing.
    expect(await stored(later)).toMatchObject({ outcome: 'applied', error: null });
    expect(await byBackend(db, 'retry_payment_event', retry)).toEqual(ignored);
    await expectRefusal(
      byBackend(db, 'retry_payment_event', { provider: 'stripe', event_id: 'evt_none' }),
      404,
      'payment_event_not_found',
    );
  });
});

describe('events', () => {
  test('are told, tried and listed by the backend alone', async () => {
    for (const [name, args] of [
      ['retry_payment_event', { provider: 'stripe', event_id: 'evt_1' }],
      ['payment_events', {}],
      ['refund_to_process', { message_id: 1, organization_id: here.id, refund_id: randomUUID() }],
      ['finish_refund', { organization_id: here.id, refund_id: randomUUID(), results: '[]' }],
      [
        'record_payment_event',
        { provider: 'stripe', event_id: 'evt_1', event_type: 'x', occurred_at: new Date(), payload: '{}' },
      ],
    ] as const) {
      for (const attempt of [
        () => asAnon(db, (client) => call(client, name, args)),
        () => asUser(db, inside(here, here.owner), (client) => call(client, name, args)),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ code: '42501' });
      }
    }
  });

  test('are listed page by page, the newest first', async () => {
    const told = [event(null), event('nonsense'), event(null)];
    for (const one of told) await tell(db, one);
    const list = async (args: Record<string, unknown>) =>
      (await asService(db, (client) => call(client, 'payment_events', args))) as {
        events: (Outcome & { event_id: string })[];
        total: number;
      };
    const newest = await list({ per_page: 3 });
    expect(newest.events.map(({ event_id }) => event_id)).toEqual(
      told.map(({ event_id }) => event_id).toReversed(),
    );
    expect(newest).toMatchObject({ page: 1, per_page: 3 });
    const { rows } = await db.query<{ total: number }>(
      'select count(*)::integer as total from private.webhook_events',
    );
    expect(newest.total).toBe(rows[0]?.total);
    expect((await list({ per_page: 2, page: 2 })).events[0]?.event_id).toBe(told[0]?.event_id);
    const bad = await list({ outcome: 'failed', per_page: 1 });
    expect(bad.events).toMatchObject([
      {
        event_id: told[1]?.event_id,
        outcome: 'failed',
        error: 'change_invalid',
        attempts: 1,
        provider: 'stripe',
      },
    ]);
    expect(bad.total).toBeLessThan(newest.total);
    for (const [args, code] of [
      [{ outcome: 'lost' }, 'outcome_invalid'],
      [{ page: 0 }, 'page_invalid'],
      [{ per_page: 101 }, 'per_page_invalid'],
    ] as const) {
      await expectRefusal(list(args), 400, code);
    }
  });
});

test('all that was done here leaves every invariant whole', async () => {
  for (const school of [here, there]) expect(await invariants(db.pool, school.id)).toEqual([]);
});
