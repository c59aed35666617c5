import type { BookingFacts } from '../bookings/facts.ts';
import { money } from '../documents/money.ts';
import { dayText, momentText, periodText } from '../documents/time.ts';
import { mailOf } from './letter.ts';
import type { Mail } from './mail.ts';
import { oneLine, withoutLinks } from './text.ts';

/** A name that somebody chose, as a mail may say it. */
const named = (name: string | null | undefined, otherwise: string) => withoutLinks(oneLine(name, otherwise));

const greetingOf = (name: string | null | undefined) => `Hello ${named(name, 'there')},`;

const placesText = (count: number) => (count === 1 ? '1 place' : `${count} places`);

/** Where and when something takes place. */
interface Occasion {
  course_name: string;
  starts_at: Date;
  ends_at: Date;
  time_zone: string;
  venue_name?: string | null | undefined;
  room?: string | null | undefined;
}

function factsOf(occasion: Occasion): [string, string][] {
  const place = [occasion.venue_name, occasion.room].map((name) => named(name, '')).filter(Boolean);
  return [
    ['Course', named(occasion.course_name, 'a course')],
    ['When', periodText(occasion.starts_at, occasion.ends_at, occasion.time_zone)],
    ...(place.length === 0 ? [] : ([['Where', place.join(', ')]] satisfies [string, string][])),
  ];
}

/** The same message of the queue makes the same mail; sending a booking's confirmation once more makes another. */
const keyOf = (kind: string, id: string, messageId: number) => `${kind}/${id.toLowerCase()}-${messageId}`;

/** What the mail is told that goes to the customer of a booking. */
export interface BookingMail {
  to: string;
  /** The message of the queue that wants it sent. */
  messageId: number;
  booking: BookingFacts;
}

/**
 * Composes the mail that confirms a booking.
 *
 * @param mail the names in it are taken as hostile, here and below
 */
export function confirmationMail({ to, messageId, booking }: BookingMail): Mail {
  const { currency } = booking;
  const isOpen = booking.status === 'pending' && Number(booking.amount_open) > 0;
  const organization = named(booking.organization_name, 'an organization');
  return mailOf({
    key: keyOf('bookings.confirmation', booking.id, messageId),
    to,
    subject: `Your booking ${booking.reference}: ${oneLine(booking.course_name, 'a course')}`,
    greeting: greetingOf(booking.customer_name),
    opening: [
      isOpen
        ? `${organization} has your booking of ${placesText(booking.attendee_count)}. It is confirmed once it is paid.`
        : `${organization} confirms your booking of ${placesText(booking.attendee_count)}.`,
    ],
    facts: [
      ['Reference', booking.reference],
      ...factsOf(booking),
      ['Total', money(booking.total, currency)],
      ...(isOpen
        ? ([['To be paid', money(booking.amount_open, currency)]] satisfies [string, string][])
        : []),
    ],
    closing: ['The confirmation and an entry for your calendar are attached.'],
  });
}

/** What is said of the money. */
function refundText(booking: BookingFacts): string[] {
  const [latest] = booking.refunds;
  if (latest === undefined) {
    return Number(booking.amount_paid) > Number(booking.amount_refunded)
      ? ['By the rules of cancelling, nothing of what was paid is given back.']
      : [];
  }
  const amount = money(latest.amount, booking.currency);
  switch (latest.status) {
    case 'processed':
      return [`${amount} were given back.`];
    case 'pending':
      return [`Giving back ${amount} waits for a decision.`];
    case 'approved':
    case 'processing':
      return [`${amount} are being given back. That takes some days.`];
    default:
      return [];
  }
}

/** Composes the mail that says that a booking is cancelled. */
export function cancellationMail({ to, messageId, booking }: BookingMail): Mail {
  const organization = named(booking.organization_name, 'an organization');
  const reason = named(booking.cancellation_reason, '');
  return mailOf({
    key: keyOf('bookings.cancellation', booking.id, messageId),
    to,
    subject: `Cancelled: your booking ${booking.reference}`,
    greeting: greetingOf(booking.customer_name),
    opening: [
      booking.session_status === 'cancelled'
        ? `${organization} has cancelled this session, and your booking with it.`
        : `Your booking with ${organization} is cancelled.`,
    ],
    facts: [
      ['Reference', booking.reference],
      ...factsOf(booking),
      ...(reason === '' ? [] : ([['Reason', reason]] satisfies [string, string][])),
    ],
    closing: [...refundText(booking), 'The file that is attached takes it off your calendar.'],
  });
}

/** What the mail of an invoice says. */
export interface InvoiceMail {
  to: string;
  messageId: number;
  invoice: Occasion & {
    invoice_id: string;
    invoice_number: string;
    organization_name: string;
    customer_name?: string | null | undefined;
    booking_reference: string;
    total: string;
    paid: string;
    currency: string;
    due_on?: string | null | undefined;
  };
}

/** Composes the mail that an invoice goes with. */
export function invoiceMail({ to, messageId, invoice }: InvoiceMail): Mail {
  const organization = named(invoice.organization_name, 'an organization');
  const isOpen = Number(invoice.total) > Number(invoice.paid);
  return mailOf({
    key: keyOf('bookings.invoice', invoice.invoice_id, messageId),
    to,
    subject: `Invoice ${invoice.invoice_number} of ${oneLine(invoice.organization_name, 'an organization')}`,
    greeting: greetingOf(invoice.customer_name),
    opening: [`The invoice of ${organization} for your booking is attached.`],
    facts: [
      ['Invoice', invoice.invoice_number],
      ['Booking', invoice.booking_reference],
      ...factsOf(invoice),
      ['Total', money(invoice.total, invoice.currency)],
      ...(isOpen && invoice.due_on != null
        ? ([['Due on', dayText(invoice.due_on)]] satisfies [string, string][])
        : []),
    ],
    closing: [],
  });
}

/** What the mail says that offers freed places. */
export interface OfferMail {
  to: string;
  messageId: number;
  offer: Occasion & {
    entry_id: string;
    session_id: string;
    organization_name: string;
    customer_name?: string | null | undefined;
    attendee_count: number;
    offer_expires_at: Date;
  };
  /** Where the front end is. */
  siteUrl: string;
}

/** Composes the mail that offers freed places to who waits for them. */
export function waitlistOfferMail({ to, messageId, offer, siteUrl }: OfferMail): Mail {
  const organization = named(offer.organization_name, 'an organization');
  const until = momentText(offer.offer_expires_at, offer.time_zone);
  const places = placesText(offer.attendee_count);
  return mailOf({
    key: keyOf('bookings.waitlist_offer', offer.entry_id, messageId),
    to,
    subject: `${places} free: ${oneLine(offer.course_name, 'a course')}`,
    greeting: greetingOf(offer.customer_name),
    opening: [`You wait for ${places}, and ${organization} keeps ${places} for you until ${until}.`],
    facts: [...factsOf(offer), ['Places', String(offer.attendee_count)], ['Kept until', until]],
    link: {
      label: 'Book here, with this e-mail address',
      url: `${siteUrl.replace(/\/+$/, '')}/sessions/${encodeURIComponent(offer.session_id)}`,
    },
    closing: [
      'After that, the places go to who waits next. If you no longer want them, there is nothing to do.',
    ],
  });
}
