import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bookingsCsv, type BookingCsvRowInput } from '../../src/bookings/csv.ts';

const booking: BookingCsvRowInput = {
  reference: 'ABCD2345',
  status: 'confirmed',
  course: 'First aid, at work',
  starts_at: '2026-12-01T08:00:00.123456+00:00',
  ends_at: '2026-12-01T17:30:00+01:00',
  venue: 'The "Old" Mill',
  customer_name: 'Ada Lovelace',
  company: 'Engines\nand Sons',
  email: 'ada@example.com',
  phone: '0123 456',
  attendees: 3,
  total: '1234.50',
  currency: 'EUR',
  paid: -12.5,
  refunded: '-0.10',
  booked_at: new Date('2026-11-21T10:15:30Z'),
};

const columns = [
  'reference',
  'status',
  'course',
  'starts_at',
  'ends_at',
  'venue',
  'customer_name',
  'company',
  'email',
  'phone',
  'attendees',
  'total',
  'currency',
  'paid',
  'refunded',
  'booked_at',
];

const textColumns = [
  'reference',
  'status',
  'course',
  'venue',
  'customer_name',
  'company',
  'email',
  'phone',
  'currency',
];

async function csvOf(rows: Parameters<typeof bookingsCsv>[0], options?: { bom: boolean }): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of bookingsCsv(rows, options)) pieces.push(piece);
  return pieces.join('');
}

/** Reads it strictly: RFC 4180, with lines that end as it says. */
function rowsOf(csv: string): Record<string, string>[] {
  return parse<Record<string, string>>(csv, { bom: true, columns: true, record_delimiter: '\r\n' });
}

