import { beforeAll } from 'vitest';
import type { Database } from '../support/database.ts';
import { type Street, valueOf } from './street.ts';
import type { Wares } from './wares.ts';

/** What an organization teaches, and who has booked and paid it: one of everything that somebody else could ask for. */
export interface Courses {
  course: string;
  venue: string;
  /** A word that no other organization has. */
  discountCode: string;
  /** Is to come, and has one place; one that nobody has published; one that was held. */
  session: string;
  draftSession: string;
  pastSession: string;
  /** Takes the place. */
  booking: string;
  invoice: string;
  payment: string;
  refund: string;
  waitlistEntry: string;
  /** Of a booking of the session that was held. */
  attendee: string;
}

/** Has an organization teach, as the operator. */
export async function addCourses(
  db: Database,
  organizationId: string,
  customer: string,
  discountCode: string,
): Promise<Courses> {
  const add = (statement: string, ...values: unknown[]) =>
    valueOf<string>(db, `${statement} returning id as value`, [organizationId, ...values]);
  const course = await add(
    `insert into public.courses (organization_id, name, slug, duration_minutes, price)
     values ($1, 'First aid', 'first-aid', 480, 120)`,
  );
  const venue = await add(`insert into public.venues (organization_id, name) values ($1, 'Hall')`);
  await db.query(
    `insert into public.discount_codes (organization_id, code, kind, amount) values ($1, $2, 'percentage', 10)`,
    [organizationId, discountCode],
  );
  const hold = async (days: number, status?: string) => {
    const id = await add(
      `insert into public.course_sessions (organization_id, course_id, starts_at, ends_at, capacity)
       values ($1, $2, now() + make_interval(days => $3), now() + make_interval(days => $3, hours => 8), 2)`,
      course,
      days,
    );
    if (status) await db.query('update public.course_sessions set status = $2 where id = $1', [id, status]);
    return id;
  };
  const [session, draftSession, pastSession] = [
    await hold(30, 'published'),
    await hold(60),
    await hold(-2, 'published'),
  ];
  const book = (where: string, reference: string, places: number) =>
    add(
      `insert into public.bookings (
         organization_id, session_id, customer_id, reference, attendee_count, unit_price, subtotal, total, currency
       ) values ($1, $2, $3, $4, $5::integer, 120, 120 * $5, 120 * $5, 'EUR')`,
      where,
      customer,
      reference,
      places,
    );
  const booking = await book(session, 'ABCDEFGH', 1);
  const held = await book(pastSession, 'HGFEDCBA', 1);
  const attendee = await add(
    `insert into public.booking_attendees (organization_id, booking_id, name, is_primary) values ($1, $2, 'Ida', true)`,
    held,
  );
  const invoice = await add(
    `insert into public.invoices (
       organization_id, booking_id, description, quantity, unit_price, subtotal, total, currency
     ) values ($1, $2, 'First aid', 1, 120, 120, 120, 'EUR')`,
    booking,
  );
  const payment = await add(
    `insert into public.payments (organization_id, booking_id, provider, method, amount, currency, status)
     values ($1, $2, 'manual', 'cash', 20, 'EUR', 'succeeded')`,
    booking,
  );
  const refund = await add(
    `insert into public.refunds (organization_id, booking_id, amount, currency) values ($1, $2, 10, 'EUR')`,
    booking,
  );
  const waitlistEntry = await add(
    `insert into public.booking_waitlist (organization_id, session_id, customer_id, position, attendee_count)
     values ($1, $2, $3, 1, 2)`,
    session,
    customer,
  );
  return {
    course,
    venue,
    discountCode,
    session,
    draftSession,
    pastSession,
    booking,
    invoice,
    payment,
    refund,
    waitlistEntry,
    attendee,
  };
}

/** Has both organizations of a street teach. The object is filled before the first test runs. */
export function useCourses(
  db: Database,
  street: Street,
  wares: Record<'a' | 'b', Wares>,
): Record<'a' | 'b', Courses> {
  const handle = {} as Record<'a' | 'b', Courses>;
  beforeAll(async () => {
    handle.a = await addCourses(db, street.a.id, wares.a.customer, 'ONLY-ACME');
    handle.b = await addCourses(db, street.b.id, wares.b.customer, 'ONLY-BETA');
  });
  return handle;
}
