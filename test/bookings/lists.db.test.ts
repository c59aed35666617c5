import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bookingsCsv, bookingCsvRow } from '../../src/bookings/csv.ts';
import { actFor, addCustomer, assign, callAllAs, callAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { addMember, inside } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, openSchool, type Receipt, type School } from './bookings.ts';
import { importBookings, referenceOf } from './older.ts';

const db = useDatabase();
let acme: School;
let beta: School;
const sessions = {} as Record<'soon' | 'late', string>;
const receipts = {} as Record<'ada' | 'adaLate' | 'grace' | 'foreign', Receipt>;
const members = {} as Record<
  'viewer' | 'supervisor' | 'salesman' | 'instructor' | 'buyer' | 'nobody',
  string
>;

beforeAll(async () => {
  acme = await openSchool(db.pool, 'Acme');
  beta = await openSchool(db.pool, 'Beta');
  for (const role of ['viewer', 'supervisor', 'salesman', 'instructor'] as const) {
    members[role] = await addMember(db.pool, acme, { roles: [role] });
  }
  members.buyer = await addMember(db.pool, acme);
  members.nobody = await addMember(db.pool, acme);
  sessions.soon = await addSession(db.pool, acme, { starts_in: '20 days' });
  sessions.late = await addSession(db.pool, acme, {
    starts_in: '50 days',
    instructor_id: members.instructor,
  });
  const contact = (email: string, name: string, others: Record<string, string> = {}) => ({
    contact: { email, name, ...others },
  });
  // Older ones come first.
  await importBookings(db.pool, acme, sessions.soon, [
    {
      contact_details: {
        email: 'Otto@Example.com',
        name: 'Otto Älter',
        phone: '+43 (664) 77-88',
        company: 'Alt & Co',
      },
    },
    { contact_details: { name: 'Nobody Knows' } },
  ]);
  receipts.ada = await book(db, acme, acme.website, sessions.soon, {
    ...contact('ada@example.com', 'Ada Lovelace', { company: 'Analytical Engines', phone: '+43 664 1234' }),
    attendees: 2,
  });
  receipts.adaLate = await book(
    db,
    acme,
    acme.website,
    sessions.late,
    contact('ada@example.com', 'Ada Lovelace'),
  );
  receipts.grace = await book(
    db,
    acme,
    acme.website,
    sessions.late,
    contact('grace@example.com', 'Grace Hopper'),
  );
  await callAs(db, acme, acme.staff, 'record_payment', { booking_id: receipts.grace.id, amount: 100 });
  receipts.foreign = await book(db, beta, beta.website, await addSession(db.pool, beta), {
    ...contact('ada@example.com', 'Ada Lovelace'),
  });
  await actFor(db.pool, acme, members.buyer, receipts.ada.customer_id);
  await assign(db.pool, acme, members.salesman, receipts.grace.customer_id);
});

const summary = z.strictObject({
  id: z.string(),
  reference: z.string(),
  status: z.string(),
  session_id: z.string(),
  course_id: z.string(),
  course_name: z.string(),
  starts_at: z.string(),
  ends_at: z.string(),
  venue_name: z.string().nullable(),
  customer_id: z.string().nullable(),
  customer_name: z.string().nullable(),
  customer_email: z.string().nullable(),
  customer_phone: z.string().nullable(),
  customer_company: z.string().nullable(),
  attendee_count: z.number(),
  total: z.number(),
  currency: z.string(),
  amount_paid: z.number(),
  amount_refunded: z.number(),
  created_at: z.string(),
});
const page = z.strictObject({
  bookings: z.array(summary),
  total: z.number(),
  page: z.number(),
  per_page: z.number(),
});
const list = async (args: Record<string, unknown> = {}, user = acme.staff, where = acme) =>
  page.parse(await callAs(db, where, user, 'list_bookings', args));
const named = async (args: Record<string, unknown> = {}, user = acme.staff) =>
  (await list(args, user)).bookings.map(({ customer_name }) => customer_name);

