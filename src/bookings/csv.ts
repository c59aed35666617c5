import * as z from 'zod';
import { stringify } from 'csv-stringify/sync';
import { amount, moment } from '../documents/data.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** A booking in the export: its attributes are the columns, in this order. */
export const bookingCsvRow = z.object({
  reference: text,
  status: text,
  course: text,
  starts_at: moment,
  ends_at: moment,
  venue: text,
  customer_name: text,
  company: text,
  email: text,
  phone: text,
  /** How many they are. */
  attendees: z.int(),
  total: amount,
  currency: text,
  paid: amount,
  refunded: amount,
  booked_at: moment,
});

/** What {@link bookingCsvRow} reads. */
export type BookingCsvRowInput = z.input<typeof bookingCsvRow>;

type Column = keyof typeof bookingCsvRow.shape;

const columns = Object.keys(bookingCsvRow.shape) as Column[];
const numbers: ReadonlySet<Column> = new Set(['attendees', 'total', 'paid', 'refunded']);

/** What begins a formula, in a spreadsheet of some language. */
const formula = /[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]/u;

/** What may stand before it without making it less of one: spaces, quotes, what is not seen. */
const skipped = /[\s'"`\u2018\u2019\u201c\u201d\p{Cc}\p{Cf}]/u;

/** Where another cell may begin, for a spreadsheet that takes the file for one with another separator. */
const separator = /[;|\t\r\n]/u;

/**
 * Keeps a spreadsheet from reading a text as a formula: an apostrophe goes before what would be one.
 *
 * csv-stringify has `escape_formulas`, which looks at the first character only, and would take numbers below zero that come
 * as text for formulas.
 */
function withoutFormulas(value: string): string {
  // Some spreadsheets drop these, and take what is next for the beginning.
  let safe = /^[\t\r\n]/.test(value) ? "'" : '';
  let beginning = safe.length;
  let mayBegin = true;
  for (const character of value) {
    if (mayBegin && formula.test(character)) {
      safe = `${safe.slice(0, beginning)}'${safe.slice(beginning)}`;
      mayBegin = false;
    }
    safe += character;
    if (separator.test(character)) {
      mayBegin = true;
      beginning = safe.length;
    } else if (!skipped.test(character)) {
      mayBegin = false;
    }
  }
  return safe;
}

function cellsOf(data: BookingCsvRowInput): string[] {
  const row = bookingCsvRow.parse(data);
  return columns.map((column) => {
    const value = row[column];
    if (value instanceof Date) return value.toISOString();
    return numbers.has(column) ? String(value) : withoutFormulas(String(value));
  });
}

/** So many rows are written at once. */
const batch = 500;

/**
 * Writes bookings as CSV (RFC 4180) with a line of headings. Numbers stay numbers; texts that a spreadsheet would take for
 * formulas begin with an apostrophe.
 *
 * @param rows the bookings, as they come
 * @param options `bom`: whether the file begins with a byte order mark, without which Excel does not read it as UTF-8; it does
 *   unless told otherwise
 * @returns the file in pieces
 * @throws {z.ZodError} when a row is not what {@link bookingCsvRow} describes
 */
export async function* bookingsCsv(
  rows: Iterable<BookingCsvRowInput> | AsyncIterable<BookingCsvRowInput>,
  { bom = true }: { bom?: boolean } = {},
): AsyncGenerator<string, void, undefined> {
  const written = (records: string[][]) => stringify(records, { record_delimiter: '\r\n' });
  yield `${bom ? '\ufeff' : ''}${written([columns])}`;
  let waiting: string[][] = [];
  for await (const row of rows) {
    waiting.push(cellsOf(row));
    if (waiting.length === batch) {
      yield written(waiting);
      waiting = [];
    }
  }
  if (waiting.length > 0) yield written(waiting);
}
