import type { BookingFacts } from './data.ts';
import { money } from './money.ts';
import type { Sheet } from './sheet.ts';
import { periodText } from './time.ts';

function negative(amount: number | string): number | string {
  if (typeof amount === 'number') return -amount;
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

/** A status of the database as people read it: `no_show` is `No show`. */
export function statusText(status: string): string {
  const words = status.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Who the document comes from, and what it is. */
export function writeHead(
  sheet: Sheet,
  title: string,
  { organization_name, organization_address }: BookingFacts,
) {
  sheet.row([{ text: organization_name, from: 0, width: 1, look: 'strong' }]);
  for (const line of organization_address) sheet.row([{ text: line, from: 0, width: 1, look: 'label' }]);
  sheet.space(18);
  sheet.row([{ text: title, from: 0, width: 1, look: 'title' }], 'H1');
  sheet.space(8);
}

/** Names of things, and what they are. Those without a value are left out. */
export function writeFacts(sheet: Sheet, facts: [label: string, value: string | null | undefined][]) {
  for (const [label, value] of facts) {
    if (!value?.trim()) continue;
    sheet.row([
      { text: label, from: 0, width: 0.23, look: 'label' },
      { text: value, from: 0.25, width: 0.75 },
    ]);
  }
}

/** A part of the document with its heading. */
export function writeHeading(sheet: Sheet, text: string) {
  sheet.space(12);
  sheet.row([{ text, from: 0, width: 1, look: 'heading' }], 'H2');
  sheet.space(2);
}

/** Who booked. */
export function writeCustomer(sheet: Sheet, heading: string, data: BookingFacts) {
  writeHeading(sheet, heading);
  writeFacts(sheet, [
    ['Name', data.customer_name],
    ['Company', data.customer_company],
    ['E-mail', data.customer_email],
    ['Address', data.customer_address.join('\n')],
  ]);
}

/** What was booked, when and where it is, and who comes. */
export function writeCourse(sheet: Sheet, data: BookingFacts) {
  writeHeading(sheet, 'Course');
  writeFacts(sheet, [
    ['Course', data.course_name],
    ['When', periodText(data.starts_at, data.ends_at, data.time_zone)],
    ['Venue', data.venue_name],
    ['Address', data.venue_address.join('\n')],
    ['Room', data.room],
  ]);
  if (data.attendees.length === 0) return;
  writeHeading(sheet, 'Attendees');
  for (const [index, name] of data.attendees.entries()) {
    sheet.row([
      { text: `${index + 1}.`, from: 0, width: 0.08, look: 'label' },
      { text: name, from: 0.08, width: 0.92 },
    ]);
  }
}

/** What it costs, and what was paid. */
export function writeAmounts(sheet: Sheet, data: BookingFacts) {
  const amount = (value: number | string) => money(value, data.currency);
  const item = (texts: [string, string, string, string], look: 'label' | 'plain') => {
    const [what, quantity, price, sum] = texts;
    sheet.row([
      { text: what, from: 0, width: 0.43, look },
      { text: quantity, from: 0.44, width: 0.12, look, align: 'right' },
      { text: price, from: 0.57, width: 0.21, look, align: 'right' },
      { text: sum, from: 0.79, width: 0.21, look, align: 'right' },
    ]);
  };
  const sum = (label: string, value: number | string, look: 'plain' | 'strong' = 'plain') => {
    sheet.row([
      { text: label, from: 0.44, width: 0.34, look, align: 'right' },
      { text: amount(value), from: 0.79, width: 0.21, look, align: 'right' },
    ]);
  };
  writeHeading(sheet, 'Price');
  item(['Description', 'Quantity', 'Unit price', 'Amount'], 'label');
  sheet.rule();
  item([data.course_name, String(data.quantity), amount(data.unit_price), amount(data.subtotal)], 'plain');
  sheet.rule();
  sum('Subtotal', data.subtotal);
  if (Number(data.discount) !== 0) sum('Discount', negative(data.discount));
  sum('Total', data.total, 'strong');
  sum('Paid', data.paid);
  if (Number(data.refunded) !== 0) sum('Refunded', data.refunded);
}

/** How it is to be paid, if anything is said of it. */
export function writeTerms(sheet: Sheet, terms: string | null | undefined) {
  if (!terms?.trim()) return;
  writeHeading(sheet, 'Payment terms');
  sheet.row([{ text: terms, from: 0, width: 1 }]);
}