/** The cells that a spreadsheet with this separator could take for formulas. It knows nothing of how they are escaped. */
function formulasIn(csv: string, separator: string): string[] {
  const rows: string[][] = parse(csv, {
    bom: true,
    delimiter: separator,
    relax_quotes: true,
    relax_column_count: true,
    // A spreadsheet with another separator does not see quotes that are in the middle of a cell.
    quote: separator === ',' ? '"' : null,
  });
  return rows
    .flat()
    .filter((cell) => !/^[+-]?\d+(\.\d+)?$/.test(cell))
    .filter(
      (cell) =>
        (separator === ',' && /^[\t\r]/.test(cell)) ||
        '=+-@＝＋－＠'.includes(cell.replace(/^[\s"\p{Cc}\p{Cf}]+/u, '').charAt(0) || 'none'),
    );
}

describe('the export of bookings', () => {
  it('has a heading and a line for each booking', async () => {
    const csv = await csvOf([booking, { ...booking, reference: 'EFGH6789' }]);
    expect(csv.startsWith(`\ufeff${columns.join(',')}\r\nABCD2345,confirmed,`)).toBe(true);
    expect(csv.endsWith('\r\n')).toBe(true);
    const rows = rowsOf(csv);
    expect(rows.map(({ reference }) => reference)).toEqual(['ABCD2345', 'EFGH6789']);
    expect(rows[0]).toEqual({
      ...booking,
      starts_at: '2026-12-01T08:00:00.123Z',
      ends_at: '2026-12-01T16:30:00.000Z',
      attendees: '3',
      total: '1234.50',
      paid: '-12.5',
      refunded: '-0.10',
      booked_at: '2026-11-21T10:15:30.000Z',
    });
  });

  it('has a heading when there are none', async () => {
    expect(await csvOf([], { bom: false })).toBe(`${columns.join(',')}\r\n`);
  });

  it('keeps numbers numbers, also below zero', async () => {
    expect(await csvOf([booking])).toContain(',3,1234.50,EUR,-12.5,-0.10,');
  });

  it('begins with a byte order mark unless told otherwise', async () => {
    expect((await csvOf([booking])).charCodeAt(0)).toBe(0xfeff);
    expect((await csvOf([booking], { bom: false })).startsWith('reference')).toBe(true);
  });

  it('leaves empty what an older booking does not have', async () => {
    const { customer_name: _, phone: _phone, ...older } = booking;
    expect(rowsOf(await csvOf([{ ...older, company: null }]))[0]).toMatchObject({
      customer_name: '',
      phone: '',
      company: '',
    });
  });

  it('takes rows as they come, and gives them away in pieces', async () => {
    async function* pages() {
      for (let index = 0; index < 1_201; index += 1)
        yield await Promise.resolve({ ...booking, attendees: index });
    }
    const pieces: string[] = [];
    for await (const piece of bookingsCsv(pages())) pieces.push(piece);
    expect(pieces).toHaveLength(4);
    const attendees = rowsOf(pieces.join('')).map((row) => Number(row.attendees));
    expect(attendees).toEqual(Array.from({ length: 1_201 }, (_, index) => index));
  });

  it('refuses an amount that is none', async () => {
    await expect(csvOf([{ ...booking, total: '=1+1' }])).rejects.toThrow('total');
  });
});

describe('formulas in the export', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+44 20 1234', "'+44 20 1234"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', "'\rx"],
    ['  =1', "'  =1"],
    ['"=1', '\'"=1'],
    [' "\u00a0\u200b=1', '\' "\u00a0\u200b=1'],
    ['\t=1', "'\t'=1"],
    ['＝1', "'＝1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠1', "'＠1"],
    ['\ufeff=1', "'\ufeff=1"],
    ['a;=1', "a;'=1"],
    ['a\n "=1', 'a\n\' "=1'],
    // And what is none.
    ['a=1', 'a=1'],
    ['Smith-Jones', 'Smith-Jones'],
    ['a@example.com', 'a@example.com'],
    ["'quoted'", "'quoted'"],
    ['Łódź; Kraków', 'Łódź; Kraków'],
    ['', ''],
  ])('are made text: %j is written as %j', async (given, expected) => {
    expect(rowsOf(await csvOf([{ ...booking, company: given }]))[0]?.company).toBe(expected);
  });

  const part = fc.constantFrom(
    ...[
      '=',
      '+',
      '-',
      '@',
      '\t',
      '\r',
      '\n',
      '\r\n',
      '＝',
      '＋',
      '－',
      '＠',
      ' ',
      '"',
      "'",
      '""',
      ';',
      ',',
      '|',
    ],
    ...[
      '\u00a0',
      '\u200b',
      '\ufeff',
      '\u0000',
      '\ud800',
      'HYPERLINK("https://evil.example")',
      "cmd|' /C calc'!A0",
      'x',
      '1',
    ],
  );
  const hostile = fc
    .array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 8 })
    .map((parts) => parts.join(''));
  const row = fc.record({
    ...Object.fromEntries(textColumns.map((column) => [column, hostile])),
    attendees: fc.nat(),
    total: fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
      .map((value) => value.toFixed(2)),
    paid: fc.integer(),
  });
  const bookings = fc.array(
    row.map((values): BookingCsvRowInput => ({ ...booking, ...values })),
    { maxLength: 5 },
  );

  it('are found in no cell, whatever the bookings say, and nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(bookings, async (given) => {
        const csv = await csvOf(given);
        for (const separator of [',', ';', '\t', '|']) expect(formulasIn(csv, separator)).toEqual([]);
        const read = rowsOf(csv);
        expect(read).toHaveLength(given.length);
        for (const [index, row] of read.entries()) {
          const before = given[index] as Record<string, unknown> | undefined;
          // UTF-8 has no halves of a pair.
          const unquoted = (text: unknown) =>
            String(text)
              .replaceAll("'", '')
              .replace(/\p{Cs}/gu, '\ufffd');
          for (const column of textColumns) expect(unquoted(row[column])).toBe(unquoted(before?.[column]));
          for (const column of ['attendees', 'total', 'paid'])
            expect(row[column]).toBe(String(before?.[column]));
        }
      }),
      { numRuns: 500 },
    );
  });

  // A check that could not fail would say nothing.
  it.each([
    ['nothing is escaped', {}],
    ['only first characters are looked at', { escape_formulas: true }],
  ])('would be found if %s', (_, options) => {
    const hasFormula = fc.property(bookings, (given) => {
      const cells = given.map((values) =>
        columns.map((column) => String(values[column as keyof BookingCsvRowInput])),
      );
      const csv = stringify([columns, ...cells], { record_delimiter: '\r\n', ...options });
      expect([',', ';', '\t'].flatMap((separator) => formulasIn(csv, separator))).toEqual([]);
    });
    expect(fc.check(hasFormula, { numRuns: 500 }).failed).toBe(true);
    for (const cell of [' =1', '"=1', 'x;=1']) {
      const csv = stringify([[cell]], { record_delimiter: '\r\n', ...options });
      expect([',', ';'].flatMap((separator) => formulasIn(csv, separator))).not.toEqual([]);
    }
  });
});
