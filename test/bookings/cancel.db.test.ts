import { beforeAll, describe, expect, test } from 'vitest';
import { actFor, assign, callAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { addMember } from '../tenancy/organizations.ts';
import {
  addSession,
  book,
  importBooking,
  invariants,
  openSchool,
  type Receipt,
  type School,
} from './bookings.ts';

const db = useDatabase();
let here: School;
let there: School;

beforeAll(async () => {
  here = await openSchool(db.pool, 'Here');
  there = await openSchool(db.pool, 'There');
});

interface Booking {
  id: string;
  status: string;
  cancellation_reason: string | null;
}

const cancel = (user: string, id: string, reason: string | null = null) =>
  callAs(db, here, user, 'cancel_booking', { id, reason }) as Promise<Booking>;
const confirm = (user: string, id: string) =>
  callAs(db, here, user, 'confirm_booking', { id }) as Promise<Booking>;
const pay = (booking: Receipt, amount = booking.total) =>
  callAs(db, here, here.staff, 'record_payment', { booking_id: booking.id, amount });

/** A user who acts for the customer of a booking. */
async function bookerOf(booking: Receipt): Promise<string> {
  const user = await addMember(db.pool, here);
  await actFor(db.pool, here, user, booking.customer_id);
  return user;
}

/** Booked, and paid where it says so, in a session that starts then. */
async function booked(
  startsIn: string,
  { paid = false, attendees = 2 } = {},
): Promise<{ booking: Receipt; booker: string; session: string }> {
  const session = await addSession(db.pool, here, { starts_in: startsIn });
  const booking = await book(db, here, here.website, session, { attendees });
  if (paid) await pay(booking);
  return { booking, booker: await bookerOf(booking), session };
}

async function refundsOf(booking: Receipt): Promise<unknown[]> {
  const { rows } = await db.query<{ refund: unknown }>(
    `select jsonb_build_array(status, amount) as refund from public.refunds where booking_id = $1 order by created_at`,
    [booking.id],
  );
  return rows.map(({ refund }) => refund);
}

/** Moves the start of a session, past the functions. */
const startIn = (session: string, interval: string) =>
  db.query(
    `update public.course_sessions set starts_at = now() + $2::interval, ends_at = now() + $2::interval + interval '1 hour' where id = $1`,
    [session, interval],
  );

async function hoursIn(outcome: Promise<unknown>): Promise<unknown> {
  const error = await outcome.catch((thrown: unknown) => thrown as { detail: string });
  return JSON.parse((error as { detail: string }).detail);
}

describe('cancelling what is not paid', () => {
  test('frees the places, voids the invoice, lowers the statistics and sends a mail', async () => {
    const { booking, booker, session } = await booked('1 hour');
    expect(await cancel(booker, booking.id, '  Ill. ')).toMatchObject({
      id: booking.id,
      status: 'cancelled',
      cancellation_reason: 'Ill.',
    });
    const { rows } = await db.query<{ story: unknown }>(
      `select jsonb_build_array(session.places_taken, invoice.status, customer.total_bookings, customer.last_booking_at,
         (select jsonb_agg(message -> 'kind' order by msg_id) from pgmq.q_bookings
          where message -> 'payload' ->> 'booking_id' = booking.id::text)) as story
       from public.bookings as booking
         join public.course_sessions as session on session.id = booking.session_id
         join public.invoices as invoice on invoice.booking_id = booking.id
         join public.customers as customer on customer.id = booking.customer_id
       where session.id = $1`,
      [session],
    );
    expect(rows[0]?.story).toEqual([0, 'void', 0, null, ['bookings.confirmation', 'bookings.cancellation']]);
    expect(await refundsOf(booking)).toEqual([]);
  });

  test('opens a full session, and offers the places to who waits', async () => {
    const session = await addSession(db.pool, here, { capacity: 2 });
    const booking = await book(db, here, here.website, session, { attendees: 2 });
    await callAs(db, here, here.website, 'join_waitlist', {
      session_id: session,
      contact: '{"email": "waiting@example.com"}',
    });
    await cancel(here.staff, booking.id);
    const { rows } = await db.query(
      'select status, places_taken, places_held from public.course_sessions where id = $1',
      [session],
    );
    expect(rows).toEqual([{ status: 'published', places_taken: 0, places_held: 1 }]);
  });

  test('is possible once, and not when the session is over', async () => {
    const { booking, booker } = await booked('30 days');
    await cancel(booker, booking.id);
    await expectRefusal(cancel(booker, booking.id), 409, 'transition_not_allowed');
    for (const status of ['completed', 'no_show']) {
      const over = await booked('30 days');
      await db.query('update public.bookings set status = $2 where id = $1', [over.booking.id, status]);
      await expectRefusal(cancel(over.booker, over.booking.id), 409, 'booking_completed');
      await expectRefusal(cancel(here.staff, over.booking.id), 409, 'booking_completed');
    }
  });

  test('is for staff once the session has started, whatever was paid', async () => {
    const { booking, booker, session } = await booked('30 days');
    await confirm(here.staff, booking.id);
    await startIn(session, '-1 minute');
    await expectRefusal(cancel(booker, booking.id), 409, 'cancellation_too_late');
    await cancel(here.staff, booking.id);
  });

  test('has a reason of a length', async () => {
    const { booking, booker } = await booked('30 days');
    await expectRefusal(cancel(booker, booking.id, 'x'.repeat(1001)), 400, 'reason_invalid');
  });
});

describe('who cancels', () => {
  test('is who acts for the customer, or staff; who only sees it is told so, and to others it does not exist', async () => {
    const { booking } = await booked('30 days');
    const viewer = await addMember(db.pool, here, { roles: ['viewer'] });
    const salesman = await addMember(db.pool, here, { roles: ['salesman'] });
    const stranger = await addMember(db.pool, here);
    for (const act of [cancel, confirm]) {
      await expectRefusal(act(viewer, booking.id), 403, 'permission_required');
      await expectRefusal(act(stranger, booking.id), 404, 'booking_not_found');
      await expectRefusal(act(salesman, booking.id), 404, 'booking_not_found');
      await expectRefusal(act(here.website, booking.id), 404, 'booking_not_found');
      await expectRefusal(
        callAs(db, there, there.staff, act === cancel ? 'cancel_booking' : 'confirm_booking', {
          id: booking.id,
        }),
        404,
        'booking_not_found',
      );
    }
    await assign(db.pool, here, salesman, booking.customer_id);
    await expectRefusal(cancel(salesman, booking.id), 403, 'permission_required');
    expect(await cancel(here.staff, booking.id)).toMatchObject({ status: 'cancelled' });
  });

  test('is not who acts for another customer, however that customer shares the session', async () => {
    const { booking, session } = await booked('30 days');
    const other = await bookerOf(await book(db, here, here.website, session));
    await expectRefusal(cancel(other, booking.id), 404, 'booking_not_found');
  });
});

describe('cancelling what is paid', () => {
  test.each([
    ['8 days', [['approved', 200]]],
    ['168 hours 1 minute', [['approved', 200]]],
    ['167 hours', [['approved', 100]]],
    ['48 hours 1 minute', [['approved', 100]]],
  ])('%s before the start gives back the share of the rules', async (startsIn, refunds) => {
    const { booking, booker } = await booked(startsIn, { paid: true });
    expect(await cancel(booker, booking.id)).toMatchObject({ status: 'cancelled' });
    expect(await refundsOf(booking)).toEqual(refunds);
    const { rows } = await db.query('select status from public.invoices where booking_id = $1', [booking.id]);
    expect(rows).toEqual([{ status: 'paid' }]);
  });

  test('within 48 hours is for staff, and gives back nothing', async () => {
    for (const startsIn of ['47 hours 59 minutes', '1 hour']) {
      const { booking, booker } = await booked(startsIn, { paid: true });
      expect(await hoursIn(cancel(booker, booking.id))).toEqual({ code: 'cancellation_too_late', hours: 48 });
      expect(await cancel(here.staff, booking.id)).toMatchObject({ status: 'cancelled' });
      expect(await refundsOf(booking)).toEqual([]);
    }
  });

  test('when it has started is for staff, too', async () => {
    const { booking, booker, session } = await booked('2 days 1 hour', { paid: true });
    await startIn(session, '-1 hour');
    expect(await hoursIn(cancel(booker, booking.id))).toEqual({ code: 'cancellation_too_late', hours: 48 });
    await cancel(here.staff, booking.id);
  });

  test('in part is the same', async () => {
    const { booking, booker, session } = await booked('3 days');
    await pay(booking, 33.33);
    await startIn(session, '1 hour');
    await expectRefusal(cancel(booker, booking.id), 409, 'cancellation_too_late');
    await startIn(session, '3 days');
    await cancel(booker, booking.id);
    expect(await refundsOf(booking)).toEqual([['approved', 16.67]]);
  });

  test('twice gives back what was too much, and of the rest the share of the rules', async () => {
    const shares: [string, number][] = [
      ['5 days', 300],
      ['1 day', 200],
    ];
    for (const [startsIn, amount] of shares) {
      const { booking } = await booked(startsIn);
      const begun = (await callAs(db, here, here.staff, 'create_payment', { booking_id: booking.id })) as {
        id: string;
      };
      await pay(booking);
      await db.query(`update public.payments set status = 'succeeded' where id = $1`, [begun.id]);
      await cancel(here.staff, booking.id);
      expect(await refundsOf(booking)).toEqual([['approved', amount]]);
    }
  });

  test('before it was imported gives back the same', async () => {
    const session = await addSession(db.pool, here, { starts_in: '8 days' });
    const paid = { amount_paid: 100, status: 'confirmed' };
    const id = await importBooking(db.pool, here, session, { email: 'older@example.com' }, paid);
    await cancel(here.staff, id);
    const { rows } = await db.query<{ id: string }>('select id from public.refunds where booking_id = $1', [
      id,
    ]);
    expect(await callAs(db, here, here.staff, 'complete_refund', { id: rows[0]?.id })).toMatchObject({
      status: 'processed',
      amount: 100,
    });
  });

  test('follows what the organization has settled on', async () => {
    const school = await openSchool(db.pool, 'Strict');
    await db.query(
      'insert into public.booking_settings (organization_id, cancellation_hours) values ($1, 72)',
      [school.id],
    );
    await db.query(
      `insert into public.refund_rules (organization_id, hours_before, refund_percent) values ($1, 240, 80), ($1, 100, 12.5)`,
      [school.id],
    );
    const at = async (startsIn: string) => {
      const session = await addSession(db.pool, school, { starts_in: startsIn });
      const booking = await book(db, school, school.website, session);
      await callAs(db, school, school.staff, 'record_payment', { booking_id: booking.id, amount: 100 });
      const user = await addMember(db.pool, school);
      await actFor(db.pool, school, user, booking.customer_id);
      const outcome = callAs(db, school, user, 'cancel_booking', { id: booking.id });
      return { booking, outcome };
    };
    expect(await hoursIn((await at('71 hours')).outcome)).toEqual({
      code: 'cancellation_too_late',
      hours: 72,
    });
    for (const [startsIn, refunds] of [
      ['73 hours', []],
      ['101 hours', [['approved', 12.5]]],
      ['241 hours', [['approved', 80]]],
    ] as const) {
      const { booking, outcome } = await at(startsIn);
      await outcome;
      expect(await refundsOf(booking)).toEqual(refunds);
    }
    expect(await invariants(db.pool, school.id)).toEqual([]);
  });

  test('has no other outcome than the rules at their edges', async () => {
    const { rows } = await db.query(
      `select array_agg(private.refund_share($1, '2030-06-15 12:00Z', moment::timestamptz) order by position)::float[] as shares
       from unnest(array['2030-06-08 11:59Z', '2030-06-08 12:00Z', '2030-06-08 12:00:01Z', '2030-06-13 12:00Z',
         '2030-06-13 12:00:01Z', '2030-06-15 12:00Z', '2030-06-16 12:00Z']) with ordinality as asked (moment, position)`,
      [here.id],
    );
    expect(rows).toEqual([{ shares: [100, 100, 50, 50, 0, 0, 0] }]);
  });
});

describe('while a refund is open', () => {
  test('the booking keeps its places, and is neither cancelled nor confirmed; rejected, it is what it was', async () => {
    const { booking, booker, session } = await booked('30 days');
    await pay(booking, 50);
    const refund = (await callAs(db, here, booker, 'request_refund', { booking_id: booking.id })) as {
      id: string;
    };
    await expectRefusal(cancel(booker, booking.id), 409, 'refund_open');
    await expectRefusal(cancel(here.staff, booking.id), 409, 'refund_open');
    await expectRefusal(confirm(here.staff, booking.id), 409, 'refund_open');
    const { rows } = await db.query('select places_taken from public.course_sessions where id = $1', [
      session,
    ]);
    expect(rows).toEqual([{ places_taken: 2 }]);
    await callAs(db, here, here.staff, 'reject_refund', { id: refund.id, reason: 'No.' });
    expect(await confirm(here.staff, booking.id)).toMatchObject({ status: 'confirmed' });
    await cancel(booker, booking.id);
  });
});

describe('confirming', () => {
  test('is for staff, and for what is pending', async () => {
    const { booking, booker } = await booked('30 days');
    await expectRefusal(confirm(booker, booking.id), 403, 'permission_required');
    expect(await confirm(here.staff, booking.id)).toMatchObject({ status: 'confirmed' });
    await expectRefusal(confirm(here.staff, booking.id), 409, 'transition_not_allowed');
  });
});

test('everything holds in the end', async () => {
  expect(await invariants(db.pool, here.id)).toEqual([]);
});