describe('list_bookings', () => {
  test('lists all of the organization, the newest first, older ones with what they say of themselves', async () => {
    const { bookings, total } = await list();
    expect(total).toBe(5);
    expect(bookings.map(({ id, reference, customer_name }) => [id, reference, customer_name])).toEqual([
      [receipts.grace.id, receipts.grace.reference, 'Grace Hopper'],
      [receipts.adaLate.id, receipts.adaLate.reference, 'Ada Lovelace'],
      [receipts.ada.id, receipts.ada.reference, 'Ada Lovelace'],
      [expect.any(String), referenceOf(1), 'Nobody Knows'],
      [expect.any(String), referenceOf(0), 'Otto Älter'],
    ]);
    expect(bookings[0]).toMatchObject({ status: 'confirmed', amount_paid: 100, total: 100, currency: 'EUR' });
    expect(bookings[2]).toMatchObject({
      status: 'pending',
      course_name: 'First aid',
      customer_email: 'ada@example.com',
      customer_phone: '+43 664 1234',
      customer_company: 'Analytical Engines',
      attendee_count: 2,
      total: 200,
    });
    expect(bookings[4]).toMatchObject({
      customer_id: null,
      customer_email: 'otto@example.com',
      customer_phone: '+43 (664) 77-88',
      customer_company: 'Alt & Co',
    });
  });

  test('pages', async () => {
    const seen: string[] = [];
    for (const number of [1, 2, 3, 4]) {
      const { bookings, total, ...rest } = await list({ page: number, per_page: 2 });
      expect({ total, ...rest }).toEqual({ total: 5, page: number, per_page: 2 });
      seen.push(...bookings.map(({ id }) => id));
    }
    expect(seen).toEqual((await list()).bookings.map(({ id }) => id));
    for (const [args, code] of [
      [{ page: 0 }, 'page_invalid'],
      [{ per_page: 0 }, 'per_page_invalid'],
      [{ per_page: 101 }, 'per_page_invalid'],
      [{ page: null }, 'page_invalid'],
      [{ query: 'x'.repeat(201) }, 'search_invalid'],
      [{ status: 'paid' }, 'status_invalid'],
    ] as const) {
      await expectRefusal(list(args), 400, code);
    }
    expect((await list({ page: 2_147_483_647, per_page: 100 })).bookings).toEqual([]);
  });

  test.each<[string, () => Record<string, unknown>, string[]]>([
    ['status', () => ({ status: 'pending' }), ['Ada Lovelace', 'Ada Lovelace']],
    ['session', () => ({ session_id: sessions.late }), ['Grace Hopper', 'Ada Lovelace']],
    ['customer', () => ({ customer_id: receipts.ada.customer_id }), ['Ada Lovelace', 'Ada Lovelace']],
    [
      'start',
      () => ({ starts_from: new Date(Date.now() + 30 * 86_400_000) }),
      ['Grace Hopper', 'Ada Lovelace'],
    ],
    [
      'end',
      () => ({ starts_before: new Date(Date.now() + 30 * 86_400_000), status: 'confirmed' }),
      ['Nobody Knows', 'Otto Älter'],
    ],
    [
      'all at once',
      () => ({
        query: 'ada',
        status: 'pending',
        session_id: sessions.soon,
        customer_id: receipts.ada.customer_id,
        starts_from: new Date(),
        starts_before: new Date(Date.now() + 30 * 86_400_000),
      }),
      ['Ada Lovelace'],
    ],
    ['a session of another organization', () => ({ session_id: receipts.foreign.session_id }), []],
    ['a customer of another organization', () => ({ customer_id: receipts.foreign.customer_id }), []],
  ])('filters by %s', async (_, args, expected) => {
    expect(await named(args())).toEqual(expected);
    expect((await list(args())).total).toBe(expected.length);
  });

  test.each<[string, string[]]>([
    ['lovelace ADA', ['Ada Lovelace', 'Ada Lovelace']],
    ['hop', ['Grace Hopper']],
    ['grace@example', ['Grace Hopper']],
    ['analytical', ['Ada Lovelace', 'Ada Lovelace']],
    ['6641234', ['Ada Lovelace', 'Ada Lovelace']],
    ['alter', ['Otto Älter']],
    ['OTTO@example.com', ['Otto Älter']],
    ['6647788', ['Otto Älter']],
    ['otto alt &', ['Otto Älter']],
    ['no', ['Nobody Knows']],
    ['ot ä', ['Otto Älter']],
    ['tto', ['Otto Älter']],
    ['to', []],
    ['%', []],
    ['example_com', []],
    ['   ', ['Grace Hopper', 'Ada Lovelace', 'Ada Lovelace', 'Nobody Knows', 'Otto Älter']],
    [`'; drop table public.bookings; --`, []],
  ])('finds by "%s"', async (query, expected) => {
    expect(await named({ query })).toEqual(expected);
  });

  test('finds by reference, however it is written', async () => {
    const { reference } = receipts.grace;
    for (const query of [
      reference,
      reference.toLowerCase(),
      ` ${reference.slice(0, 4)}-${reference.slice(4)} `,
    ]) {
      expect((await list({ query })).bookings.map(({ id }) => id)).toEqual([receipts.grace.id]);
    }
    expect((await list({ query: referenceOf(1) })).total).toBe(1);
    expect((await list({ query: receipts.foreign.reference })).total).toBe(0);
  });

  test.each<[keyof typeof members, string[]]>([
    ['viewer', ['Grace Hopper', 'Ada Lovelace', 'Ada Lovelace', 'Nobody Knows', 'Otto Älter']],
    ['supervisor', ['Grace Hopper', 'Ada Lovelace', 'Ada Lovelace', 'Nobody Knows', 'Otto Älter']],
    ['salesman', ['Grace Hopper']],
    ['buyer', ['Ada Lovelace', 'Ada Lovelace']],
    ['instructor', ['Grace Hopper', 'Ada Lovelace']],
    ['nobody', []],
  ])('shows a %s %j', async (who, expected) => {
    expect(await named({}, members[who])).toEqual(expected);
    expect(await named({ query: 'hopper' }, members[who])).toEqual(
      expected.filter((name) => name.includes('Hopper')),
    );
  });

  test('says who teaches who comes, and not how to reach who has booked', async () => {
    const { bookings } = await list({}, members.instructor);
    expect(bookings).toMatchObject([
      { customer_name: 'Grace Hopper', customer_email: null, customer_phone: null },
      { customer_name: 'Ada Lovelace', customer_email: null, customer_phone: null },
    ]);
    expect((await list({}, members.buyer)).bookings).toMatchObject([
      { customer_email: 'ada@example.com' },
      { customer_email: 'ada@example.com' },
    ]);
  });

  test('shows nothing of another organization, and nothing outside of one', async () => {
    expect((await list({}, beta.staff, beta)).bookings.map(({ id }) => id)).toEqual([receipts.foreign.id]);
    await expectRefusal(list({}, beta.staff), 403, 'organization_required');
  });
});

