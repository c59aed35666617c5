import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { withConnection } from '../src/postgres/connect.ts';
import { backfillBookings } from '../src/bookings/backfill.ts';
import { interleave, median, type Pair, quantile, timed } from './support/measure.ts';
import {
  type BookingBase,
  hotSessions,
  makeBookingBase,
  makeCalendar,
  makeOlderBookings,
  sessionOf,
  spreadSessions,
} from './support/bookings-base.ts';
import { type Place, progress, withPlace } from './support/place.ts';
import { type Bench, type Comparison, comparison, type Figure, figure } from './support/report.ts';
import { send, settings, type Side, type Statement } from './support/requests.ts';
import { managerCaller } from './support/sales-customers.ts';
import { callOf } from './support/sales-requests.ts';

/** How many clients book at once. */
const crowds = [1, 8, 32];
const olderBookings = 100_000;
const calendarSessions = 10_000;
const caller = managerCaller(0, 10);

const callTypes = { session_id: 'uuid', contact: 'jsonb', participants: 'jsonb', terms_accepted: 'boolean' };

function booking(side: Side, sessionId: string, number: number, { auditRows }: BookingBase): Statement[] {
  const email = `customer${number}@example.com`;
  if (side === 'ours') {
    return [
      callOf('create_booking', callTypes, {
        session_id: sessionId,
        contact: { name: 'Ada Lovelace', email },
        participants: [{ name: 'Ada Lovelace', email }],
        terms_accepted: true,
      }),
    ];
  }
  const [bookingId, invoiceId, attendeeId] = [randomUUID(), randomUUID(), randomUUID()];
  return [
    {
      text: `insert into bench.bookings (
               organization_id, id, session_id, customer_id, reference, status, attendee_count, unit_price, subtotal, total,
               currency, terms_accepted_at, created_by
             )
             select $1, $2, $3, id, private.random_reference(), 'pending', 1, 100, 100, 100, 'EUR', now(), $4
             from public.customers where organization_id = $1 and email = $5`,
      values: [caller.organizationId, bookingId, sessionId, caller.userId, email],
    },
    {
      text: `insert into bench.booking_attendees (organization_id, id, booking_id, name, email, is_primary)
             values ($1, $2, $3, 'Ada Lovelace', $4, true)`,
      values: [caller.organizationId, attendeeId, bookingId, email],
    },
    {
      text: `insert into bench.invoices (
               organization_id, id, booking_id, description, quantity, unit_price, subtotal, total, currency
             ) values ($1, $2, $3, 'First aid, 2027-01-15', 1, 100, 100, 100, 'EUR')`,
      values: [caller.organizationId, invoiceId, bookingId],
    },
    {
      text: `insert into public.audit_logs (organization_id, actor_id, actor_role, action, table_name, row_key, after)
             select $1, $2, 'authenticated', 'create', log.table_name, log.row_key, log.after
             from unnest($3::text[], $4::jsonb[], $5::jsonb[]) as log (table_name, row_key, after)`,
      values: [
        caller.organizationId,
        caller.userId,
        auditRows.map(({ table_name }) => table_name),
        auditRows.map(() => JSON.stringify({ id: bookingId })),
        auditRows.map(({ after }) => JSON.stringify(after)),
      ],
    },
    {
      text: `select pgmq.send('bench', $1::jsonb)`,
      values: [
        JSON.stringify({
          kind: 'bookings.confirmation',
          payload: { organization_id: caller.organizationId, booking_id: bookingId },
        }),
      ],
    },
  ];
}

/** A transaction: ours as PostgREST sends it, the floor's statements in one, past every policy. */
async function book(client: pg.Client, side: Side, statements: Statement[]): Promise<void> {
  await client.query('begin');
  if (side === 'ours') await send(client, settings(caller, 'POST', true));
  for (const statement of statements) await send(client, statement);
  await client.query('commit');
}

