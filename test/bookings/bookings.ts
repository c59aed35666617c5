import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { callAs } from '../customers/customers.ts';
import type { asUser } from '../support/roles.ts';
import { addMember, found, type Organization } from '../tenancy/organizations.ts';

type Connection = Pick<pg.ClientBase, 'query'> | pg.Pool;
type Particulars = Record<string, unknown>;

/** An organization that gives courses. */
export interface School extends Organization {
  /** A manager: all of bookings. */
  staff: string;
  /** The server of a website: it books for customers, and that is all. */
  website: string;
}

/** What `create_booking` answers. */
export interface Receipt {
  id: string;
  reference: string;
  status: string;
  session_id: string;
  customer_id: string;
  attendee_count: number;
  unit_price: number;
  subtotal: number;
  group_discount: number;
  code_discount: number;
  total: number;
  currency: string;
  invoice_id: string;
  places_left: number;
  warnings: string[];
  created_at: string;
}

/** A row of a table, past the policies; returns its id. */
async function add(
  client: Connection,
  table: string,
  { id }: Pick<Organization, 'id'>,
  particulars: Particulars,
): Promise<string> {
  const row = { organization_id: id, ...particulars };
  const { rows } = await client.query<{ id: string }>(
    `insert into public.${table} (${Object.keys(row).join(', ')})
     values (${Object.keys(row)
       .map((_, index) => `$${index + 1}`)
       .join(', ')}) returning id`,
    Object.values(row),
  );
  return rows[0]?.id ?? '';
}

/** Founds a school with staff and a website. Its slug is its name in lower case. */
export async function openSchool(client: Connection, name: string): Promise<School> {
  const school = await found(client, name);
  const staff = await addMember(client, school, { roles: ['manager'] });
  const website = await addMember(client, school, { roles: ['partner'] });
  return { ...school, staff, website };
}

/** A course of 480 minutes that costs 100 EUR; returns the id. */
export async function addCourse(
  client: Connection,
  school: Pick<Organization, 'id'>,
  particulars: Particulars = {},
): Promise<string> {
  const slug = `course-${randomUUID()}`;
  return add(client, 'courses', school, {
    name: 'First aid',
    slug,
    duration_minutes: 480,
    price: 100,
    ...particulars,
  });
}

/**
 * A session of 12 places, 30 days from now and open for bookings, unless the particulars say otherwise; returns the id.
 * Without `course_id` it is of a new course; `status: 'draft'` leaves it unpublished; `starts_in` is an interval from now on.
 */
export async function addSession(
  client: Connection,
  school: Pick<Organization, 'id'>,
  {
    status = 'published',
    starts_in = '30 days',
    course_id = null,
    ...particulars
  }: Particulars & { status?: 'draft' | 'published'; starts_in?: string } = {},
): Promise<string> {
  const { rows } = await client.query<{ starts_at: Date; ends_at: Date }>(
    `select now() + $1::interval as starts_at, now() + $1::interval + interval '8 hours' as ends_at`,
    [starts_in],
  );
  const id = await add(client, 'course_sessions', school, {
    ...rows[0],
    ...particulars,
    course_id: course_id ?? (await addCourse(client, school)),
  });
  if (status === 'published') {
    await client.query(
      `update public.course_sessions set status = 'published' where organization_id = $1 and id = $2`,
      [school.id, id],
    );
  }
  return id;
}

/** A discount code that takes 10 percent off; returns the id. */
export async function addDiscountCode(
  client: Connection,
  school: Pick<Organization, 'id'>,
  particulars: Particulars,
): Promise<string> {
  return add(client, 'discount_codes', school, { kind: 'percentage', amount: 10, ...particulars });
}

/** An address that nobody has. */
export const newEmail = (): string => `${randomUUID()}@example.com`;

/** So many participants. */
export const people = (count: number): { name: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `Participant ${index + 1}` }));

/** What {@link book} sends: one participant with an address that nobody has, who accepts the terms. */
export function bookingOf(session: string, args: Particulars = {}): Particulars {
  const { email = newEmail(), attendees = 1, ...others } = args;
  const sent: Particulars = {
    session_id: session,
    contact: { email, name: 'Ada Lovelace' },
    participants: people(Number(attendees)),
    terms_accepted: true,
    ...others,
  };
  for (const key of ['contact', 'participants']) sent[key] = JSON.stringify(sent[key]);
  return sent;
}

/**
 * Books as a member; what it writes stays. `email` and `attendees` stand for a contact and so many participants, everything
 * else is an argument of `create_booking`.
 */
export async function book(
  where: Parameters<typeof asUser>[0],
  school: Pick<Organization, 'id'>,
  user: string,
  session: string,
  args: Particulars = {},
): Promise<Receipt> {
  return (await callAs(where, school, user, 'create_booking', bookingOf(session, args))) as Receipt;
}