describe('admin_list_customers', () => {
  const customers = z.looseObject({
    customers: z.array(z.looseObject({ contact_person: z.string().nullable() })),
    total: z.number(),
  });
  const find = async (args: Record<string, unknown> = {}, user = acme.staff) => {
    const found = customers.parse(await callAs(db, acme, user, 'admin_list_customers', args));
    return [found.total, ...found.customers.map(({ contact_person }) => contact_person)];
  };

  beforeAll(async () => {
    await addCustomer(db.pool, acme, { contact_person: 'Never', customer_type: 'contractor' });
  });

  test.each<[Record<string, unknown>, unknown[]]>([
    [{}, [3, 'Grace Hopper', 'Ada Lovelace', 'Never']],
    [{ has_bookings: true }, [2, 'Grace Hopper', 'Ada Lovelace']],
    [{ has_bookings: false }, [1, 'Never']],
    [{ customer_type: 'contractor' }, [1, 'Never']],
    [{ customer_type: 'corporate' }, [1, 'Ada Lovelace']],
    [{ search: 'love AN' }, [1, 'Ada Lovelace']],
    [{ search: 'example.com', has_bookings: true }, [2, 'Grace Hopper', 'Ada Lovelace']],
    [{ search: '  ' }, [3, 'Grace Hopper', 'Ada Lovelace', 'Never']],
    [{ page: 2, per_page: 2 }, [3, 'Never']],
    [{ search: '%' }, [0]],
  ])('who booked last comes first: %j', async (args, expected) => {
    expect(await find(args)).toEqual(expected);
  });

  test('only for those who may read all customers', async () => {
    for (const who of ['salesman', 'instructor', 'buyer', 'nobody'] as const) {
      await expectRefusal(find({}, members[who]), 403, 'permission_required');
    }
    expect(await find({}, members.viewer)).toHaveLength(4);
    await expectRefusal(find({ customer_type: 'whale' }), 400, 'type_invalid');
    await expectRefusal(find({ per_page: 1000 }), 400, 'per_page_invalid');
    await expectRefusal(find({ search: 'x'.repeat(201) }), 400, 'search_invalid');
  });
});

