import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import PDFDocument from 'pdfkit';
import { describe, expect, it } from 'vitest';
import { bookingConfirmationPdf } from '../../src/documents/booking-confirmation.ts';
import { bookingConfirmation, type BookingConfirmationInput } from '../../src/documents/data.ts';
import { fonts } from '../../src/documents/fonts.ts';
import { invoicePdf } from '../../src/documents/invoice.ts';
import { denoPath } from '../../src/stack/deno.ts';
import { readPdf } from './support/read.ts';
import { confirmation, invoice } from './support/samples.ts';

const a4 = { width: 595.28, height: 841.89 };
const margin = 56;

describe('a booking confirmation', () => {
  it('says what was booked, by whom, when, where and for how much', async () => {
    const { text, pages } = await readPdf(await bookingConfirmationPdf(confirmation));
    expect(pages).toHaveLength(1);
    expect(text).toContain('Acme Training 1 High Street AB1 2CD Harbour Town GB Booking confirmation');
    expect(text).toContain('Reference ABCD2345 Status No show');
    expect(text).toContain(
      'Name Ada Lovelace Company Engines & Sons E-mail ada@example.com Address 12 Mill Lane Harbour Town',
    );
    expect(text).toContain(
      'When Tuesday 1 December 2026, 09:00 to 17:30 (Europe/Warsaw, UTC+01:00) Venue The Old Mill Address 5 River Road Room Blue room',
    );
    expect(text).toContain('Attendees 1. Ada Lovelace 2. Grace Hopper');
    expect(text).toContain('First aid at work 2 EUR 1 234.50 EUR 2 469.00');
    expect(text).toContain(
      'Subtotal EUR 2 469.00 Discount -EUR 69.00 Total EUR 2 400.00 Paid EUR 2 400.00 Refunded EUR 100.10',
    );
    expect(text).toContain('Payment terms Within 14 days.');
  });

  it('has a title, an author, a language and the date of the booking', async () => {
    const { info, active } = await readPdf(await bookingConfirmationPdf(confirmation));
    expect(info).toMatchObject({
      Title: 'Booking confirmation ABCD2345',
      Author: 'Acme Training',
      Language: 'en',
      CreationDate: 'D:20261121101530Z',
    });
    expect(active).toEqual([]);
  });

  it('leaves out what is not there', async () => {
    const bytes = await bookingConfirmationPdf({
      ...confirmation,
      organization_address: null,
      customer_company: null,
      customer_email: undefined,
      customer_address: {},
      venue_name: null,
      venue_address: null,
      room: '',
      attendees: [],
      discount: 0,
      refunded: '0.00',
      payment_terms: ' ',
    });
    const { text } = await readPdf(bytes);
    for (const label of [
      'Company',
      'E-mail',
      'Address',
      'Venue',
      'Room',
      'Attendees',
      'Discount',
      'Refunded',
      'terms',
    ]) {
      expect(text).not.toContain(label);
    }
  });

  it('says nothing of a person but the name', async () => {
    const { attendees: _, ...withoutAttendees } = confirmation;
    const more = { ...confirmation, date_of_birth: '1815-12-10', requirements: 'insulin' };
    const { text } = await readPdf(await bookingConfirmationPdf(more));
    expect(text).not.toMatch(/1815|insulin/);
    const asObjects = { ...withoutAttendees, attendees: [{ name: 'Ada', date_of_birth: '1815-12-10' }] };
    expect(bookingConfirmation.safeParse(asObjects).success).toBe(false);
  });
});

describe('an invoice', () => {
  it('says its number, status and dates', async () => {
    const { text, info } = await readPdf(await invoicePdf(invoice));
    expect(text).toContain(
      'Number INV-2026-00042 Status Sent Issued on 21 November 2026 Due on 5 December 2026 Booking ABCD2345',
    );
    expect(text).toContain('Bill to Name Ada Lovelace Company Engines & Sons');
    expect(text).toContain('Total EUR 2 400.00');
    expect(info).toMatchObject({ Title: 'Invoice INV-2026-00042', CreationDate: 'D:20261121000000Z' });
  });
});

describe('what is not a document', () => {
  it.each<[string, Partial<Record<keyof BookingConfirmationInput, unknown>>]>([
    ['an unknown time zone', { time_zone: 'Mars/Olympus' }],
    ['a currency that is none', { currency: 'eur' }],
    ['an amount that is none', { total: '1,50' }],
    ['a time without its offset', { starts_at: '2026-12-01T08:00:00' }],
    ['a day that is none', { issued_at: 'yesterday' }],
  ])('is refused: %s', async (_, wrong) => {
    const data = { ...confirmation, ...wrong } as BookingConfirmationInput;
    await expect(bookingConfirmationPdf(data)).rejects.toThrow(Object.keys(wrong)[0]);
  });
});

