import type pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { backfillBookings } from '../../src/bookings/backfill.ts';
import { addCustomer, callAs } from '../customers/customers.ts';
import { type Database, inTransaction, useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { addMember, found } from '../tenancy/organizations.ts';
import { addSession, book, invariants, openSchool, type School } from './bookings.ts';
import {
  detailsDigest,
  importBookings,
  type OlderBooking,
  olderBookings,
  referenceOf,
  tablesOf,
} from './older.ts';

const db = useDatabase();
let count = 0;

/** A school with a session that has room for everybody. */
async function openWith(
  bookings: OlderBooking[] = [],
): Promise<School & { session: string; bookings: string[] }> {
  count += 1;
  const opened = await openSchool(db.pool, `School ${count}`.replace(' ', '-'));
  const place = await addSession(db.pool, opened, { capacity: 10_000 });
  return { ...opened, session: place, bookings: await importBookings(db.pool, opened, place, bookings) };
}

const report = z.object({
  examined: z.number(),
  linked: z.number(),
  created: z.number(),
  remaining: z.number(),
  unusable: z.array(z.object({ booking_id: z.string(), reference: z.string(), reason: z.string() })),
});
const backfill = async (where: School, args: Record<string, unknown> = {}, user = where.staff) =>
  report.parse(await callAs(db, where, user, 'backfill_booking_customers', args));

const contact = (contact_details: unknown): OlderBooking => ({ contact_details });

interface CustomerRow extends pg.QueryResultRow {
  email: string;
  contact_person: string | null;
  phone: string | null;
  company_name: string | null;
  customer_type: string;
}

async function customersOf({ id }: School): Promise<CustomerRow[]> {
  const { rows } = await db.query<CustomerRow>(
    `select email, contact_person, phone, company_name, customer_type
     from public.customers where organization_id = $1 order by email`,
    [id],
  );
  return rows;
}

/** Which address the customer of each older booking has, in the order in which they were imported. */
async function linksOf({ id }: School): Promise<(string | null)[]> {
  const { rows } = await db.query<{ email: string | null }>(
    `select customer.email from public.bookings as booking
     left join public.customers as customer
       on customer.organization_id = booking.organization_id and customer.id = booking.customer_id
     where booking.organization_id = $1 order by booking.reference`,
    [id],
  );
  return rows.map(({ email }) => email);
}

/** What the statistics of customers differ by from what their bookings come to. */
const differences = async (where: School) =>
  (await db.query('select * from private.customer_statistics_differences($1)', [where.id])).rows;

async function expectSound(where: School): Promise<void> {
  expect(await differences(where)).toEqual([]);
  expect(await invariants(db.pool, where.id)).toEqual([]);
}

describe('a batch', () => {
  test('links older bookings to the customer that has the address, and makes those that are missing', async () => {
    const older = await openWith([
      contact({ email: 'ada@example.com', name: 'Ada Lovelace', phone: '+43 664 1' }),
      contact({ email: ' ADA@Example.com\n', name: 'A. Lovelace', company: 'Analytical Engines' }),
      contact({ email: 'grace@example.com', name: 'Grace' }),
      contact({ email: 'known@example.com', name: 'Somebody else', phone: '+43 664 2', company: 'Else' }),
    ]);
    await addCustomer(db.pool, older, { email: 'known@example.com', contact_person: 'Known' });
    const digest = await detailsDigest(db.pool, older);

    expect(await backfill(older)).toEqual({ examined: 4, linked: 4, created: 2, remaining: 0, unusable: [] });
    expect(await linksOf(older)).toEqual([
      'ada@example.com',
      'ada@example.com',
      'grace@example.com',
      'known@example.com',
    ]);
    expect(await customersOf(older)).toEqual([
      // Of several bookings the latest says each thing that it says at all.
      {
        email: 'ada@example.com',
        contact_person: 'A. Lovelace',
        phone: '+43 664 1',
        company_name: 'Analytical Engines',
        customer_type: 'corporate',
      },
      {
        email: 'grace@example.com',
        contact_person: 'Grace',
        phone: null,
        company_name: null,
        customer_type: 'residential',
      },
      {
        email: 'known@example.com',
        contact_person: 'Known',
        phone: null,
        company_name: null,
        customer_type: 'residential',
      },
    ]);
    expect(await detailsDigest(db.pool, older)).toBe(digest);
    expect(await backfill(older)).toEqual({ examined: 0, linked: 0, created: 0, remaining: 0, unusable: [] });
    await expectSound(older);
  });

  test('takes what it is told to take, and says what remains', async () => {
    const older = await openWith(
      Array.from({ length: 7 }, (_, index) => contact({ email: `someone-${index % 4}@example.com` })),
    );
    const sizes: number[] = [];
    const remaining: number[] = [];
    for (;;) {
      const batch = await backfill(older, { batch_size: 3 });
      if (batch.examined === 0) break;
      sizes.push(batch.linked);
      remaining.push(batch.remaining);
    }
    expect({ sizes, remaining }).toEqual({ sizes: [3, 3, 1], remaining: [4, 1, 0] });
    expect(await customersOf(older)).toHaveLength(4);
  });

  test('counts in the statistics what is alive, and what was paid for all', async () => {
    const email = 'ada@example.com';
    const older = await openWith([
      { contact_details: { email }, amount_paid: 100, created_at: '2021-03-01T10:00:00Z' },
      { contact_details: { email }, amount_paid: 50, created_at: '2022-03-01T10:00:00Z' },
      {
        contact_details: { email },
        amount_paid: 30,
        created_at: '2023-03-01T10:00:00Z',
        status: 'cancelled',
      },
    ]);
    await backfill(older);
    const { rows } = await db.query(
      `select total_bookings, total_spent, first_booking_at, last_booking_at, customer_since::text
       from public.customers where organization_id = $1`,
      [older.id],
    );
    expect(rows).toEqual([
      {
        total_bookings: 2,
        total_spent: '180.00',
        first_booking_at: new Date('2021-03-01T10:00:00Z'),
        last_booking_at: new Date('2022-03-01T10:00:00Z'),
        // Since the first of them.
        customer_since: '2021-03-01',
      },
    ]);
  });

  test('takes no places: they were taken before', async () => {
    const older = await openWith(olderBookings(30));
    const places = () =>
      db.query('select places_taken, updated_at from public.course_sessions where organization_id = $1', [
        older.id,
      ]);
    const before = (await places()).rows;
    await backfill(older);
    expect((await places()).rows).toEqual(before);
  });
});

describe('contact details that nobody should have written', () => {
  const bidi = '\u202e';
  const cases: [string, unknown, Omit<CustomerRow, 'email'>][] = [
    [
      'texts that are too long are cut',
      { name: 'n'.repeat(900), phone: '4'.repeat(900), company: `${'c'.repeat(199)}  tail` },
      {
        contact_person: 'n'.repeat(200),
        phone: '4'.repeat(50),
        company_name: 'c'.repeat(199),
        customer_type: 'corporate',
      },
    ],
    [
      'control characters and line breaks become blanks',
      {
        name: `\u0007Ada\r\nBcc: all@example.com\u001b[31m`,
        phone: `\u200b \t1`,
        company: `a${bidi}b\u0085c`,
      },
      {
        contact_person: 'Ada Bcc: all@example.com [31m',
        phone: '\u200b 1',
        company_name: 'a b c',
        customer_type: 'corporate',
      },
    ],
    [
      'what is no text is left out',
      { name: ['Ada'], phone: { number: 1 }, company: true },
      { contact_person: null, phone: null, company_name: null, customer_type: 'residential' },
    ],
    [
      'nothing is nothing',
      { name: null, phone: '', company: '\u00a0\u2007\u202f \t' },
      { contact_person: null, phone: null, company_name: null, customer_type: 'residential' },
    ],
    [
      'a number is what it says',
      { name: 7, phone: 436641234567, company: -0.5 },
      { contact_person: '7', phone: '436641234567', company_name: '-0.5', customer_type: 'corporate' },
    ],
    [
      'SQL and markup are names like others',
      { name: `'); drop table public.customers; --`, company: '<script>alert(1)</script>', phone: '%s\\' },
      {
        contact_person: `'); drop table public.customers; --`,
        phone: '%s\\',
        company_name: '<script>alert(1)</script>',
        customer_type: 'corporate',
      },
    ],
    [
      'other scripts are texts, too',
      { name: '李小龍', company: 'Ελληνικά', phone: '٠١٢' },
      { contact_person: '李小龍', phone: '٠١٢', company_name: 'Ελληνικά', customer_type: 'corporate' },
    ],
  ];

  test('make customers that can be, and stop nobody', async () => {
    const older = await openWith(
      cases.map(([, details], index) =>
        contact({ ...(details as object), email: `case-${index}@example.com` }),
      ),
    );
    expect(await backfill(older)).toMatchObject({
      linked: cases.length,
      created: cases.length,
      remaining: 0,
    });
    expect(
      (await customersOf(older)).map(({ email: _, ...rest }, index) => [cases[index]?.[0], rest]),
    ).toEqual(cases.map(([name, , expected]) => [name, expected]));
  });

  test('an older booking that says a thing is asked when the latest says it in a way that is none', async () => {
    const email = 'ada@example.com';
    const older = await openWith([
      contact({ email, name: 'Ada', phone: '1' }),
      contact({ email, name: { first: 'Ada' }, phone: ' \u0001 ' }),
    ]);
    await backfill(older);
    expect(await customersOf(older)).toMatchObject([{ contact_person: 'Ada', phone: '1' }]);
  });

  const unusable: [unknown, string][] = [
    [{}, 'missing_email'],
    [{ name: 'Ada' }, 'missing_email'],
    [{ email: '' }, 'missing_email'],
    [{ email: ' \t\u00a0' }, 'missing_email'],
    [{ email: null }, 'missing_email'],
    [{ email: 'ada' }, 'invalid_email'],
    [{ email: 'ada@' }, 'invalid_email'],
    [{ email: 'a@b@c' }, 'invalid_email'],
    [{ email: 'ada lovelace@example.com' }, 'invalid_email'],
    [{ email: 'ada\u00a0lovelace@example.com' }, 'invalid_email'],
    [{ email: 'ada\r\nBcc:all@example.com' }, 'invalid_email'],
    [{ email: `${'a'.repeat(65)}@example.com` }, 'invalid_email'],
    [{ email: `a@${'b'.repeat(300)}` }, 'invalid_email'],
    [{ email: 42 }, 'invalid_email'],
    [{ email: ['ada@example.com'] }, 'invalid_email'],
    [{ email: { address: 'ada@example.com' } }, 'invalid_email'],
    [{ email: true }, 'invalid_email'],
  ];

  test('are reported when they have no usable address, each with the reason, and left', async () => {
    const older = await openWith([
      ...unusable.map(([details]) => contact(details)),
      contact({ email: '\u00a0last@example.com ' }),
    ]);
    const digest = await detailsDigest(db.pool, older);
    const expected = unusable.map(([, reason], index) => ({
      booking_id: older.bookings[index],
      reference: referenceOf(index),
      reason,
    }));
    const first = await backfill(older);
    expect(first.unusable.toSorted((a, b) => a.reference.localeCompare(b.reference))).toEqual(expected);
    expect(first).toMatchObject({ examined: 1, linked: 1, created: 1, remaining: 0 });
    expect(await backfill(older)).toMatchObject({ examined: 0, unusable: first.unusable });
    expect(await detailsDigest(db.pool, older)).toBe(digest);
    expect((await linksOf(older)).slice(0, -1)).toEqual(unusable.map(() => null));
    expect((await linksOf(older)).at(-1)).toBe('last@example.com');
  });

  test('are found once somebody has put the address right', async () => {
    const older = await openWith([contact({ email: 'ada.example.com', name: 'Ada' })]);
    expect(await backfill(older)).toMatchObject({ examined: 0, unusable: [{ reason: 'invalid_email' }] });
    await db.query(
      `update public.bookings set contact_details = contact_details || '{"email": "ada@example.com"}'
       where organization_id = $1`,
      [older.id],
    );
    expect(await backfill(older)).toMatchObject({ linked: 1, created: 1, unusable: [] });
  });
});

describe('a dry run', () => {
  test('counts what all batches would do, and does nothing', async () => {
    const older = await openWith(olderBookings(90));
    await addCustomer(db.pool, older, { email: 'person-1@example.com' });
    const before = await tablesOf(db.pool, older);
    const dry = await backfill(older, { dry_run: true, batch_size: 2 });
    expect(await tablesOf(db.pool, older)).toEqual(before);
    const real = await backfill(older, { batch_size: 1000 });
    expect(dry).toEqual({ ...real, remaining: real.examined });
    expect(dry.created).toBeGreaterThan(10);
    expect(dry.unusable.length).toBeGreaterThan(3);
  });
});

describe('who may', () => {
  test('only those who manage bookings, and in their organization alone', async () => {
    const mine = await openWith([contact({ email: 'ada@example.com' })]);
    const other = await openWith([contact({ email: 'ada@example.com' })]);
    await addCustomer(db.pool, other, { email: 'grace@example.com' });
    for (const role of ['supervisor', 'plant_manager', 'viewer', 'partner', 'instructor']) {
      const user = await addMember(db.pool, mine, { roles: [role] });
      await expectRefusal(backfill(mine, {}, user), 403, 'permission_required');
    }
    await expectRefusal(backfill(mine, {}, other.staff), 403, 'organization_required');
    for (const batch_size of [0, -1, 100_001, null]) {
      await expectRefusal(backfill(mine, { batch_size }), 400, 'batch_size_invalid');
    }
    const before = await tablesOf(db.pool, other);
    expect(await backfill(mine)).toMatchObject({ linked: 1, created: 1 });
    expect(await tablesOf(db.pool, other)).toEqual(before);
  });
});

describe('however it is run', () => {
  let expected: Awaited<ReturnType<typeof tablesOf>>;
  let once: School;
  const prepare = async () => {
    const opened = await openWith(olderBookings());
    await addCustomer(db.pool, opened, {
      email: 'person-7@example.com',
      contact_person: 'Known',
      customer_since: '2019-01-01',
    });
    return opened;
  };
  const run = async (
    where: School,
    options: Parameters<typeof backfillBookings>[1] = {},
    target: Pick<Database, 'pool'> = db,
  ) => {
    const client = await target.pool.connect();
    try {
      return await backfillBookings(client, { organization: where.id, ...options });
    } finally {
      client.release();
    }
  };

  beforeAll(async () => {
    once = await prepare();
    const before = await detailsDigest(db.pool, once);
    await run(once, { batchSize: 100_000 });
    expected = await tablesOf(db.pool, once);
    expect(await detailsDigest(db.pool, once)).toBe(before);
    expect(expected.customers.length).toBeGreaterThan(50);
    await expectSound(once);
  });

  test.each([1, 7, 100])('in batches of %i it ends the same', async (batchSize) => {
    const where = await prepare();
    const result = await run(where, { batchSize });
    expect(result).toMatchObject({ outcome: 'done', remaining: 0 });
    expect(result.created).toBe(expected.customers.length - 1);
    expect(await tablesOf(db.pool, where)).toEqual(expected);
    await expectSound(where);
  });

  test('repeated, it changes nothing, not even when a row was written', async () => {
    const whole = async () =>
      (
        await db.query(
          `select md5(coalesce(string_agg(row::text, ',' order by row::text), '')) as digest
           from (
             select to_jsonb(booking) as row from public.bookings as booking where organization_id = $1
             union all
             select to_jsonb(customer) from public.customers as customer where organization_id = $1
           ) as rows`,
          [once.id],
        )
      ).rows;
    const before = await whole();
    expect(await run(once)).toMatchObject({ outcome: 'done', examined: 0, linked: 0, created: 0 });
    expect(await whole()).toEqual(before);
  });

  test('4 at once end the same, and share the work', async () => {
    const where = await prepare();
    const crowd = { pool: db.crowd(4) };
    const results = await Promise.all(Array.from({ length: 4 }, () => run(where, { batchSize: 9 }, crowd)));
    expect(results.map(({ outcome, remaining }) => ({ outcome, remaining }))).toEqual(
      results.map(() => ({ outcome: 'done', remaining: 0 })),
    );
    const linked = expected.bookings.filter(
      (row) => z.object({ customer: z.string().nullable() }).parse(row).customer !== null,
    ).length;
    expect(results.reduce((sum, result) => sum + result.linked, 0)).toBe(linked);
    expect(results.reduce((sum, result) => sum + result.created, 0)).toBe(expected.customers.length - 1);
    expect(await tablesOf(db.pool, where)).toEqual(expected);
    await expectSound(where);
  });

  test('killed between batches, it goes on where it was', async () => {
    const where = await prepare();
    const interruption = new AbortController();
    let batches = 0;
    const result = await run(where, {
      batchSize: 20,
      signal: interruption.signal,
      onBatch: () => {
        batches += 1;
        if (batches === 3) interruption.abort();
      },
    });
    expect(result).toMatchObject({ outcome: 'interrupted', linked: 60 });
    expect(result.remaining).toBeGreaterThan(100);
    await expectSound(where);
    expect(await run(where)).toMatchObject({ outcome: 'done', linked: result.remaining });
    expect(await tablesOf(db.pool, where)).toEqual(expected);
  });

  test('killed in the middle of a batch, it has done nothing of it', async () => {
    const where = await prepare();
    const before = await tablesOf(db.pool, where);
    const crowd = db.crowd(2);
    // Somebody makes a customer that the batch needs, and takes their time.
    const slow = await crowd.connect();
    await slow.query('begin');
    await slow.query(
      `insert into public.customers (organization_id, email) values ($1, 'person-50@example.com')`,
      [where.id],
    );
    const doomed = await crowd.connect();
    const {
      rows: [{ pid }],
    } = (await doomed.query('select pg_backend_pid() as pid')) as pg.QueryResult<{ pid: number }> & {
      rows: [{ pid: number }];
    };
    doomed.on('error', () => undefined);
    const batch = doomed.query('select * from private.backfill_booking_batch($1, 1000)', [where.id]).then(
      () => 'done',
      () => 'killed',
    );
    await expect
      .poll(
        async () =>
          (await db.query<{ waits: boolean }>('select cardinality(pg_blocking_pids($1)) > 0 as waits', [pid]))
            .rows[0]?.waits,
      )
      .toBe(true);
    await db.query('select pg_terminate_backend($1)', [pid]);
    expect(await batch).toBe('killed');
    doomed.release(true);
    await slow.query('rollback');
    slow.release();
    expect(await tablesOf(db.pool, where)).toEqual(before);
    await run(where, { batchSize: 50 });
    expect(await tablesOf(db.pool, where)).toEqual(expected);
    await expectSound(where);
  });

  test('what somebody is changing is left for later, and waited for', async () => {
    const where = await prepare();
    const client = await db.pool.connect();
    const asked = vi.spyOn(client, 'query');
    try {
      const patient = await inTransaction(db.pool, 'commit', async (holder) => {
        const { rows } = await holder.query<{ reference: string }>(
          `select reference from public.bookings
           where organization_id = $1 and contact_email = 'person-4@example.com' for no key update`,
          [where.id],
        );
        expect(rows).toHaveLength(3);
        const impatient = await run(where, { batchSize: 10, patienceMs: 0 });
        expect(impatient).toMatchObject({ outcome: 'locked', remaining: 3 });
        let isDone = false;
        const result = backfillBookings(client, { organization: where.id }).finally(() => (isDone = true));
        await expect.poll(() => asked.mock.calls.length, { timeout: 20_000 }).toBeGreaterThan(7);
        expect(isDone).toBe(false);
        return { result };
      });
      expect(await patient.result).toMatchObject({ outcome: 'done', linked: 3, remaining: 0 });
    } finally {
      client.release(true);
    }
    expect(await tablesOf(db.pool, where)).toEqual(expected);
  });
});

describe('in the middle of everything', () => {
  const listed = z.object({
    total: z.number(),
    bookings: z.array(
      z.looseObject({
        reference: z.string(),
        customer_id: z.string().nullable(),
        customer_name: z.string().nullable(),
      }),
    ),
  });

  test('old and new bookings are read alike before, during and after', async () => {
    const older = await openWith(
      Array.from({ length: 40 }, (_, index) =>
        contact({
          email: `someone-${index}@example.com`,
          name: `Someone ${index}`,
          phone: `+43 ${index}`,
          company: 'Firm',
        }),
      ),
    );
    await book(db, older, older.website, older.session, { email: 'new@example.com' });
    const read = async () => {
      const { bookings, total } = listed.parse(
        await callAs(db, older, older.staff, 'list_bookings', { per_page: 100 }),
      );
      expect(total).toBe(41);
      const search = listed.parse(
        await callAs(db, older, older.staff, 'list_bookings', { query: 'one 39 firm' }),
      );
      expect(search.bookings.map(({ reference }) => reference)).toEqual([referenceOf(39)]);
      return {
        linked: bookings.filter(({ customer_id }) => customer_id !== null).length,
        shown: bookings.map(({ customer_id: _, ...rest }) => rest),
      };
    };
    const before = await read();
    await backfill(older, { batch_size: 17 });
    const during = await read();
    await backfill(older);
    const after = await read();
    expect([before.linked, during.linked, after.linked]).toEqual([1, 18, 41]);
    expect(during.shown).toEqual(before.shown);
    expect(after.shown).toEqual(before.shown);
  });

  test('runs, cancellations, new bookings, payments and merges at once leave no deadlock and nothing unsound', async () => {
    const older = await openWith(
      Array.from({ length: 160 }, (_, index) =>
        contact({ email: `someone-${index % 40}@example.com`, name: `Someone ${index % 40}` }),
      ),
    );
    const sessions = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        addSession(db.pool, older, { capacity: 500, starts_in: `${40 + index} days` }),
      ),
    );
    const digest = await detailsDigest(db.pool, older);
    const crowd = { pool: db.crowd(12) };
    const client = async <T>(work: (connection: pg.PoolClient) => Promise<T>) => {
      const connection = await crowd.pool.connect();
      try {
        return await work(connection);
      } finally {
        connection.release();
      }
    };
    const failures: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>) => {
      try {
        await work();
      } catch (error) {
        failures.push(error);
      }
    };
    const twice = [1, 2].map((number) => `someone-${number}@example.com`);
    await Promise.all([
      ...Array.from({ length: 4 }, () =>
        attempt(() =>
          client((connection) => backfillBookings(connection, { organization: older.id, batchSize: 8 })),
        ),
      ),
      ...Array.from({ length: 3 }, (_, part) =>
        attempt(async () => {
          for (let index = part; index < 60; index += 3) {
            await callAs(crowd, older, older.staff, 'cancel_booking', { id: older.bookings[index] });
          }
        }),
      ),
      ...sessions.map((target, part) =>
        attempt(async () => {
          for (let index = part; index < 40; index += 2) {
            await book(crowd, older, older.website, target, { email: `someone-${39 - index}@example.com` });
          }
        }),
      ),
      attempt(async () => {
        for (let index = 100; index < 120; index += 1) {
          await callAs(crowd, older, older.staff, 'record_payment', {
            booking_id: older.bookings[index],
            amount: 40,
          });
        }
      }),
      attempt(async () => {
        for (let round = 0; round < 5; round += 1) {
          const ids = await Promise.all(
            twice.map(async (email) => {
              const made = await callAs(crowd, older, older.staff, 'find_or_create_customer', { email });
              return z.object({ id: z.string() }).parse(made).id;
            }),
          );
          await callAs(crowd, older, older.staff, 'merge_customers', { keep: ids[0], remove: ids[1] });
        }
      }),
    ]);
    expect(failures).toEqual([]);
    // A merge may have taken an address away from what was linked by then; nothing else is left.
    await client((connection) => backfillBookings(connection, { organization: older.id }));
    const { rows } = await db.query(
      `select from public.bookings where organization_id = $1 and customer_id is null`,
      [older.id],
    );
    expect(rows).toEqual([]);
    expect(await detailsDigest(db.pool, older)).toBe(digest);
    expect(await differences(older)).toEqual([]);
    const broken = (await invariants(db.pool, older.id)).map(({ invariant }) => invariant);
    // What two customers had booked in one session, the merged one has twice.
    expect(broken.filter((name) => name !== 'a customer is in a session once')).toEqual([]);
  });
});

