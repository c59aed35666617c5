import {
  statusText,
  writeAmounts,
  writeCourse,
  writeCustomer,
  writeFacts,
  writeHead,
  writeTerms,
} from './booking-parts.ts';
import { invoiceDocument, type InvoiceDocumentInput } from './data.ts';
import { openSheet } from './sheet.ts';
import { dayText } from './time.ts';

/**
 * Makes an invoice. Equal data make equal bytes.
 *
 * @param data what it says; its texts are taken as hostile
 * @returns a PDF
 * @throws {z.ZodError} when the data are not what {@link invoiceDocument} describes
 */
export async function invoicePdf(data: InvoiceDocumentInput): Promise<Uint8Array> {
  const invoice = invoiceDocument.parse(data);
  const name = `Invoice ${invoice.invoice_number}`;
  const sheet = await openSheet({
    title: name,
    author: invoice.organization_name,
    date: new Date(`${invoice.issued_on}T00:00:00Z`),
    footer: name,
  });
  writeHead(sheet, 'Invoice', invoice);
  writeFacts(sheet, [
    ['Number', invoice.invoice_number],
    ['Status', statusText(invoice.invoice_status)],
    ['Issued on', dayText(invoice.issued_on)],
    ['Due on', invoice.due_on && dayText(invoice.due_on)],
    ['Booking', invoice.booking_reference],
  ]);
  writeCustomer(sheet, 'Bill to', invoice);
  writeCourse(sheet, invoice);
  writeAmounts(sheet, invoice);
  writeTerms(sheet, invoice.payment_terms);
  return sheet.finish();
}
