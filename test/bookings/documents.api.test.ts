import { createHash, randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import ical from 'node-ical';
import pg from 'pg';
import type { Email } from 'postal-mime';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRowhouseClient } from '../../src/client/index.ts';
import { handlers } from '../../src/jobs/handlers.ts';
import { callAs } from '../customers/customers.ts';
import { readPdf } from '../documents/support/read.ts';
import { mailsOf, type Person, signUp, signUpOwner } from '../notifications/people.ts';
import { hostileNames } from '../notifications/samples.ts';
import { eventually } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';
import { addMember } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, importBooking, newEmail, type Receipt } from './bookings.ts';

const stack = useStack();
let pool: pg.Pool;
let owner: Person & { organizationId: string };
let stranger: Person & { organizationId: string };
const school = () => ({ id: owner.organizationId });

/** Somebody with an account who belongs to the school. */
async function member(email: string, roles: string[] = []): Promise<Person> {
  const person = await signUp(stack, email, email.split('@')[0]);
  await addMember(pool, school(), { user: person.id, roles });
  await person.client.auth.refreshSession();
  return person;
}

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: stack.dbUrl, max: 4 });
  owner = await signUpOwner(stack, 'school', { organization: 'Northside & Söhne', owner: 'Olga' });
  stranger = await signUpOwner(stack, 'elsewhere');
  await pool.query(`update public.organizations set timezone = 'Europe/Warsaw' where id = $1`, [
    owner.organizationId,
  ]);
});
afterAll(() => pool.end());

/** Books as staff for whoever has an address. */
async function booked(
  email: string,
  particulars: Record<string, unknown> = {},
  args: Record<string, unknown> = {},
) {
  const course_id = await addCourse(pool, school(), {
    name: 'First aid at work',
    price: 120.5,
    ...particulars,
  });
  const session = await addSession(pool, school(), { course_id });
  return book({ pool }, school(), owner.id, session, { email, attendees: 2, ...args });
}

const asOwner = (name: string, args: Record<string, unknown>) =>
  callAs({ pool }, school(), owner.id, name, args);

const pathOf = ({ id }: Pick<Receipt, 'id'>, file = 'confirmation.pdf') =>
  `${owner.organizationId}/bookings/${id}/${file}`;

async function download(person: Pick<Person, 'client'>, path: string): Promise<Uint8Array | undefined> {
  const { data, error } = await person.client.supabase.storage.from('documents').download(path);
  return error ? undefined : new Uint8Array(await data.arrayBuffer());
}

async function document(path: string): Promise<Uint8Array> {
  let found: Uint8Array | undefined;
  await eventually(async () => (found = await download(owner, path)) !== undefined);
  return found ?? new Uint8Array();
}

/** The mails of a kind that somebody has got; waits for the first, or for as many. */
async function mailsTo(address: string, kind: string, count = 1): Promise<Email[]> {
  let found: Email[] = [];
  await eventually(async () => {
    const mails = await mailsOf(stack);
    found = mails
      .filter(({ file, email }) => file.includes(`-bookings.${kind}.`) && email.to?.[0]?.address === address)
      .map(({ email }) => email);
    return found.length >= count;
  });
  return found;
}

const bytesOf = ({ content }: { content: unknown } = { content: '' }) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content as ArrayBuffer);
const attached = (email: Email | undefined, name: string) =>
  bytesOf(email?.attachments.find(({ filename }) => filename === name));
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function eventIn(text: string): ical.VEvent {
  const events = Object.values(ical.sync.parseICS(text)).filter((entry) => entry?.type === 'VEVENT');
  const [event, ...others] = events;
  if (event === undefined || others.length > 0) throw new Error(`This is not one event: ${text}`);
  return event;
}

/** Waits until the worker has nothing left to do. */
async function idle(): Promise<void> {
  await eventually(async () => {
    const { rows } = await pool.query<{ n: string }>(
      'select (select count(*) from pgmq.q_bookings) + (select count(*) from pgmq.q_payments) as n',
    );
    return rows[0]?.n === '0';
  });
}

