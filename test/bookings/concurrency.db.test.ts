import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { callAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import {
  addDiscountCode,
  addSession,
  book,
  bookingOf,
  importBooking,
  invariants,
  newEmail,
  openSchool,
  type Receipt,
  type School,
} from './bookings.ts';

/** How often each race is run. */
const repetitions = 1;
/** Connections that the clients share: as many transactions are under way at once. */
const connections = 50;

const db = useDatabase();
let crowd: { pool: pg.Pool };
let school: School;

beforeAll(async () => {
  crowd = { pool: db.crowd(connections) };
  // Also those that are cut while a client has them in its hands.
  crowd.pool.on('connect', (client) => client.on('error', () => undefined));
  school = await openSchool(db.pool, 'Crowded');
});

interface Outcome {
  receipt?: Receipt;
  /** SQLSTATE, and behind it the code of a refusal or the name of a constraint. */
  error?: string;
}

interface Thrown {
  code?: string;
  detail?: string;
  constraint?: string;
  message?: string;
}

const nameOf = (thrown: unknown): string => {
  const { code, detail, constraint, message } = thrown as Thrown;
  if (code?.startsWith('PT')) return `${code} ${(JSON.parse(detail ?? '{}') as { code?: string }).code}`;
  return [code ?? message, constraint].filter((part) => part !== undefined).join(' ');
};

/** What everybody got who booked at once. */
async function rush(bookings: Promise<Receipt>[]): Promise<Outcome[]> {
  const settled = await Promise.allSettled(bookings);
  return settled.map((result) =>
    result.status === 'fulfilled' ? { receipt: result.value } : { error: nameOf(result.reason) },
  );
}

const tally = (outcomes: Outcome[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { error = 'booked' } of outcomes) counts[error] = (counts[error] ?? 0) + 1;
  return counts;
};

const places = (outcomes: Outcome[]): number =>
  outcomes.reduce((sum, { receipt }) => sum + (receipt?.attendee_count ?? 0), 0);

const holds = async () => expect(await invariants(db.pool, school.id)).toEqual([]);

describe.each(Array.from({ length: repetitions }, (_, index) => index + 1))('race %i', (repetition) => {
  test('of 200 clients after 12 places, 12 get one and 188 are told that none is left', async () => {
    const session = await addSession(db.pool, school);
    const outcomes = await rush(
      Array.from({ length: 200 }, () => book(crowd, school, school.website, session)),
    );
    expect(tally(outcomes)).toEqual({ booked: 12, 'PT409 insufficient_capacity': 188 });
    const { rows } = await db.query(
      `select status, places_taken, (select count(*)::integer from public.bookings where session_id = session.id) as bookings,
         (select count(*)::integer from public.booking_attendees as attendee
            join public.bookings as booking on booking.id = attendee.booking_id where booking.session_id = session.id) as attendees
       from public.course_sessions as session where id = $1`,
      [session],
    );
    expect(rows).toEqual([{ status: 'full', places_taken: 12, bookings: 12, attendees: 12 }]);
    await holds();
  });

  test('of 200 clients after one, two or three of 12 places, as many are sold as there are', async () => {
    const session = await addSession(db.pool, school);
    const outcomes = await rush(
      Array.from({ length: 200 }, (_, client) =>
        book(crowd, school, school.website, session, { attendees: (client % 3) + 1 }),
      ),
    );
    // Who wants one place is refused only when none is left, and there are more than 12 of them.
    expect(places(outcomes)).toBe(12);
    expect(Object.keys(tally(outcomes)).sort()).toEqual(['PT409 insufficient_capacity', 'booked']);
    await holds();
  });

  test('the same request 50 times at once is one booking and 50 equal answers', async () => {
    const session = await addSession(db.pool, school);
    const args = bookingOf(session, { idempotency_key: `race-${repetition}` });
    const outcomes = await rush(
      Array.from(
        { length: 50 },
        () => callAs(crowd, school, school.website, 'create_booking', args) as Promise<Receipt>,
      ),
    );
    expect(tally(outcomes)).toEqual({ booked: 50 });
    expect(new Set(outcomes.map(({ receipt }) => JSON.stringify(receipt))).size).toBe(1);
    const { rows } = await db.query(
      `select (select count(*)::integer from public.bookings where session_id = $1) as bookings,
         (select count(*)::integer from pgmq.q_bookings where message -> 'payload' ->> 'booking_id' = $2) as jobs`,
      [session, outcomes[0]?.receipt?.id],
    );
    expect(rows).toEqual([{ bookings: 1, jobs: 1 }]);
    await holds();
  });

  test('two requests with one key at once are one booking; who sent the other is told so', async () => {
    const session = await addSession(db.pool, school);
    const sent = [1, 2].map((attendees) =>
      bookingOf(session, { attendees, idempotency_key: `two-${repetition}` }),
    );
    const outcomes = await rush(
      Array.from(
        { length: 40 },
        (_, client) =>
          callAs(crowd, school, school.website, 'create_booking', sent[client % 2] ?? {}) as Promise<Receipt>,
      ),
    );
    expect(tally(outcomes)).toEqual({ booked: 20, 'PT422 idempotency_mismatch': 20 });
    expect(new Set(outcomes.flatMap(({ receipt }) => receipt?.id ?? [])).size).toBe(1);
  });

  test('a new customer who books 20 times at once is one customer, once in each session', async () => {
    const sessions = await Promise.all([1, 2].map(() => addSession(db.pool, school)));
    const email = newEmail();
    const outcomes = await rush(
      Array.from({ length: 20 }, (_, client) =>
        book(crowd, school, school.website, sessions[client % 2] ?? '', { email }),
      ),
    );
    expect(tally(outcomes)).toEqual({ booked: 2, 'PT409 duplicate_booking': 18 });
    const { rows } = await db.query('select total_bookings from public.customers where email = $1', [email]);
    expect(rows).toEqual([{ total_bookings: 2 }]);
    await holds();
  });

  test('a code for five uses is used five times, in whatever sessions', async () => {
    const sessions = await Promise.all([1, 2, 3, 4, 5].map(() => addSession(db.pool, school)));
    const code = `FIVE${repetition}`;
    await addDiscountCode(db.pool, school, { code, max_uses: 5, max_uses_per_customer: 1 });
    const outcomes = await rush(
      Array.from({ length: 40 }, (_, client) =>
        book(crowd, school, school.website, sessions[client % 5] ?? '', { discount_code: code }),
      ),
    );
    expect(tally(outcomes)).toEqual({ booked: 5, 'PT422 discount_code_invalid': 35 });
    await holds();
  });

  test('30 sessions, where everything happens at once and connections break, keep what must hold', async () => {
    const seed = Date.now() % 1_000_000;
    expect(await storm(seed), `seed ${seed}`).toEqual([]);
  });
});

/** Numbers from 0 to below 1 that a seed determines. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What may come of a step: a refusal, a connection that was cut, or no room for the places that are taken. */
const isExpected = (name: string) =>
  /^PT4\d\d /.test(name) ||
  [
    '57P01',
    'ECONNRESET',
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
  ].includes(name);

/**
 * 30 sessions of few places, 32 clients who book, pay, cancel, ask for refunds, decide on them, wait, merge customers, look
 * for those of older bookings and cancel sessions, and somebody who cuts connections in the middle. Returns what
 * should not have happened, and what no longer holds.
 */
async function storm(seed: number): Promise<unknown[]> {
  const stormy = await openSchool(db.pool, `Stormy${seed}`);
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  // Mostly something can still become of them.
  const recent = <T>(list: readonly T[]): T | undefined => pick(list.slice(-12));
  const sessions = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      addSession(db.pool, stormy, { capacity: (index % 6) + 1, starts_in: `${index + 3} days` }),
    ),
  );
  const code = `STORM${seed}`;
  await addDiscountCode(db.pool, stormy, { code, max_uses: 9 });
  const emails = Array.from({ length: 40 }, newEmail);
  await Promise.all(
    sessions.slice(20).map((session, index) =>
      // Some are of those who book as well.
      importBooking(db.pool, stormy, session, { email: index % 2 === 0 ? emails[index] : newEmail() }),
    ),
  );
  const receipts: Receipt[] = [];
  const refunds: string[] = [];
  const entries: string[] = [];
  const faults: unknown[] = [];
  const staff = <T>(name: string, args: Record<string, unknown> = {}) =>
    callAs(crowd, stormy, stormy.staff, name, args) as Promise<T>;

  const steps: [number, () => Promise<unknown>][] = [
    [
      30,
      async () => {
        receipts.push(
          await book(crowd, stormy, stormy.website, pick(sessions) ?? '', {
            email: pick(emails),
            attendees: Math.ceil(random() * 3),
            ...(random() < 0.2 ? { discount_code: code } : {}),
            ...(random() < 0.1 ? { idempotency_key: `${seed}-${Math.floor(random() * 9)}` } : {}),
          }),
        );
      },
    ],
    [16, () => staff('cancel_booking', { id: recent(receipts)?.id })],
    [
      14,
      () => {
        const receipt = recent(receipts);
        return staff('record_payment', { booking_id: receipt?.id, amount: receipt?.total });
      },
    ],
    [
      10,
      async () => {
        refunds.push(
          (await staff<{ id: string }>('request_refund', { booking_id: recent(receipts)?.id })).id,
        );
      },
    ],
    [6, () => staff('approve_refund', { id: recent(refunds) })],
    [3, () => staff('reject_refund', { id: recent(refunds), reason: 'No.' })],
    [6, () => staff('complete_refund', { id: recent(refunds) })],
    [
      10,
      async () => {
        const entry = await callAs(crowd, stormy, stormy.website, 'join_waitlist', {
          session_id: pick(sessions),
          contact: JSON.stringify({ email: pick(emails) }),
          attendee_count: Math.ceil(random() * 2),
        });
        entries.push((entry as { id: string }).id);
      },
    ],
    [3, () => staff('leave_waitlist', { id: recent(entries) })],
    [
      2,
      async () => {
        await crowd.pool.query(
          `update public.booking_waitlist set offer_expires_at = now() - interval '1 second'
           where organization_id = $1 and status = 'notified' and id = $2`,
          [stormy.id, recent(entries)],
        );
        await crowd.pool.query('select private.expire_waitlist_offers()');
      },
    ],
    [3, () => staff('confirm_booking', { id: recent(receipts)?.id })],
    [1, () => staff('cancel_session', { id: pick(sessions), reason: 'Snow.' })],
    [
      3,
      // Not fewer than are taken.
      () =>
        crowd.pool.query(
          'update public.course_sessions set capacity = greatest($2, places_taken + places_held) where id = $1',
          [pick(sessions), Math.ceil(random() * 8)],
        ),
    ],
    [
      3,
      () =>
        staff('merge_customers', {
          keep: recent(receipts)?.customer_id,
          remove: recent(receipts)?.customer_id,
        }),
    ],
    [1, () => staff('backfill_booking_customers', { batch_size: 3 })],
    [1, () => staff('recalculate_customer_statistics')],
  ];
  const weight = steps.reduce((sum, [share]) => sum + share, 0);
  const step = () => {
    let left = random() * weight;
    return steps.find(([share]) => (left -= share) < 0)?.[1] ?? (() => Promise.resolve());
  };

  const over = new AbortController();
  const cutter = (async () => {
    let cuts = 0;
    while (!over.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      const { rowCount } = await db.query(
        `select pg_terminate_backend(pid) from (
           select pid from pg_stat_activity
           where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()
             and backend_type = 'client backend'
           order by random() limit 1
         ) as victim`,
      );
      cuts += rowCount ?? 0;
    }
    return cuts;
  })();
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (let count = 0; count < 24; count += 1) {
        await step()().catch((thrown: unknown) => {
          const name = nameOf(thrown);
          if (!isExpected(name)) faults.push(name);
        });
      }
    }),
  );
  over.abort();
  if ((await cutter) === 0) faults.push('no connection was cut');
  if (receipts.length < 20) faults.push(`only ${receipts.length} booked`);
  // Two customers who have both booked a session may become one.
  const breaches = (await invariants(db.pool, stormy.id)).filter(
    ({ invariant }) => invariant !== 'a customer is in a session once',
  );
  return [...faults, ...breaches];
}

