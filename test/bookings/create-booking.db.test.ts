import { beforeAll, describe, expect, test } from 'vitest';
import { actFor, addCustomer, callAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, call } from '../tenancy/organizations.ts';
import {
  addCourse,
  addDiscountCode,
  addSession,
  book,
  bookingOf,
  importBooking,
  invariants,
  newEmail,
  openSchool,
  people,
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

const booked = (session: string, args: Record<string, unknown> = {}, user = here.website) =>
  book(db, here, user, session, args);

/** What a refusal says for programs. */
async function detailsOf(outcome: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown as { detail?: string },
  );
  return JSON.parse(error?.detail ?? '{"code":"nothing was refused"}') as Record<string, unknown>;
}

async function countOf(table: string, where: string, values: unknown[]): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count from public.${table} where ${where}`,
    values,
  );
  return rows[0]?.count ?? Number.NaN;
}

const day = (date: Date) => date.toISOString().slice(0, 10);

/** Somebody who has joined by themselves, with an address that is verified. */
async function visitor(email: string): Promise<string> {
  const user = await addMember(db.pool, here, { account: { email } });
  await db.query('update auth.users set email_confirmed_at = now() where id = $1', [user]);
  return user;
}

describe('a booking', () => {
  test('makes customer, attendees, requirements, a draft invoice and the job of the confirmation', async () => {
    const course_id = await addCourse(db.pool, here, { name: 'CPR', price: 80 });
    const session = await addSession(db.pool, here, { course_id, price: 90 });
    const receipt = await booked(session, {
      contact: { email: ' Ada@Example.COM ', name: ' Ada  Lovelace ', phone: '+43 1', company: 'Engines' },
      participants: [
        { name: ' Ada ', email: 'ADA@example.com' },
        {
          name: 'Charles',
          is_primary: true,
          date_of_birth: '1990-01-01',
          requirements: [
            { kind: 'dietary', note: ' No nuts\nat all ', priority: 'critical' },
            { kind: 'other', note: 'x' },
          ],
        },
      ],
      notes: ' Ring twice. ',
    });
    expect(receipt).toMatchObject({
      status: 'pending',
      session_id: session,
      attendee_count: 2,
      unit_price: 90,
      subtotal: 180,
      group_discount: 0,
      code_discount: 0,
      total: 180,
      currency: 'EUR',
      places_left: 10,
      warnings: [],
    });
    expect(receipt.reference).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);

    const { rows } = await db.query<{ story: unknown }>(
      `select jsonb_build_object(
         'booking', jsonb_build_array(booking.reference, booking.notes, booking.created_by, booking.terms_accepted_at is not null),
         'customer', jsonb_build_array(customer.email, customer.contact_person, customer.phone, customer.company_name,
           customer.total_bookings, customer.total_spent, customer.first_booking_at = booking.created_at,
           customer.last_booking_at = booking.created_at),
         'attendees', (
           select jsonb_agg(jsonb_build_array(name, email, is_primary, date_of_birth) order by name)
           from public.booking_attendees where booking_id = booking.id),
         'requirements', (
           select jsonb_agg(jsonb_build_array(attendee.name, need.kind, need.priority, need.note) order by need.kind)
           from public.booking_requirements as need
             join public.booking_attendees as attendee on attendee.id = need.attendee_id
           where need.booking_id = booking.id),
         'invoice', jsonb_build_array(invoice.id, invoice.status, invoice.number, invoice.quantity, invoice.unit_price,
           invoice.total, invoice.description),
         'jobs', (
           select jsonb_agg(message -> 'kind') from pgmq.q_bookings
           where message -> 'payload' ->> 'booking_id' = booking.id::text)
       ) as story
       from public.bookings as booking
         join public.customers as customer on customer.id = booking.customer_id
         join public.invoices as invoice on invoice.booking_id = booking.id
       where booking.id = $1`,
      [receipt.id],
    );
    const { rows: starts } = await db.query<{ day: string }>(
      `select (starts_at at time zone organization.timezone)::date::text as day
       from public.course_sessions as session join public.organizations as organization on organization.id = session.organization_id
       where session.id = $1`,
      [session],
    );
    expect(rows[0]?.story).toEqual({
      booking: [receipt.reference, 'Ring twice.', here.website, true],
      customer: ['ada@example.com', 'Ada Lovelace', '+43 1', 'Engines', 1, 0, true, true],
      // A date of birth is kept where the course has a minimum age.
      attendees: [
        ['Ada', 'ada@example.com', false, null],
        ['Charles', null, true, null],
      ],
      requirements: [
        ['Charles', 'dietary', 'critical', 'No nuts\nat all'],
        ['Charles', 'other', 'normal', 'x'],
      ],
      invoice: [receipt.invoice_id, 'draft', null, 2, 90, 180, `CPR, ${starts[0]?.day}`],
      jobs: ['bookings.confirmation'],
    });
  });

  test('finds the customer who is known, and changes nothing of it', async () => {
    const email = newEmail();
    const customer = await addCustomer(db.pool, here, { email, contact_person: 'Grace' });
    await addCustomer(db.pool, there, { email });
    const receipt = await booked(await addSession(db.pool, here), {
      contact: { email: email.toUpperCase(), name: 'Somebody', phone: '1' },
    });
    expect(receipt.customer_id).toBe(customer);
    const { rows } = await db.query('select contact_person, phone from public.customers where id = $1', [
      customer,
    ]);
    expect(rows).toEqual([{ contact_person: 'Grace', phone: null }]);
  });

  test('that costs nothing is confirmed at once', async () => {
    expect(await booked(await addSession(db.pool, here, { price: 0 }))).toMatchObject({
      status: 'confirmed',
      total: 0,
    });
  });

  test('warns of the last five places, and of a large group', async () => {
    const session = await addSession(db.pool, here, { capacity: 30 });
    expect((await booked(session, { attendees: 10 })).warnings).toEqual([]);
    expect((await booked(session, { attendees: 11 })).warnings).toEqual(['large_group']);
    expect((await booked(session, { attendees: 4 })).warnings).toEqual(['low_capacity']);
    const small = await addSession(db.pool, here);
    expect((await booked(small, { attendees: 12 })).warnings).toEqual(['low_capacity', 'large_group']);
  });

  test('fills a session, which is full then, and is told how many places are left', async () => {
    const session = await addSession(db.pool, here);
    expect(await booked(session, { attendees: 11 })).toMatchObject({ places_left: 1 });
    expect(await detailsOf(booked(session, { attendees: 2 }))).toEqual({
      code: 'insufficient_capacity',
      places_left: 1,
    });
    await booked(session);
    await expectRefusal(booked(session), 409, 'insufficient_capacity');
    const { rows } = await db.query('select status, places_taken from public.course_sessions where id = $1', [
      session,
    ]);
    expect(rows).toEqual([{ status: 'full', places_taken: 12 }]);
  });

  test('leaves nothing behind when it is refused late', async () => {
    const session = await addSession(db.pool, here);
    const email = newEmail();
    const before = await db.query('select count(*) from pgmq.q_bookings');
    await expectRefusal(
      booked(session, { email, expected_total: 99.98, idempotency_key: 'late' }),
      422,
      'invalid_amount',
    );
    expect(await countOf('customers', 'email = $1', [email])).toBe(0);
    expect(await countOf('bookings', 'session_id = $1', [session])).toBe(0);
    expect((await db.query('select count(*) from pgmq.q_bookings')).rows).toEqual(before.rows);
    expect((await db.query(`select from private.idempotency_keys where key = 'late'`)).rows).toEqual([]);
  });
});

describe('who books', () => {
  test('staff and a website book for whom they name; a reader, somebody without a token, and staff of elsewhere do not', async () => {
    const session = await addSession(db.pool, here);
    await booked(session, {}, here.staff);
    const viewer = await addMember(db.pool, here, { roles: ['viewer'] });
    // A reader books as any member: for themselves.
    await expectRefusal(booked(session, {}, viewer), 403, 'email_not_verified');
    await expect(
      asAnon(db, (client) => call(client, 'create_booking', bookingOf(session))),
    ).rejects.toMatchObject({ code: '42501' });
    await expectRefusal(book(db, there, here.staff, session), 403, 'organization_required');
  });

  test('a member books for themselves, with their verified address, and for nobody else', async () => {
    const email = newEmail();
    const user = await visitor(email);
    const session = await addSession(db.pool, here);
    await expectRefusal(
      booked(session, { contact: { email: newEmail() } }, user),
      403,
      'customer_authorization',
    );
    const receipt = await booked(session, { contact: { email: email.toUpperCase() } }, user);
    const { rows } = await db.query(
      `select customer.email, mapping.user_id from public.customers as customer
         join public.customer_users as mapping on mapping.customer_id = customer.id where customer.id = $1`,
      [receipt.customer_id],
    );
    expect(rows).toEqual([{ email, user_id: user }]);
    // Without a contact at all.
    const again = await booked(await addSession(db.pool, here), { contact: {} }, user);
    expect(again.customer_id).toBe(receipt.customer_id);
  });

  test('a member whose address is not verified learns nothing of the customer who has it', async () => {
    const email = newEmail();
    await addCustomer(db.pool, here, { email });
    const user = await addMember(db.pool, here, { account: { email } });
    await expectRefusal(
      booked(await addSession(db.pool, here), { contact: { email } }, user),
      403,
      'email_not_verified',
    );
  });

  test('a member is not told who is a customer by what a full session answers', async () => {
    const session = await addSession(db.pool, here);
    const email = newEmail();
    await addCustomer(db.pool, here, { email });
    const user = await addMember(db.pool, here);
    for (const named of [email, newEmail()]) {
      await expectRefusal(booked(session, { email: named, attendees: 13 }, user), 403, 'email_not_verified');
    }
  });

  test('a customer who books by a website without a password finds the booking when they sign up, once the address is verified', async () => {
    const email = newEmail();
    const receipt = await booked(await addSession(db.pool, here), { email });
    const user = await addMember(db.pool, here, { account: { email } });
    await expectRefusal(callAs(db, here, user, 'get_or_create_customer'), 403, 'email_not_verified');
    await db.query('update auth.users set email_confirmed_at = now() where id = $1', [user]);
    expect(await callAs(db, here, user, 'get_or_create_customer')).toMatchObject({ id: receipt.customer_id });
  });
});

describe('a session', () => {
  test('that is a draft does not exist but for staff; of another organization, for nobody', async () => {
    const draft = await addSession(db.pool, here, { status: 'draft' });
    await expectRefusal(booked(draft), 404, 'session_not_found');
    expect(await detailsOf(booked(draft, {}, here.staff))).toEqual({
      code: 'invalid_session_status',
      status: 'draft',
    });
    await expectRefusal(booked(await addSession(db.pool, there)), 404, 'session_not_found');
    await expectRefusal(booked(await addSession(db.pool, there), {}, here.staff), 404, 'session_not_found');
  });

  test('that has started, is cancelled or completed is not booked', async () => {
    const started = await addSession(db.pool, here, { starts_in: '-1 second' });
    expect(await detailsOf(booked(started))).toEqual({
      code: 'invalid_session_status',
      status: 'published',
    });
    for (const status of ['cancelled', 'completed']) {
      const session = await addSession(db.pool, here);
      await db.query('update public.course_sessions set status = $2 where id = $1', [session, status]);
      expect(await detailsOf(booked(session))).toEqual({ code: 'invalid_session_status', status });
    }
  });

  test('is booked once with an address, cancelled bookings aside', async () => {
    const session = await addSession(db.pool, here);
    const email = newEmail();
    const first = await booked(session, { email });
    await expectRefusal(booked(session, { email: email.toUpperCase() }), 409, 'duplicate_booking');
    await callAs(db, here, here.staff, 'cancel_booking', { id: first.id });
    await booked(session, { email });
  });

  test('is not booked with the address of an older booking whose customer is not known yet', async () => {
    const session = await addSession(db.pool, here);
    const email = newEmail();
    await importBooking(db.pool, here, session, { email: ` ${email.toUpperCase()}` });
    await expectRefusal(booked(session, { email }), 409, 'duplicate_booking');
    expect(await invariants(db.pool, here.id)).toEqual([]);
  });

  test('is booked by whom the waitlist keeps places for, and the rest goes to the next', async () => {
    const session = await addSession(db.pool, here, { capacity: 3 });
    const first = await booked(session, { attendees: 2 });
    await booked(session);
    const wait = (email: string, attendee_count: number) =>
      callAs(db, here, here.website, 'join_waitlist', {
        session_id: session,
        contact: JSON.stringify({ email }),
        attendee_count,
      }) as Promise<{ id: string }>;
    const [ann, ben] = [newEmail(), newEmail()];
    const [entry, next] = [await wait(ann, 2), await wait(ben, 1)];
    await callAs(db, here, here.staff, 'cancel_booking', { id: first.id });

    await expectRefusal(booked(session), 409, 'insufficient_capacity');
    expect(await detailsOf(booked(session, { email: ann, attendees: 3 }))).toEqual({
      code: 'insufficient_capacity',
      places_left: 2,
    });
    const receipt = await booked(session, { email: ann });
    expect(receipt).toMatchObject({ places_left: 0 });
    const { rows } = await db.query(
      'select id, status, booking_id from public.booking_waitlist where session_id = $1 order by position',
      [session],
    );
    expect(rows).toEqual([
      { id: entry.id, status: 'booked', booking_id: receipt.id },
      { id: next.id, status: 'notified', booking_id: null },
    ]);
    expect(await invariants(db.pool, here.id)).toEqual([]);
  });
});

test('a customer of two who were merged gets the places that are kept for either, and waits no longer', async () => {
  const session = await addSession(db.pool, here, { capacity: 2 });
  const first = await booked(session, { attendees: 2 });
  const emails = [newEmail(), newEmail()];
  const entries: { customer_id: string }[] = [];
  for (const [index, email] of emails.entries()) {
    entries.push(
      (await callAs(db, here, here.website, 'join_waitlist', {
        session_id: session,
        contact: JSON.stringify({ email }),
        attendee_count: 2 - index,
      })) as { customer_id: string },
    );
  }
  await callAs(db, here, here.staff, 'cancel_booking', { id: first.id });
  await callAs(db, here, here.staff, 'merge_customers', {
    keep: entries[1]?.customer_id,
    remove: entries[0]?.customer_id,
  });
  await booked(session, { email: emails[1], attendees: 2 });
  const { rows } = await db.query(
    'select status from public.booking_waitlist where session_id = $1 order by position',
    [session],
  );
  expect(rows).toEqual([{ status: 'booked' }, { status: 'expired' }]);
});

describe('the price', () => {
  let course_id: string;
  let session: string;
  beforeAll(async () => {
    course_id = await addCourse(db.pool, here, { price: 33.33 });
    for (const [from, percent] of [
      [3, 5],
      [10, 12.5],
    ]) {
      await db.query(
        `insert into public.course_price_tiers (organization_id, course_id, min_attendees, discount_percent)
         values ($1, $2, $3, $4)`,
        [here.id, course_id, from, percent],
      );
    }
    session = await addSession(db.pool, here, { course_id, capacity: 1000 });
    await addDiscountCode(db.pool, here, { code: 'TENTH' });
    await addDiscountCode(db.pool, here, { code: 'FIFTY', kind: 'fixed', amount: 50, currency: 'EUR' });
  });

  test.each([
    [1, null, { subtotal: 33.33, group_discount: 0, code_discount: 0, total: 33.33 }],
    [3, null, { subtotal: 99.99, group_discount: 5, code_discount: 0, total: 94.99 }],
    [9, null, { subtotal: 299.97, group_discount: 15, code_discount: 0, total: 284.97 }],
    [10, ' tenth', { subtotal: 333.3, group_discount: 41.66, code_discount: 29.16, total: 262.48 }],
    [3, 'FIFTY', { subtotal: 99.99, group_discount: 5, code_discount: 50, total: 44.99 }],
    [1, 'FIFTY', { subtotal: 33.33, group_discount: 0, code_discount: 33.33, total: 0 }],
  ])('of %i with %s: the highest tier that is met, then the code', async (attendees, code, amounts) => {
    const priced = await callAs(db, here, here.website, 'booking_price', {
      session_id: session,
      places: attendees,
      discount_code: code,
    });
    expect(priced).toMatchObject({ unit_price: 33.33, ...amounts });
    expect(
      await booked(session, { attendees, discount_code: code, expected_total: amounts.total }),
    ).toMatchObject(amounts);
  });

  test('is what the client was shown, to the cent', async () => {
    await booked(session, { expected_total: 33.32 });
    expect(await detailsOf(booked(session, { expected_total: 33.31 }))).toEqual({
      code: 'invalid_amount',
      expected: 33.31,
      total: 33.33,
    });
    for (const expected_total of ['NaN', 'Infinity', -33.33]) {
      await expectRefusal(booked(session, { expected_total }), 422, 'invalid_amount');
    }
  });

  test('of a session that the caller may not know of is not told', async () => {
    const draft = await addSession(db.pool, here, { status: 'draft' });
    const ask = (user: string, session_id: string, places: unknown = 1) =>
      callAs(db, here, user, 'booking_price', { session_id, places });
    await expectRefusal(ask(here.website, draft), 404, 'session_not_found');
    expect(await ask(here.staff, draft)).toMatchObject({ total: 100 });
    await expectRefusal(ask(here.staff, await addSession(db.pool, there)), 404, 'session_not_found');
    for (const count of [0, 101, null]) {
      await expectRefusal(ask(here.website, session, count), 422, 'invalid_participants');
    }
  });

  test.each([
    ['unknown', 'NOWHERE', null],
    ['unknown', "'; drop table bookings; --", null],
    ['unknown', 'X'.repeat(5000), null],
    ['inactive', 'OFF', { is_active: false }],
    ['not_yet', 'SOON', { valid_from: '2100-01-01' }],
    ['expired', 'GONE', { valid_until: '2020-01-01' }],
    ['other_course', 'OTHER', { course_id: true }],
    ['minimum_total', 'MUCH', { minimum_total: 33.34 }],
    ['other_currency', 'DOLLARS', { kind: 'fixed', amount: 5, currency: 'USD' }],
    ['used_up', 'ONCE', { max_uses: 1, used_count: 1 }],
  ])('is not that of a code that is %s (%s)', async (reason, code, particulars) => {
    if (particulars !== null) {
      const other = 'course_id' in particulars ? { course_id: await addCourse(db.pool, here) } : {};
      const { used_count = 0, ...rest } = particulars as Record<string, unknown>;
      await addDiscountCode(db.pool, here, { code, ...rest, ...other });
      if (used_count === 1) await booked(session, { discount_code: code });
    }
    const details = await detailsOf(booked(session, { discount_code: code }));
    expect(details).toMatchObject({ code: 'discount_code_invalid', reason });
  });

  test('of another organization has no codes here', async () => {
    await addDiscountCode(db.pool, there, { code: 'THERE' });
    expect(await detailsOf(booked(session, { discount_code: 'THERE' }))).toMatchObject({ reason: 'unknown' });
  });

  test('counts the uses of a code by bookings that live, for all and for each customer', async () => {
    const id = await addDiscountCode(db.pool, here, { code: 'TWICE', max_uses: 2, max_uses_per_customer: 1 });
    const used = async () =>
      (await db.query('select used_count from public.discount_codes where id = $1', [id])).rows[0] as unknown;
    const email = newEmail();
    const discount_code = 'twice';
    const first = await booked(session, { email, discount_code });
    const other = await addSession(db.pool, here);
    expect(await detailsOf(booked(other, { email, discount_code }))).toMatchObject({ reason: 'used_up' });
    await booked(other, { discount_code });
    expect(await used()).toEqual({ used_count: 2 });
    await callAs(db, here, here.staff, 'cancel_booking', { id: first.id });
    expect(await used()).toEqual({ used_count: 1 });
    await booked(other, { email, discount_code });
    expect(await detailsOf(booked(other, { discount_code }))).toMatchObject({ reason: 'used_up' });
  });
});

describe('the age', () => {
  test('is that on the day of the session, in the time zone of the organization', async () => {
    await db.query(`update public.organizations set timezone = 'Pacific/Auckland' where id = $1`, [here.id]);
    const course_id = await addCourse(db.pool, here, { minimum_age: 16 });
    // Noon in UTC: in Auckland it is the next day already.
    const starts_at = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 5, 15, 12, 30));
    const ends_at = new Date(starts_at.getTime() + 3_600_000);
    const session = await addSession(db.pool, here, { course_id, starts_at, ends_at });
    const born = (days: number) => day(new Date(Date.UTC(starts_at.getUTCFullYear() - 16, 5, 16 + days, 12)));
    const aged = (days: number) =>
      booked(session, { participants: [{ name: 'A', date_of_birth: born(days) }] });
    await aged(0);
    expect(await detailsOf(aged(1))).toEqual({ code: 'minimum_age', index: 0, minimum_age: 16 });
    const { rows } = await db.query(
      `select date_of_birth::text from public.booking_attendees as attendee
         join public.bookings as booking on booking.id = attendee.booking_id where booking.session_id = $1`,
      [session],
    );
    expect(rows).toEqual([{ date_of_birth: born(0) }]);
    expect(
      await detailsOf(
        booked(session, { participants: [{ name: 'A', date_of_birth: born(-1) }, { name: 'B' }] }),
      ),
    ).toEqual({
      code: 'invalid_participants',
      participants: [{ index: 1, field: 'date_of_birth', message: 'It is required.' }],
    });
    await db.query(`update public.organizations set timezone = 'UTC' where id = $1`, [here.id]);
  });
});

describe('what comes in', () => {
  let session: string;
  beforeAll(async () => {
    session = await addSession(db.pool, here, { capacity: 10_000 });
  });

  test('accepts the terms', async () => {
    await expectRefusal(booked(session, { terms_accepted: false }), 422, 'terms_required');
    await expectRefusal(booked(session, { terms_accepted: null }), 422, 'terms_required');
  });

  test('has notes of a length', async () => {
    await expectRefusal(booked(session, { notes: 'x'.repeat(5001) }), 400, 'notes_invalid');
  });

  const primary = { name: 'A', is_primary: true };
  test.each<[string, unknown, [number | null, string | null]]>([
    ['nothing', null, [null, 'participants']],
    ['an object', { name: 'A' }, [null, 'participants']],
    ['a text', 'A', [null, 'participants']],
    ['a number', 17, [null, 'participants']],
    ['an empty list', [], [null, 'participants']],
    ['101', people(101), [null, 'participants']],
    ['10,000', people(10_000), [null, 'participants']],
    ['one who is a text', ['A'], [0, null]],
    ['one who is nobody', [null], [0, null]],
    ['one who is a list', [primary, [['A']]], [1, null]],
    ['one without a name', [{}], [0, 'name']],
    ['a name of blanks', [{ name: ' \t\u00A0' }], [0, 'name']],
    ['a name that is null', [{ name: null }], [0, 'name']],
    ['a name that is a number', [{ name: 17 }], [0, 'name']],
    ['a name that is an object', [{ name: { first: 'A' } }], [0, 'name']],
    ['a name of 201 characters', [{ name: 'x'.repeat(201) }], [0, 'name']],
    ['a name of a million characters', [{ name: 'x'.repeat(1_000_000) }], [0, 'name']],
    ['a name with a bell', [{ name: 'A\u0007' }], [0, 'name']],
    ['a name with an escape', [{ name: '\u001b[31mred' }], [0, 'name']],
    ['an e-mail address that is none', [{ name: 'A', email: 'a' }], [0, 'email']],
    ['an e-mail address with a header', [{ name: 'A', email: 'a@b\r\nBcc: c@d' }], [0, 'email']],
    ['an e-mail address that is a list', [{ name: 'A', email: ['a@b'] }], [0, 'email']],
    ['primary as a text', [{ name: 'A', is_primary: 'true' }], [0, 'is_primary']],
    ['primary as a number', [{ name: 'A', is_primary: 1 }], [0, 'is_primary']],
    ['two primary ones', [primary, { name: 'B' }, primary], [2, 'is_primary']],
    ['a day that never was', [{ name: 'A', date_of_birth: '2023-02-29' }], [0, 'date_of_birth']],
    ['a date in another order', [{ name: 'A', date_of_birth: '01.02.2000' }], [0, 'date_of_birth']],
    ['a date as a number', [{ name: 'A', date_of_birth: 20000101 }], [0, 'date_of_birth']],
    ['a date like today', [{ name: 'A', date_of_birth: 'today' }], [0, 'date_of_birth']],
    ['infinity', [{ name: 'A', date_of_birth: 'infinity' }], [0, 'date_of_birth']],
    ['a date in the future', [{ name: 'A', date_of_birth: '2099-01-01' }], [0, 'date_of_birth']],
    ['a field that is none', [{ name: 'A', requirement: 'no nuts' }], [0, 'requirement']],
    ['requirements as a text', [{ name: 'A', requirements: 'no nuts' }], [0, 'requirements']],
    [
      '21 requirements',
      [{ name: 'A', requirements: Array.from({ length: 21 }, () => ({ kind: 'other', note: 'x' })) }],
      [0, 'requirements'],
    ],
    ['a requirement that is a text', [{ name: 'A', requirements: ['no nuts'] }], [0, 'requirements.0']],
    ['one without a kind', [{ name: 'A', requirements: [{ note: 'x' }] }], [0, 'requirements.0.kind']],
    [
      'one of another kind',
      [{ name: 'A', requirements: [{ kind: 'x', note: 'x' }] }],
      [0, 'requirements.0.kind'],
    ],
    [
      'an empty note',
      [{ name: 'A', requirements: [{ kind: 'other', note: ' ' }] }],
      [0, 'requirements.0.note'],
    ],
    [
      'a note of 2,001 characters',
      [{ name: 'A', requirements: [{ kind: 'other', note: 'x'.repeat(2001) }] }],
      [0, 'requirements.0.note'],
    ],
    [
      'a priority that is none',
      [{ name: 'A', requirements: [{ kind: 'other', note: 'x', priority: 1 }] }],
      [0, 'requirements.0.priority'],
    ],
  ])('has no participants that are %s', async (_, participants, [index, field]) => {
    const details = await detailsOf(booked(session, { participants }));
    expect(details).toMatchObject({ code: 'invalid_participants', participants: [{ index, field }] });
    expect(JSON.stringify(details).length).toBeLessThan(20_000);
  });

  test('is told each mistake of everybody', async () => {
    const details = await detailsOf(
      booked(session, {
        participants: [{ name: '', email: 'x' }, { name: 'B' }, { name: 'C', is_primary: 'no', age: 3 }],
      }),
    );
    expect(details.participants).toEqual([
      { index: 0, field: 'email', message: 'It is no e-mail address.' },
      { index: 0, field: 'name', message: 'It is required.' },
      { index: 2, field: 'age', message: 'A participant has no such field.' },
      { index: 2, field: 'is_primary', message: 'It is true or false.' },
    ]);
  });

  test.each<[string, unknown, string]>([
    ['nothing', null, 'email'],
    ['a list', ['a@example.com'], 'contact'],
    ['a text', 'a@example.com', 'contact'],
    ['without an address', { name: 'A' }, 'email'],
    ['with an address of blanks', { email: '  ' }, 'email'],
    ['with an address that is a number', { email: 17 }, 'email'],
    ['with an address that is none', { email: 'a@b@c' }, 'email'],
    ['with an address of 330 characters', { email: `a@${'b'.repeat(328)}` }, 'email'],
    ['with an address of a million characters', { email: `${'a'.repeat(1_000_000)}@example.com` }, 'email'],
    ['with a phone number of 51 characters', { email: 'a@example.com', phone: '1'.repeat(51) }, 'phone'],
    ['with a phone number that is a number', { email: 'a@example.com', phone: 4312345 }, 'phone'],
    ['with a name that has a bell', { email: 'a@example.com', name: 'A\u0007' }, 'name'],
    ['with a company of 201 characters', { email: 'a@example.com', company: 'x'.repeat(201) }, 'company'],
    ['with a field that is none', { email: 'a@example.com', telephone: '1' }, 'telephone'],
  ])('has no contact that is %s', async (_, contact, field) => {
    const details = await detailsOf(booked(session, { contact }));
    expect(details).toMatchObject({ code: 'invalid_contact', fields: [{ field }] });
    expect(JSON.stringify(details).length).toBeLessThan(20_000);
  });

  test('is kept as it came, whatever is in it', async () => {
    const names = [
      `Robert'); drop table bookings; --`,
      '<script>alert(1)</script>',
      '=1+1',
      '👩‍👩‍👧‍👦 ก็',
      '%s\\n',
      '{"a":1}',
    ];
    const receipt = await booked(session, {
      contact: { email: newEmail(), name: names[0] },
      participants: names.map((name) => ({ name })),
    });
    const { rows } = await db.query<{ name: string }>(
      'select name from public.booking_attendees where booking_id = $1',
      [receipt.id],
    );
    expect(rows.map(({ name }) => name).sort()).toEqual([...names].sort());
  });
});

