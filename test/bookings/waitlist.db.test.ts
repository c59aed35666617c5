import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { actFor, callAs } from '../customers/customers.ts';
import { inTransaction, useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asService, asUser } from '../support/roles.ts';
import { addMember, call, callAll, inside, verifiedUser } from '../tenancy/organizations.ts';
import { addSession, book, bookingOf, invariants, newEmail, openSchool, type School } from './bookings.ts';

const db = useDatabase();
let school: School;
let other: School;

beforeAll(async () => {
  school = await openSchool(db.pool, 'School');
  other = await openSchool(db.pool, 'Other');
});

interface Entry {
  id: string;
  session_id: string;
  customer_id: string;
  position: number;
  attendee_count: number;
  status: string;
  offer_expires_at: string | null;
  booking_id: string | null;
}

/** Somebody who waits, and how to reach them. */
interface Waiting extends Entry {
  email: string;
}

type Where = Parameters<typeof asUser>[0];

/** Lets somebody wait, by the website; what it writes stays. */
async function wait(
  session_id: string,
  attendee_count = 1,
  { email = newEmail(), where = db, at = school }: { email?: string; where?: Where; at?: School } = {},
): Promise<Waiting> {
  const entry = (await callAs(where, at, at.website, 'join_waitlist', {
    session_id,
    contact: JSON.stringify({ email, name: 'Patience' }),
    attendee_count,
  })) as Entry;
  return { ...entry, email };
}

/** A session whose places are taken, by a booking each of so many. */
async function full(bookings: number[], particulars: Record<string, unknown> = {}) {
  const id = await addSession(db.pool, school, {
    capacity: bookings.reduce((sum, places) => sum + places, 0),
    ...particulars,
  });
  const booked: string[] = [];
  for (const attendees of bookings) booked.push((await book(db, school, school.staff, id, { attendees })).id);
  return { id, booked };
}

const cancel = (id: string | undefined, where: Where = db) =>
  callAs(where, school, school.staff, 'cancel_booking', { id });

const expire = async (client: pg.Pool | pg.ClientBase = db.pool): Promise<number> =>
  (await client.query<{ ended: number }>('select private.expire_waitlist_offers() as ended')).rows[0]
    ?.ended ?? Number.NaN;

/** Lets what is offered in these sessions be over. */
const overdue = (...sessions: string[]) =>
  db.query(
    `update public.booking_waitlist set offer_expires_at = now() - interval '1 second'
     where session_id = any ($1) and status = 'notified'`,
    [sessions],
  );

const statusesOf = async (session: string): Promise<string[]> =>
  (
    await db.query<{ status: string }>(
      'select status from public.booking_waitlist where session_id = $1 order by position',
      [session],
    )
  ).rows.map(({ status }) => status);

const entryOf = async (id: string): Promise<Entry> => {
  const { rows } = await db.query<{ entry: Entry }>(
    'select to_jsonb(entry) as entry from public.booking_waitlist as entry where id = $1',
    [id],
  );
  if (!rows[0]) throw new Error('There is no such entry.');
  return rows[0].entry;
};

/** Whom the worker is to write to, in order. */
const mailsOf = async (session: string): Promise<string[]> => {
  const { rows } = await db.query<{ id: string }>(
    `select entry.id
     from pgmq.q_bookings as job
       join public.booking_waitlist as entry
         on entry.id = (job.message -> 'payload' ->> 'entry_id')::uuid
         and entry.organization_id = job.message -> 'payload' ->> 'organization_id'
     where job.message ->> 'kind' = 'bookings.waitlist_offer' and entry.session_id = $1
     order by job.msg_id`,
    [session],
  );
  return rows.map(({ id }) => id);
};

const sound = async (at: School = school) => {
  expect(await invariants(db.pool, at.id)).toEqual([]);
};

