import process from 'node:process';
import { z } from 'zod';
import { bookingFacts, type BookingFacts, calendarOf, confirmationOf } from '../bookings/facts.ts';
import { type InvoiceDocumentInput, moment } from '../documents/data.ts';
import type { Job, WorkerContext } from '../jobs/worker.ts';
import { cancellationMail, confirmationMail, invoiceMail, waitlistOfferMail } from './booking-mails.ts';
import type { Attachment, Mail } from './mail.ts';
import { type NotificationSettings, notificationSettings } from './settings.ts';
import { transportOf } from './transport.ts';

/** The payload of the jobs about a booking: `bookings.confirmation`, `bookings.cancellation`. */
export const bookingJob = z.looseObject({ organization_id: z.string(), booking_id: z.guid() });

/** The payload of a job of kind `bookings.invoice`. */
export const invoiceJob = z.looseObject({ organization_id: z.string(), invoice_id: z.guid() });

/** The payload of a job of kind `bookings.waitlist_offer`. */
export const waitlistOfferJob = z.looseObject({ organization_id: z.string(), entry_id: z.guid() });

const pdf = 'application/pdf';

async function send(mail: Mail, settings: NotificationSettings, signal: AbortSignal): Promise<void> {
  console.log(await transportOf(settings)(mail, signal));
}

/** Keeps a document where its readers find it. The same again replaces it. */
async function keep(path: string, content: Uint8Array, { client }: WorkerContext): Promise<void> {
  const { error } = await client.supabase.storage
    .from('documents')
    .upload(path, content, { contentType: pdf, upsert: true });
  if (error) throw new Error(`The document was not kept: ${error.message}`, { cause: error });
}

async function bookingOf(
  { organization_id, booking_id }: z.infer<typeof bookingJob>,
  { client }: WorkerContext,
): Promise<BookingFacts | undefined> {
  const found = await client.call('booking_document', { organization_id, booking_id });
  return z.array(bookingFacts).parse(found)[0];
}

async function calendarFile(booking: BookingFacts): Promise<Attachment> {
  const { bookingCalendar } = await import('../bookings/calendar.ts');
  const method = ['cancelled', 'refunded'].includes(booking.status) ? 'CANCEL' : 'PUBLISH';
  return {
    name: 'calendar.ics',
    type: `text/calendar; charset=utf-8; method=${method}`,
    content: new TextEncoder().encode(bookingCalendar(calendarOf(booking))),
  };
}

/**
 * Makes the confirmation of a booking, keeps it, and sends it to the customer, if their address is known. Of a booking that
 * was cancelled meanwhile there is nothing to confirm.
 *
 * @throws when it was not kept or the mail was not taken; coming again, it is the same document, and the same mail
 */
export async function sendConfirmation(
  { messageId, payload }: Job<z.infer<typeof bookingJob>>,
  context: WorkerContext,
): Promise<void> {
  const booking = await bookingOf(payload, context);
  if (booking === undefined || ['cancelled', 'refunded'].includes(booking.status)) return;
  // Loaded where it is needed: few jobs make documents.
  const { bookingConfirmationPdf } = await import('../documents/booking-confirmation.ts');
  const content = await bookingConfirmationPdf(confirmationOf(booking));
  await keep(`${booking.organization_id}/bookings/${booking.id}/confirmation.pdf`, content, context);
  if (booking.customer_email == null) return;
  const mail = confirmationMail({ to: booking.customer_email, messageId, booking });
  const attachments: Attachment[] = [
    { name: `confirmation-${booking.reference}.pdf`, type: pdf, content },
    await calendarFile(booking),
  ];
  await send({ ...mail, attachments }, notificationSettings(process.env), context.signal);
}

/** Tells the customer that a booking is cancelled, if their address is known. */
export async function sendCancellation(
  { messageId, payload }: Job<z.infer<typeof bookingJob>>,
  context: WorkerContext,
): Promise<void> {
  const booking = await bookingOf(payload, context);
  if (booking?.customer_email == null || !['cancelled', 'refunded'].includes(booking.status)) return;
  const mail = cancellationMail({ to: booking.customer_email, messageId, booking });
  const attachments = [await calendarFile(booking)];
  await send({ ...mail, attachments }, notificationSettings(process.env), context.signal);
}

const amount = z.union([z.number(), z.string()]).transform(String);

const invoiceFacts = z.looseObject({
  invoice_id: z.guid(),
  invoice_number: z.string().nullable(),
  organization_id: z.string(),
  organization_name: z.string(),
  time_zone: z.string(),
  customer_name: z.string().nullish(),
  customer_email: z.string().nullish(),
  booking_id: z.guid(),
  booking_reference: z.string(),
  course_name: z.string(),
  venue_name: z.string().nullish(),
  room: z.string().nullish(),
  starts_at: moment,
  ends_at: moment,
  due_on: z.iso.date().nullish(),
  total: amount,
  paid: amount,
  currency: z.string(),
});

/** Makes the document of an invoice, keeps it, and sends it to the customer, if their address is known. */
export async function sendInvoice(
  { messageId, payload: { organization_id, invoice_id } }: Job<z.infer<typeof invoiceJob>>,
  context: WorkerContext,
): Promise<void> {
  const [told] = await context.client.call('invoice_document', { organization_id, invoice_id });
  if (told === undefined) return;
  const { invoice_number, ...invoice } = invoiceFacts.parse(told);
  // A draft has no number, and goes to nobody.
  if (invoice_number === null) return;
  const { invoicePdf } = await import('../documents/invoice.ts');
  const document = { ...told, invoice_number, customer_name: told.customer_name ?? '' };
  const content = await invoicePdf(document as InvoiceDocumentInput);
  const file = `${invoice_number}.pdf`;
  await keep(`${invoice.organization_id}/bookings/${invoice.booking_id}/${file}`, content, context);
  if (invoice.customer_email == null) return;
  const mail = invoiceMail({
    to: invoice.customer_email,
    messageId,
    invoice: { ...invoice, invoice_number },
  });
  const attachments: Attachment[] = [{ name: file, type: pdf, content }];
  await send({ ...mail, attachments }, notificationSettings(process.env), context.signal);
}

const offerFacts = z.object({
  entry_id: z.guid(),
  email: z.string(),
  customer_name: z.string().nullish(),
  organization_name: z.string(),
  timezone: z.string(),
  session_id: z.guid(),
  course_name: z.string(),
  venue_name: z.string().nullish(),
  room: z.string().nullish(),
  starts_at: moment,
  ends_at: moment,
  attendee_count: z.int(),
  offer_expires_at: moment,
});

/** Tells who waits that places are kept for them, unless the offer has ended meanwhile. */
export async function sendWaitlistOffer(
  { messageId, payload: { organization_id, entry_id } }: Job<z.infer<typeof waitlistOfferJob>>,
  { client, signal }: WorkerContext,
): Promise<void> {
  const [open] = z
    .array(offerFacts)
    .parse(await client.call('waitlist_offer_to_send', { organization_id, entry_id }));
  if (open === undefined) return;
  const settings = notificationSettings(process.env);
  const offer = { ...open, time_zone: open.timezone };
  await send(
    waitlistOfferMail({ to: open.email, messageId, offer, siteUrl: settings.siteUrl }),
    settings,
    signal,
  );
}