describe('a key', () => {
  const idempotency_key = 'key-1';
  let session: string;
  let args: Record<string, unknown>;
  let first: Receipt;
  const send = (changes: Record<string, unknown> = {}, user = here.website, school = here) =>
    callAs(db, school, user, 'create_booking', { ...args, ...changes }) as Promise<Receipt>;
  beforeAll(async () => {
    session = await addSession(db.pool, here);
    args = bookingOf(session, { idempotency_key, email: 'key@example.com' });
    first = await send();
  });

  test('makes that the same request is answered the same, and done once', async () => {
    expect(await send()).toEqual(first);
    expect(await countOf('bookings', 'session_id = $1', [session])).toBe(1);
  });

  test('is not good for another request', async () => {
    const other = bookingOf(session, { email: 'other@example.com' });
    for (const changes of [
      { contact: other.contact },
      { participants: JSON.stringify(people(2)) },
      { session_id: await addSession(db.pool, here) },
      { notes: 'x' },
      { expected_total: 100 },
      { discount_code: 'X' },
      { terms_accepted: false },
    ]) {
      await expectRefusal(send(changes), 422, 'idempotency_mismatch');
    }
  });

  test('is not good for somebody else', async () => {
    await expectRefusal(send({}, here.staff), 422, 'idempotency_mismatch');
  });

  test('is another one in another organization', async () => {
    const elsewhere = await addSession(db.pool, there);
    const other = await send({ session_id: elsewhere }, there.website, there);
    expect(other.id).not.toBe(first.id);
    expect(await send({ session_id: elsewhere }, there.website, there)).toEqual(other);
    expect(await send()).toEqual(first);
  });

  test('has 1 to 255 characters', async () => {
    for (const key of ['', 'x'.repeat(256)]) {
      await expectRefusal(booked(session, { idempotency_key: key }), 400, 'idempotency_key_invalid');
    }
  });

  test('is kept for a day at least, and forgotten after two', async () => {
    const age = (interval: string) =>
      db.query(
        `update private.idempotency_keys set created_at = now() - $2::interval where organization_id = $1 and key = $3`,
        [here.id, interval, idempotency_key],
      );
    const purge = () => db.query('select private.purge_idempotency_keys()');
    await age('47 hours');
    await purge();
    expect(await send()).toEqual(first);
    await age('49 hours');
    await purge();
    await expectRefusal(send(), 409, 'duplicate_booking');
  });
});

