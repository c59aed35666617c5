// Not `{ z }`: of a namespace, bundlers keep only what is used.
import * as z from 'zod';
import type { BookingConfirmationInput } from '../documents/data.ts';
import { moment } from '../documents/data.ts';
import type { CalendarBookingInput } from './calendar.ts';

const amount = z.union([z.number(), z.string()]).transform(String);
const address = z.record(z.string(), z.unknown()).nullish();
const happened = moment.nullish();

/** What public.booking_details and public.booking_document tell of a booking, as far as mails and documents say it. */
export const bookingFacts = z.object({
  id: z.guid(),
  reference: z.string(),
  status: z.enum(['pending', 'confirmed', 'cancelled', 'refunded', 'completed', 'no_show']),
  organization_id: z.string(),
  organization_name: z.string(),
  organization_address: address,
  time_zone: z.string(),
  session_id: z.guid(),
  session_status: z.string(),
  course_name: z.string(),
  starts_at: moment,
  ends_at: moment,
  venue_name: z.string().nullish(),
  venue_address: address,
  room: z.string().nullish(),
  /** How often calendars should have taken notice of a change. */
  sequence: z.int(),
  customer_name: z.string().nullish(),
  customer_company: z.string().nullish(),
  customer_email: z.string().nullish(),
  customer_address: address,
  payment_terms: z.string().nullish(),
  attendee_count: z.int(),
  unit_price: amount,
  subtotal: amount,
  group_discount: amount,
  code_discount: amount,
  total: amount,
  currency: z.string(),
  amount_paid: amount,
  amount_refunded: amount,
  amount_open: amount,
  cancellation_reason: z.string().nullish(),
  created_at: moment,
  confirmed_at: happened,
  cancelled_at: happened,
  refunded_at: happened,
  completed_at: happened,
  updated_at: moment,
  attendees: z.array(z.looseObject({ name: z.string() })),
  payments: z.array(z.looseObject({ succeeded_at: happened })),
  refunds: z.array(z.looseObject({ status: z.string(), amount, processed_at: happened })),
});

/** The same, as it is read. */
export type BookingFacts = z.output<typeof bookingFacts>;

/** When what a confirmation says became so: nothing that others do in the same session changes it. */
function issuedAt(booking: BookingFacts): Date {
  const moments = [
    booking.created_at,
    booking.confirmed_at,
    booking.cancelled_at,
    booking.refunded_at,
    booking.completed_at,
    ...booking.payments.map((payment) => payment.succeeded_at),
    ...booking.refunds.map((refund) => refund.processed_at),
  ];
  return new Date(Math.max(...moments.map((each) => each?.getTime() ?? 0)));
}

/** Amounts have two decimals: their sum is exact in hundredths. */
function sum(first: string, second: string): string {
  return ((Math.round(Number(first) * 100) + Math.round(Number(second) * 100)) / 100).toFixed(2);
}

/** What the PDF of a confirmation says. */
export function confirmationOf(booking: BookingFacts): BookingConfirmationInput {
  return {
    organization_name: booking.organization_name,
    organization_address: booking.organization_address,
    time_zone: booking.time_zone,
    customer_name: booking.customer_name ?? '',
    customer_company: booking.customer_company,
    customer_email: booking.customer_email,
    customer_address: booking.customer_address,
    booking_reference: booking.reference,
    booking_status: booking.status,
    course_name: booking.course_name,
    venue_name: booking.venue_name,
    venue_address: booking.venue_address,
    room: booking.room,
    starts_at: booking.starts_at,
    ends_at: booking.ends_at,
    attendees: booking.attendees.map(({ name }) => name),
    quantity: booking.attendee_count,
    unit_price: booking.unit_price,
    subtotal: booking.subtotal,
    discount: sum(booking.group_discount, booking.code_discount),
    total: booking.total,
    currency: booking.currency,
    paid: booking.amount_paid,
    refunded: booking.amount_refunded,
    payment_terms: booking.payment_terms,
    issued_at: issuedAt(booking),
  };
}

/** What the calendar file of a booking says. */
export function calendarOf(booking: BookingFacts): CalendarBookingInput {
  return {
    organization_id: booking.organization_id,
    booking_id: booking.id,
    booking_reference: booking.reference,
    booking_status: booking.status,
    organization_name: booking.organization_name,
    course_name: booking.course_name,
    venue_name: booking.venue_name,
    venue_address: booking.venue_address,
    room: booking.room,
    starts_at: booking.starts_at,
    ends_at: booking.ends_at,
    time_zone: booking.time_zone,
    updated_at: booking.updated_at,
    sequence: booking.sequence,
  };
}