describe('a booking', () => {
  test('is confirmed by a document in Storage, and by mail with that and an entry for the calendar', async () => {
    const email = newEmail();
    const booking = await booked(email);
    const [mail] = await mailsTo(email, 'confirmation');
    expect(mail).toMatchObject({
      from: { address: 'rowhouse@localhost' },
      to: [{ address: email }],
      subject: `Your booking ${booking.reference}: First aid at work`,
    });
    expect(mail?.text).toContain('Hello Ada Lovelace,');
    expect(mail?.text).toContain(
      'Northside & Söhne has your booking of 2 places. It is confirmed once it is paid.',
    );
    expect(mail?.text).toContain(`Reference: ${booking.reference}`);
    expect(mail?.text).toContain('EUR\u00a0241.00');
    expect(mail?.html).toContain('Northside &amp; Söhne');

    expect(mail?.attachments.map(({ filename, mimeType }) => [filename, mimeType])).toEqual([
      [`confirmation-${booking.reference}.pdf`, 'application/pdf'],
      ['calendar.ics', 'text/calendar'],
    ]);
    const pdf = attached(mail, `confirmation-${booking.reference}.pdf`);
    const { text } = await readPdf(pdf.slice());
    expect(text).toContain('Northside & Söhne');
    expect(text).toContain(`Reference ${booking.reference}`);
    expect(text).toContain('1. Participant 1 2. Participant 2');
    expect(hash(await document(pathOf(booking)))).toBe(hash(pdf));

    const event = eventIn(new TextDecoder().decode(attached(mail, 'calendar.ics')));
    expect(event).toMatchObject({
      summary: 'First aid at work',
      status: 'TENTATIVE',
      uid: `${booking.id}@${owner.organizationId.toLowerCase()}.rowhouse`,
    });
  });

  test('has a document that its customer and staff read, and nobody else', async () => {
    const customer = await member('customer@example.com');
    const booking = await booked(customer.email);
    const other = await member('other@example.com');
    await booked(other.email);
    const teacher = await member('teacher@example.com', ['instructor']);
    await pool.query('update public.course_sessions set instructor_id = $1 where id = $2', [
      teacher.id,
      booking.session_id,
    ]);
    const viewer = await member('viewer@example.com', ['viewer']);
    const nobody = {
      client: createRowhouseClient(stack.apiUrl, stack.publishableKey, {
        auth: { persistSession: false, autoRefreshToken: false },
      }),
    };
    const expected = hash(await document(pathOf(booking)));
    await customer.client.call('get_or_create_customer');
    await other.client.call('get_or_create_customer');

    for (const person of [customer, viewer, owner]) {
      const read = await download(person, pathOf(booking));
      expect(read && hash(read), `${person.email} reads it`).toBe(expected);
    }
    for (const person of [other, teacher, stranger, nobody]) {
      expect(await download(person, pathOf(booking))).toBeUndefined();
    }
    const bucket = customer.client.supabase.storage.from('documents');
    const { data: listed } = await bucket.list(`${owner.organizationId}/bookings/${booking.id}`);
    expect(listed?.map(({ name }) => name)).toEqual(['confirmation.pdf']);
    const own = new Blob(['%PDF-1.7'], { type: 'application/pdf' });
    for (const [path, upsert] of [
      [pathOf(booking), true],
      [pathOf(booking, 'more.pdf'), false],
    ] as const) {
      expect((await bucket.upload(path, own, { upsert })).error).not.toBeNull();
    }
    await bucket.remove([pathOf(booking)]);
    expect(hash(await document(pathOf(booking)))).toBe(expected);
  });

  test('is confirmed once more when staff asks for it', async () => {
    const email = newEmail();
    const booking = await booked(email);
    const [first] = await mailsTo(email, 'confirmation');
    expect(await asOwner('resend_confirmation', { booking_id: booking.id })).toBe(email);
    const [one, two] = await mailsTo(email, 'confirmation', 2);
    expect(one?.messageId).not.toBe(two?.messageId);
    expect(hash(await document(pathOf(booking)))).toBe(
      hash(attached(first, `confirmation-${booking.reference}.pdf`)),
    );
  });

  test('that is cancelled is taken off the calendar by mail, and says what comes back', async () => {
    const email = newEmail();
    const booking = await booked(email);
    await asOwner('record_payment', { booking_id: booking.id, amount: 241 });
    await asOwner('cancel_booking', { id: booking.id, reason: 'Ill, see http://evil.example/' });
    const [mail] = await mailsTo(email, 'cancellation');
    expect(mail).toMatchObject({ subject: `Cancelled: your booking ${booking.reference}` });
    expect(mail?.text).toContain('EUR\u00a0241.00 are being given back.');
    expect(mail?.text).not.toContain('http://evil.example');
    const calendar = new TextDecoder().decode(attached(mail, 'calendar.ics'));
    expect(calendar).toContain('METHOD:CANCEL');
    expect(eventIn(calendar)).toMatchObject({ status: 'CANCELLED' });
  });

  test('has an invoice, which is kept and sent with its number', async () => {
    const customer = await member('invoiced@example.com');
    const booking = await booked(customer.email);
    await customer.client.call('get_or_create_customer');
    const sent = (await asOwner('send_invoice', { id: booking.invoice_id })) as { number: string };
    expect(sent.number).toMatch(/^INV-\d{4}-\d{5}$/);
    const [mail] = await mailsTo(customer.email, 'invoice');
    expect(mail).toMatchObject({ subject: `Invoice ${sent.number} of Northside & Söhne` });
    const pdf = attached(mail, `${sent.number}.pdf`);
    const { text } = await readPdf(pdf.slice());
    expect(text).toContain(sent.number);
    expect(text).toContain('Total EUR 241.00');
    const path = pathOf(booking, `${sent.number}.pdf`);
    expect(hash(await document(path))).toBe(hash(pdf));
    const theirs = await download(customer, path);
    expect(theirs && hash(theirs)).toBe(hash(pdf));
    expect(await download(stranger, path)).toBeUndefined();
  });

  test('that frees a place has it offered by mail to who waits, and until when', async () => {
    const course_id = await addCourse(pool, school(), { name: 'Fire drill' });
    const session = await addSession(pool, school(), { course_id, capacity: 1 });
    const booking = await book({ pool }, school(), owner.id, session);
    const email = newEmail();
    await asOwner('join_waitlist', {
      session_id: session,
      contact: JSON.stringify({ email, name: 'Grace' }),
    });
    await asOwner('cancel_booking', { id: booking.id });
    const [mail] = await mailsTo(email, 'waitlist_offer');
    expect(mail).toMatchObject({ subject: '1 place free: Fire drill' });
    expect(mail?.text).toMatch(
      /keeps 1 place for you until \w+ \d+ \w+ \d{4}, \d\d:\d\d \(Europe\/Warsaw, UTC\+0\d:00\)\./,
    );
    expect(mail?.text).toContain(`http://127.0.0.1:3000/sessions/${session}\n`);
  });

  test('of a customer with a hostile name makes a mail like any other', async () => {
    for (const name of hostileNames.filter(
      (each) => !/[\0\ud800]/.test(each) && each.trim() !== '' && each.length < 200,
    )) {
      const email = newEmail();
      // Past the functions, which would refuse some of them.
      const booking = await importBooking(
        pool,
        school(),
        await addSession(pool, school()),
        { email, name, company: name },
        { attendee_count: 1 },
      );
      await pool.query(`select private.enqueue('bookings', 'bookings.confirmation', $1)`, [
        { organization_id: owner.organizationId, booking_id: booking },
      ]);
      const [mail] = await mailsTo(email, 'confirmation');
      expect(mail?.to).toEqual([{ name: '', address: email }]);
      expect(mail?.bcc ?? []).toEqual([]);
      expect(mail?.text).not.toMatch(/https?:\/\/|[\u202a-\u202e]/);
      expect(mail?.html).not.toMatch(/<script|<img|<a /);
      expect(mail?.attachments).toHaveLength(2);
    }
  });

  test('of long ago without an e-mail address has a document, and nobody gets a mail', async () => {
    const before = (await mailsOf(stack)).length;
    const session = await addSession(pool, school());
    const id = await importBooking(pool, school(), session, { name: 'Charles' });
    for (const kind of ['confirmation', 'cancellation']) {
      await pool.query(`select private.enqueue('bookings', $1, $2)`, [
        `bookings.${kind}`,
        { organization_id: owner.organizationId, booking_id: id },
      ]);
    }
    const { text } = await readPdf(await document(pathOf({ id })));
    expect(text).toContain('Charles');
    await idle();
    expect(await mailsOf(stack)).toHaveLength(before);
  });
});