/** Runs `fn` on a connection of its own, which is inside a transaction as the website. */
async function onItsOwn<T>(fn: (client: pg.PoolClient, pid: number) => Promise<T>): Promise<T> {
  const client = await crowd.pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    await client.query(`select set_config('request.jwt.claims', $1, true)`, [
      JSON.stringify({ role: 'authenticated', sub: school.website, organization_id: school.id }),
    ]);
    await client.query('set local role authenticated');
    return await fn(client, rows[0]?.pid ?? 0);
  } finally {
    client.release(true);
  }
}

const bookOn = (client: pg.PoolClient, session: string, attendees: number) => {
  const args = bookingOf(session, { attendees });
  return client.query(`select public.create_booking($1, $2, $3, terms_accepted => true)`, [
    args.session_id,
    args.contact,
    args.participants,
  ]);
};

/** Resolves when somebody waits for a connection. */
async function blockedBy(pid: number): Promise<void> {
  for (;;) {
    const { rows } = await db.query(
      'select from pg_stat_activity where datname = current_database() and $1 = any (pg_blocking_pids(pid))',
      [pid],
    );
    if (rows.length > 0) return;
  }
}

/** Books all 12 places and, before that is committed, somebody else books one: what they get. */
async function lastPlaceTwice(session: string): Promise<Outcome> {
  const second = await onItsOwn(async (client, pid) => {
    await bookOn(client, session, 12);
    const late = rush([book(crowd, school, school.website, session)]);
    await blockedBy(pid);
    await client.query('commit');
    return late;
  });
  return second[0] ?? {};
}

