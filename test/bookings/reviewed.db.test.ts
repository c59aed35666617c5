import { beforeAll, describe, expect, test } from 'vitest';
import { callAs, queryAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { addMember } from '../tenancy/organizations.ts';
import { addSession, book, newEmail, openSchool, type School } from './bookings.ts';
import {
  bookedAt,
  byStaff,
  customerOf,
  event,
  finished,
  moneyOf,
  paid,
  paidByCard,
  paymentTold,
  refundTold,
  takenUp,
  tell,
  begun,
} from './money.ts';

// What a review of the module found to be wrong once.

const db = useDatabase();
let here: School;

beforeAll(async () => {
  here = await openSchool(db.pool, 'Here');
});

/** Staff asks for money back, and approves it. */
async function approved(booking_id: string, amount: number): Promise<string> {
  const { id } = await byStaff(db, here, 'request_refund', { booking_id, amount });
  await byStaff(db, here, 'approve_refund', { id });
  return id;
}

describe('money', () => {
  test('of a booking that had ended by a refund does not go out when its session is cancelled later', async () => {
    const booking = await bookedAt(db, here, 100);
    const payment = await paidByCard(db, here, booking.id);
    const refund_id = await approved(booking.id, 50);
    await takenUp(db, here, refund_id);
    await finished(db, here, refund_id, [{ payment_id: payment.id, provider_refund_id: 're_half' }]);
    await byStaff(db, here, 'cancel_session', { id: booking.session_id, reason: 'Snow' });
    const half = { refund_id, provider_refund_id: 're_half', amount: 50 };
    await tell(db, event(refundTold(payment, 'succeeded', half), 60));
    expect(await moneyOf(db.pool, booking)).toMatchObject({
      booking: 'refunded',
      refunded: 50,
      refunds: [['processed', 50, null, false, true]],
    });
  });

  test('that was paid too much comes back whole, whatever share the rules give of the price', async () => {
    const pay = async () => {
      const booking = await bookedAt(db, here, 100, { starts_in: '5 days' });
      const late = await begun(db, here, booking.id);
      await paid(db, here, booking.id, 100);
      await tell(db, event(paymentTold(late, 'succeeded')));
      return booking;
    };
    const cancelled = await pay();
    await byStaff(db, here, 'cancel_booking', { id: cancelled.id });
    expect(await moneyOf(db.pool, cancelled)).toMatchObject({
      paid: 200,
      refunds: [['approved', 150, null, false, false]],
    });
    const asked = await pay();
    const customer = await customerOf(db.pool, here, asked);
    expect(await callAs(db, here, customer, 'request_refund', { booking_id: asked.id })).toMatchObject({
      amount: 150,
    });
  });

  test('that is on its way by transfer is not asked for a second time', async () => {
    const booking = await bookedAt(db, here, 80);
    const customer = await customerOf(db.pool, here, booking);
    const transfer = await begun(db, here, booking.id);
    await tell(db, event(paymentTold(transfer, 'processing')));
    expect(await callAs(db, here, customer, 'create_payment', { booking_id: booking.id })).toMatchObject({
      id: transfer.id,
      status: 'processing',
    });
  });

  test('goes out once when a refund that was said to have failed, and was replaced, succeeds after all', async () => {
    const booking = await bookedAt(db, here, 100);
    const late = await begun(db, here, booking.id);
    await paid(db, here, booking.id, 100);
    await tell(db, event(paymentTold(late, 'succeeded')));
    const first = await approved(booking.id, 200);
    await takenUp(db, here, first);
    await finished(db, here, first, [{ payment_id: late.id, failure: 'card_expired' }]);
    await byStaff(db, here, 'cancel_booking', { id: booking.id });
    const told = { refund_id: first, provider_refund_id: 're_late', amount: 100 };
    await tell(db, event(refundTold(late, 'succeeded', told), 60));
    const { paid: all, refunded, refunds } = await moneyOf(db.pool, booking);
    expect([all, refunded]).toEqual([200, 100]);
    expect((refunds as unknown[][]).map(([status, amount]) => [status, amount])).toEqual([
      ['approved', 100],
      ['failed', 200],
      ['rejected', 200],
    ]);
  });

  test.each(['Infinity', '1e300', 'NaN'])('of %s is refused as an amount', async (amount) => {
    const booking = await bookedAt(db, here, 80);
    await expectRefusal(
      byStaff(db, here, 'record_payment', { booking_id: booking.id, amount }),
      422,
      'invalid_amount',
    );
  });

  test('that is not owed any more is not asked for: the invoice of a cancelled booking can be void', async () => {
    const booking = await bookedAt(db, here, 100, { starts_in: '30 hours' });
    await byStaff(db, here, 'send_invoice', { id: booking.invoice_id });
    await paid(db, here, booking.id, 30);
    await expectRefusal(byStaff(db, here, 'void_invoice', { id: booking.invoice_id }), 409, 'invoice_paid');
    await byStaff(db, here, 'cancel_booking', { id: booking.id });
    expect(await byStaff(db, here, 'void_invoice', { id: booking.invoice_id })).toMatchObject({
      status: 'void',
    });
  });
});

describe('who may', () => {
  test('a website begins the payment of what it has booked, and of nothing else', async () => {
    const session = await addSession(db.pool, here);
    const booked = await book(db, here, here.website, session);
    const other = await book(db, here, here.staff, session);
    const begin = (user: string, booking_id: string) =>
      callAs(db, here, user, 'create_payment', { booking_id });
    expect(await begin(here.website, booked.id)).toMatchObject({ status: 'pending', amount: 100 });
    await expectRefusal(begin(here.website, other.id), 404, 'booking_not_found');
    const another = await addMember(db.pool, here, { roles: ['partner'] });
    await expectRefusal(begin(another, booked.id), 404, 'booking_not_found');
  });

  test('a manager who appoints themselves instructor reads no medical notes', async () => {
    const session = await addSession(db.pool, here);
    await book(db, here, here.staff, session, {
      participants: [{ name: 'Ada', requirements: [{ kind: 'medical', note: 'Diabetic' }] }],
    });
    await db.query('update public.course_sessions set instructor_id = $1 where id = $2', [
      here.staff,
      session,
    ]);
    expect(await queryAs(db, here, here.staff, 'select note from public.booking_requirements')).toEqual([]);
    const teacher = await addMember(db.pool, here, { roles: ['instructor'] });
    await db.query('update public.course_sessions set instructor_id = $1 where id = $2', [teacher, session]);
    expect(await queryAs(db, here, teacher, 'select note from public.booking_requirements')).toEqual([
      { note: 'Diabetic' },
    ]);
  });
});

describe('numbers and times that no business has', () => {
  test.each([
    [
      'a discount code',
      `insert into public.discount_codes (organization_id, code, kind, amount, currency)
                         values ($1, 'NANNAN', 'fixed', 'NaN', 'EUR')`,
    ],
    [
      'the minimum of one',
      `insert into public.discount_codes (organization_id, code, kind, amount, minimum_total)
                            values ($1, 'MINIMUM', 'percentage', 5, 'NaN')`,
    ],
    [
      'a session',
      `update public.course_sessions set starts_at = '-infinity', ends_at = 'infinity'
                   where organization_id = $1`,
    ],
  ])('%s has none', async (_, statement) => {
    await addSession(db.pool, here);
    await expect(db.query(statement, [here.id])).rejects.toMatchObject({ code: '23514' });
  });

  test('nobody waits for more places than can be booked at once', async () => {
    const session = await addSession(db.pool, here, { capacity: 500 });
    const join = (attendee_count: number) =>
      callAs(db, here, here.website, 'join_waitlist', {
        session_id: session,
        contact: JSON.stringify({ name: 'Ada', email: newEmail() }),
        attendee_count,
      });
    await expectRefusal(join(101), 422, 'invalid_participants');
  });
});