describe('export_bookings', () => {
  const row = bookingCsvRow.extend({ id: z.string() });
  const rows = async (args: Record<string, unknown> = {}, user = acme.staff) =>
    (await callAllAs(db, acme, user, 'export_bookings', args)).map((each) => row.parse(each));

  test('goes through all in pages, each booking once', async () => {
    const all = await rows();
    expect(all).toHaveLength(5);
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted());
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const some: Awaited<ReturnType<typeof rows>> = await rows({ after, amount: 2 });
      seen.push(...some.map(({ id }) => id));
      after = some.at(-1)?.id ?? null;
      if (after === null) break;
    }
    expect(seen).toEqual(all.map(({ id }) => id));
    const early = await rows({ starts_before: new Date(Date.now() + 30 * 86_400_000) });
    expect(early.map(({ customer_name }) => customer_name).toSorted()).toEqual([
      'Ada Lovelace',
      'Nobody Knows',
      'Otto Älter',
    ]);
    expect(await rows({ starts_from: new Date(Date.now() + 30 * 86_400_000) })).toHaveLength(2);
  });

  test('is what the CSV is made of', async () => {
    const pieces = bookingsCsv(
      (await callAllAs(db, acme, acme.staff, 'export_bookings')) as Parameters<typeof bookingsCsv>[0] &
        object[],
    );
    let text = '';
    for await (const piece of pieces) text += piece;
    expect(text.split('\r\n')).toHaveLength(7);
    expect(text).toContain(`${receipts.grace.reference},confirmed,First aid,`);
    expect(text).toContain('Grace Hopper');
    expect(text).toContain('Otto Älter');
  });

  test('only for those who may read all bookings', async () => {
    for (const who of ['salesman', 'instructor', 'buyer', 'nobody'] as const) {
      await expectRefusal(rows({}, members[who]), 403, 'permission_required');
    }
    for (const amount of [0, 10_001, null]) await expectRefusal(rows({ amount }), 400, 'amount_invalid');
    expect(await callAllAs(db, beta, beta.staff, 'export_bookings')).toHaveLength(1);
  });
});

describe('resend_confirmation', () => {
  const resend = (booking_id: string | undefined, user = acme.staff) =>
    asUser(db, inside(acme, user), async (client) => {
      const { rows } = await client.query<{ address: string }>(
        'select public.resend_confirmation($1) as address',
        [booking_id],
      );
      await client.query('set local role none');
      const jobs = await client.query<{ message: unknown }>(
        `select message from pgmq.q_bookings order by msg_id desc limit 1`,
      );
      return { address: rows[0]?.address, job: jobs.rows[0]?.message };
    });
  const older = async (position: number) =>
    (await list({ query: referenceOf(position) })).bookings[0]?.id ?? 'none';

  test('sends it to the customer, also of an older booking', async () => {
    for (const [id, address] of [
      [receipts.grace.id, 'grace@example.com'],
      [await older(0), 'otto@example.com'],
    ]) {
      expect(await resend(id)).toEqual({
        address,
        job: { kind: 'bookings.confirmation', payload: { organization_id: acme.id, booking_id: id } },
      });
    }
  });

  test('refuses where there is nothing to confirm, nobody to write to, or no right to', async () => {
    await expectRefusal(resend(await older(1)), 422, 'contact_missing');
    await expectRefusal(resend(receipts.foreign.id), 404, 'booking_not_found');
    for (const who of ['viewer', 'salesman', 'buyer', 'instructor'] as const) {
      await expectRefusal(resend(receipts.ada.id, members[who]), 403, 'permission_required');
    }
    await db.inRollback(async (client) => {
      await callAs(client, acme, acme.staff, 'cancel_booking', { id: receipts.ada.id });
      await expectRefusal(
        callAs(client, acme, acme.staff, 'resend_confirmation', { booking_id: receipts.ada.id }),
        409,
        'booking_cancelled',
      );
    });
  });
});