describe('somebody who books while the last places are being taken', () => {
  test('waits, and is told that none is left', async () => {
    const outcome = await lastPlaceTwice(await addSession(db.pool, school));
    expect(outcome).toEqual({ error: 'PT409 insufficient_capacity' });
  });

  test('gets one when the other’s connection breaks, and nothing of the other is left', async () => {
    const session = await addSession(db.pool, school);
    const outcomes = await onItsOwn(async (client, pid) => {
      await bookOn(client, session, 12);
      const late = rush([book(crowd, school, school.website, session)]);
      await blockedBy(pid);
      await db.query('select pg_terminate_backend($1)', [pid]);
      return late;
    });
    expect(outcomes).toMatchObject([{ receipt: { places_left: 11 } }]);
    await holds();
  });
});

/**
 * Runs `fn` while `create_booking` reads the session without locking it, which is how it would be written by who does not
 * think of others.
 */
async function unlocked<T>(fn: () => Promise<T>): Promise<T> {
  const { rows } = await db.query<{ text: string }>(
    `select pg_get_functiondef(oid) as text from pg_proc
     where proname = 'create_booking' and pronamespace = 'private'::regnamespace`,
  );
  const original = rows[0]?.text ?? '';
  const damaged = original.replace(
    /(from public\.course_sessions as session\s+where [^;]*?)\s+for no key update;/,
    '$1;',
  );
  expect(damaged).not.toBe(original);
  await db.query(damaged);
  try {
    return await fn();
  } finally {
    await db.query(original);
  }
}

describe('without the lock', () => {
  test('the last guard is what keeps a place from being sold twice', async () => {
    const session = await addSession(db.pool, school);
    const outcome = await unlocked(() => lastPlaceTwice(session));
    expect(outcome).toEqual({ error: '23514 course_sessions_never_oversold' });
    await holds();
  });

  test('and without the guard, it is sold twice, which the invariants notice', async () => {
    const session = await addSession(db.pool, school);
    await db.query('alter table public.course_sessions drop constraint course_sessions_never_oversold');
    const outcome = await unlocked(() => lastPlaceTwice(session));
    expect(outcome).toHaveProperty('receipt');
    expect(await invariants(db.pool, school.id)).toMatchObject([
      { invariant: 'no place is sold twice', row: { id: session, sold: 13, capacity: 12 } },
    ]);
  });
});
