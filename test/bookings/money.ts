import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { actFor, callAs } from '../customers/customers.ts';
import { asService, type asUser } from '../support/roles.ts';
import { addMember, call, callAll } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, type Receipt, type School } from './bookings.ts';

type Connection = Pick<pg.ClientBase, 'query'> | pg.Pool;
type Where = Parameters<typeof asUser>[0];
type Particulars = Record<string, unknown>;

/** A row of `payments`, `refunds` or `invoices`, as a function of the API answers it. */
export type Row = Record<string, unknown> & { id: string };

/** A payment by Stripe that has its intent. */
export interface IntentPayment {
  id: string;
  booking_id: string;
  intent: string;
  amount: number;
}

/** What a webhook tells {@link tell}. */
export interface Told {
  event_id: string;
  /** Seconds after some moment. */
  at: number;
  change: unknown;
}

/** What `record_payment_event` answers. */
export interface Outcome {
  outcome: string;
  error: string | null;
}

/** A booking in a new session of a course at this price, in which nobody else has booked. */
export async function bookedAt(
  where: Where,
  school: School,
  price: number,
  { attendees = 1, ...session }: Particulars & { attendees?: number; starts_in?: string } = {},
): Promise<Receipt> {
  const client = 'pool' in where ? where.pool : where;
  const course_id = await addCourse(client, school, { price });
  return book(where, school, school.staff, await addSession(client, school, { course_id, ...session }), {
    attendees,
  });
}

/** A member who acts for the customer of a booking. */
export async function customerOf(
  client: Connection,
  school: School,
  booking: Pick<Receipt, 'customer_id'>,
): Promise<string> {
  const user = await addMember(client, school);
  await actFor(client, school, user, booking.customer_id);
  return user;
}

/** Calls a function as the staff of a school; what it writes stays. */
export async function byStaff(where: Where, school: School, name: string, args: Particulars): Promise<Row> {
  return (await callAs(where, school, school.staff, name, args)) as Row;
}

/** Calls a function as the backend does; what it writes stays. */
export async function byBackend(where: Where, name: string, args: Particulars): Promise<Row> {
  return (await asService(where, (session) => call(session, name, args), { commit: true })) as Row;
}

/** As {@link byBackend}, for a function that returns several rows. */
export async function allByBackend(where: Where, name: string, args: Particulars): Promise<unknown[]> {
  return asService(where, (session) => callAll(session, name, args), { commit: true });
}

/** Staff is given money for a booking. */
export const paid = (where: Where, school: School, booking_id: string, amount: number): Promise<Row> =>
  byStaff(where, school, 'record_payment', { booking_id, amount });

/** A payment of all that is open is begun, and has its intent. */
export async function begun(where: Where, school: School, booking_id: string): Promise<IntentPayment> {
  const { id, amount } = await byStaff(where, school, 'create_payment', {
    booking_id,
    idempotency_key: randomUUID(),
  });
  const intent = `pi_${randomUUID()}`;
  await byBackend(where, 'attach_payment_intent', {
    organization_id: school.id,
    payment_id: id,
    provider_intent_id: intent,
  });
  return { id, booking_id, intent, amount: Number(amount) };
}

/** The change of a payment, as the webhook makes it of an event. */
export const paymentTold = (
  { intent, amount }: Pick<IntentPayment, 'intent' | 'amount'>,
  status: string,
  particulars: Particulars = {},
): Particulars => ({ kind: 'payment', status, intent_id: intent, amount, currency: 'EUR', ...particulars });

/** The change of a refund of a payment, as the webhook makes it of an event. */
export const refundTold = (
  payment: Pick<IntentPayment, 'intent' | 'amount'>,
  status: string,
  particulars: Particulars,
): Particulars => ({ ...paymentTold(payment, status, particulars), kind: 'refund' });

/** An event, with an id that no other has. */
export const event = (change: unknown, at = 0): Told => ({ event_id: `evt_${randomUUID()}`, at, change });

