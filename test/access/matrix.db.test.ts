import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateAccess, readMatrix } from '../../scripts/support/generate-access.ts';
import { staleFiles } from '../../scripts/support/generated.ts';
import { root } from '../../scripts/support/sql-files.ts';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import {
  addMember,
  addPlant,
  addRole,
  call,
  found,
  inside,
  type Organization,
} from '../tenancy/organizations.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
/** A member for owners to make one of. */
let heir: string;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  for (const organization of [acme, beta]) await addPlant(db.pool, organization);
  heir = await addMember(db.pool, acme);
  await sell(acme);
  await offer(acme);
});

/** What was booked by that customer, and not paid. */
let booking: string;
let courseSession: string;

async function offer(organization: Organization): Promise<void> {
  const { rows: sessions } = await db.query<{ id: string }>(
    `with course as (
       insert into public.courses (organization_id, name, slug, duration_minutes, price)
       values ($1, 'First aid', 'first-aid', 480, 120) returning id
     )
     insert into public.course_sessions (organization_id, course_id, starts_at, ends_at)
     select $1, id, now() + interval '30 days', now() + interval '31 days' from course returning id`,
    [organization.id],
  );
  courseSession = sessions[0]?.id ?? '';
  await db.query(`update public.course_sessions set status = 'published' where id = $1`, [courseSession]);
  const { rows } = await db.query<{ id: string }>(
    `insert into public.bookings (
       organization_id, session_id, customer_id, reference, attendee_count, unit_price, subtotal, total, currency
     ) values ($1, $2, $3, 'ABCDEFGH', 1, 120, 120, 120, 'EUR') returning id`,
    [organization.id, courseSession, customer],
  );
  booking = rows[0]?.id ?? '';
}

/** What was sold: a customer that nobody looks after, and an order of theirs. */
let customer: string;
let order: string;

async function sell(organization: Organization): Promise<void> {
  const { rows } = await db.query<{ customer: string; order: string }>(
    `with customer as (
       insert into public.customers (organization_id, contact_person) values ($1, 'Somebody') returning id
     ), note as (
       insert into public.customer_health_notes (organization_id, customer_id, kind, note)
       select $1, id, 'dietary', 'Nuts.' from customer
     ), type as (
       insert into public.manufacturing_types (organization_id, name) values ($1, 'Window') returning id
     ), configuration as (
       insert into public.configurations (organization_id, manufacturing_type_id, customer_id, name, reference_code)
       select $1, type.id, customer.id, 'Kitchen', 'C-1' from type, customer
     ), quote as (
       insert into public.quotes (organization_id, customer_id, number, currency, subtotal, valid_until)
       select $1, id, 'Q-1', 'EUR', 0, current_date + 30 from customer returning id
     )
     insert into public.orders (
       organization_id, quote_id, customer_id, number, currency, subtotal, discount_amount, tax_rate, tax_amount, total
     )
     select $1, quote.id, customer.id, 'O-1', 'EUR', 0, 0, 0, 0, 0 from quote, customer
     returning customer_id as customer, id as order`,
    [organization.id],
  );
  customer = rows[0]?.customer ?? '';
  order = rows[0]?.order ?? '';
}

/**
 * What each permission allows, done: returns whether something was. A permission that comes with a module brings its
 * probe along.
 */
const probes: Record<string, (session: pg.ClientBase) => Promise<boolean>> = {
  'audit.read': (session) => sees(session, 'public.audit_logs'),
  'bookings.book': async (session) =>
    Boolean(
      await call(session, 'create_booking', {
        session_id: courseSession,
        contact: JSON.stringify({ email: 'probe@example.com' }),
        participants: JSON.stringify([{ name: 'Probe' }]),
        terms_accepted: true,
      }),
    ),
  'bookings.catalog': async (session) =>
    (await session.query(`insert into public.venues (name) values ('Probe')`)).rowCount === 1,
  'bookings.manage': async (session) =>
    Boolean(await call(session, 'backfill_booking_customers', { dry_run: true })),
  'bookings.payments': async (session) =>
    Boolean(await call(session, 'record_payment', { booking_id: booking, amount: 1 })),
  'bookings.read': (session) => sees(session, 'public.bookings'),
  'bookings.teach': teaches,
  'bookings.write': async (session) => Boolean(await call(session, 'confirm_booking', { id: booking })),
  'customers.assigned': (session) => looksAfter(session, 'assigned_customer_ids'),
  'customers.health': (session) => sees(session, 'public.customer_health_notes'),
  'customers.manage': async (session) =>
    (
      await session.query(
        'insert into public.customer_assignments (customer_id, user_id) values ($1, auth.uid())',
        [customer],
      )
    ).rowCount === 1,
  'customers.read': (session) => sees(session, 'public.customers'),
  'customers.write': async (session) =>
    (await session.query(`insert into public.customers (contact_person) values ('Probe')`)).rowCount === 1,
  'members.manage': async (session) =>
    Boolean(await call(session, 'create_role', { code: 'probe', name: 'Probe' })),
  'members.read': async (session) => Boolean(await call(session, 'list_members')),
  'organization.manage': async (session) =>
    (await session.query(`update public.organizations set industry = 'Probing'`)).rowCount === 1,
  'organization.own': async (session) =>
    Boolean(await call(session, 'grant_role', { user_id: heir, role_code: 'owner' })),
  'organization.read': (session) => sees(session, 'public.organizations'),
  'plants.manage': async (session) =>
    (await session.query(`insert into public.plants (code, name) values ('PROBE', 'Probe')`)).rowCount === 1,
  'plants.read': (session) => sees(session, 'public.plants'),
  'roles.read': (session) => sees(session, 'public.roles'),
  'sales.assigned': (session) => looksAfter(session, 'sold_customer_ids'),
  'sales.catalog': async (session) =>
    (await session.query(`insert into public.manufacturing_types (name) values ('Probe')`)).rowCount === 1,
  'sales.fulfil': async (session) =>
    Boolean(await call(session, 'change_order_status', { id: order, status: 'production' })),
  'sales.read': (session) => sees(session, 'public.orders'),
  'sales.write': async (session) =>
    (await session.query(`update public.configurations set description = 'Probed'`)).rowCount === 1,
};

