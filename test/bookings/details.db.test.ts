import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { invoiceDocument } from '../../src/documents/data.ts';
import { actFor, assign, callAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asService, asUser } from '../support/roles.ts';
import { addMember, addRole, callAll, inside } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, openSchool, type Receipt, type School } from './bookings.ts';
import { importBookings, referenceOf } from './older.ts';

const db = useDatabase();
let acme: School;
let beta: School;
let session: string;
let receipt: Receipt;
let foreign: Receipt;
let older: string[];
const members = {} as Record<
  'viewer' | 'nurse' | 'salesman' | 'instructor' | 'teacherOfOthers' | 'buyer' | 'nobody' | 'clerk',
  string
>;

const list = z.array(z.record(z.string(), z.unknown()));
const details = z.looseObject({
  attendees: list,
  requirements: list,
  payments: list,
  refunds: list,
  invoices: list,
});
const detailsOf = async (id: string | undefined, user = acme.staff, where = acme) =>
  details.parse(await callAs(db, where, user, 'booking_details', { id }));
const documentOf = (name: string, args: Record<string, unknown>) =>
  asService(db, (client) => callAll(client, name, args));

beforeAll(async () => {
  acme = await openSchool(db.pool, 'Acme');
  beta = await openSchool(db.pool, 'Beta');
  for (const [name, role] of [
    ['viewer', 'viewer'],
    ['salesman', 'salesman'],
    ['instructor', 'instructor'],
    ['teacherOfOthers', 'instructor'],
    ['clerk', await addRole(db.pool, acme, 'clerk', ['bookings.write'])],
  ] as const) {
    members[name] = await addMember(db.pool, acme, { roles: [role] });
  }
  members.nurse = await addMember(db.pool, acme, {
    roles: ['viewer', await addRole(db.pool, acme, 'nurse', ['customers.health'])],
  });
  members.buyer = await addMember(db.pool, acme);
  members.nobody = await addMember(db.pool, acme);
  await db.query(
    `update public.organizations
     set timezone = 'Europe/Vienna', address = '{"street": "Ring 1", "city": "Wien"}', contact_email = 'office@example.com'
     where id = $1`,
    [acme.id],
  );
  const { rows } = await db.query<{ id: string }>(
    `insert into public.venues (organization_id, name, address, directions)
     values ($1, 'Hall', '{"street": "Gasse 2", "postal_code": "8010", "city": "Graz"}', 'Second floor')
     returning id`,
    [acme.id],
  );
  session = await addSession(db.pool, acme, {
    course_id: await addCourse(db.pool, acme, { name: 'First aid for children', minimum_age: 16 }),
    instructor_id: members.instructor,
    venue_id: rows[0]?.id,
    room: 'Red',
  });
  receipt = await book(db, acme, acme.website, session, {
    contact: { email: 'ada@example.com', name: 'Ada Lovelace', company: 'Engines', phone: '+43 1' },
    participants: [
      { name: 'Byron', date_of_birth: '1990-01-02' },
      {
        name: 'Ada',
        email: 'ada@example.com',
        is_primary: true,
        date_of_birth: '1991-01-02',
        requirements: [{ kind: 'medical', note: 'Nuts', priority: 'critical' }],
      },
    ],
    notes: 'Front row',
  });
  await db.query(
    `update public.customers set payment_terms = '14 days', address = '{"city": "Linz"}' where id = $1`,
    [receipt.customer_id],
  );
  await callAs(db, acme, acme.staff, 'record_payment', { booking_id: receipt.id, amount: 150 });
  await actFor(db.pool, acme, members.buyer, receipt.customer_id);
  await assign(db.pool, acme, members.salesman, receipt.customer_id);
  older = await importBookings(db.pool, acme, session, [
    {
      contact_details: { email: 'Otto@example.com', name: 'Otto', phone: 7 },
      attendee_count: 2,
      amount_paid: 50,
    },
    { contact_details: {} },
  ]);
  foreign = await book(db, beta, beta.website, await addSession(db.pool, beta), { email: 'ada@example.com' });
});

