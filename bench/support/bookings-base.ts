import { z } from 'zod';
import { withConnection } from '../../src/postgres/connect.ts';
import { type Place, progress } from './place.ts';
import { makeOrganizations, makeReader } from './sales-customers.ts';

const idOf = (kind: string, number: number) =>
  `01900000-0000-7000-${kind}-${number.toString(16).padStart(12, '0')}`;
const idIn = (kind: string, number: string) =>
  `('01900000-0000-7000-${kind}-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** The session with this number. */
export const sessionOf = (number: number) => idOf('a000', number);
/** One for each size of crowd, which holds 10,000 places. */
export const hotSessions = [0, 1, 2].map(sessionOf);
/** A hundred others. */
export const spreadSessions = Array.from({ length: 100 }, (_, index) => index + 3);

/** What is booked with. */
export interface BookingBase {
  /** Another customer each time, the number in their address. */
  nextCustomer: () => number;
  customersUsed: () => number;
  /** What the audit log says of one booking. */
  auditRows: { table_name: string; after: unknown }[];
}

const makeSessions = `
  insert into public.courses (organization_id, id, name, slug, duration_minutes, price)
  select 'BENCH' || lpad(number::text, 4, '0'), ${idIn('c000', '1')}, 'First aid', 'first-aid', 240, 100
  from generate_series(0, 9) as number;
  insert into public.course_sessions (organization_id, id, course_id, starts_at, ends_at, capacity)
  select 'BENCH0000', ${idIn('a000', 'number')}, ${idIn('c000', '1')}, now() + interval '30 days',
    now() + interval '30 days 4 hours', 10000
  from generate_series(0, 102) as number;
  update public.course_sessions set status = 'published' where organization_id = 'BENCH0000';`;

const makeCustomers = `
  insert into public.customers (organization_id, contact_person, email)
  select 'BENCH0000', 'Ada Lovelace', 'customer' || number || '@example.com'
  from generate_series(0, $1::integer) as number`;

/** Where the floor writes: the same columns, checks, indexes and foreign keys; no trigger, no policy. */
const makeBareTables = `
  create schema bench;
  create table bench.bookings (like public.bookings including all);
  create table bench.booking_attendees (like public.booking_attendees including all);
  create table bench.invoices (like public.invoices including all);
  alter table bench.bookings
    add foreign key (organization_id) references public.organizations (id) on delete cascade,
    add foreign key (organization_id, session_id) references public.course_sessions (organization_id, id),
    add foreign key (organization_id, customer_id) references public.customers (organization_id, id),
    add foreign key (organization_id, discount_code_id) references public.discount_codes (organization_id, id),
    add foreign key (created_by) references auth.users (id) on delete set null;
  alter table bench.booking_attendees
    add foreign key (organization_id) references public.organizations (id) on delete cascade,
    add foreign key (organization_id, booking_id) references bench.bookings (organization_id, id) on delete cascade;
  alter table bench.invoices
    add foreign key (organization_id) references public.organizations (id) on delete cascade,
    add foreign key (organization_id, booking_id) references bench.bookings (organization_id, id);
  select pgmq.create('bench');`;

/** What the log has of one booking, made and undone. */
const auditRow = z.object({ table_name: z.string(), after: z.unknown() });

/**
 * Ten organizations; in the first one, 103 sessions and so many customers.
 *
 * @param customers how many will book
 */
export async function makeBookingBase(place: Place, customers: number): Promise<BookingBase> {
  progress(`inserting ${customers.toLocaleString('en')} customers`);
  await withConnection(place.url('bookings'), async (client) => {
    await client.query(makeOrganizations.replaceAll('$organizations', '10'));
    await client.query(makeSessions);
    await client.query(makeBareTables);
  });
  const auditRows = await withConnection(place.superuserUrl('bookings'), async (client) => {
    await client.query(makeReader);
    await client.query(`
      with customer as (
        insert into public.customers (organization_id, email) values ('BENCH0000', 'first@example.com') returning id
      ), booking as (
        insert into public.bookings (
          organization_id, session_id, customer_id, reference, attendee_count, unit_price, subtotal, total, currency,
          terms_accepted_at
        )
        select 'BENCH0000', '${sessionOf(0)}', id, 'ABCDEFGH', 1, 100, 100, 100, 'EUR', now() from customer returning id
      ), attendee as (
        insert into public.booking_attendees (organization_id, booking_id, name, email, is_primary)
        select 'BENCH0000', id, 'Ada Lovelace', 'customer1@example.com', true from booking
      )
      insert into public.invoices (
        organization_id, booking_id, description, quantity, unit_price, subtotal, total, currency
      )
      select 'BENCH0000', id, 'First aid, 2027-01-15', 1, 100, 100, 100, 'EUR' from booking`);
    const { rows } = await client.query(
      `select table_name, after from public.audit_logs
       where table_name in ('bookings', 'booking_attendees', 'invoices') and action = 'create'`,
    );
    await client.query(`delete from public.invoices; delete from public.booking_attendees; delete from public.bookings;
      delete from public.customers where organization_id = 'BENCH0000'`);
    await client.query('set session_replication_role = replica');
    await client.query(makeCustomers, [customers]);
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
    return z.array(auditRow).length(3).parse(rows);
  });
  let used = 0;
  return { nextCustomer: () => used++, customersUsed: () => used, auditRows };
}

/** Older bookings of some organizations, twice: where ours works, and where the floor does. Returns the organizations. */
export async function makeOlderBookings(
  place: Place,
  organizations: number,
  count: number,
): Promise<string[]> {
  progress(`inserting ${(organizations * count).toLocaleString('en')} older bookings`);
  const ids = Array.from({ length: organizations }, (_, index) => `BENCH000${index + 1}`);
  await withConnection(place.superuserUrl('bookings'), async (client) => {
    await client.query('set session_replication_role = replica');
    for (const id of ids) {
      await client.query(
        `insert into public.customers (organization_id, contact_person, email)
         select $1, 'Ada Lovelace', 'older' || number || '@example.com'
         from generate_series(0, $2::integer / 2 - 1, 2) as number`,
        [id, count],
      );
      await client.query(
        `insert into public.course_sessions (
           organization_id, id, course_id, starts_at, ends_at, capacity, status, places_taken
         )
         select $1, ${idIn('a000', 'number')}, ${idIn('c000', '1')}, now() - interval '30 days',
           now() - interval '29 days', 10000, 'published', $2::integer / 100
         from generate_series(0, 99) as number`,
        [id, count],
      );
      await client.query(
        `insert into public.bookings (
           organization_id, session_id, contact_details, reference, status, attendee_count, unit_price, subtotal, total,
           currency, created_at
         )
         select
           $1, ${idIn('a000', 'number % 100')},
           jsonb_build_object(
             'name', 'Ada Lovelace', 'email', format('Older%s@example.com ', number / 2), 'phone', '555 ' || number
           ),
           translate(upper(lpad(to_hex(number), 8, '0')), '01', 'GH'), 'confirmed', 1, 100, 100, 100, 'EUR',
           now() - interval '60 days'
         from generate_series(0, $2::integer - 1) as number`,
        [id, count],
      );
    }
    await client.query(`
      create table bench.older (like public.bookings including all);
      create table bench.customers (like public.customers including all);
      insert into bench.customers (organization_id, id, contact_person, email)
      select organization_id, id, contact_person, email from public.customers where organization_id <> 'BENCH0000';
      insert into bench.older (
        organization_id, id, session_id, contact_details, reference, status, attendee_count, unit_price, subtotal, total,
        currency, created_at
      )
      select
        organization_id, id, session_id, contact_details, reference, status, attendee_count, unit_price, subtotal, total,
        currency, created_at
      from public.bookings where organization_id <> 'BENCH0000';
      alter table bench.older
        add foreign key (organization_id, session_id) references public.course_sessions (organization_id, id),
        add foreign key (organization_id, customer_id) references bench.customers (organization_id, id);
      alter table bench.older owner to postgres;
      alter table bench.customers owner to postgres;`);
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
  return ids;
}

/** So many sessions in the year 2031, of 5 venues and 8 rooms, with what is taken of them. */
export async function makeCalendar(place: Place, sessions: number): Promise<void> {
  progress(`inserting ${sessions.toLocaleString('en')} sessions`);
  await withConnection(place.superuserUrl('bookings'), async (client) => {
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into public.venues (organization_id, id, name)
       select 'BENCH0000', ${idIn('e000', 'number')}, 'Venue ' || number from generate_series(0, 39) as number;
       insert into public.course_sessions (
         organization_id, course_id, venue_id, starts_at, ends_at, capacity, status, places_taken
       )
       select
         'BENCH0000', ${idIn('c000', '1')}, ${idIn('e000', 'number % 40')},
         timestamptz '2031-01-01' + number / 40 * interval '8 hours', timestamptz '2031-01-01 04:00' + number / 40 * interval '8 hours',
         12, 'published', number % 12
       from generate_series(0, ${sessions} - 1) as number;`,
    );
    await client.query('vacuum (analyze)');
  });
}
