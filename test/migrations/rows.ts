import type pg from 'pg';
import { expect } from 'vitest';
import { insertAuthUser } from '../support/users.ts';

/** Everything that Rowhouse's tables and queues hold: the rows of each as JSON, in an order that does not matter. */
export type Contents = Record<string, string[]>;

/** Reads every table of public and private, every queue and every archive, found in the catalog. */
export async function contents(client: Pick<pg.ClientBase, 'query'>): Promise<Contents> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select format('%s.%I', relnamespace::regnamespace, relname) as name from pg_class
     where relkind in ('r', 'p') and not relispartition
       and (relnamespace = any (array[to_regnamespace('public'), to_regnamespace('private')])
         or relnamespace = 'pgmq'::regnamespace and relname ~ '^[qa]_')
     order by 1`,
  );
  const found: Contents = {};
  for (const { name } of tables) {
    const { rows } = await client.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${name} as t order by 1`,
    );
    found[name] = rows.map(({ row }) => row);
  }
  return found;
}

/** The users that `fillEveryTable` has made. */
export interface People {
  ada: string;
  bob: string;
  eve: string;
}

/** Puts rows into every table, and fails when there is one that it does not know how to fill. */
export async function fillEveryTable(client: pg.ClientBase): Promise<People> {
  const ada = await insertAuthUser(client, { email: 'ada@example.com' });
  const bob = await insertAuthUser(client, { email: 'bob@example.com' });
  const eve = await insertAuthUser(client, { email: 'eve@example.com' });
  await client.query(
    `update public.user_profiles set platform_role = 'superadmin', display_name = 'Countess',
            preferences = '{"theme": "dark"}', last_seen_at = now(), sso_provider = 'google', sso_user_id = '1'
     where user_id = $1`,
    [ada],
  );
  await client.query(
    `update public.user_profiles
     set is_active = false, deactivated_at = now(), deactivated_by = $2, deactivation_reason = 'Left.'
     where user_id = $1`,
    [bob, ada],
  );
  await client.query(
    `insert into private.profile_failures (user_id, source, sqlstate, message) values ($1, 'sync', '23514', 'No.')`,
    [eve],
  );
  await client.query(`select public.sync_user_profiles()`);

  await fillOrganization(client, ada, eve);
  await fillSales(client, eve);
  await fillBookings(client, eve);

  await client.query(`update private.job_queues set max_attempts = 7`);
  await fillQueue(client, 'user_sync', 'identity.sync_profiles');
  await fillQueue(client, 'notifications', 'tenancy.invitation');
  await fillQueue(client, 'bookings', 'bookings.confirmation');
  await fillQueue(client, 'payments', 'bookings.refund');

  const empty = Object.entries(await contents(client)).filter(([, found]) => found.length === 0);
  expect(empty, 'fill these tables too').toEqual([]);
  return { ada, bob, eve };
}

/** An organization with something in each table of a tenant; its owner and its changes fill the audit log. */
async function fillOrganization(client: pg.ClientBase, owner: string, member: string): Promise<void> {
  await client.query('select public.update_platform_settings(true)');
  await client.query(`select public.create_organization('Acme', 'acme', $1, id => 'TEST0001')`, [owner]);
  await client.query(
    `insert into public.members (organization_id, user_id, status, joined_at, approved_by)
     values ('TEST0001', $1, 'active', now(), $2)`,
    [member, owner],
  );
  await client.query(
    `insert into public.roles (organization_id, code, name, permissions)
     values ('TEST0001', 'welder', 'Welder', '{plants.*}')`,
  );
  await client.query(
    `with plant as (
       insert into public.plants (organization_id, code, name, manager_id) values ('TEST0001', 'P1', 'Plant', $1) returning id
     ), access as (
       insert into public.user_plant_access (organization_id, user_id, plant_id) select 'TEST0001', $1, id from plant
       returning plant_id
     )
     insert into public.user_roles (organization_id, user_id, role_code, plant_id, granted_by)
     select 'TEST0001', $1, 'welder', plant_id, $2 from access`,
    [member, owner],
  );
  await client.query(
    `insert into public.invitations (organization_id, id, email, role_codes, token_hash, invited_by)
     values ('TEST0001', gen_random_uuid(), 'ida@example.com', '{welder}', repeat('a', 64), $1)`,
    [owner],
  );
  await client.query(`update public.organizations set name = 'Acme Ltd.', max_users = 20`);
}