describe('letters', () => {
  it.each([
    ['Polish', 'Grzegorz Brzęczyszczykiewicz, Łękołody, ŻÓŁĆ'],
    ['Greek', 'Ιωάννης Παπαδόπουλος, ᾍδης'],
    ['Cyrillic', 'Юлія Їжакевич, Ђорђе Ђоковић, Әсел'],
    ['Vietnamese', 'Nguyễn Thị Hường'],
    ['Turkish and Icelandic', 'İğdır Şükrü Þórður'],
    ['mixed', 'Łucja Αθηνά Юрий Smith'],
  ])('beyond Latin-1 are shown: %s', async (_, name) => {
    const bytes = await bookingConfirmationPdf({
      ...confirmation,
      organization_name: name,
      attendees: [name],
    });
    const { text, info } = await readPdf(bytes);
    // In bold, and not.
    expect(text.normalize('NFC').split(name)).toHaveLength(3);
    expect(info.Author).toBe(name);
  });

  it('read back as what they are, all that the fonts have', async () => {
    const faces = await fonts();
    const known = new Set<string>();
    for (let code = 0x21; code < 0x3000; code += 1) {
      const letter = String.fromCodePoint(code);
      const isPlain = !/[\p{M}\p{C}\p{Z}]/u.test(letter) && letter.normalize('NFKC') === letter;
      if (isPlain && faces.regular.some((face) => face.has(letter))) known.add(letter);
    }
    expect(known.size).toBeGreaterThan(1_500);
    const words = Array.from(known, (letter) => `${letter}${letter}`);
    const { text } = await readPdf(
      await bookingConfirmationPdf({ ...confirmation, payment_terms: words.join(' ') }),
    );
    const shown = text
      .slice(text.indexOf('Payment terms ') + 'Payment terms '.length)
      .replace(/Booking confirmation ABCD2345 Page \d of \d/g, '');
    // The reader takes what is wide for a space.
    expect(shown.replace(/\s/g, '')).toBe(words.join(''));
  });

  it('that were taken apart are put together', async () => {
    const bytes = await bookingConfirmationPdf({
      ...confirmation,
      customer_name: 'Żółć Ångström'.normalize('NFD'),
    });
    expect((await readPdf(bytes)).text).toContain('Żółć Ångström');
  });

  it('that no font has are seen to be missing', async () => {
    const bytes = await bookingConfirmationPdf({
      ...confirmation,
      attendees: ['Ada 日本 Lovelace', 'שלום', '👩‍👩‍👧'],
    });
    expect((await readPdf(bytes)).text).toContain(
      '1. Ada \ufffd\ufffd Lovelace 2. \ufffd\ufffd\ufffd\ufffd 3. \ufffd',
    );
  });

  it('with more marks than a line is high lose them, and show it', async () => {
    const bytes = await bookingConfirmationPdf({ ...confirmation, attendees: [`x${'\u0301'.repeat(500)}y`] });
    expect((await readPdf(bytes)).text).toContain('1. x\u0301\u0301\u0301\ufffdy');
  });

  it('that turn or hide text are taken away', async () => {
    const bytes = await bookingConfirmationPdf({
      ...confirmation,
      attendees: ['A\u202ed\u200ba\u0000\u2066\u{e0041}!'],
    });
    expect((await readPdf(bytes)).text).toContain('1. Ada! Price');
  });
});

describe('pages', () => {
  it('follow when there are many attendees, and each is there once', async () => {
    const attendees = Array.from({ length: 200 }, (_, index) => `Attendee-${index}`);
    const { pages, text } = await readPdf(await bookingConfirmationPdf({ ...confirmation, attendees }));
    expect(pages.length).toBeGreaterThan(3);
    for (const [index, page] of pages.entries()) {
      expect(page.endsWith(`Booking confirmation ABCD2345 Page ${index + 1} of ${pages.length}`)).toBe(true);
    }
    expect(text.match(/Attendee-\d+/g)).toEqual(attendees);
    expect(pages.at(-1)).toContain('Total EUR');
  });

  it('hold what is long within their margins', async () => {
    const long = 'W'.repeat(400);
    const words = 'many words '.repeat(100);
    const { pieces, text } = await readPdf(
      await invoicePdf({
        ...invoice,
        organization_name: long,
        customer_name: long,
        customer_address: [words, long],
        course_name: long,
        attendees: [long, words, 'Łόж'.repeat(200)],
        unit_price: '99999999999999999999.99',
        total: 1e60,
        payment_terms: long,
      }),
    );
    for (const { left, right, bottom } of pieces) {
      expect(left).toBeGreaterThanOrEqual(margin - 1);
      expect(right).toBeLessThanOrEqual(a4.width - margin + 1);
      expect(bottom).toBeGreaterThan(margin - 20);
      expect(bottom).toBeLessThan(a4.height - margin + 1);
    }
    // Seven times as a text, and nothing of it is lost; the others are of `When` and `Warsaw`.
    expect(text.match(/W/g)).toHaveLength(7 * 400 + 2);
    expect(text.match(/many/g)).toHaveLength(200);
  });

  it('do not end with a heading', async () => {
    for (let count = 10; count < 30; count += 1) {
      const attendees = Array.from({ length: count }, (_, index) => `Attendee-${index}`);
      const { pages } = await readPdf(await invoicePdf({ ...invoice, attendees }));
      for (const page of pages)
        expect(page).not.toMatch(/(Attendees|Price|Payment terms) Invoice INV-2026-00042 Page/);
    }
  });
});