/** The webhook hands an event on. */
export async function tell(where: Where, { event_id, at, change }: Told): Promise<Outcome> {
  const outcome = await byBackend(where, 'record_payment_event', {
    provider: 'stripe',
    event_id,
    event_type: 'something.happened',
    occurred_at: new Date(Date.UTC(2026, 0, 1) + at * 1000),
    payload: JSON.stringify({ id: event_id }),
    change: change === null ? null : JSON.stringify(change),
  });
  return outcome as unknown as Outcome;
}

/** The webhook hands events on, one after the other, past the roles: as {@link tell}, and faster. */
export async function tellAll(client: Connection, events: readonly Told[]): Promise<void> {
  await client.query(
    `select public.record_payment_event(
       'stripe', event_id, 'something.happened', timestamptz '2026-01-01 00:00Z' + at * interval '1 second', '{}', change
     ) from jsonb_to_recordset($1) as told (event_id text, at integer, change jsonb)`,
    [JSON.stringify(events)],
  );
}

/** A payment by Stripe of all that is open, which has succeeded. */
export async function paidByCard(where: Where, school: School, booking_id: string): Promise<IntentPayment> {
  const payment = await begun(where, school, booking_id);
  await tell(where, event(paymentTold(payment, 'succeeded')));
  return payment;
}

/** The worker takes up a refund; what the provider has to do. */
export const takenUp = (where: Where, school: School, refund_id: string): Promise<unknown[]> =>
  allByBackend(where, 'refund_to_process', {
    message_id: Math.floor(Math.random() * Number.MAX_SAFE_INTEGER),
    organization_id: school.id,
    refund_id,
  });

/** The worker says what the provider has done about a refund. */
export const finished = (
  where: Where,
  school: School,
  refund_id: string,
  results: Particulars[],
): Promise<Row> =>
  byBackend(where, 'finish_refund', {
    organization_id: school.id,
    refund_id,
    results: JSON.stringify(results),
  });

/** All that a booking's money has made of it and its customer, without ids and times. */
export async function moneyOf(client: Connection, booking: Pick<Receipt, 'id'>): Promise<Particulars> {
  const { rows } = await client.query<{ money: Particulars }>(
    `select jsonb_build_object(
       'booking', booking.status, 'paid', booking.amount_paid, 'refunded', booking.amount_refunded,
       'places', session.places_taken, 'bookings', customer.total_bookings, 'spent', customer.total_spent,
       'payments', (
         select jsonb_agg(jsonb_build_array(
           payment.status, payment.amount, payment.amount_refunded, payment.failure_reason, payment.failed_at
         ) order by payment.amount, payment.status, payment.amount_refunded, payment.failed_at)
         from public.payments as payment where payment.booking_id = booking.id
       ),
       'refunds', (
         select jsonb_agg(jsonb_build_array(
           refund.status, refund.amount, refund.failure_reason, refund.failed_at is not null, refund.processed_at is not null
         ) order by refund.amount, refund.status)
         from public.refunds as refund where refund.booking_id = booking.id
       ),
       'invoices', (
         select jsonb_agg(jsonb_build_array(
           invoice.status, invoice.number is not null, invoice.total, invoice.amount_paid, invoice.amount_refunded
         ) order by invoice.created_at)
         from public.invoices as invoice where invoice.booking_id = booking.id
       )
     ) as money
     from public.bookings as booking
       join public.course_sessions as session on session.id = booking.session_id
       join public.customers as customer on customer.id = booking.customer_id
     where booking.id = $1`,
    [booking.id],
  );
  return rows[0]?.money ?? {};
}

/** How many jobs of a kind there are whose payload has these particulars. */
export async function jobsFor(
  client: Connection,
  queue: 'bookings' | 'payments',
  kind: string,
  particulars: Particulars,
): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::integer as count from pgmq.q_${queue}
     where message ->> 'kind' = $1 and message -> 'payload' @> $2`,
    [kind, JSON.stringify(particulars)],
  );
  return rows[0]?.count ?? 0;
}

/** All orders of a list. */
export function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, index) =>
    permutations(list.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}
