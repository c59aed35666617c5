import * as z from 'zod';

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** An amount of money: a number, or its decimal digits. */
export const amount = z.union([
  z.number(),
  z.string().regex(/^-?\d{1,20}(?:\.\d{1,20})?$/, 'it is a decimal number'),
]);

/** A moment: a Date, or what Postgres writes into JSON. */
export const moment = z.union([
  z.date(),
  z.iso.datetime({ offset: true, error: 'it is a time with its offset' }).transform((text) => new Date(text)),
]);

/** An IANA time zone, as in `Europe/Warsaw`. */
export const timeZone = z.string().refine(isTimeZone, 'it is an IANA time zone');

const inOrder = ['street', 'street2', 'postal_code', 'city', 'state', 'region', 'country'];

// A postal address as tables keep it: its other parts come before the city.
function linesOf(address: Record<string, unknown>): string[] {
  const text = (key: string) => {
    const value = address[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const others = Object.keys(address)
    .filter((key) => !inOrder.includes(key))
    .sort();
  const city = [text('postal_code'), text('city')].filter(Boolean).join(' ');
  return [
    text('street'),
    text('street2'),
    ...others.map(text),
    city,
    text('state'),
    text('region'),
    text('country'),
  ];
}

/** An address: its lines, or the object {street, postal_code, city, country, …} that tables keep. */
export const addressLines = z
  .union([z.array(z.string()), z.record(z.string(), z.unknown()).transform(linesOf)])
  .nullish()
  .transform((lines) => (lines ?? []).filter((line) => line.trim() !== ''));

const shared = {
  organization_name: z.string(),
  organization_address: addressLines,
  /** The zone of the organization: times are shown in it. */
  time_zone: timeZone,
  customer_name: z.string(),
  customer_company: z.string().nullish(),
  customer_email: z.string().nullish(),
  customer_address: addressLines,
  booking_reference: z.string(),
  course_name: z.string(),
  venue_name: z.string().nullish(),
  venue_address: addressLines,
  room: z.string().nullish(),
  starts_at: moment,
  ends_at: moment,
  /** Their names, and nothing else of them. */
  attendees: z.array(z.string()),
  quantity: z.int(),
  unit_price: amount,
  subtotal: amount,
  discount: amount,
  total: amount,
  /** Of all amounts: a code of ISO 4217. */
  currency: z.string().regex(/^[A-Z]{3}$/, 'it is a code of ISO 4217'),
  paid: amount,
  refunded: amount,
  payment_terms: z.string().nullish(),
};

/** What a booking confirmation says. */
export const bookingConfirmation = z.object({
  ...shared,
  booking_status: z.string(),
  /** When what it says became so: the document is dated by it, and equal data make equal bytes. */
  issued_at: moment,
});

/** What an invoice says. */
export const invoiceDocument = z.object({
  ...shared,
  booking_status: z.string().nullish(),
  invoice_number: z.string(),
  invoice_status: z.string(),
  issued_on: z.iso.date('it is a day'),
  due_on: z.iso.date('it is a day').nullish(),
});

/** What {@link bookingConfirmation} reads. */
export type BookingConfirmationInput = z.input<typeof bookingConfirmation>;

/** What {@link invoiceDocument} reads. */
export type InvoiceDocumentInput = z.input<typeof invoiceDocument>;

/** What both documents say of a booking. */
export type BookingFacts = Omit<z.output<typeof bookingConfirmation>, 'booking_status' | 'issued_at'>;