describe('waiting', () => {
  test('is in the order of asking, and for what is full', async () => {
    const { id } = await full([2]);
    const [first, second] = [await wait(id), await wait(id, 2)];
    expect(first).toMatchObject({
      position: 1,
      attendee_count: 1,
      status: 'waiting',
      offer_expires_at: null,
    });
    expect(second).toMatchObject({ position: 2, attendee_count: 2, status: 'waiting' });
    expect(await mailsOf(id)).toEqual([]);
    await sound();
  });

  test('gives each of many at once a position of their own', async () => {
    const { id } = await full([1]);
    const crowd = db.crowd(20);
    const entries = await Promise.all(
      Array.from({ length: 40 }, () => wait(id, 1, { where: { pool: crowd } })),
    );
    expect(entries.map(({ position }) => position).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
    // The same customer twice at once waits once.
    const email = newEmail();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => wait(id, 1, { email, where: { pool: crowd } })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is refused where it makes no sense', async () => {
    const { id } = await full([2], { capacity: 3 });
    await expectRefusal(wait(id, 1), 409, 'places_available');
    await expectRefusal(wait(id, 4), 422, 'invalid_participants');
    await expectRefusal(wait(id, 0), 422, 'invalid_participants');
    const email = newEmail();
    await wait(id, 2, { email });
    await expectRefusal(wait(id, 3, { email: email.toUpperCase() }), 409, 'already_waiting');
    await book(db, school, school.staff, id, { email: 'taken@example.com' });
    await expectRefusal(wait(id, 1, { email: 'taken@example.com' }), 409, 'duplicate_booking');

    const draft = await addSession(db.pool, school, { status: 'draft' });
    const attempt = (user: string, session_id: string, contact: unknown = { email }, at = school) =>
      callAs(db, at, user, 'join_waitlist', { session_id, contact: JSON.stringify(contact) });
    await expectRefusal(attempt(school.staff, draft), 409, 'invalid_session_status');
    await expectRefusal(attempt(school.website, draft), 404, 'session_not_found');
    await expectRefusal(attempt(other.staff, id, { email }, other), 404, 'session_not_found');
    await expectRefusal(attempt(school.website, id, { name: 'Nobody' }), 422, 'invalid_contact');
    await db.query(
      `update public.course_sessions set starts_at = now() - interval '1 minute', capacity = places_taken where id = $1`,
      [id],
    );
    await expectRefusal(wait(id, 1), 409, 'invalid_session_status');
  });

  test('is done by members for themselves, and by nobody for a customer of somebody else', async () => {
    const { id, booked } = await full([1]);
    const email = newEmail();
    const member = await addMember(db.pool, school, { user: await verifiedUser(db.pool, email) });
    const entry = (await callAs(db, school, member, 'join_waitlist', { session_id: id })) as Entry;
    await expectRefusal(
      callAs(db, school, member, 'join_waitlist', {
        session_id: id,
        contact: JSON.stringify({ email: newEmail() }),
      }),
      403,
      'customer_authorization',
    );
    const stranger = await wait(id);
    await expectRefusal(
      callAs(db, school, member, 'leave_waitlist', { id: stranger.id }),
      404,
      'waitlist_entry_not_found',
    );
    await expectRefusal(
      callAs(db, other, other.staff, 'leave_waitlist', { id: entry.id }),
      404,
      'waitlist_entry_not_found',
    );
    const viewer = await addMember(db.pool, school, { roles: ['viewer'] });
    await expectRefusal(
      callAs(db, school, viewer, 'leave_waitlist', { id: entry.id }),
      403,
      'permission_required',
    );
    // They see themselves on the list, and nobody else.
    const seen = await asUser(db, inside(school, member), (session) =>
      session.query('select id from public.booking_waitlist'),
    );
    expect(seen.rows).toEqual([{ id: entry.id }]);

    await cancel(booked[0]);
    expect((await entryOf(entry.id)).status).toBe('notified');
    // Whoever acts for the customer may, too.
    const colleague = await addMember(db.pool, school);
    await actFor(db.pool, school, colleague, entry.customer_id);
    expect(await callAs(db, school, colleague, 'leave_waitlist', { id: entry.id })).toMatchObject({
      status: 'expired',
    });
    expect(await statusesOf(id)).toEqual(['expired', 'notified']);
    await expectRefusal(
      callAs(db, school, member, 'leave_waitlist', { id: entry.id }),
      409,
      'transition_not_allowed',
    );
    await sound();
  });
});

describe('freed places', () => {
  test('are offered by position to the first who fit, each of whom gets a mail', async () => {
    const { id, booked } = await full([1, 2, 1]);
    const [pair, single, another] = [await wait(id, 2), await wait(id), await wait(id)];
    await wait(id, 4);
    await cancel(booked[0]);
    expect(await statusesOf(id)).toEqual(['waiting', 'notified', 'waiting', 'waiting']);
    await cancel(booked[1]);
    expect(await statusesOf(id)).toEqual(['notified', 'notified', 'waiting', 'waiting']);
    await cancel(booked[2]);
    expect(await statusesOf(id)).toEqual(['notified', 'notified', 'notified', 'waiting']);
    expect(await mailsOf(id)).toEqual([single.id, pair.id, another.id]);
    await sound();
  });

  test('that become free at once go to as many as fit, in order', async () => {
    const { id, booked } = await full([5]);
    const entries: Waiting[] = [];
    for (const places of [3, 4, 1, 2, 1, 1]) entries.push(await wait(id, places));
    await cancel(booked[0]);
    expect(await statusesOf(id)).toEqual([
      'notified',
      'waiting',
      'notified',
      'waiting',
      'notified',
      'waiting',
    ]);
    expect(await mailsOf(id)).toEqual([0, 2, 4].map((index) => entries[index]?.id));
    // Turned down, they go on: three fit who wait, in order.
    await callAs(db, school, school.website, 'leave_waitlist', { id: entries[0]?.id });
    expect(await statusesOf(id)).toEqual([
      'expired',
      'waiting',
      'notified',
      'notified',
      'notified',
      'notified',
    ]);
    await sound();
  });

  test('are sold to nobody else while they are kept, and to whom they are kept for', async () => {
    const { id, booked } = await full([2]);
    const kept = await wait(id, 2);
    const next = await wait(id);
    await cancel(booked[0]);
    for (const email of [newEmail(), next.email]) {
      await expectRefusal(book(db, school, school.staff, id, { email }), 409, 'insufficient_capacity');
    }
    // Fewer than were kept: what is left is offered, and not for sale.
    const receipt = await book(db, school, school.website, id, { email: kept.email });
    expect(await entryOf(kept.id)).toMatchObject({ status: 'booked', booking_id: receipt.id });
    expect(await entryOf(next.id)).toMatchObject({ status: 'notified' });
    await expectRefusal(book(db, school, school.staff, id), 409, 'insufficient_capacity');
    await expectRefusal(
      callAs(db, school, school.website, 'leave_waitlist', { id: kept.id }),
      409,
      'transition_not_allowed',
    );
    await book(db, school, school.staff, id, { email: next.email });
    expect(await statusesOf(id)).toEqual(['booked', 'booked']);
    await sound();
  });

  test('are kept for as long as the organization has settled on, and not beyond the start', async () => {
    const hoursOf = async (particulars: Record<string, unknown>) => {
      const { id, booked } = await full([1], particulars);
      const entry = await wait(id);
      await cancel(booked[0]);
      const { rows } = await db.query<{ hours: number; is_start: boolean }>(
        `select extract(epoch from entry.offer_expires_at - entry.notified_at)::float8 / 3600 as hours, entry.offer_expires_at = session.starts_at as is_start
         from public.booking_waitlist as entry join public.course_sessions as session on session.id = entry.session_id
         where entry.id = $1`,
        [entry.id],
      );
      return rows[0];
    };
    expect(await hoursOf({})).toEqual({ hours: 24, is_start: false });
    expect(await hoursOf({ starts_in: '5 hours' })).toMatchObject({ is_start: true });
    await db.query(
      'insert into public.booking_settings (organization_id, waitlist_offer_hours) values ($1, 3)',
      [school.id],
    );
    expect(await hoursOf({ starts_in: '5 hours' })).toEqual({ hours: 3, is_start: false });
    await db.query('delete from public.booking_settings where organization_id = $1', [school.id]);
  });

  test('come of more capacity, too, and not of a session that is over', async () => {
    const { id, booked } = await full([1, 1]);
    await wait(id);
    await wait(id);
    await callAsTable(id, 3);
    expect(await statusesOf(id)).toEqual(['notified', 'waiting']);
    await db.query(
      `update public.course_sessions set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' where id = $1`,
      [id],
    );
    await cancel(booked[0]);
    await db.query('update public.course_sessions set capacity = 9 where id = $1', [id]);
    expect(await statusesOf(id)).toEqual(['notified', 'waiting']);
  });

  /** Raises the capacity as a front end does. */
  const callAsTable = (id: string, capacity: number) =>
    asUser(
      db,
      inside(school, school.staff),
      (session) =>
        session.query('update public.course_sessions set capacity = $2 where id = $1', [id, capacity]),
      { commit: true },
    );
});

describe('an offer that nobody takes', () => {
  test('ends, and the next have it; once, however often it is looked for', async () => {
    // What other tests have left.
    await expire();
    const { id, booked } = await full([2]);
    const [first, second, third] = [await wait(id), await wait(id), await wait(id, 2)];
    await cancel(booked[0]);
    expect(await expire()).toBe(0);
    await db.query(
      `update public.booking_waitlist set offer_expires_at = now() - interval '1 second' where id = $1`,
      [first.id],
    );
    expect(await expire()).toBe(1);
    expect(await statusesOf(id)).toEqual(['expired', 'notified', 'waiting']);
    expect((await entryOf(first.id)) as unknown).toMatchObject({ expired_at: expect.any(String) as string });
    await overdue(id);
    expect(await expire()).toBe(1);
    expect(await expire()).toBe(0);
    expect(await statusesOf(id)).toEqual(['expired', 'expired', 'notified']);
    expect(await mailsOf(id)).toEqual([first.id, second.id, third.id]);
    // When nobody is left, the places are for sale.
    await overdue(id);
    expect(await expire()).toBe(1);
    await book(db, school, school.staff, id, { attendees: 2 });
    await sound();
  });

  test('waits while somebody works on the session, and holds up nobody', async () => {
    const { id, booked } = await full([1]);
    const entry = await wait(id);
    await cancel(booked[0]);
    await overdue(id);
    await asUser(
      db,
      inside(school, school.website),
      async (session) => {
        await call(session, 'create_booking', bookingOf(id, { email: entry.email }));
        // Before that is known, the other looks, and passes by. Were it to wait, it would be for ever.
        await inTransaction(db.pool, 'commit', async (client) => {
          await client.query(`set local lock_timeout = '5s'`);
          expect(await expire(client)).toBe(0);
        });
      },
      { commit: true },
    );
    expect(await expire()).toBe(0);
    expect((await entryOf(entry.id)).status).toBe('booked');
    await sound();
  });

  test('ends with the waiting for what has started or takes place no more', async () => {
    const [started, cancelled, open] = [await full([1]), await full([1]), await full([1])];
    for (const { id } of [started, cancelled, open]) await wait(id);
    await db.query(
      `update public.course_sessions set starts_at = now() - interval '1 minute' where id = $1`,
      [started.id],
    );
    // As an operator might, past the function that ends the waiting by itself.
    await db.query(`update public.course_sessions set status = 'cancelled' where id = $1`, [cancelled.id]);
    await expire();
    expect([
      ...(await statusesOf(started.id)),
      ...(await statusesOf(cancelled.id)),
      ...(await statusesOf(open.id)),
    ]).toEqual(['expired', 'expired', 'waiting']);
  });

  test('loses and doubles no place when it ends twice at once, while others book, cancel, join and leave', async () => {
    const crowd = db.crowd(16);
    const where = { pool: crowd };
    const sessions: string[] = [];
    const offered: Waiting[] = [];
    const lateBookings: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      const { id, booked } = await full([2, 1, 1]);
      sessions.push(id);
      for (const places of [1, 1, 2, 1, 3]) offered.push(await wait(id, places, { where }));
      await cancel(booked[0]);
      lateBookings.push(...booked.slice(1));
    }
    await overdue(...sessions);
    const work = [
      ...Array.from({ length: 8 }, () => () => expire(crowd)),
      ...offered
        .filter((_, index) => index % 2 === 0)
        .map(
          ({ email, session_id, attendee_count }) =>
            () =>
              book(where, school, school.website, session_id, { email, attendees: attendee_count }),
        ),
      ...offered
        .filter((_, index) => index % 5 === 1)
        .map(
          ({ id }) =>
            () =>
              callAs(where, school, school.website, 'leave_waitlist', { id }),
        ),
      ...sessions.flatMap((id) => [
        () => book(where, school, school.website, id),
        () => wait(id, 1, { where }),
        () => book(where, school, school.staff, id, { attendees: 2 }),
      ]),
      ...lateBookings.filter((_, index) => index % 2 === 0).map((id) => () => cancel(id, where)),
    ];
    // Interleaved in a way that does not depend on how they are listed.
    const outcomes = await Promise.allSettled(
      work
        .map((run, index) => ({ run, order: (index * 7919) % work.length }))
        .sort((a, b) => a.order - b.order)
        .map(({ run }) => run()),
    );
    // Who was too late is told so; nothing else went wrong: no deadlock, no constraint that had to step in.
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect((outcome.reason as { code: string }).code).toMatch(/^PT40[49]$/);
    }
    await sound();
    // Two look at once, until nothing is left to end.
    await overdue(...sessions);
    const ended = await Promise.all([expire(crowd), expire(crowd), expire(crowd)]);
    const { rows } = await db.query<{ amount: number }>(
      `select count(*)::integer as amount from public.booking_waitlist
       where session_id = any ($1) and expired_at > now() - interval '1 minute' and status = 'expired'`,
      [sessions],
    );
    expect(rows[0]?.amount).toBeGreaterThanOrEqual(ended.reduce((sum, amount) => sum + amount, 0));
    await sound();
    // Each was written to once.
    const { rows: doubled } = await db.query(
      `select message -> 'payload' ->> 'entry_id' from pgmq.q_bookings
       where message ->> 'kind' = 'bookings.waitlist_offer' group by 1 having count(*) > 1`,
    );
    expect(doubled).toEqual([]);
  });

  test('is no more when the run that ends it breaks off', async () => {
    const { id, booked } = await full([1]);
    const [first, second] = [await wait(id), await wait(id)];
    await cancel(booked[0]);
    await overdue(id);
    await inTransaction(db.pool, 'rollback', async (client) => {
      expect(await expire(client)).toBe(1);
    });
    expect((await entryOf(first.id)).status).toBe('notified');
    expect(await expire()).toBe(1);
    expect((await entryOf(second.id)).status).toBe('notified');
    expect(await mailsOf(id)).toEqual([first.id, second.id]);
  });

  test('is run by pg_cron, and by no client', async () => {
    const { rows } = await db.query(
      `select command from cron.job where jobname = 'rowhouse-expire-waitlist-offers'`,
    );
    expect(rows).toEqual([{ command: 'select private.expire_waitlist_offers();' }]);
    for (const name of ['private.expire_waitlist_offers()', 'private.offer_places(null, null)']) {
      await expect(
        asUser(db, inside(school, school.owner), (session) => session.query(`select ${name}`)),
      ).rejects.toMatchObject({ code: '42501' });
      await expect(asService(db, (session) => session.query(`select ${name}`))).rejects.toMatchObject({
        code: '42501',
      });
    }
  });
});

describe('the mail of an offer', () => {
  const mailOf = (organization_id: string, entry_id: string) =>
    asService(db, (session) => callAll(session, 'waitlist_offer_to_send', { organization_id, entry_id }));

  test('is there while the offer is, for the worker alone', async () => {
    const { id, booked } = await full([3]);
    const entry = await wait(id, 2);
    expect(await mailOf(school.id, entry.id)).toEqual([]);
    await cancel(booked[0]);
    expect(await mailOf(school.id, entry.id)).toMatchObject([
      {
        entry_id: entry.id,
        email: entry.email,
        customer_name: 'Patience',
        organization_name: 'School',
        session_id: id,
        course_name: 'First aid',
        venue_name: null,
        attendee_count: 2,
      },
    ]);
    expect(await mailOf(other.id, entry.id)).toEqual([]);
    await expect(
      asUser(db, inside(school, school.owner), (session) =>
        call(session, 'waitlist_offer_to_send', { organization_id: school.id, entry_id: entry.id }),
      ),
    ).rejects.toMatchObject({ code: '42501' });
    await overdue(id);
    expect(await mailOf(school.id, entry.id)).toEqual([]);
  });
});