/** An older booking, past the functions: without a customer, with `contact_details`; returns the id. */
export async function importBooking(
  client: Connection,
  school: Pick<Organization, 'id'>,
  session: string,
  contact_details: unknown,
  particulars: Particulars = {},
): Promise<string> {
  const reference = Array.from(
    randomUUID().replaceAll('-', '').slice(0, 8),
    (digit) => 'ABCDEFGHJKLMNPQR'[Number.parseInt(digit, 16)],
  ).join('');
  return add(client, 'bookings', school, {
    session_id: session,
    contact_details: JSON.stringify(contact_details),
    reference,
    attendee_count: 1,
    unit_price: 100,
    subtotal: 100,
    total: 100,
    currency: 'EUR',
    ...particulars,
  });
}

const isLive = (booking: string) => `${booking}.status not in ('cancelled', 'refunded')`;

/**
 * What must always hold of the bookings of an organization, each as a query of the rows that break it. `$1` is the
 * organization. None of them calls a function of Rowhouse.
 */
export const invariantQueries = {
  'places taken are the attendees of live bookings': `
    select session.id, session.places_taken, counted.places
    from public.course_sessions as session,
      lateral (
        select coalesce(sum(booking.attendee_count), 0) as places from public.bookings as booking
        where booking.organization_id = session.organization_id and booking.session_id = session.id
          and ${isLive('booking')}
      ) as counted
    where session.organization_id = $1 and session.places_taken <> counted.places`,
  'places held are those of notified waitlist entries': `
    select session.id, session.places_held, counted.places
    from public.course_sessions as session,
      lateral (
        select coalesce(sum(entry.attendee_count), 0) as places from public.booking_waitlist as entry
        where entry.organization_id = session.organization_id and entry.session_id = session.id
          and entry.status = 'notified'
      ) as counted
    where session.organization_id = $1 and session.places_held <> counted.places`,
  'no place is sold twice': `
    select session.id, session.capacity, sum(booking.attendee_count) as sold
    from public.course_sessions as session
      join public.bookings as booking
        on booking.organization_id = session.organization_id and booking.session_id = session.id
    where session.organization_id = $1 and ${isLive('booking')}
    group by session.organization_id, session.id
    having sum(booking.attendee_count) > session.capacity`,
  'a session is full when no place is free, and only then': `
    select session.id, session.status, session.capacity, session.places_taken, session.places_held
    from public.course_sessions as session
    where session.organization_id = $1 and session.status in ('published', 'full')
      and (session.status = 'full') <> (session.places_taken + session.places_held >= session.capacity)`,
  'nobody waits for a place that is free': `
    select entry.id, entry.attendee_count, session.capacity, session.places_taken, session.places_held
    from public.booking_waitlist as entry
      join public.course_sessions as session
        on session.organization_id = entry.organization_id and session.id = entry.session_id
    where entry.organization_id = $1 and entry.status = 'waiting'
      and session.status in ('published', 'full') and session.starts_at > now()
      and entry.attendee_count <= session.capacity - session.places_taken - session.places_held`,
  'a customer is in a session once': `
    select booking.session_id, booking.customer_id, count(*)
    from public.bookings as booking
    -- Older ones and those of merged customers may be several.
    where booking.organization_id = $1 and booking.contact_details is null and ${isLive('booking')}
    group by booking.session_id, booking.customer_id having count(*) > 1`,
  'a booking has its attendees, and one of them is primary': `
    select booking.id, booking.attendee_count, counted.attendees, counted.primary
    from public.bookings as booking,
      lateral (
        select count(*) as attendees, count(*) filter (where attendee.is_primary) as primary
        from public.booking_attendees as attendee
        where attendee.organization_id = booking.organization_id and attendee.booking_id = booking.id
      ) as counted
    -- Older ones have none.
    where booking.organization_id = $1 and booking.contact_details is null
      and (counted.attendees <> booking.attendee_count or counted.primary <> 1)`,
  'the amounts of a booking add up': `
    select booking.id from public.bookings as booking
    where booking.organization_id = $1
      and (
        booking.subtotal <> booking.unit_price * booking.attendee_count
        or booking.total <> booking.subtotal - booking.group_discount - booking.code_discount
        or booking.total < 0
      )`,
  'the statistics of a customer are those of its bookings': `
    select customer.id, customer.total_bookings, counted.bookings, customer.total_spent, counted.spent,
      customer.first_booking_at, counted.first, customer.last_booking_at,
      counted.last
    from public.customers as customer,
      lateral (
        select count(*) filter (where ${isLive('booking')}) as bookings,
          coalesce(sum(booking.amount_paid - booking.amount_refunded), 0) as spent,
          min(booking.created_at) filter (where ${isLive('booking')}) as first,
          max(booking.created_at) filter (where ${isLive('booking')}) as last
        from public.bookings as booking
        where booking.organization_id = customer.organization_id and booking.customer_id = customer.id
      ) as counted
    where customer.organization_id = $1
      and (customer.total_bookings, customer.total_spent, customer.first_booking_at, customer.last_booking_at)
        is distinct from (counted.bookings, counted.spent, counted.first, counted.last)`,
  'a booking has at most one open refund': `
    select refund.booking_id, count(*) from public.refunds as refund
    where refund.organization_id = $1 and refund.status in ('pending', 'approved', 'processing')
    group by refund.booking_id having count(*) > 1`,
  'the paid amount of a booking is the sum of its succeeded payments': `
    select booking.id, booking.amount_paid, counted.amount
    from public.bookings as booking,
      lateral (
        select coalesce(sum(payment.amount), 0) as amount from public.payments as payment
        where payment.organization_id = booking.organization_id and payment.booking_id = booking.id
          and payment.status = 'succeeded'
      ) as counted
    where booking.organization_id = $1 and booking.contact_details is null and booking.amount_paid <> counted.amount`,
  'the refunded amount of a booking is what was given back of its payments': `
    select booking.id, booking.amount_refunded, counted.amount
    from public.bookings as booking,
      lateral (
        select coalesce(sum(item.amount), 0) as amount
        from public.refunds as refund
          join public.refund_items as item
            on item.organization_id = refund.organization_id and item.refund_id = refund.id
        where refund.organization_id = booking.organization_id and refund.booking_id = booking.id
          and item.processed_at is not null
      ) as counted
    where booking.organization_id = $1 and booking.contact_details is null
      and booking.amount_refunded <> counted.amount`,
  'the refunded amount of a payment is the sum of what was given back of it': `
    select payment.id, payment.amount_refunded, counted.amount
    from public.payments as payment,
      lateral (
        select coalesce(sum(item.amount), 0) as amount
        from public.refund_items as item
        where item.organization_id = payment.organization_id and item.payment_id = payment.id
          and item.processed_at is not null
      ) as counted
    where payment.organization_id = $1 and payment.amount_refunded <> counted.amount`,
  'a processed refund was given back, all of it': `
    select refund.id, refund.amount, counted.amount as given_back
    from public.refunds as refund,
      lateral (
        select coalesce(sum(item.amount), 0) as amount from public.refund_items as item
        where item.organization_id = refund.organization_id and item.refund_id = refund.id
          and item.processed_at is not null
      ) as counted
    where refund.organization_id = $1 and refund.status = 'processed' and refund.amount <> counted.amount`,
  'an invoice has the amounts of its booking': `
    select invoice.id, invoice.status, invoice.total, invoice.amount_paid, invoice.amount_refunded,
      booking.status as booking_status, booking.total as booking_total, booking.amount_paid as booking_paid,
      booking.amount_refunded as booking_refunded
    from public.invoices as invoice
      join public.bookings as booking
        on booking.organization_id = invoice.organization_id and booking.id = invoice.booking_id
    where invoice.organization_id = $1 and invoice.status <> 'void'
      and (invoice.total, invoice.amount_paid, invoice.amount_refunded, invoice.quantity, invoice.currency)
        is distinct from (booking.total, booking.amount_paid, booking.amount_refunded, booking.attendee_count, booking.currency)`,
  'a live booking has one invoice that is not void': `
    select booking.id, count(invoice.id)
    from public.bookings as booking
      left join public.invoices as invoice
        on invoice.organization_id = booking.organization_id and invoice.booking_id = booking.id
        and invoice.status <> 'void'
    where booking.organization_id = $1 and booking.contact_details is null and ${isLive('booking')}
    group by booking.organization_id, booking.id having count(invoice.id) <> 1`,
  'the uses of a discount code are its live bookings': `
    select code.id, code.used_count, code.max_uses, counted.uses
    from public.discount_codes as code,
      lateral (
        select count(*) as uses from public.bookings as booking
        where booking.organization_id = code.organization_id and booking.discount_code_id = code.id
          and ${isLive('booking')}
      ) as counted
    where code.organization_id = $1 and (code.used_count <> counted.uses or counted.uses > code.max_uses)`,
} as const;

/** An invariant that does not hold, and a row that breaks it. */
export interface Breach {
  invariant: keyof typeof invariantQueries;
  row: unknown;
}

/** What of the {@link invariantQueries} does not hold in an organization; nothing when all is well. */
export async function invariants(client: Connection, organizationId: string): Promise<Breach[]> {
  const { rows } = await client.query<Breach>(
    Object.entries(invariantQueries)
      .map(
        ([name, query]) => `select '${name}' as invariant, to_jsonb(breach) as row from (${query}) as breach`,
      )
      .join('\nunion all\n'),
    [organizationId],
  );
  return rows;
}