/** So many clients book at once, each one booking after the other; the time until the last has done. */
async function crowded(
  place: Place,
  base: BookingBase,
  options: { clients: number; bookings: number; rounds: number; sessions: string[]; name: string },
): Promise<Comparison> {
  const { clients, bookings, rounds, sessions, name } = options;
  const connections = await Promise.all(Array.from({ length: clients }, () => place.open('bookings')));
  const each = Math.ceil(bookings / clients);
  const side = (which: Side) => async (): Promise<number> => {
    const plans = connections.map(() =>
      Array.from({ length: each }, () => {
        const number = base.nextCustomer();
        return booking(which, sessions[number % sessions.length] ?? '', number, base);
      }),
    );
    return timed(() =>
      Promise.all(
        connections.map(async (client, index) => {
          for (const statements of plans[index] ?? []) await book(client, which, statements);
        }),
      ),
    );
  };
  const pairs = await interleave(rounds, { ours: side('ours'), floor: side('floor') }, 2);
  await Promise.all(connections.map((client) => client.end()));
  return comparison(name, pairs, {
    unit: 'ms a booking',
    per: each * clients,
    ratioOf: 'rate',
    target: { atLeast: 0.35 },
  });
}

/** What the bookings have left must be what was asked for; a fast way to lose some would be no merit. */
async function checkPlaces(place: Place, base: BookingBase): Promise<void> {
  await withConnection(place.url('bookings'), async (client) => {
    const { rows } = await client.query<{ wrong: string; ours: string; floor: string }>(
      `select
         (select count(*) from public.course_sessions as session
          where session.places_taken <> (
            select coalesce(sum(attendee_count), 0) from public.bookings as booking
            where booking.organization_id = session.organization_id and booking.session_id = session.id
          )) as wrong,
         (select count(*) from public.bookings) as ours,
         (select count(*) from bench.bookings) as floor`,
    );
    const [found] = rows;
    if (found?.wrong !== '0' || Number(found.ours) + Number(found.floor) !== base.customersUsed()) {
      throw new Error(`The bookings do not add up: ${JSON.stringify(found)}.`);
    }
  });
}

/** What reading first and writing then sells, by so many clients at once: without a lock, and without the last guard. */
async function naive(place: Place, clients: number): Promise<Figure> {
  const connections = await Promise.all(Array.from({ length: clients }, () => place.open('bookings')));
  await connections[0]?.query(
    `create table bench.sessions (id integer primary key, capacity integer not null, taken integer not null default 0);
     create table bench.sold (id bigint generated always as identity primary key, session_id integer not null);
     insert into bench.sessions (id, capacity) values (1, 12)`,
  );
  const outcomes = await Promise.all(
    connections.map(async (client) => {
      await client.query('begin');
      const { rows } = await client.query<{ is_open: boolean }>(
        `select (select count(*) from bench.sold where session_id = 1) < capacity as is_open from bench.sessions`,
      );
      const isOpen = rows[0]?.is_open ?? false;
      if (isOpen) await client.query('insert into bench.sold (session_id) values (1)');
      await client.query('commit');
      return isOpen;
    }),
  );
  await Promise.all(connections.map((client) => client.end()));
  return figure(
    `12 places and ${clients} clients at once: sold by reading first and writing then, which create_booking does not do`,
    outcomes.filter(Boolean).length,
    'places',
  );
}

async function backfill(place: Place, organizations: string[]): Promise<Comparison> {
  const client = await place.open('bookings');
  const pairs: Pair[] = [];
  for (const [round, organization] of organizations.entries()) {
    const ours = () =>
      timed(async () => {
        const report = await backfillBookings(client, { organization, batchSize: 5000 });
        if (report.remaining !== 0) throw new Error(`${report.remaining} older bookings remain.`);
      });
    const floor = () =>
      timed(async () => {
        await client.query('begin');
        await client.query(
          `insert into bench.customers (organization_id, email, contact_person, phone, customer_type)
           select distinct on (contact_email)
             organization_id, contact_email, contact_details ->> 'name', contact_details ->> 'phone', 'residential'
           from bench.older where organization_id = $1 and customer_id is null
           order by contact_email
           on conflict (organization_id, email) do nothing`,
          [organization],
        );
        await client.query(
          `update bench.older as booking set customer_id = customer.id
           from bench.customers as customer
           where booking.organization_id = $1 and booking.customer_id is null
             and customer.organization_id = $1 and customer.email = booking.contact_email`,
          [organization],
        );
        await client.query('commit');
      });
    const times =
      round % 2 === 0 ? [await ours(), await floor()] : [await floor(), await ours()].toReversed();
    pairs.push({ ours: times[0] ?? NaN, floor: times[1] ?? NaN });
  }
  return comparison('backfill of older bookings, over one insert and one update', pairs, {
    unit: 'ms',
    ratioOf: 'time',
    target: { atMost: 3 },
  });
}

