import { beforeAll, describe, expect, test } from 'vitest';
import { callAs, queryAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import {
  addDiscountCode,
  addSession,
  book,
  importBooking,
  invariants,
  newEmail,
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

const booked = (session: string, args: Record<string, unknown> = {}) =>
  book(db, here, here.website, session, args);
const publish = (user: string, id: string) => callAs(db, here, user, 'publish_session', { id });
const cancelSession = (user: string, id: string, reason: string | null = 'Snow.') =>
  callAs(db, here, user, 'cancel_session', { id, reason });
const pay = (booking: Receipt, amount = booking.total) =>
  callAs(db, here, here.staff, 'record_payment', { booking_id: booking.id, amount });
const wait = (session: string, attendee_count = 1) =>
  callAs(db, here, here.website, 'join_waitlist', {
    session_id: session,
    contact: JSON.stringify({ email: newEmail() }),
    attendee_count,
  }) as Promise<{ id: string }>;

interface Session {
  status: string;
  places_taken: number;
  places_held: number;
  revision: number;
}

async function sessionOf(id: string): Promise<Session> {
  const { rows } = await db.query<Session>(
    'select status, places_taken, places_held, revision from public.course_sessions where id = $1',
    [id],
  );
  return rows[0] ?? Promise.reject(new Error('There is no such session.'));
}

/** Changes a session as who enters the catalogue does, over the table. */
const change = (id: string, assignment: string) =>
  queryAs(
    db,
    here,
    here.staff,
    `update public.course_sessions set ${assignment} where id = $1 returning id`,
    [id],
  );

describe('publishing a session', () => {
  test('opens a draft for bookings', async () => {
    const draft = await addSession(db.pool, here, { status: 'draft' });
    await expectRefusal(booked(draft), 404, 'session_not_found');
    expect(await publish(here.staff, draft)).toMatchObject({
      status: 'published',
      published_at: expect.any(String) as string,
    });
    await booked(draft);
  });

  test('takes the permission, and a draft of one’s own organization that has not started', async () => {
    const draft = await addSession(db.pool, here, { status: 'draft' });
    await expectRefusal(publish(here.website, draft), 403, 'permission_required');
    const elsewhere = await addSession(db.pool, there, { status: 'draft' });
    await expectRefusal(publish(here.staff, elsewhere), 404, 'session_not_found');
    const started = await addSession(db.pool, here, { status: 'draft', starts_in: '-1 minute' });
    await expectRefusal(publish(here.staff, started), 409, 'invalid_session_status');
    await publish(here.staff, draft);
    await expectRefusal(publish(here.staff, draft), 409, 'transition_not_allowed');
    const full = await addSession(db.pool, here, { capacity: 1 });
    await booked(full);
    await expectRefusal(publish(here.staff, full), 409, 'transition_not_allowed');
  });
});

describe('a session', () => {
  test('is full when the last place goes, and published when one comes back', async () => {
    const session = await addSession(db.pool, here, { capacity: 3 });
    const first = await booked(session, { attendees: 2 });
    expect((await sessionOf(session)).status).toBe('published');
    await booked(session);
    expect((await sessionOf(session)).status).toBe('full');
    await callAs(db, here, here.staff, 'cancel_booking', { id: first.id });
    expect(await sessionOf(session)).toMatchObject({ status: 'published', places_taken: 1 });
  });

  test('is full while its last place is kept for who waits', async () => {
    const session = await addSession(db.pool, here, { capacity: 1 });
    const first = await booked(session);
    await wait(session);
    await callAs(db, here, here.staff, 'cancel_booking', { id: first.id });
    expect(await sessionOf(session)).toMatchObject({ status: 'full', places_taken: 0, places_held: 1 });
  });

  test('that gets more places opens, and offers them to who waits', async () => {
    const session = await addSession(db.pool, here, { capacity: 1 });
    await booked(session);
    await wait(session, 1);
    expect(await change(session, 'capacity = 3')).toHaveLength(1);
    expect(await sessionOf(session)).toMatchObject({ status: 'published', places_taken: 1, places_held: 1 });
    await change(session, 'capacity = 2');
    expect((await sessionOf(session)).status).toBe('full');
  });

  test('that had started and is put off offers what became free to who waits', async () => {
    const session = await addSession(db.pool, here, { capacity: 1, starts_in: '2 hours' });
    await booked(session);
    await wait(session);
    await change(session, `starts_at = starts_at - interval '3 hours'`);
    await change(session, 'capacity = 2');
    expect((await sessionOf(session)).places_held).toBe(0);
    await change(session, `starts_at = starts_at + interval '3 hours'`);
    expect(await sessionOf(session)).toMatchObject({ status: 'full', places_held: 1 });
  });

  test('has no fewer places than are taken and kept', async () => {
    const session = await addSession(db.pool, here, { capacity: 3 });
    await booked(session, { attendees: 2 });
    await expect(change(session, 'capacity = 1')).rejects.toMatchObject({
      code: '23514',
      constraint: 'course_sessions_never_oversold',
    });
    await change(session, 'capacity = 2');
    expect((await sessionOf(session)).status).toBe('full');
  });

  test('counts what calendars show: time, place and cancellation, and not who books', async () => {
    const session = await addSession(db.pool, here);
    const { rows } = await db.query<{ id: string }>(
      `insert into public.venues (organization_id, name) values ($1, 'Hall') returning id`,
      [here.id],
    );
    const revisions: number[] = [];
    for (const assignment of [
      'capacity = 20',
      'price = 5',
      `starts_at = starts_at + interval '1 hour'`,
      `ends_at = ends_at + interval '1 hour'`,
      `venue_id = '${rows[0]?.id}'`,
      `room = 'A'`,
      `room = 'A'`,
    ]) {
      await change(session, assignment);
      revisions.push((await sessionOf(session)).revision);
    }
    await booked(session);
    revisions.push((await sessionOf(session)).revision);
    await cancelSession(here.staff, session);
    revisions.push((await sessionOf(session)).revision);
    expect(revisions).toEqual([0, 0, 1, 2, 3, 4, 4, 4, 5]);
  });

  test('of a place and time that another has is refused by the table', async () => {
    const { rows } = await db.query<{ id: string }>(
      `insert into public.venues (organization_id, name) values ($1, 'Small hall') returning id`,
      [here.id],
    );
    const venue_id = rows[0]?.id;
    const first = await addSession(db.pool, here, { venue_id });
    await expect(addSession(db.pool, here, { venue_id })).rejects.toMatchObject({ code: '23P01' });
    await addSession(db.pool, here, { venue_id, room: 'B' });
    await cancelSession(here.staff, first);
    await addSession(db.pool, here, { venue_id });
  });
});

describe('cancelling a session', () => {
  test('cancels its bookings, gives back all that was paid, ends the waitlist and tells everybody', async () => {
    const session = await addSession(db.pool, here, { capacity: 6 });
    await addDiscountCode(db.pool, here, { code: 'SNOW' });
    const unpaid = await booked(session, { discount_code: 'SNOW' });
    const paid = await booked(session);
    const part = await booked(session);
    const asked = await booked(session);
    const cancelled = await booked(session);
    for (const booking of [paid, asked, cancelled]) await pay(booking);
    await pay(part, 40);
    await callAs(db, here, here.staff, 'request_refund', { booking_id: asked.id, amount: 10 });
    const older = await importBooking(db.pool, here, session, { email: 'older@example.com' });
    await wait(session, 1);
    await callAs(db, here, here.staff, 'cancel_booking', { id: cancelled.id });
    expect(await sessionOf(session)).toMatchObject({ places_taken: 5, places_held: 1 });

    expect(await cancelSession(here.staff, session, '  Snow. ')).toMatchObject({
      status: 'cancelled',
      cancellation_reason: 'Snow.',
      places_taken: 0,
      places_held: 0,
    });
    const { rows } = await db.query<{ story: unknown }>(
      `select jsonb_build_array(booking.status, booking.cancellation_reason,
         (select jsonb_agg(jsonb_build_array(refund.status, refund.amount) order by refund.created_at, refund.status)
          from public.refunds as refund where refund.booking_id = booking.id),
         (select jsonb_agg(invoice.status) from public.invoices as invoice where invoice.booking_id = booking.id),
         (select count(*) from pgmq.q_bookings where message ->> 'kind' = 'bookings.cancellation'
            and message -> 'payload' ->> 'booking_id' = booking.id::text)) as story
       from public.bookings as booking
         join unnest($1::uuid[]) with ordinality as listed (id, position) on listed.id = booking.id
       order by listed.position`,
      [[unpaid.id, paid.id, part.id, asked.id, cancelled.id, older]],
    );
    expect(rows.map(({ story }) => story)).toEqual([
      ['cancelled', 'Snow.', null, ['void'], 1],
      ['cancelled', 'Snow.', [['approved', 100]], ['paid'], 1],
      ['cancelled', 'Snow.', [['approved', 40]], ['draft'], 1],
      [
        'cancelled',
        'Snow.',
        [
          ['rejected', 10],
          ['approved', 100],
        ],
        ['paid'],
        1,
      ],
      // It was cancelled before, and has its own refund.
      ['cancelled', null, [['approved', 100]], ['paid'], 1],
      ['cancelled', 'Snow.', null, null, 1],
    ]);
    const { rows: entries } = await db.query(
      'select status from public.booking_waitlist where session_id = $1',
      [session],
    );
    expect(entries).toEqual([{ status: 'expired' }]);
    expect(await invariants(db.pool, here.id)).toEqual([]);
  });

  test('that only older bookings without a customer are left in is cancelled as any other', async () => {
    const session = await addSession(db.pool, here);
    await importBooking(db.pool, here, session, { name: 'Nobody knows' });
    expect(await cancelSession(here.staff, session)).toMatchObject({ status: 'cancelled', places_taken: 0 });
  });

  test('takes the permission, a reason and a session that is not over', async () => {
    const session = await addSession(db.pool, here);
    await expectRefusal(cancelSession(here.website, session), 403, 'permission_required');
    await expectRefusal(cancelSession(here.staff, session, ' '), 400, 'reason_required');
    await expectRefusal(cancelSession(here.staff, session, null), 400, 'reason_required');
    await expectRefusal(cancelSession(here.staff, session, 'x'.repeat(1001)), 400, 'reason_invalid');
    await expectRefusal(
      cancelSession(here.staff, await addSession(db.pool, there)),
      404,
      'session_not_found',
    );
    await cancelSession(here.staff, session);
    await expectRefusal(cancelSession(here.staff, session), 409, 'transition_not_allowed');
    const over = await addSession(db.pool, here);
    await db.query(`update public.course_sessions set status = 'completed' where id = $1`, [over]);
    await expectRefusal(cancelSession(here.staff, over), 409, 'transition_not_allowed');
    expect(
      await cancelSession(here.staff, await addSession(db.pool, here, { status: 'draft' })),
    ).toMatchObject({ status: 'cancelled' });
  });
});

describe('the database keeps count', () => {
  test('of bookings that are inserted, moved and deleted, one or many in a statement', async () => {
    const school = await openSchool(db.pool, 'Counted');
    const sessions = await Promise.all([1, 2, 3].map(() => addSession(db.pool, school, { capacity: 100 })));
    const code = await addDiscountCode(db.pool, school, { code: 'MANY' });
    const { rows } = await db.query<{ id: string }>(
      `insert into public.customers (organization_id, email)
       select $1, 'c' || number || '@example.com' from generate_series(1, 3) as number returning id`,
      [school.id],
    );
    const customers = rows.map(({ id }) => id);
    const held = async (statement: string, values: unknown[] = []) => {
      await db.query(statement, values);
      // Invoices and attendees are the functions' work.
      const breaches = (await invariants(db.pool, school.id)).map(({ invariant }) => invariant);
      return breaches.filter(
        (name) =>
          ![
            'a booking has its attendees, and one of them is primary',
            'a live booking has one invoice that is not void',
            'a customer is in a session once',
          ].includes(name),
      );
    };
    const takenOf = async () =>
      (await Promise.all(sessions.map(sessionOf))).map(({ places_taken }) => places_taken);

    expect(
      await held(
        `insert into public.bookings (organization_id, session_id, customer_id, discount_code_id, reference, attendee_count,
           unit_price, subtotal, total, currency, created_at)
         select $1, ($2::uuid[])[number % 3 + 1], ($3::uuid[])[number % 2 + 1], case when number % 5 = 0 then $4::uuid end,
           translate(lpad(number::text, 8, '0'), '01', 'AB'), 2, 10, 20, 20, 'EUR', now() - number * interval '1 hour'
         from generate_series(1, 30) as number`,
        [school.id, sessions, customers, code],
      ),
    ).toEqual([]);
    expect(await takenOf()).toEqual([20, 20, 20]);
    expect(
      await held('update public.bookings set session_id = $2 where session_id = $1', [
        sessions[0],
        sessions[1],
      ]),
    ).toEqual([]);
    expect(await takenOf()).toEqual([0, 40, 20]);
    expect(
      await held('update public.bookings set customer_id = $2 where customer_id = $1 and session_id = $3', [
        customers[0],
        customers[2],
        sessions[1],
      ]),
    ).toEqual([]);
    expect(
      await held(
        `update public.bookings set status = 'cancelled' where session_id = $1 and discount_code_id is not null`,
        [sessions[1]],
      ),
    ).toEqual([]);
    expect(
      await held(
        'update public.bookings set attendee_count = 1, subtotal = 10, total = 10 where organization_id = $1',
        [school.id],
      ),
    ).toEqual([]);
    expect(await held('delete from public.bookings where session_id = $1', [sessions[2]])).toEqual([]);
    expect(await held('delete from public.bookings where organization_id = $1', [school.id])).toEqual([]);
    expect(await takenOf()).toEqual([0, 0, 0]);
  });

  test('of a customer whose bookings another one gets', async () => {
    const session = await addSession(db.pool, here);
    const [keep, remove] = [await booked(session), await booked(await addSession(db.pool, here))];
    await pay(remove);
    await callAs(db, here, here.staff, 'merge_customers', {
      keep: keep.customer_id,
      remove: remove.customer_id,
    });
    const { rows } = await db.query(
      'select total_bookings, total_spent from public.customers where id = $1',
      [keep.customer_id],
    );
    expect(rows).toEqual([{ total_bookings: 2, total_spent: '100.00' }]);
    expect(await invariants(db.pool, here.id)).toEqual([]);
  });

  test('until an organization goes, with all of it and without a word to those who wait', async () => {
    const school = await openSchool(db.pool, 'Going');
    const session = await addSession(db.pool, school, { capacity: 1 });
    await book(db, school, school.website, session);
    await callAs(db, school, school.website, 'join_waitlist', {
      session_id: session,
      contact: '{"email": "waits@example.com"}',
    });
    await db.query('delete from public.organizations where id = $1', [school.id]);
    const { rows } = await db.query(
      `select from pgmq.q_bookings where message -> 'payload' ->> 'organization_id' = $1
         and message ->> 'kind' = 'bookings.waitlist_offer'`,
      [school.id],
    );
    expect(rows).toEqual([]);
  });
});

describe('no status is written past the rules, whoever writes it', () => {
  let rows: Record<string, string>;
  beforeAll(async () => {
    const session = await addSession(db.pool, here, { capacity: 1 });
    const booking = await booked(session);
    const payment = (await pay(booking, 10)) as { id: string };
    const refund = (await callAs(db, here, here.staff, 'request_refund', { booking_id: booking.id })) as {
      id: string;
    };
    rows = {
      course_sessions: session,
      bookings: booking.id,
      payments: payment.id,
      refunds: refund.id,
      invoices: booking.invoice_id,
      booking_waitlist: (await wait(session)).id,
    };
  });

  test.each([
    ['course_sessions', 'full', 'draft'],
    ['bookings', 'pending', 'no status'],
    ['payments', 'succeeded', 'pending'],
    ['refunds', 'pending', 'processed'],
    ['invoices', 'draft', 'refunded'],
    ['booking_waitlist', 'waiting', 'no status'],
  ])('of %s: from %s to %s', async (table, from, to) => {
    const id = rows[table] ?? '';
    const seen = await db.query(`select status from public.${table} where id = $1`, [id]);
    expect(seen.rows).toEqual([{ status: from }]);
    const write = db.query(`update public.${table} set status = $2 where id = $1`, [id, to]);
    await expectRefusal(write, 409, 'transition_not_allowed');
    // Nor does anything begin in the middle.
    const begun =
      table === 'bookings'
        ? importBooking(db.pool, here, await addSession(db.pool, here), {}, { status: 'completed' })
        : db.query(
            `insert into public.${table} select copy.* from public.${table} as original,
               jsonb_populate_record(original, jsonb_build_object('id', private.uuid_v7(), 'status', 'processed')) as copy
             where original.id = $1`,
            [id],
          );
    await expectRefusal(begun, 409, 'transition_not_allowed');
  });
});

test('everything holds in the end', async () => {
  expect(await invariants(db.pool, here.id)).toEqual([]);
});