describe('among 20,000 bookings of 20 organizations', () => {
  const planNode = z.looseObject({
    'Node Type': z.string(),
    'Index Name': z.string().optional(),
    'Index Cond': z.string().optional(),
    'Relation Name': z.string().optional(),
    'Actual Rows': z.number().optional(),
    get Plans() {
      return z.array(planNode).optional();
    },
  });
  type PlanNode = z.infer<typeof planNode>;
  const explained = z.looseObject({ 'Query Text': z.string(), Plan: planNode });
  const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
  let superuser: pg.Client;
  let house: School;

  beforeAll(async () => {
    superuser = await db.superuser();
    house = await openSchool(db.pool, 'Gamma');
    const course = await addCourse(db.pool, house);
    await addSession(db.pool, house, { course_id: course });
    // Neither the log of the insertions nor what follows from bookings is what this is about.
    await superuser.query(`set session_replication_role = 'replica'`);
    await superuser.query(
      `insert into public.organizations (id, name, slug)
       select 'LISTS' || lpad(number::text, 4, '0'), 'Lists ' || number, 'lists-' || number
       from generate_series(1, 19) as number`,
    );
    await superuser.query(
      `insert into public.customers (organization_id, contact_person, email)
       select organization.id, 'Person ' || number, 'person-' || number || '@example.com'
       from public.organizations as organization, generate_series(1, 500) as number
       where organization.id like 'LISTS%' or organization.id = $1`,
      [house.id],
    );
    await superuser.query(
      `insert into public.bookings (
         organization_id, session_id, customer_id, contact_details, reference, status, attendee_count, unit_price,
         subtotal, total, currency, created_at
       )
       select
         organization.id,
         coalesce((select session.id from public.course_sessions as session where session.organization_id = organization.id), gen_random_uuid()),
         case when number % 2 = 0 then customer.id end,
         case when number % 2 = 1 then jsonb_build_object('name', 'Older ' || number, 'email', 'older-' || number || '@example.com') end,
         translate(lpad(to_hex(number), 8, '0'), '0123456789abcdef', 'ABCDEFGHJKLMNPQR'),
         case when number % 100 = 0 then 'no_show' else 'pending' end, 1, 1, 1, 1, 'EUR',
         timestamptz '2026-01-01' + number * interval '1 minute'
       from public.organizations as organization
         cross join generate_series(1, 1000) as number
         join public.customers as customer
           on customer.organization_id = organization.id and customer.email = 'person-' || 1 + number % 500 || '@example.com'
       where organization.id like 'LISTS%' or organization.id = $1`,
      [house.id],
    );
    await superuser.query('reset session_replication_role');
    await superuser.query('vacuum analyze public.bookings, public.customers');
  });

  /** How the statements of the function ran: what the server's own log of plans says of them. */
  async function plansOf(args: Record<string, unknown>): Promise<{ total: number; nodes: PlanNode[] }> {
    const logged: string[] = [];
    const listen = ({ message }: { message: string | undefined }) => logged.push(message ?? '');
    superuser.on('notice', listen);
    await superuser.query(
      `load 'auto_explain';
       set auto_explain.log_min_duration = 0;
       set auto_explain.log_nested_statements = on;
       set auto_explain.log_analyze = on;
       set auto_explain.log_format = 'json';
       set auto_explain.log_level = 'notice';
       begin`,
    );
    const answer = page.parse(
      await callAs(superuser, house, house.staff, 'list_bookings', args, { commit: false }),
    );
    await superuser.query('rollback; set auto_explain.log_min_duration = -1');
    superuser.off('notice', listen);
    const plans = logged
      .flatMap((message) => /plan:\s*(\{.*\})\s*$/s.exec(message)?.[1] ?? [])
      .map((json) => explained.parse(JSON.parse(json)))
      .filter((plan) => /public\.(bookings|customers)/.test(plan['Query Text']));
    expect(plans.length).toBeGreaterThan(0);
    return { total: answer.total, nodes: plans.flatMap(({ Plan }) => flatten(Plan)) };
  }

  test.each<[string, Record<string, unknown>, number, string[]]>([
    ['a page', { per_page: 10 }, 1000, ['bookings_created_at_idx']],
    ['a status', { status: 'no_show', per_page: 10 }, 10, ['bookings_status_idx']],
    ['a name', { query: 'person 499' }, 2, []],
    ['a name that is not linked yet', { query: 'older 777' }, 1, ['bookings_contact_search_idx']],
    ['a part of an address', { query: 'lder-77@exa' }, 1, ['bookings_contact_search_idx']],
    ['a reference', { query: 'AAAAAAAC' }, 1, ['bookings_reference_key']],
  ])('%s is read along indexes of the organization', async (_, args, total, indexes) => {
    const { nodes, ...answer } = await plansOf(args);
    expect(answer.total).toBe(total);
    expect(nodes.map((node) => node['Index Name'])).toEqual(expect.arrayContaining(indexes));
    expect(
      nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']),
    ).not.toContain('bookings');
    const entered = nodes.filter((node) => /^(bookings|customers)_/.test(node['Index Name'] ?? ''));
    expect(entered.length).toBeGreaterThan(0);
    for (const node of entered) expect(node['Index Cond']).toContain('organization_id = ');
  });
});
