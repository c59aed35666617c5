import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pc from 'picocolors';
import { backfillBookings } from '../../../src/bookings/backfill.ts';
import { printColumns } from '../../../src/cli/columns.ts';
import { print, printTable } from '../../../src/cli/output.ts';
import type { FunctionOutput } from '../../../src/client/index.ts';
import { Failure } from '../../../src/failure.ts';
import { withConnection } from '../../../src/postgres/connect.ts';
import type { Stack } from '../../../src/stack/start.ts';
import { type Houses, joins } from './organizations.ts';
import { dataOf, expect, expectRefusal, heading, mailTo, type Person, signUp } from './telling.ts';

type Booking = FunctionOutput<'create_booking'>;
type Session = FunctionOutput<'session_calendar'>[number];

/** A school, who works for it, and who comes. */
interface School extends Houses {
  /** The server of its website. */
  website: Person;
  /** A customer who has an account. */
  rosa: Person;
}

const schoolData = new URL('../../../supabase/seeds/first-aid.sql', import.meta.url);
const hour = 60 * 60 * 1000;
const day = 24 * hour;

const dollars = (amount: number): string =>
  amount.toLocaleString('en', { style: 'currency', currency: 'CAD', currencyDisplay: 'code' });
const inFuture = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();
const local = (moment: string): string =>
  new Date(moment).toLocaleString('en', {
    timeZone: 'America/Toronto',
    dateStyle: 'medium',
    timeStyle: 'short',
  });