/** What is sold, to whom, and an order of it, each made in the way that its status comes about. */
async function fillSales(client: pg.ClientBase, user: string): Promise<void> {
  const one = async (statement: string, ...values: unknown[]): Promise<string> => {
    const { rows } = await client.query<{ id: string }>(`${statement} returning id`, values);
    return rows[0]?.id ?? '';
  };
  const customer = await one(
    `insert into public.customers (organization_id, company_name, email) values ('TEST0001', 'Alder', 'ida@alder.example')`,
  );
  await client.query(
    `insert into public.customer_users (organization_id, customer_id, user_id) values ('TEST0001', $1, $2)`,
    [customer, user],
  );
  await client.query(
    `insert into public.customer_assignments (organization_id, customer_id, user_id) values ('TEST0001', $1, $2)`,
    [customer, user],
  );
  await client.query(
    `insert into public.customer_health_notes (organization_id, customer_id, kind, note)
     values ('TEST0001', $1, 'dietary', 'No nuts.')`,
    [customer],
  );
  await client.query(
    `insert into public.sales_settings (organization_id, currency) values ('TEST0001', 'CHF')`,
  );
  const type = await one(
    `insert into public.manufacturing_types (organization_id, name, base_price) values ('TEST0001', 'Window', 200)`,
  );
  const node = await one(
    `insert into public.attribute_nodes (
       organization_id, manufacturing_type_id, code, name, node_type, data_type, price_impact_type, price_impact
     ) values ('TEST0001', $1, 'colour', 'Colour', 'attribute', 'string', 'fixed', 12.5)`,
    type,
  );
  const template = await one(
    `insert into public.configuration_templates (organization_id, manufacturing_type_id, name) values ('TEST0001', $1, 'Plain')`,
    type,
  );
  await client.query(
    `insert into public.template_selections (
       organization_id, template_id, manufacturing_type_id, attribute_node_id, string_value
     ) values ('TEST0001', $1, $2, $3, 'white')`,
    [template, type, node],
  );
  const configuration = await one(
    `insert into public.configurations (
       organization_id, manufacturing_type_id, customer_id, template_id, name, reference_code
     ) values ('TEST0001', $1, $2, $3, 'Kitchen', private.next_number('C', 'TEST0001'))`,
    type,
    customer,
    template,
  );
  await client.query(
    `insert into public.template_usage (organization_id, template_id, configuration_id, usage_type)
     values ('TEST0001', $1, $2, 'sales_assist')`,
    [template, configuration],
  );
  await client.query(
    `insert into public.configuration_selections (
       organization_id, configuration_id, manufacturing_type_id, attribute_node_id, string_value
     ) values ('TEST0001', $1, $2, $3, 'white')`,
    [configuration, type, node],
  );
  const becomes = async (table: string, id: string, ...statuses: string[]) => {
    for (const status of statuses) {
      await client.query(`update public.${table} set status = $2 where id = $1`, [id, status]);
    }
  };
  await becomes('configurations', configuration, 'saved', 'quoted');
  const quote = await one(
    `insert into public.quotes (organization_id, customer_id, number, currency, subtotal, valid_until)
     values ('TEST0001', $1, private.next_number('Q', 'TEST0001'), 'CHF', 212.5, current_date + 30)`,
    customer,
  );
  const line = await one(
    `insert into public.quote_items (
       organization_id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price
     ) values ('TEST0001', $1, $2, $3, 1, 'Kitchen', 1, 212.5)`,
    quote,
    customer,
    configuration,
  );
  await becomes('quotes', quote, 'sent', 'accepted');
  await becomes('configurations', configuration, 'ordered');
  const order = await one(
    `insert into public.orders (
       organization_id, quote_id, customer_id, number, currency, subtotal, discount_amount, tax_rate, tax_amount, total
     ) values ('TEST0001', $1, $2, private.next_number('O', 'TEST0001'), 'CHF', 212.5, 0, 0, 0, 212.5)`,
    quote,
    customer,
  );
  await client.query(
    `insert into public.order_items (
       organization_id, order_id, quote_item_id, configuration_id, position, description, quantity, unit_price, line_total
     ) values ('TEST0001', $1, $2, $3, 1, 'Kitchen', 1, 212.5, 212.5)`,
    [order, line, configuration],
  );
  await becomes('orders', order, 'production');
}