describe('a reference', () => {
  test('is drawn from all letters at all places, and no two are alike', async () => {
    const { rows } = await db.query<{ reference: string }>(
      'select private.random_reference() as reference from generate_series(1, 4000)',
    );
    const drawn = rows.map(({ reference }) => reference);
    expect(new Set(drawn).size).toBe(4000);
    for (let place = 0; place < 8; place += 1) {
      expect(new Set(drawn.map((reference) => reference[place])).size).toBe(32);
    }
  });

  test('that is taken is drawn again', async () => {
    await db.inRollback(async (client) => {
      const session = await addSession(client, here);
      const taken = await book(client, here, here.website, session);
      // Draws what is taken first, and then another.
      await client.query(`create temp sequence draws`);
      await client.query(
        `create or replace function private.random_reference() returns text language sql volatile set search_path = '' as $$
           select case when nextval('pg_temp.draws') <= 2 then '${taken.reference}' else 'ABCDEFGH' end $$`,
      );
      await client.query('grant usage on sequence draws to public');
      expect(await book(client, here, here.website, session)).toMatchObject({ reference: 'ABCDEFGH' });
    });
  });
});

test('the user of a customer sees the booking, a stranger does not', async () => {
  const receipt = await booked(await addSession(db.pool, here));
  const user = await addMember(db.pool, here, { user: await insertAuthUser(db.pool) });
  const seen = () => callAs(db, here, user, 'cancel_booking', { id: receipt.id }, {});
  await expectRefusal(seen(), 404, 'booking_not_found');
  await actFor(db.pool, here, user, receipt.customer_id);
  expect(await seen()).toMatchObject({ id: receipt.id, status: 'cancelled' });
});

test('everything holds in the end', async () => {
  expect(await invariants(db.pool, here.id)).toEqual([]);
  expect(await invariants(db.pool, there.id)).toEqual([]);
});