describe('booking_details', () => {
  test('is all there is to a booking', async () => {
    const found = await detailsOf(receipt.id);
    expect(found).toMatchObject({
      id: receipt.id,
      reference: receipt.reference,
      status: 'pending',
      organization_id: acme.id,
      organization_name: 'Acme',
      organization_address: { street: 'Ring 1', city: 'Wien' },
      organization_email: 'office@example.com',
      time_zone: 'Europe/Vienna',
      session_id: session,
      session_status: 'published',
      course_name: 'First aid for children',
      venue_name: 'Hall',
      venue_address: { street: 'Gasse 2', postal_code: '8010', city: 'Graz' },
      venue_directions: 'Second floor',
      room: 'Red',
      customer_id: receipt.customer_id,
      customer_name: 'Ada Lovelace',
      customer_company: 'Engines',
      customer_email: 'ada@example.com',
      customer_phone: '+43 1',
      customer_address: { city: 'Linz' },
      payment_terms: '14 days',
      attendee_count: 2,
      unit_price: 100,
      subtotal: 200,
      group_discount: 0,
      discount_code: null,
      code_discount: 0,
      total: 200,
      currency: 'EUR',
      amount_paid: 150,
      amount_refunded: 0,
      amount_open: 50,
      notes: 'Front row',
      attendees: [
        {
          name: 'Ada',
          email: 'ada@example.com',
          is_primary: true,
          date_of_birth: '1991-01-02',
          attendance: null,
        },
        {
          name: 'Byron',
          email: null,
          is_primary: false,
          date_of_birth: '1990-01-02',
          certificate_number: null,
        },
      ],
      payments: [{ provider: 'manual', method: 'cash', status: 'succeeded', amount: 150, currency: 'EUR' }],
      refunds: [],
      invoices: [{ status: 'draft', number: null, total: 200, amount_paid: 150 }],
    });
    expect(found.terms_accepted_at).not.toBeNull();
  });

  test('says until when a customer may cancel, by the settings of the organization', async () => {
    const hours = async (id = receipt.id, where = acme) => {
      const found = await detailsOf(id, where.staff, where);
      return (Date.parse(String(found.starts_at)) - Date.parse(String(found.cancellable_until))) / 3_600_000;
    };
    expect(await hours()).toBe(48);
    await db.query(
      'insert into public.booking_settings (organization_id, cancellation_hours) values ($1, 12)',
      [acme.id],
    );
    expect(await hours()).toBe(12);
    expect(await hours(foreign.id, beta)).toBe(48);
  });

  test('counts what calendars should take notice of', async () => {
    await db.inRollback(async (client) => {
      const sequence = async () => {
        const found = await callAs(client, acme, acme.staff, 'booking_details', { id: receipt.id });
        return z.looseObject({ sequence: z.number() }).parse(found).sequence;
      };
      const seen = [await sequence()];
      for (const change of [
        () => callAs(client, acme, acme.staff, 'confirm_booking', { id: receipt.id }),
        () => client.query(`update public.course_sessions set room = 'Blue' where id = $1`, [session]),
        () => callAs(client, acme, acme.staff, 'cancel_booking', { id: receipt.id }),
      ]) {
        await change();
        seen.push(await sequence());
      }
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(new Set(seen).size).toBe(4);
    });
  });

  test('of an older booking is what its contact details say, and then what its customer does', async () => {
    expect(await detailsOf(older[0])).toMatchObject({
      reference: referenceOf(0),
      customer_id: null,
      customer_name: 'Otto',
      customer_email: 'otto@example.com',
      customer_phone: '7',
      customer_company: null,
      attendee_count: 2,
      amount_paid: 50,
      attendees: [],
      payments: [],
      invoices: [],
    });
    expect(await detailsOf(older[1])).toMatchObject({ customer_name: null, customer_email: null });
    await db.inRollback(async (client) => {
      await callAs(client, acme, acme.staff, 'backfill_booking_customers');
      await client.query(
        `update public.customers set contact_person = 'Otto the Great', phone = null where email = $1`,
        ['otto@example.com'],
      );
      const found = await callAs(client, acme, acme.staff, 'booking_details', { id: older[0] });
      // What the customer lacks is still there.
      expect(found).toMatchObject({
        customer_id: expect.any(String) as string,
        customer_name: 'Otto the Great',
        customer_phone: '7',
      });
    });
  });

  interface Sight {
    reach: boolean;
    needs: boolean;
    drafts: boolean;
  }
  test.each<[keyof typeof members, Sight]>([
    ['viewer', { reach: true, needs: false, drafts: true }],
    ['nurse', { reach: true, needs: true, drafts: true }],
    ['salesman', { reach: true, needs: false, drafts: false }],
    ['buyer', { reach: true, needs: true, drafts: false }],
    ['instructor', { reach: false, needs: true, drafts: false }],
    ['clerk', { reach: false, needs: false, drafts: false }],
  ])('shows a %s what the tables would: %j', async (who, { reach, needs, drafts }) => {
    const found = await detailsOf(receipt.id, members[who]);
    expect(found.customer_name).toBe('Ada Lovelace');
    expect(found.attendees).toHaveLength(2);
    expect(found.customer_email).toBe(reach ? 'ada@example.com' : null);
    expect(found.customer_phone).toBe(reach ? '+43 1' : null);
    expect(found.customer_address).toEqual(reach ? { city: 'Linz' } : null);
    expect(found.payments).toHaveLength(reach ? 1 : 0);
    expect(found.requirements).toMatchObject(
      needs
        ? [{ kind: 'medical', note: 'Nuts', priority: 'critical', attendee_id: found.attendees[0]?.id }]
        : [],
    );
    expect(found.invoices).toHaveLength(drafts ? 1 : 0);
    const { payments, invoices, requirements } = await asUser(
      db,
      inside(acme, members[who]),
      async (client) => {
        const { rows } = await client.query<Record<'payments' | 'invoices' | 'requirements', number>>(
          `select (select count(*)::integer from public.payments where booking_id = $1) as payments,
                (select count(*)::integer from public.invoices where booking_id = $1) as invoices,
                (select count(*)::integer from public.booking_requirements where booking_id = $1) as requirements`,
          [receipt.id],
        );
        return rows[0] ?? { payments: -1, invoices: -1, requirements: -1 };
      },
    );
    expect([payments, invoices, requirements]).toEqual([
      found.payments.length,
      found.invoices.length,
      found.requirements.length,
    ]);
  });

  test('is not there for others, the same whether there is such a booking or not', async () => {
    const nowhere = '018f0000-0000-7000-8000-000000000000';
    for (const user of [members.nobody, members.teacherOfOthers]) {
      for (const id of [receipt.id, older[0], foreign.id, nowhere]) {
        await expectRefusal(detailsOf(id, user), 404, 'booking_not_found');
      }
    }
    for (const id of [foreign.id, nowhere]) await expectRefusal(detailsOf(id), 404, 'booking_not_found');
    await expectRefusal(detailsOf(older[0], members.buyer), 404, 'booking_not_found');
    await expectRefusal(detailsOf(receipt.id, beta.staff), 403, 'organization_required');
  });
});