/**
 * Whether a customer counts as looked after once it is assigned to the caller, which the operator does: then policies open
 * it, which ask this function.
 */
async function looksAfter(session: pg.ClientBase, customers: string): Promise<boolean> {
  await session.query('set local role none');
  await session.query(
    'insert into public.customer_assignments (organization_id, customer_id, user_id) values ($1, $2, auth.uid())',
    [acme.id, customer],
  );
  await session.query('set local role authenticated');
  const { rows } = await session.query<{ counts: boolean }>(
    `select $1::uuid = any (private.${customers}()) as counts`,
    [customer],
  );
  return rows[0]?.counts ?? false;
}

/** Whether bookings of a session are seen once the caller teaches it, which the operator says. */
async function teaches(session: pg.ClientBase): Promise<boolean> {
  await session.query('set local role none');
  await session.query('update public.course_sessions set instructor_id = auth.uid() where id = $1', [
    courseSession,
  ]);
  await session.query('set local role authenticated');
  const { rows } = await session.query<{ counts: boolean }>(
    'select $1::uuid = any (private.taught_session_ids()) as counts',
    [courseSession],
  );
  return rows[0]?.counts ?? false;
}

async function sees(session: pg.ClientBase, table: string): Promise<boolean> {
  return ((await session.query(`select from ${table}`)).rowCount ?? 0) > 0;
}

/** Whether a user gets done what a permission allows. Nothing of it stays. */
async function works(client: pg.ClientBase, user: string, permission: string): Promise<boolean> {
  const probe = probes[permission];
  if (!probe) throw new Error(`${permission} has no probe: add one that does what it allows.`);
  return asUser(client, inside(acme, user), probe).catch((error: unknown) => {
    // Refused by a function, or by a policy; what one may not see is not there. What is wrong otherwise is no answer.
    if (error instanceof Error && 'code' in error && ['PT403', 'PT404', '42501'].includes(String(error.code)))
      return false;
    throw error;
  });
}

async function checks(client: pg.ClientBase, user: string, code: string): Promise<unknown> {
  return asUser(client, inside(acme, user), (session) => call(session, 'check_permission', { code }));
}

/** What one may do with another permission as well: who does everything with bookings also books. */
const includedIn: Record<string, string[]> = { 'bookings.book': ['bookings.write'] };

/** The ticks of the table in docs/access.md: the roles of each permission. */
async function documented(): Promise<Map<string, Set<string>>> {
  const page = await readFile(join(root, 'docs/access.md'), 'utf8');
  const text = page.slice(page.indexOf('<!-- generated: matrix -->'), page.indexOf('<!-- end: matrix -->'));
  const [head = [], , ...rows] = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  return new Map(
    rows.map(([permission = '', ...cells]) => [
      permission,
      new Set(head.slice(1).filter((_, index) => cells[index] === '✓')),
    ]),
  );
}

test('docs/access.md says what the migrations say', async () => {
  expect(await staleFiles(await generateAccess(db.url))).toEqual([]);
});

test('every permission has a probe, and every probe a permission', async () => {
  const { permissions } = await readMatrix(db.url);
  expect(Object.keys(probes).sort()).toEqual(permissions.map(({ code }) => code));
});

test('every role and permission is as documented: what has a tick works, and what has none is refused', async () => {
  const matrix = await documented();
  const { roles, permissions } = await readMatrix(db.url);
  expect([...matrix.keys()]).toEqual(permissions.map(({ code }) => code));
  await db.inRollback(async (client) => {
    for (const { code: role } of roles) {
      const user = await addMember(client, acme, { roles: [role] });
      // In the neighbour's house they are the owner; it must not help.
      await addMember(client, beta, { user, roles: ['owner'] });
      for (const [permission, holders] of matrix) {
        const expected = holders.has(role);
        expect(await checks(client, user, permission), `${role} ${permission}: check_permission`).toBe(
          expected,
        );
        const isIncluded = (includedIn[permission] ?? []).some((wider) => matrix.get(wider)?.has(role));
        expect(await works(client, user, permission), `${role} ${permission}: done`).toBe(
          expected || isIncluded,
        );
      }
    }
  });
});

/**
 * Who may not read a row cannot write it: what is written in a table takes its permission to read as well. And who makes
 * an owner gives away everything.
 */
const presupposed: Record<string, string[]> = {
  'organization.manage': ['organization.read'],
  'organization.own': [
    'audit.*',
    'bookings.*',
    'customers.*',
    'members.*',
    'organization.*',
    'plants.*',
    'roles.*',
    'sales.*',
  ],
  'plants.manage': ['plants.read'],
};

describe('a permission is what it takes, and all that it takes', () => {
  test.each(Object.keys(probes))('%s', async (permission) => {
    await db.inRollback(async (client) => {
      const needed = [permission, ...(presupposed[permission] ?? [])];
      const others = Object.keys(probes).filter(
        (each) => each !== permission && !includedIn[permission]?.includes(each),
      );
      const alone = await addMember(client, acme, { roles: [await addRole(client, acme, 'alone', needed)] });
      const rest = await addMember(client, acme, { roles: [await addRole(client, acme, 'rest', others)] });
      expect(await works(client, alone, permission), 'with it alone').toBe(true);
      expect(await works(client, rest, permission), 'with all others').toBe(false);
    });
  });
});