/** A course that was held, with who booked, paid, got something back, attended, and who still waits for the next one. */
async function fillBookings(client: pg.ClientBase, instructor: string): Promise<void> {
  const one = async (statement: string, ...values: unknown[]): Promise<string> => {
    const { rows } = await client.query<{ id: string }>(`${statement} returning id`, values);
    return rows[0]?.id ?? '';
  };
  const becomes = async (table: string, id: string, ...statuses: string[]) => {
    for (const status of statuses) {
      await client.query(`update public.${table} set status = $2 where id = $1`, [id, status]);
    }
  };
  const customer = await one(
    `insert into public.customers (organization_id, contact_person, email) values ('TEST0001', 'Olga', 'olga@example.com')`,
  );
  await client.query(
    `insert into public.booking_settings (organization_id, cancellation_hours) values ('TEST0001', 24)`,
  );
  await client.query(
    `insert into public.refund_rules (organization_id, hours_before, refund_percent) values ('TEST0001', 72, 100)`,
  );
  const course = await one(
    `insert into public.courses (organization_id, name, slug, duration_minutes, price, certificate_months)
     values ('TEST0001', 'First aid', 'first-aid', 480, 120, 24)`,
  );
  await client.query(
    `insert into public.course_price_tiers (organization_id, course_id, min_attendees, discount_percent)
     values ('TEST0001', $1, 5, 10)`,
    [course],
  );
  const venue = await one(`insert into public.venues (organization_id, name) values ('TEST0001', 'Hall')`);
  const code = await one(
    `insert into public.discount_codes (organization_id, code, kind, amount) values ('TEST0001', 'SPRING', 'percentage', 10)`,
  );
  const session = await one(
    `insert into public.course_sessions (organization_id, course_id, venue_id, instructor_id, starts_at, ends_at, capacity)
     values ('TEST0001', $1, $2, $3, now() - interval '2 days', now() - interval '1 day', 2)`,
    course,
    venue,
    instructor,
  );
  await becomes('course_sessions', session, 'published');
  const booking = await one(
    `insert into public.bookings (
       organization_id, session_id, customer_id, reference, attendee_count, unit_price, subtotal, discount_code_id,
       code_discount, total, currency, terms_accepted_at
     ) values ('TEST0001', $1, $2, 'ABCDEFGH', 1, 120, 120, $3, 12, 108, 'EUR', now())`,
    session,
    customer,
    code,
  );
  // One that was imported, whose customer is not known.
  await client.query(
    `insert into public.bookings (
       organization_id, session_id, contact_details, reference, attendee_count, unit_price, subtotal, total, currency
     ) values ('TEST0001', $1, '{"email": "paul@example.com", "name": "Paul"}', 'HGFEDCBA', 1, 120, 120, 120, 'EUR')`,
    [session],
  );
  const attendee = await one(
    `insert into public.booking_attendees (organization_id, booking_id, name, is_primary) values ('TEST0001', $1, 'Olga', true)`,
    booking,
  );
  await client.query(
    `insert into public.booking_requirements (organization_id, booking_id, attendee_id, kind, note)
     values ('TEST0001', $1, $2, 'dietary', 'No nuts.')`,
    [booking, attendee],
  );
  await client.query(
    `insert into public.booking_waitlist (organization_id, session_id, customer_id, position) values ('TEST0001', $1, $2, 1)`,
    [session, customer],
  );
  await client.query(
    `insert into public.invoices (
       organization_id, booking_id, description, quantity, unit_price, subtotal, discount_amount, total, currency
     ) values ('TEST0001', $1, 'First aid', 1, 120, 120, 12, 108, 'EUR')`,
    [booking],
  );
  const payment = await one(
    `insert into public.payments (organization_id, booking_id, provider, provider_intent_id, amount, currency)
     values ('TEST0001', $1, 'stripe', 'pi_1', 108, 'EUR')`,
    booking,
  );
  await client.query(
    `insert into private.payment_intents (provider, intent_id, organization_id, payment_id)
     values ('stripe', 'pi_1', 'TEST0001', $1)`,
    [payment],
  );
  await client.query(
    `insert into private.webhook_events (provider, event_id, event_type, organization_id, occurred_at, payload, outcome)
     values ('stripe', 'evt_1', 'payment_intent.succeeded', 'TEST0001', now(), '{"id": "evt_1"}', 'applied')`,
  );
  await client.query(
    `insert into private.idempotency_keys (organization_id, operation, key, request_hash)
     values ('TEST0001', 'create_booking', 'once', sha256('asked'))`,
  );
  await becomes('payments', payment, 'succeeded');
  await client.query(
    `insert into public.attendance (organization_id, attendee_id, session_id, status) values ('TEST0001', $1, $2, 'present')`,
    [attendee, session],
  );
  await client.query(
    `insert into public.certificates (organization_id, attendee_id, course_id, number, holder_name, issued_on)
     values ('TEST0001', $1, $2, 'CERT-2026-00001', 'Olga', current_date)`,
    [attendee, course],
  );
  await becomes('bookings', booking, 'completed');
  const refund = await one(
    `insert into public.refunds (organization_id, booking_id, amount, currency) values ('TEST0001', $1, 8, 'EUR')`,
    booking,
  );
  await client.query(
    `insert into public.refund_items (organization_id, refund_id, payment_id, amount) values ('TEST0001', $1, $2, 8)`,
    [refund, payment],
  );
  await becomes('refunds', refund, 'approved');
}

/** A queue with a message that waits, one that is done, one that was given up, and one that was looked at after that. */
async function fillQueue(client: pg.ClientBase, queue: string, kind: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `select private.enqueue_batch($1, $2, array['{"n": 1}', '{"n": 2}', '{"n": 3}']::jsonb[]) as id`,
    [queue, kind],
  );
  const [waiting, archived, dead] = rows.map(({ id }) => id);
  expect(waiting).toBeDefined();
  await client.query(`select private.is_first_effect($1, $2)`, [queue, archived]);
  await client.query(`select pgmq.archive($1::text, $2::bigint)`, [queue, archived]);
  await client.query(`select private.fail_job($1, $2, 'It broke.', true, 1)`, [queue, dead]);
  await client.query(
    `select pgmq.archive($1::text, sent) from pgmq.send($1::text, '{"kind": "old"}') as sent`,
    [`${queue}_dead`],
  );
}