describe('a message that comes again', () => {
  const names = ['ROWHOUSE_MAIL', 'ROWHOUSE_SITE_URL'];
  const previous = names.map((name) => [name, process.env[name]] as const);
  afterEach(() => {
    for (const [name, value] of previous) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });

  test('keeps the same bytes, and sends the same mail', async () => {
    const email = newEmail();
    const booking = await booked(email);
    await mailsTo(email, 'confirmation');
    const kept = hash(await document(pathOf(booking)));
    // What others do in the session meanwhile is nothing to the document.
    await book({ pool }, school(), owner.id, booking.session_id);
    process.env.ROWHOUSE_MAIL = `folder:${stack.mailDirectory}`;
    process.env.ROWHOUSE_SITE_URL = 'https://app.example.com';
    const client = createRowhouseClient(stack.apiUrl, stack.secretKey, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const job = {
      queue: 'bookings',
      messageId: 4_000_000,
      attempt: 1,
      payload: { organization_id: owner.organizationId, booking_id: booking.id },
    };
    for (let time = 0; time < 2; time++) {
      await handlers['bookings.confirmation']?.run(job, { client, signal: new AbortController().signal });
      expect(hash(await document(pathOf(booking)))).toBe(kept);
    }
    const [, one, two] = await mailsTo(email, 'confirmation', 3);
    expect(one?.messageId).toBe(`<bookings.confirmation.${booking.id}-4000000@localhost>`);
    expect(two?.messageId).toBe(one?.messageId);
    expect(two?.text).toBe(one?.text);
    expect(hash(attached(two, `confirmation-${booking.reference}.pdf`))).toBe(kept);
  });

  test('to confirm what was cancelled meanwhile sends nothing', async () => {
    const email = newEmail();
    const booking = await booked(email);
    await mailsTo(email, 'confirmation');
    await asOwner('cancel_booking', { id: booking.id });
    await mailsTo(email, 'cancellation');
    await pool.query(`select private.enqueue('bookings', 'bookings.confirmation', $1)`, [
      { organization_id: owner.organizationId, booking_id: booking.id },
    ]);
    await idle();
    expect(await mailsTo(email, 'confirmation')).toHaveLength(1);
  });
});

/** What an edge function answers, as it is. */
async function ask(name: string, person: Person | undefined, init: RequestInit = {}, query = '') {
  const { data } = (await person?.client.auth.getSession()) ?? {};
  const response = await fetch(`${stack.functionsUrl}/${name}${query}`, {
    method: 'POST',
    ...init,
    headers: {
      apikey: stack.publishableKey,
      Authorization: `Bearer ${data?.session?.access_token ?? stack.publishableKey}`,
    },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('calendar.ics of a booking', () => {
  test('is for who may see the booking, by POST and by GET', async () => {
    const customer = await member('calendar@example.com');
    const booking = await booked(customer.email);
    await customer.client.call('get_or_create_customer');
    const body = JSON.stringify({ id: booking.id });
    const posted = await ask('booking-calendar', customer, { body });
    expect(posted.status).toBe(200);
    expect(posted.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(posted.headers.get('content-disposition')).toBe('attachment; filename="calendar.ics"');
    expect(posted.headers.get('cache-control')).toBe('private, no-store');
    const event = eventIn(posted.text);
    const { rows } = await pool.query<{ starts_at: Date; ends_at: Date }>(
      'select starts_at, ends_at from public.course_sessions where id = $1',
      [booking.session_id],
    );
    const seconds = (date: Date | undefined) => Math.floor(Number(date) / 1000);
    expect(seconds(event.start)).toBe(seconds(rows[0]?.starts_at));
    expect(seconds(event.end)).toBe(seconds(rows[0]?.ends_at));
    const got = await ask('booking-calendar', customer, { method: 'GET' }, `?id=${booking.id}`);
    expect(got).toMatchObject({ status: 200, text: posted.text });
    expect(await customer.client.invoke('booking-calendar', { id: booking.id })).toBe(posted.text);

    await asOwner('confirm_booking', { id: booking.id });
    const confirmed = eventIn(await owner.client.invoke('booking-calendar', { id: booking.id }));
    expect(confirmed.status).toBe('CONFIRMED');
    expect(Number(confirmed.sequence)).toBeGreaterThan(Number(event.sequence));

    const other = await member('calendar-other@example.com');
    for (const person of [other, stranger]) {
      const refused = await ask('booking-calendar', person, { body });
      expect(refused.status).toBe(404);
      expect(JSON.parse(refused.text)).toMatchObject({ code: 'booking_not_found' });
    }
    expect((await ask('booking-calendar', undefined, { body })).status).toBe(401);
    expect((await fetch(`${stack.functionsUrl}/booking-calendar?id=${booking.id}`)).status).toBe(401);
  });

  test.each(['{}', '{"id": 1}', '{"id": "x"}', '[]', '{'])('is not to be had with %s', async (body) => {
    expect((await ask('booking-calendar', owner, { body })).status).toBe(400);
  });

  test('is not to be had without an id', async () => {
    expect((await ask('booking-calendar', owner, { method: 'GET' })).status).toBe(400);
    expect((await ask('booking-calendar', owner, { method: 'PUT' })).status).toBe(405);
  });
});

describe('the export of bookings', () => {
  test('is all bookings of the organization, page by page, without formulas', async () => {
    const hall = await signUpOwner(stack, 'many');
    const many = { id: hall.organizationId };
    const session = await addSession(pool, many, { capacity: 10_000 });
    // More than two pages, past the functions.
    await pool.query(
      `insert into public.bookings (
         organization_id, session_id, contact_details, reference, attendee_count, unit_price, subtotal, total, currency
       )
       select $1, $2, jsonb_build_object('name', case when n = 7 then '=cmd|''/c calc''!A0' else 'Nr. ' || n end),
         translate(upper(lpad(to_hex(n), 8, '0')), '01', 'ZY'), 1, 12.5, 12.5, 12.5, 'EUR'
       from generate_series(1, 1005) as n`,
      [many.id, session],
    );
    const response = await ask('export-bookings', hall, { body: '' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="bookings.csv"');
    const rows: Record<string, string>[] = parse(response.text, { columns: true, bom: true });
    expect(rows).toHaveLength(1005);
    expect(new Set(rows.map(({ reference }) => reference)).size).toBe(1005);
    const names = rows.map((row) => row.customer_name);
    expect(names).toContain(`'=cmd|'/c calc'!A0`);
    expect(names.filter((name) => /^[=+\-@\t\r]/.test(name ?? ''))).toEqual([]);
    expect(rows[0]).toMatchObject({ attendees: '1', total: '12.5', currency: 'EUR', status: 'pending' });

    const later = { starts_from: new Date(Date.now() + 40 * 24 * 60 * 60 * 1000).toISOString() };
    expect(parse(await hall.client.invoke('export-bookings', later), { columns: true, bom: true })).toEqual(
      [],
    );
    const before = { starts_before: later.starts_from };
    expect(
      parse(await hall.client.invoke('export-bookings', before), { columns: true, bom: true }),
    ).toHaveLength(1005);
    // Of another organization nothing is in it.
    expect(await stranger.client.invoke('export-bookings', {})).not.toContain('Nr. ');
  });

  test('is for who may read them all', async () => {
    const customer = await member('exporter@example.com');
    const refused = await ask('export-bookings', customer, { body: '{}' });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'permission_required' });
    expect((await ask('export-bookings', undefined, { body: '{}' })).status).toBe(401);
    expect((await ask('export-bookings', owner, { body: '{"starts_from": "tomorrow"}' })).status).toBe(400);
  });
});

test('the documents of an organization go when it is gone, and not before', async () => {
  const gone = await signUpOwner(stack, 'gone');
  const client = createRowhouseClient(stack.apiUrl, stack.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const bucket = client.supabase.storage.from('documents');
  const pdf = new Blob(['%PDF-1.7'], { type: 'application/pdf' });
  const booking = randomUUID();
  const paths = [
    ...Array.from(
      { length: 105 },
      (_, n) => `${gone.organizationId}/bookings/${booking}/INV-2026-${10_000 + n}.pdf`,
    ),
    `${gone.organizationId}/bookings/${randomUUID()}/confirmation.pdf`,
  ];
  for (const path of paths) expect((await bucket.upload(path, pdf)).error).toBeNull();
  const count = async () =>
    Number(
      (
        await pool.query<{ n: string }>(
          `select count(*) as n from storage.objects where bucket_id = 'documents' and name like $1 || '/%'`,
          [gone.organizationId],
        )
      ).rows[0]?.n,
    );
  const deletion = () =>
    pool.query(`select private.enqueue('bookings', 'bookings.delete_documents', $1)`, [
      { organization_id: gone.organizationId },
    ]);
  await deletion();
  await idle();
  expect(await count()).toBe(106);
  await pool.query('delete from public.organizations where id = $1', [gone.organizationId]);
  await deletion();
  await idle();
  await eventually(async () => (await count()) === 0);
  await deletion();
  await idle();
  const { rows } = await pool.query('select from pgmq.q_bookings_dead');
  expect(rows).toEqual([]);
});