/** Somebody who books on the website: a name and an address, and no password. */
const visitor = (name: string) => ({
  contact: { name, email: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@visitors.example` },
  participants: [{ name }],
  terms_accepted: true,
});

/** What was refused, and with which code; undefined for what went well. */
const refusal = (result: PromiseSettledResult<unknown>): string | undefined =>
  result.status === 'fulfilled' ? undefined : ((result.reason as { code?: string }).code ?? 'error');

async function openSchool(stack: Stack, houses: Houses, url: string): Promise<School> {
  const { olivia } = houses;
  heading('21. Northside Training moves in with its courses and its bookings');
  const sql = await readFile(schoolData, 'utf8');
  await withConnection(url, (client) => client.query(sql));
  const website = await signUp(stack, 'website@northside.example', 'Website of Northside');
  await dataOf(
    olivia.client
      .from('organizations')
      .update({ allow_self_registration: true })
      .eq('id', houses.northside)
      .select('id'),
  );
  await joins(website, 'northside', olivia, 'partner');
  const counted = async (table: 'courses' | 'venues' | 'course_sessions' | 'bookings' | 'certificates') => {
    const { count, error } = await olivia.client.from(table).select('*', { count: 'exact', head: true });
    if (error) throw new Failure(`Counting ${table} failed: ${error.message}`);
    return count ?? 0;
  };
  const bookings = await counted('bookings');
  const older = await dataOf(olivia.client.from('bookings').select('id').is('customer_id', null));
  printTable([
    ['courses', await counted('courses')],
    ['venues', await counted('venues')],
    ['sessions', await counted('course_sessions')],
    ['bookings', bookings - older.length],
    ['older bookings, without a customer', older.length],
    ['certificates', await counted('certificates')],
  ]);
  expect(
    '900 bookings of customers, 300 that only say whom to write to',
    bookings === 1200 && older.length === 300,
  );

  const calendar = await olivia.client.call('session_calendar', {
    starts_from: inFuture(0),
    starts_before: inFuture(21 * day),
  });
  printColumns(
    ['  when', 'course', 'where', 'taken', 'fill rate', 'status'],
    calendar
      .slice(0, 6)
      .map((session) => [
        `  ${local(session.starts_at)}`,
        session.course_name,
        session.venue_name ?? 'online',
        `${session.places_taken} of ${session.capacity}`,
        `${Math.round(session.fill_rate * 100)} %`,
        session.status,
      ]),
  );
  expect('the calendar of three weeks comes in one call', calendar.length > 10);
  const seen = await dataOf(website.client.from('bookings').select('id'));
  expect('the website may book, and reads no booking', seen.length === 0);

  const rosa = await signUp(stack, 'rosa@northside.example', 'Rosa Martínez');
  await joins(rosa, 'northside', olivia);
  return { ...houses, website, rosa };
}

/** A session like another that nobody has booked yet, in a room of its own, open for bookings. */
async function newSession({ olivia }: School, like: Session, startsIn: number): Promise<string> {
  const [planned] = await dataOf(
    olivia.client
      .from('course_sessions')
      .insert({
        course_id: like.course_id,
        venue_id: like.venue_id,
        room: `Room ${randomUUID().slice(0, 4)}`,
        starts_at: inFuture(startsIn),
        ends_at: inFuture(startsIn + 4 * hour),
      })
      .select('id'),
  );
  const published = await olivia.client.call('publish_session', { id: planned?.id ?? '' });
  return published.id;
}

async function bookOnline(stack: Stack, school: School, session: Session): Promise<void> {
  const { website, olivia } = school;
  heading('22. A family books on the website, without a password');
  const price = await website.client.call('booking_price', {
    session_id: session.id,
    places: 3,
    discount_code: 'WINTER15',
  });
  printTable([
    ['3 places', dollars(price.subtotal)],
    ['WINTER15', `- ${dollars(price.code_discount)}`],
    ['to pay', dollars(price.total)],
  ]);
  const family = {
    session_id: session.id,
    contact: { name: 'Ana Silva', email: 'Ana.Silva@visitors.example', phone: '416 555-0199' },
    participants: [
      { name: 'Ana Silva', is_primary: true },
      {
        name: 'Rui Silva',
        requirements: [{ kind: 'medical' as const, note: 'Diabetic', priority: 'high' as const }],
      },
      { name: 'Inês Silva' },
    ],
    discount_code: 'winter15',
    expected_total: price.total,
    terms_accepted: true,
    idempotency_key: randomUUID(),
  };
  await expectRefusal(
    'the page shows an old price',
    'invalid_amount',
    website.client.call('create_booking', { ...family, idempotency_key: randomUUID(), expected_total: 1 }),
  );
  const sent = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => website.client.call('create_booking', family)),
  );
  const [booked] = answers;
  if (booked === undefined) throw new Failure('There is no answer.');
  expect(
    `the button is pressed five times: one booking, ${booked.reference}, ${dollars(booked.total)}, ${booked.status}`,
    new Set(answers.map((answer) => JSON.stringify(answer))).size === 1 && booked.total === price.total,
  );
  await expectRefusal(
    'the same key with somebody else on the list',
    'idempotency_mismatch',
    website.client.call('create_booking', { ...family, participants: family.participants.slice(1) }),
  );
  const mail = await mailTo(stack, 'ana.silva@visitors.example');
  printTable([
    ['mail', mail.subject ?? ''],
    ['attached', mail.attachments.map(({ filename }) => filename).join(', ')],
    ['arrived after', `${Math.round(performance.now() - sent)} ms`],
  ]);
  expect('it brings the confirmation and a date for the calendar', mail.attachments.length === 2);
  const path = `${school.northside}/bookings/${booked.id}/confirmation.pdf`;
  const pdf = await olivia.client.supabase.storage.from('documents').download(path);
  expect(
    'the confirmation is kept as PDF in the organization’s part of Storage',
    pdf.error === null && (await pdf.data.text()).startsWith('%PDF-'),
  );
  const foreign = await school.anna.client.supabase.storage.from('documents').download(path);
  expect('where Anna, of Moser, finds nothing', foreign.error !== null);
}

async function sellOut(stack: Stack, school: School, like: Session): Promise<void> {
  const { website, olivia } = school;
  heading('23. A session sells out');
  const session_id = await newSession(school, like, 20 * day);
  const clients = 60;
  const started = performance.now();
  const results = await Promise.allSettled(
    Array.from({ length: clients }, (_, index) =>
      website.client.call('create_booking', {
        session_id,
        ...visitor(`Guest ${'abcdefghij'[index % 10] ?? ''}${'klmnop'[Math.floor(index / 10)] ?? ''}`),
      }),
    ),
  );
  const sold = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const session = async () => {
    const [row] = await dataOf(
      olivia.client
        .from('course_sessions')
        .select('status, capacity, places_taken, places_held')
        .eq('id', session_id),
    );
    if (row === undefined) throw new Failure('The session is gone.');
    return row;
  };
  const after = await session();
  printTable([
    ['places', after.capacity],
    ['clients at once', clients],
    ['sold', sold.length],
    [
      'refused, insufficient_capacity',
      results.filter((result) => refusal(result) === 'insufficient_capacity').length,
    ],
    ['time', `${Math.round(performance.now() - started)} ms`],
  ]);
  expect(
    `exactly ${after.capacity} places were sold, and the session is ${after.status}`,
    sold.length === after.capacity && after.places_taken === after.capacity && after.status === 'full',
  );

  heading('24. The waitlist moves');
  const first = visitor('Wendy First');
  const second = visitor('Walter Second');
  for (const { contact } of [first, second]) {
    const entry = await website.client.call('join_waitlist', { session_id, contact });
    print(`    ${contact.name} waits in place ${entry.position}`);
  }
  const [given] = sold;
  if (given === undefined) throw new Failure('Nothing was sold.');
  await olivia.client.call('cancel_booking', { id: given.id, reason: 'Ill' });
  const offer = await mailTo(stack, first.contact.email);
  expect(
    `a place comes free, and Wendy is written to: ${pc.dim(offer.subject ?? '')}`,
    offer.subject !== undefined,
  );
  const held = await session();
  expect('it is kept for her', held.places_held === 1 && held.places_taken === held.capacity - 1);
  await expectRefusal(
    'somebody quick does not get it',
    'insufficient_capacity',
    website.client.call('create_booking', { session_id, ...visitor('Quentin Quick') }),
  );
  await expectRefusal(
    'nor does Walter, who is next',
    'insufficient_capacity',
    website.client.call('create_booking', { session_id, ...second }),
  );
  const hers = await website.client.call('create_booking', { session_id, ...first });
  const full = await session();
  expect(
    `Wendy books: ${hers.reference}; the session is ${full.status} again`,
    full.places_held === 0 && full.places_taken === full.capacity && full.status === 'full',
  );
}

async function cancelAndRefund(school: School, like: Session): Promise<void> {
  const { olivia, rosa } = school;
  heading('25. Rosa cancels, in time and too late');
  const rosaBooks = async (startsIn: number): Promise<Booking> => {
    const session_id = await newSession(school, like, startsIn);
    const booked = await rosa.client.call('create_booking', {
      session_id,
      contact: { name: rosa.name },
      participants: [{ name: rosa.name }],
      terms_accepted: true,
    });
    await olivia.client.call('record_payment', {
      booking_id: booked.id,
      amount: booked.total,
      method: 'cash',
    });
    return booked;
  };
  const soon = await rosaBooks(30 * hour);
  const later = await rosaBooks(30 * day);
  const mine = await dataOf(rosa.client.from('bookings').select('reference, status, amount_paid'));
  expect(
    `she has an account, and sees her ${mine.length} bookings, paid and confirmed`,
    mine.length === 2 && mine.every(({ status, amount_paid }) => status === 'confirmed' && amount_paid > 0),
  );
  await expectRefusal(
    'the one of tomorrow she cannot cancel any more',
    'cancellation_too_late',
    rosa.client.call('cancel_booking', { id: soon.id }),
  );
  const byStaff = await olivia.client.call('cancel_booking', {
    id: soon.id,
    reason: 'A death in the family',
  });
  expect('Olivia can', byStaff.status === 'cancelled');
  const cancelled = await rosa.client.call('cancel_booking', { id: later.id, reason: 'Moving house' });
  const refunds = () =>
    dataOf(
      olivia.client
        .from('refunds')
        .select('id, status, amount')
        .eq('booking_id', later.id)
        .order('created_at'),
    );
  const [refund] = await refunds();
  expect(
    `that of next month she cancels herself: by the rules, ${dollars(refund?.amount ?? 0)} come back`,
    cancelled.status === 'cancelled' && refund?.status === 'approved' && refund.amount === later.total,
  );

  heading('26. The money is given back');
  const spent = async () => {
    const customer = await rosa.client.call('get_or_create_customer');
    return { bookings: customer.total_bookings, spent: customer.total_spent };
  };
  const before = await spent();
  await olivia.client.call('complete_refund', { id: refund?.id ?? '' });
  const goodwill = await olivia.client.call('request_refund', {
    booking_id: soon.id,
    reason: 'Goodwill',
    amount: soon.total / 2,
  });
  await expectRefusal(
    'a second refund of the same booking',
    'refund_open',
    olivia.client.call('request_refund', { booking_id: soon.id }),
  );
  await olivia.client.call('reject_refund', { id: goodwill.id, reason: 'A voucher instead' });
  const after = await spent();
  const [paidBack] = await dataOf(
    rosa.client.from('bookings').select('status, amount_paid, amount_refunded').eq('id', later.id),
  );
  printTable([
    ['Rosa had spent', dollars(before.spent)],
    ['after the refund', dollars(after.spent)],
    ['her bookings that count', after.bookings],
  ]);
  expect(
    `the booking is ${paidBack?.status ?? 'gone'}; the refund that was rejected changed nothing`,
    paidBack?.status === 'refunded' &&
      paidBack.amount_refunded === later.total &&
      Math.abs(before.spent - after.spent - later.total) < 0.001,
  );
}

async function tidyUp(school: School, url: string): Promise<void> {
  const { olivia } = school;
  heading('27. rowhouse bookings backfill');
  await withConnection(url, async (client) => {
    const fingerprint = async (): Promise<string> => {
      const { rows } = await client.query<{ md5: string }>(
        `select md5(string_agg(contact_details::text, ',' order by id)) from public.bookings`,
      );
      return rows[0]?.md5 ?? '';
    };
    const untouched = await fingerprint();
    const options = { organization: school.northside, batchSize: 100 };
    const dry = await backfillBookings(client, { ...options, dryRun: true });
    const real = await backfillBookings(client, options);
    const again = await backfillBookings(client, options);
    printTable([
      ['', 'dry run, real, again'],
      ['linked', `${dry.linked}, ${real.linked}, ${again.linked}`],
      ['customers made', `${dry.created}, ${real.created}, ${again.created}`],
      ['cannot be', `${dry.unusable}, ${real.unusable}, ${again.unusable}`],
    ]);
    for (const { reference, reason } of real.organizations[0]?.unusable.slice(0, 3) ?? []) {
      print(pc.dim(`    ${reference}: ${reason}`));
    }
    expect(
      'it does what it said it would, and once',
      dry.linked === real.linked && dry.created === real.created && real.linked > 0 && again.linked === 0,
    );
    expect('each booking that it cannot use is named with its reason', real.unusable === 300 - real.linked);
    expect('what they said of whom to write to is as it was', (await fingerprint()) === untouched);
  });
  const differences = await olivia.client.call('recalculate_customer_statistics');
  expect(
    'and the statistics of every customer are what a count from scratch says: 0 differences',
    differences.length === 0,
  );
}

/**
 * The demo's part about bookings: a training company with its courses and its past, a family that books, a session that
 * sells out, a waitlist that moves, cancellations, refunds, and older bookings that find their customers.
 *
 * @param stack the running stack
 * @param houses the organizations and their people
 * @param url connection string of role `postgres`
 */
export async function bookings(stack: Stack, houses: Houses, url: string): Promise<void> {
  const school = await openSchool(stack, houses, url);
  const calendar = await school.olivia.client.call('session_calendar', {
    starts_from: inFuture(2 * day),
    starts_before: inFuture(90 * day),
  });
  // One that takes adults and children alike, costs something, and has room.
  const session = calendar.find(
    ({ course_name, status, places_left }) =>
      course_name === 'CPR-C and AED' && status === 'published' && places_left >= 1,
  );
  const roomy = calendar.find(
    ({ course_name, status, places_left }) =>
      /first aid and cpr-c$/i.test(course_name) && status === 'published' && places_left >= 3,
  );
  if (session === undefined || roomy === undefined) throw new Failure('No session has room.');
  await bookOnline(stack, school, roomy);
  await sellOut(stack, school, session);
  await cancelAndRefund(school, session);
  await tidyUp(school, url);
}
