import { describe, expect, test } from 'vitest';
import { bookingFacts, type BookingFacts } from '../../src/bookings/facts.ts';
import {
  cancellationMail,
  confirmationMail,
  invoiceMail,
  waitlistOfferMail,
} from '../../src/notifications/booking-mails.ts';
import { hostileNames } from './samples.ts';

const id = '01997f5e-8f0c-7c11-9f5b-6f1c0d2e3a4b';
const to = 'ada@example.com';

/** A booking as the database tells it. */
function booking(particulars: Record<string, unknown> = {}): BookingFacts {
  return bookingFacts.parse({
    id,
    reference: 'ABCD2345',
    status: 'confirmed',
    organization_id: 'ACME12345',
    organization_name: 'Northside Training',
    organization_address: {},
    time_zone: 'Europe/Warsaw',
    session_id: id,
    session_status: 'published',
    course_name: 'First aid',
    starts_at: '2026-12-01T08:00:00+00:00',
    ends_at: '2026-12-01T16:00:00+00:00',
    venue_name: 'The Old Mill',
    room: 'Blue room',
    sequence: 1,
    customer_name: 'Ada Lovelace',
    attendee_count: 2,
    unit_price: 100,
    subtotal: 200,
    group_discount: 0.1,
    code_discount: 0.2,
    total: 199.7,
    currency: 'EUR',
    amount_paid: 0,
    amount_refunded: 0,
    amount_open: 199.7,
    created_at: '2026-11-21T10:00:00+00:00',
    updated_at: '2026-11-21T10:00:00+00:00',
    attendees: [],
    payments: [],
    refunds: [],
    ...particulars,
  });
}

const refund = (status: string) => ({ refunds: [{ status, amount: 99.85, processed_at: null }] });

describe('the mail of a booking', () => {
  test('says what was booked, when and where', () => {
    const mail = confirmationMail({ to, messageId: 7, booking: booking() });
    expect(mail).toMatchObject({
      key: `bookings.confirmation/${id}-7`,
      to,
      subject: 'Your booking ABCD2345: First aid',
    });
    expect(mail.text).toBe(
      [
        'Hello Ada Lovelace,',
        'Northside Training confirms your booking of 2 places.',
        'Reference: ABCD2345\nCourse: First aid\nWhen: Tuesday 1 December 2026, 09:00 to 17:00 (Europe/Warsaw, UTC+01:00)\n' +
          'Where: The Old Mill, Blue room\nTotal: EUR\u00a0199.70',
        'The confirmation and an entry for your calendar are attached.\n',
      ].join('\n\n'),
    );
    expect(confirmationMail({ to, messageId: 7, booking: booking() })).toEqual(mail);
    expect(confirmationMail({ to, messageId: 8, booking: booking() }).key).not.toBe(mail.key);
  });

  test('says what is still to be paid', () => {
    const open = confirmationMail({ to, messageId: 7, booking: booking({ status: 'pending' }) });
    expect(open.text).toContain('It is confirmed once it is paid.');
    expect(open.text).toContain('To be paid: EUR\u00a0199.70');
  });

  test.each([
    ['processed', 'EUR\u00a099.85 were given back.'],
    ['approved', 'EUR\u00a099.85 are being given back.'],
    ['processing', 'EUR\u00a099.85 are being given back.'],
    ['pending', 'Giving back EUR\u00a099.85 waits for a decision.'],
  ])('that is cancelled says that its refund is %s', (status, sentence) => {
    const cancelled = booking({ status: 'cancelled', amount_paid: 199.7, ...refund(status) });
    expect(cancellationMail({ to, messageId: 7, booking: cancelled }).text).toContain(sentence);
  });

  test('that is cancelled says who has cancelled it, why, and that nothing comes back', () => {
    const cancelled = booking({ status: 'cancelled', amount_paid: 199.7, cancellation_reason: 'Ill' });
    const mail = cancellationMail({ to, messageId: 7, booking: cancelled });
    expect(mail.text).toContain('Your booking with Northside Training is cancelled.');
    expect(mail.text).toContain('Reason: Ill');
    expect(mail.text).toContain('nothing of what was paid is given back.');
    const all = booking({ status: 'cancelled', session_status: 'cancelled' });
    const theirs = cancellationMail({ to, messageId: 7, booking: all }).text;
    expect(theirs).toContain('Northside Training has cancelled this session');
    expect(theirs).not.toContain('given back');
  });
});

test.each(hostileNames)('names are hostile: %j', (name) => {
  const occasion = {
    course_name: name,
    starts_at: new Date('2026-12-01T08:00:00Z'),
    ends_at: new Date('2026-12-01T16:00:00Z'),
    time_zone: 'Europe/Warsaw',
    venue_name: name,
    room: name,
    organization_name: name,
    customer_name: name,
  };
  const hostile = {
    organization_name: name,
    course_name: name,
    venue_name: name,
    room: name,
    customer_name: name,
    cancellation_reason: name,
  };
  const mails = [
    confirmationMail({ to, messageId: 7, booking: booking(hostile) }),
    cancellationMail({ to, messageId: 7, booking: booking({ ...hostile, status: 'cancelled' }) }),
    invoiceMail({
      to,
      messageId: 7,
      invoice: {
        ...occasion,
        invoice_id: id,
        invoice_number: 'INV-2026-00001',
        booking_reference: 'ABCD2345',
        total: '10',
        paid: '0',
        currency: 'EUR',
        due_on: '2026-12-15',
      },
    }),
    waitlistOfferMail({
      to,
      messageId: 7,
      siteUrl: 'https://app.example.com/',
      offer: {
        ...occasion,
        entry_id: id,
        session_id: id,
        attendee_count: 1,
        offer_expires_at: new Date('2026-11-22T10:00:00Z'),
      },
    }),
  ];
  for (const mail of mails) {
    expect(mail.subject).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]|=\?/u);
    expect(mail.subject.length).toBeLessThan(200);
    const ours = `https://app.example.com/sessions/${id}`;
    expect(mail.text.replace(ours, '')).not.toMatch(/:\/\/|\w@\w|\w\.(example|exe)|[\u202a-\u202e]/);
    expect(mail.text).not.toContain('\0');
    const tags = new Set(Array.from(mail.html.matchAll(/<\/?([a-z!]+)/g), ([, tag]) => tag));
    for (const tag of tags) {
      expect(['!doctype', 'html', 'head', 'meta', 'title', 'body', 'p', 'table', 'tr', 'td', 'a']).toContain(
        tag,
      );
    }
    const links = Array.from(mail.html.matchAll(/href="([^"]*)"/g), ([, link]) => link);
    expect(links.filter((link) => link !== ours)).toEqual([]);
  }
});