async function calendar(place: Place, sessions: number, rounds: number): Promise<Figure[]> {
  const client = await place.open('bookings');
  const times: number[] = [];
  await client.query('begin');
  await send(client, settings(caller, 'GET', true));
  for (let round = -3; round < rounds; round += 1) {
    const time = await timed(async () => {
      const { rows } = await client.query<{ rows: string; full: string }>({
        name: 'calendar',
        text: `select count(*) as rows, count(*) filter (where entry.fill_rate is not null) as full
               from public.session_calendar('2031-01-01', '2031-12-31') as entry`,
      });
      if (Number(rows[0]?.full) !== sessions) throw new Error(`The calendar has ${rows[0]?.rows} sessions.`);
    });
    if (round >= 0) times.push(time);
  }
  await client.query('rollback');
  const name = `session calendar with the fill rates of ${sessions.toLocaleString('en')} sessions`;
  return [
    figure(`${name}, p50`, median(times), 'ms', { atMost: 50 }),
    figure(`${name}, p95`, quantile(times, 0.95), 'ms'),
  ];
}

async function measure(place: Place, scale: number) {
  const rounds = Math.max(3, Math.ceil(12 * scale));
  const perRound = Math.max(64, Math.ceil(320 * scale));
  const base = await makeBookingBase(place, 2 * crowds.length * 2 * (rounds + 2) * (perRound + 32));
  const comparisons: Comparison[] = [];
  for (const clients of crowds) {
    const common = { clients, bookings: perRound, rounds };
    const people = `${clients} ${clients === 1 ? 'client' : 'clients'}`;
    progress(`booking by ${people}`);
    comparisons.push(
      await crowded(place, base, {
        ...common,
        sessions: [hotSessions[crowds.indexOf(clients)] ?? ''],
        name: `create_booking, ${people}, one session`,
      }),
      await crowded(place, base, {
        ...common,
        sessions: spreadSessions.map((number) => sessionOf(number)),
        name: `create_booking, ${people}, 100 sessions`,
      }),
    );
  }
  await checkPlaces(place, base);
  const figures = [await naive(place, 60)];

  const older = Math.max(2000, Math.ceil(olderBookings * scale));
  const organizations = await makeOlderBookings(place, 3, older);
  comparisons.push(await backfill(place, organizations));

  const sessions = Math.max(1000, Math.ceil(calendarSessions * scale));
  await makeCalendar(place, sessions);
  figures.push(...(await calendar(place, sessions, 30)));
  return { comparisons, figures, notes: notesOf(perRound, older) };
}

const notesOf = (perRound: number, older: number) => [
  `create_booking: ${perRound} bookings a round of one place each, by customers who are known, each its own transaction that waits for the disk. Ours is a request as PostgREST makes it. The floor inserts the same rows (booking, attendee, invoice, what the audit log has of them, message of the queue) with all that was computed given, by one statement each, as the owner of tables of the same columns, checks, indexes and foreign keys, without triggers: it locks no session, counts no places, keeps no statistics, and would oversell.`,
  `Backfill: ${older.toLocaleString('en')} older bookings of an organization, of 100 sessions; half of the addresses are customers already, each address has two bookings. Ours works in batches of 5,000, each its own transaction, and leaves the statistics of the customers right; the floor is one insert and one update in tables without triggers.`,
  'Calendar: the statement alone, by one connection, all rows read on the server.',
];

export const bench: Bench = {
  description:
    'bookings: whole transactions over the bare inserts, the backfill over a bare update, the calendar',
  run: (scale) => withPlace(['bookings'], { max_connections: '120' }, (place) => measure(place, scale)),
};
