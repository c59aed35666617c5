import {
  statusText,
  writeAmounts,
  writeCourse,
  writeCustomer,
  writeFacts,
  writeHead,
  writeTerms,
} from './booking-parts.ts';
import { bookingConfirmation, type BookingConfirmationInput } from './data.ts';
import { openSheet } from './sheet.ts';

/**
 * Makes the confirmation of a booking. Equal data make equal bytes.
 *
 * @param data what it says; its texts are taken as hostile
 * @returns a PDF
 * @throws {z.ZodError} when the data are not what {@link bookingConfirmation} describes
 */
export async function bookingConfirmationPdf(data: BookingConfirmationInput): Promise<Uint8Array> {
  const booking = bookingConfirmation.parse(data);
  const title = 'Booking confirmation';
  const name = `${title} ${booking.booking_reference}`;
  const sheet = await openSheet({
    title: name,
    author: booking.organization_name,
    date: booking.issued_at,
    footer: name,
  });
  writeHead(sheet, title, booking);
  writeFacts(sheet, [
    ['Reference', booking.booking_reference],
    ['Status', statusText(booking.booking_status)],
  ]);
  writeCustomer(sheet, 'Customer', booking);
  writeCourse(sheet, booking);
  writeAmounts(sheet, booking);
  writeTerms(sheet, booking.payment_terms);
  return sheet.finish();
}