describe('across organizations', () => {
  test('a run without one does all, each for itself, and reports them apart', async () => {
    // Everything that other tests left behind is done first.
    const client = await db.pool.connect();
    try {
      await backfillBookings(client);
      const first = await openWith([contact({ email: 'ada@example.com', name: 'First' }), contact({})]);
      const second = await openWith([contact({ email: 'ada@example.com', name: 'Second' })]);
      await found(db.pool, `Nobody-${count}`);
      const result = await backfillBookings(client, { batchSize: 1 });
      expect(result).toMatchObject({ outcome: 'done', dry_run: false, linked: 2, created: 2, remaining: 0 });
      expect(result.organizations.filter(({ linked }) => linked > 0)).toEqual(
        [first, second]
          .map(({ id, bookings }) => ({
            organization_id: id,
            examined: 1,
            linked: 1,
            created: 1,
            remaining: 0,
            unusable:
              id === first.id
                ? [{ booking_id: bookings[1], reference: referenceOf(1), reason: 'missing_email' }]
                : [],
          }))
          .toSorted((a, b) => (a.organization_id < b.organization_id ? -1 : 1)),
      );
      expect(await customersOf(first)).toMatchObject([{ contact_person: 'First' }]);
      expect(await customersOf(second)).toMatchObject([{ contact_person: 'Second' }]);
      await expect(backfillBookings(client, { organization: 'NOWHERE01' })).rejects.toThrow(
        'There is no organization NOWHERE01.',
      );
    } finally {
      client.release();
    }
  });
});