describe('bytes', () => {
  it('are equal for equal data, and differ with them', async () => {
    for (const make of [() => bookingConfirmationPdf(confirmation), () => invoicePdf(invoice)]) {
      expect(Buffer.from(await make()).equals(await make())).toBe(true);
    }
    const [one, other] = await Promise.all([
      bookingConfirmationPdf(confirmation),
      bookingConfirmationPdf({ ...confirmation, paid: 1 }),
    ]);
    expect(Buffer.from(one).equals(other)).toBe(false);
  });

  it('are equal when documents are made at the same time', async () => {
    const alone = await invoicePdf(invoice);
    const together = await Promise.all([
      invoicePdf(invoice),
      bookingConfirmationPdf(confirmation),
      invoicePdf(invoice),
    ]);
    expect(Buffer.from(together[0]).equals(alone)).toBe(true);
    expect(Buffer.from(together[2]).equals(alone)).toBe(true);
  });

  it('are the same in Deno as in Node', async () => {
    const root = new URL('../../', import.meta.url);
    const module = new URL('src/documents/booking-confirmation.ts', root).href;
    const script = `
      import { bookingConfirmationPdf } from ${JSON.stringify(module)};
      const bytes = await bookingConfirmationPdf(${JSON.stringify(confirmation)});
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      console.log(Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''));
    `;
    const config = fileURLToPath(new URL('edge-functions/deno.json', root));
    const { stdout } = await promisify(execFile)(denoPath(), ['eval', '--config', config, script], {
      cwd: fileURLToPath(root),
    });
    const here = createHash('sha256').update(await bookingConfirmationPdf(confirmation));
    expect(stdout.trim()).toBe(here.digest('hex'));
  });
});

describe('hostile text', () => {
  const syntax = fc.constantFrom(
    ')',
    '(',
    '\\',
    '\\)',
    '>>',
    '<<',
    '\nendobj\n',
    'endstream',
    '%%EOF',
    '/OpenAction << /S /JavaScript /JS (app.alert(1)) >>',
    '\u202e',
    '\u0000',
    '\r',
    '\ufeff',
    'ﷺ',
    '👩‍👩‍👧',
    '\ud800',
    '\udc00',
    '\u0301',
  );
  const hostile = fc
    .array(fc.oneof(syntax, fc.string({ unit: 'binary' }), fc.string()), { maxLength: 12 })
    .map((parts) => parts.join(''));

  const dress = (text: string): BookingConfirmationInput => ({
    ...confirmation,
    organization_name: text,
    organization_address: [text],
    customer_name: text,
    customer_company: text,
    customer_email: text,
    customer_address: { street: text, [text]: text },
    booking_reference: text,
    booking_status: text,
    course_name: text,
    venue_name: text,
    venue_address: [text],
    room: text,
    attendees: [text, text],
    payment_terms: text,
  });

  it('is text and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const bytes = await bookingConfirmationPdf(dress(text));
        const { active, info, text: shown } = await readPdf(bytes);
        expect(active).toEqual([]);
        expect(info.IsAcroFormPresent).toBe(false);
        expect(String(info.Title)).toMatch(/^Booking confirmation/);
        expect(info.Creator).toBe('Rowhouse');
        expect(shown).toContain('Total EUR 2 400.00');
        // One file: what ends one is not in it twice, and its objects are those of any such document.
        expect(
          Buffer.from(bytes)
            .toString('latin1')
            .match(/^%%EOF$/gm),
        ).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });

  it('that does more would be found', async () => {
    const doc = new PDFDocument({ font: '' });
    const chunks: Uint8Array[] = [];
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.link(10, 10, 50, 50, 'https://evil.example/');
    doc.addNamedJavaScript('open', 'app.alert(1)');
    doc.end();
    await once(doc, 'end');
    const { active } = await readPdf(new Uint8Array(Buffer.concat(chunks)));
    expect(JSON.stringify(active)).toContain('evil.example');
    expect(JSON.stringify(active)).toContain('app.alert');
  });

  it('is shown as it is where it is plain', async () => {
    const attack = ') Tj ET endstream endobj << /S /JavaScript >> \\) %%EOF';
    const { info, text, active } = await readPdf(await bookingConfirmationPdf(dress(attack)));
    expect(info.Title).toBe(`Booking confirmation ${attack}`);
    expect(info.Author).toBe(attack);
    expect(text).toContain(`Name ${attack} Company ${attack}`);
    expect(active).toEqual([]);
  });

  it.each([
    ['one word', 'x'],
    ['words', 'a b '],
    ['emoji', '😀'],
    ['marks', '\u0301'],
    ['line breaks', '\n'],
    ['right to left', 'א\u202e'],
    ['what has no pair', '\ud800'],
    ['Cyrillic and Greek', 'Жλ'],
  ])('of 10,000 characters does not throw: %s', async (_, part) => {
    const text = part.repeat(10_000 / part.length);
    const bytes = await bookingConfirmationPdf({ ...confirmation, attendees: [text] });
    const { pages } = await readPdf(bytes);
    expect(pages.length).toBeGreaterThan(0);
  });
});