describe('what documents are made of', () => {
  test('booking_document is what the customer sees, without what attendees need', async () => {
    const [found] = await documentOf('booking_document', {
      organization_id: acme.id,
      booking_id: receipt.id,
    });
    const seen = await detailsOf(receipt.id, members.buyer);
    expect(found).toEqual({ ...seen, requirements: [] });
    expect(
      await documentOf('booking_document', { organization_id: acme.id, booking_id: older[0] }),
    ).toMatchObject([{ customer_name: 'Otto', customer_email: 'otto@example.com' }]);
  });

  test('invoice_document has what the PDF of an invoice asks for', async () => {
    const invoice = z
      .looseObject({ number: z.string() })
      .parse(await callAs(db, acme, acme.staff, 'send_invoice', { id: receipt.invoice_id }));
    const [found] = await documentOf('invoice_document', {
      organization_id: acme.id,
      invoice_id: receipt.invoice_id,
    });
    expect(invoiceDocument.parse(found)).toMatchObject({
      organization_name: 'Acme',
      organization_address: ['Ring 1', 'Wien'],
      customer_name: 'Ada Lovelace',
      customer_company: 'Engines',
      customer_address: ['Linz'],
      booking_reference: receipt.reference,
      attendees: ['Ada', 'Byron'],
      quantity: 2,
      unit_price: 100,
      subtotal: 200,
      discount: 0,
      total: 200,
      paid: 150,
      refunded: 0,
      payment_terms: '14 days',
      invoice_number: invoice.number,
      invoice_status: 'sent',
    });
    // The day in Vienna, whatever the server's is.
    const { rows } = await db.query<{ day: string }>(
      `select (sent_at at time zone 'Europe/Vienna')::date::text as day from public.invoices where id = $1`,
      [receipt.invoice_id],
    );
    expect(found).toMatchObject({ issued_on: rows[0]?.day, booking_id: receipt.id });
  });

  test('nothing is there of another organization, nor of one that is not active', async () => {
    const wrong = { organization_id: beta.id, booking_id: receipt.id, invoice_id: receipt.invoice_id };
    for (const [name, key] of [
      ['booking_document', 'booking_id'],
      ['invoice_document', 'invoice_id'],
    ] as const) {
      expect(await documentOf(name, { organization_id: beta.id, [key]: wrong[key] })).toEqual([]);
      await db.inRollback(async (client) => {
        await client.query('select public.suspend_organization($1, $2)', [acme.id, 'Unpaid']);
        const answer = await asService(client, (service) =>
          callAll(service, name, { organization_id: acme.id, [key]: wrong[key] }),
        );
        expect(answer).toEqual([]);
      });
      await expect(
        asUser(db, inside(acme, acme.owner), (client) =>
          callAll(client, name, { organization_id: acme.id, [key]: wrong[key] }),
        ),
      ).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('customer_details', () => {
  const customer = z.looseObject({ bookings: list, payments: list, quotes: list });
  const customerDetails = async (user = acme.staff) =>
    customer.parse(await callAs(db, acme, user, 'customer_details', { id: receipt.customer_id }));

  test('has the latest bookings and payments of the customer, for who may see them', async () => {
    for (const who of ['viewer', 'salesman', 'buyer'] as const) {
      expect(await customerDetails(members[who])).toMatchObject({
        total_bookings: 1,
        total_spent: 150,
        bookings: [
          {
            id: receipt.id,
            reference: receipt.reference,
            status: 'pending',
            course_name: 'First aid for children',
            attendee_count: 2,
            total: 200,
            amount_paid: 150,
          },
        ],
        payments: [
          { booking_id: receipt.id, booking_reference: receipt.reference, amount: 150, status: 'succeeded' },
        ],
      });
    }
    const desk = await addMember(db.pool, acme, {
      roles: [await addRole(db.pool, acme, 'desk', ['customers.read'])],
    });
    expect(await customerDetails(desk)).toMatchObject({ total_bookings: 1, bookings: [], payments: [] });
  });

  test('has the 10 latest, the newest first', async () => {
    await db.inRollback(async (client) => {
      const other = await addSession(client, acme, { starts_in: '60 days' });
      await client.query(
        `insert into public.bookings (
           organization_id, session_id, customer_id, reference, attendee_count, unit_price, subtotal, total, currency,
           created_at
         )
         select $1, $2, $3, 'CCCCCCC' || substr('BCDEFGHJKLM', number, 1), 1, 0, 0, 0, 'EUR',
           now() + number * interval '1 second'
         from generate_series(1, 7) as number`,
        [acme.id, other, receipt.customer_id],
      );
      const found = customer.parse(
        await callAs(client, acme, acme.staff, 'customer_details', { id: receipt.customer_id }),
      );
      expect(found.bookings.map(({ reference }) => reference)).toEqual([
        ...['H', 'G', 'F', 'E', 'D', 'C', 'B'].map((letter) => `CCCCCCC${letter}`),
        receipt.reference,
      ]);
      await client.query(
        `insert into public.bookings (
           organization_id, session_id, customer_id, reference, status, attendee_count, unit_price, subtotal, total,
           currency, created_at
         )
         select $1, $2, $3, 'BBBBBBB' || substr('BCDEFGHJKLM', number, 1), 'confirmed', 1, 0, 0, 0, 'EUR',
           now() - number * interval '1 day'
         from generate_series(1, 3) as number`,
        [acme.id, other, receipt.customer_id],
      );
      const more = customer.parse(
        await callAs(client, acme, acme.staff, 'customer_details', { id: receipt.customer_id }),
      );
      expect(more.bookings).toHaveLength(10);
      expect(more.bookings.at(-1)).toMatchObject({ reference: 'BBBBBBBC' });
    });
  });
});
