import type pg from 'pg';
import type { Organization } from '../tenancy/organizations.ts';

type Connection = Pick<pg.ClientBase, 'query'> | pg.Pool;

/** An older booking, as it is imported: without a customer. */
export interface OlderBooking {
  contact_details: unknown;
  status?: string;
  attendee_count?: number;
  amount_paid?: number;
  created_at?: string;
}

/** The reference that {@link importBookings} gives to the one at this position. */
export function referenceOf(position: number): string {
  const letters = 'ABCDEFGHJKLMNPQR';
  return Array.from(
    position.toString(16).padStart(8, '0'),
    (digit) => letters[Number.parseInt(digit, 16)],
  ).join('');
}

/** Imports older bookings into a session, past the functions and in one statement; returns their ids in this order. */
export async function importBookings(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  session: string,
  bookings: OlderBooking[],
  from = 0,
): Promise<string[]> {
  const written = JSON.stringify(
    bookings.map((booking, index) => ({ ...booking, reference: referenceOf(from + index) })),
  );
  const { rows } = await client.query<{ id: string }>(
    `with imported as (
       insert into public.bookings (
         organization_id, session_id, contact_details, reference, status, attendee_count, unit_price, subtotal, total,
         currency, amount_paid, created_at, confirmed_at
       )
       select
         $1, $2, older.row -> 'contact_details', older.row ->> 'reference',
         'confirmed', places.count, 100, 100 * places.count, 100 * places.count,
         'EUR', coalesce((older.row ->> 'amount_paid')::numeric, 0), moment.at, moment.at
       from jsonb_array_elements($3::jsonb) with ordinality as older (row, position)
         cross join lateral (select coalesce((older.row ->> 'attendee_count')::integer, 1) as count) as places
         cross join lateral (
           select coalesce(
             (older.row ->> 'created_at')::timestamptz,
             timestamptz '2020-01-01 00:00:00Z' + older.position * interval '1 hour'
           ) as at
         ) as moment
       order by older.position
       returning id, reference
     )
     select id from imported order by reference`,
    [id, session, written],
  );
  await client.query(
    `update public.bookings as booking
     set status = older.row ->> 'status', cancelled_at = booking.created_at, completed_at = booking.created_at
     from jsonb_array_elements($2::jsonb) as older (row)
     where booking.organization_id = $1 and booking.reference = older.row ->> 'reference'
       and older.row ->> 'status' <> 'confirmed'`,
    [id, written],
  );
  return rows.map((row) => row.id);
}

/**
 * All customers and bookings of an organization, without what differs from one organization to another: ids, and when
 * rows were written. Bookings name their customer by the address.
 */
export async function tablesOf(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
): Promise<{ customers: unknown[]; bookings: unknown[] }> {
  const { rows } = await client.query<{ customers: unknown[]; bookings: unknown[] }>(
    `select
       (
         select coalesce(
           jsonb_agg(to_jsonb(customer) - array['organization_id', 'id', 'created_at', 'updated_at'] order by customer.email),
           '[]'
         )
         from public.customers as customer
         where customer.organization_id = $1
       ) as customers,
       (
         select coalesce(
           jsonb_agg(
             to_jsonb(booking) - array['organization_id', 'id', 'session_id', 'customer_id', 'updated_at']
               || jsonb_build_object('customer', customer.email)
             order by booking.reference
           ),
           '[]'
         )
         from public.bookings as booking
           left join public.customers as customer
             on customer.organization_id = booking.organization_id and customer.id = booking.customer_id
         where booking.organization_id = $1
       ) as bookings`,
    [id],
  );
  return rows[0] ?? { customers: [], bookings: [] };
}

/** One value that changes when any contact_details of an organization do. */
export async function detailsDigest(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
): Promise<string | undefined> {
  const { rows } = await client.query<{ digest: string }>(
    `select md5(string_agg(booking.reference || booking.contact_details::text, ',' order by booking.reference)) as digest
     from public.bookings as booking
     where booking.organization_id = $1 and booking.contact_details is not null`,
    [id],
  );
  return rows[0]?.digest;
}

/** 300 older bookings: people who came several times, however they wrote their address, and ones without a usable one. */
export function olderBookings(count = 300): OlderBooking[] {
  return Array.from({ length: count }, (_, index) => {
    const person = index % Math.ceil(count / 3);
    const written = [
      `person-${person}@example.com`,
      ` Person-${person}@Example.COM`,
      `PERSON-${person}@example.com\t`,
    ];
    const email =
      index % 23 === 0
        ? 'nobody at example.com'
        : index % 29 === 0
          ? ''
          : written[Math.floor((index * 3) / count)];
    return {
      contact_details: {
        ...(index % 31 === 0 ? {} : { email }),
        name: `Person ${person}`,
        phone: index % 2 === 0 ? `+43 664 ${index}` : undefined,
        company: index % 7 === 0 ? `Company ${person}` : undefined,
      },
      status: index % 11 === 0 ? 'cancelled' : index % 13 === 0 ? 'completed' : 'confirmed',
      amount_paid: index % 5 === 0 ? 0 : 100,
    };
  });
}
