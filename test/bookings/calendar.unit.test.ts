import fc from 'fast-check';
import ical from 'node-ical';
import { describe, expect, it } from 'vitest';
import { bookingCalendar, type CalendarBookingInput } from '../../src/bookings/calendar.ts';

const booking: CalendarBookingInput = {
  organization_id: 'AAAAAAAA-0000-4000-8000-000000000001',
  booking_id: 'bbbbbbbb-0000-4000-8000-000000000002',
  booking_reference: 'ABCD2345',
  booking_status: 'confirmed',
  organization_name: 'Acme Training',
  course_name: 'First aid at work',
  venue_name: 'The Old Mill',
  venue_address: { street: '5 River Road', postal_code: 'AB1 2CD', city: 'Harbour Town' },
  room: 'Blue room',
  starts_at: '2026-12-01T08:00:00.123456+00:00',
  ends_at: '2026-12-01T17:30:00+01:00',
  time_zone: 'Europe/Warsaw',
  updated_at: '2026-11-21T10:15:30+00:00',
  sequence: 3,
};

const uid = 'bbbbbbbb-0000-4000-8000-000000000002@aaaaaaaa-0000-4000-8000-000000000001.rowhouse';

const names = [
  'BEGIN',
  'VERSION',
  'PRODID',
  'METHOD',
  'BEGIN',
  'UID',
  'SEQUENCE',
  'DTSTAMP',
  'DTSTART',
  'DTEND',
  'SUMMARY',
  'LOCATION',
  'DESCRIPTION',
  'STATUS',
  'END',
  'END',
];

/** The lines of a file, unfolded, as RFC 5545 has it. */
function linesOf(file: string): string[] {
  expect(file.endsWith('\r\n')).toBe(true);
  expect(file.replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  for (const line of file.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  return file.slice(0, -2).replaceAll('\r\n ', '').split('\r\n');
}

/** The text of a property, as RFC 5545 writes it. */
function textOf(file: string, name: string): string | undefined {
  const line = linesOf(file).find((candidate) => candidate.startsWith(`${name}:`));
  if (line === undefined) return undefined;
  const value = line.slice(name.length + 1);
  // What has a meaning is escaped, and nothing else is.
  expect(value.replace(/\\[\\;,nN]/g, '')).not.toMatch(/[\\;,]/);
  return value.replace(/\\(.)/g, (_, character: string) => (/n/i.test(character) ? '\n' : character));
}

/** What another library than the one that wrote it reads: the event, and the method of the calendar. */
function read(file: string) {
  const components = Object.values(ical.sync.parseICS(file));
  const events = components.filter((component) => component?.type === 'VEVENT');
  expect(events).toHaveLength(1);
  const [event] = events;
  if (event?.type !== 'VEVENT') throw new Error('There is no event.');
  return event;
}

describe('the calendar file of a booking', () => {
  it('is one event', () => {
    const event = read(bookingCalendar(booking));
    expect(event).toMatchObject({
      uid,
      method: 'PUBLISH',
      status: 'CONFIRMED',
      summary: 'First aid at work',
      location: 'Blue room, The Old Mill, 5 River Road, AB1 2CD Harbour Town',
      description:
        'Booking ABCD2345, Acme Training\nTuesday 1 December 2026, 09:00 to 17:30 (Europe/Warsaw, UTC+01:00)',
    });
    expect(Number(event.sequence)).toBe(3);
    expect(event.start.toISOString()).toBe('2026-12-01T08:00:00.000Z');
    expect(event.end?.toISOString()).toBe('2026-12-01T16:30:00.000Z');
    expect(event.dtstamp.toISOString()).toBe('2026-11-21T10:15:30.000Z');
  });

  it('has the properties that it should have, in UTC, and no others', () => {
    const lines = linesOf(bookingCalendar(booking));
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual(names);
    expect(lines).toContain('DTSTART:20261201T080000Z');
    expect(lines).toContain('VERSION:2.0');
  });

  it('is the same for the same booking, and keeps its id when the booking changes', () => {
    expect(bookingCalendar(booking)).toBe(bookingCalendar({ ...booking }));
    const later = bookingCalendar({ ...booking, starts_at: '2026-12-01T09:00:00+00:00', sequence: 4 });
    expect(read(later).uid).toBe(uid);
    expect(read(bookingCalendar({ ...booking, booking_id: booking.organization_id })).uid).not.toBe(uid);
  });

  it.each([
    ['pending', 'TENTATIVE', 'PUBLISH'],
    ['confirmed', 'CONFIRMED', 'PUBLISH'],
    ['completed', 'CONFIRMED', 'PUBLISH'],
    ['no_show', 'CONFIRMED', 'PUBLISH'],
    ['cancelled', 'CANCELLED', 'CANCEL'],
    ['refunded', 'CANCELLED', 'CANCEL'],
  ] as const)('of a %s booking is %s, by %s', (booking_status, status, method) => {
    expect(read(bookingCalendar({ ...booking, booking_status }))).toMatchObject({ status, method });
  });

  it('does without a place', () => {
    const file = bookingCalendar({ ...booking, venue_name: null, venue_address: null, room: '' });
    expect(textOf(file, 'LOCATION')).toBeUndefined();
  });

  it.each<[string, Partial<Record<keyof CalendarBookingInput, unknown>>]>([
    ['an id that is none', { booking_id: 'x\r\nATTACH:y' }],
    ['a status that is none', { booking_status: 'lost' }],
    ['a time that is none', { starts_at: 'infinity' }],
    ['a sequence below zero', { sequence: -1 }],
  ])('is not made of %s', (_, wrong) => {
    expect(() => bookingCalendar({ ...booking, ...wrong } as CalendarBookingInput)).toThrow(
      Object.keys(wrong)[0],
    );
  });
});

describe('hostile text in a calendar file', () => {
  const part = fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\u2028',
    '\u0085',
    '\\',
    '\\n',
    '\\\\',
    ';',
    ',',
    ':',
    '"',
    ' ',
    '\t',
    '\u0000',
    '\u202e',
    '\ud800',
    '\udc00',
    '👩‍👩‍👧',
    'ż',
    'א',
    'END:VEVENT',
    '\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:other',
    '\r\nATTACH:https://evil.example/',
    'x'.repeat(80),
    '€'.repeat(40),
    '😀'.repeat(30),
  );
  const hostile = fc
    .array(fc.oneof(part, fc.string({ unit: 'binary' }), fc.string()), { maxLength: 10 })
    .map((parts) => parts.join(''));

  it('stays in its property, and arrives', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (course, place, organization) => {
        const file = bookingCalendar({
          ...booking,
          course_name: course,
          room: place,
          venue_name: place,
          organization_name: organization,
          booking_reference: organization,
        });
        const hasName = (name: string) => names.filter((candidate) => candidate === name);
        for (const line of linesOf(file)) expect(hasName(line.slice(0, line.indexOf(':')))).not.toEqual([]);
        expect(linesOf(file).filter((line) => line.startsWith('BEGIN:VEVENT'))).toHaveLength(1);
        expect(read(file)).toMatchObject({ uid, status: 'CONFIRMED' });
        expect(textOf(file, 'DESCRIPTION')).toContain('(Europe/Warsaw, UTC+01:00)');

        // What is left of it when spaces and what must not be there are set aside.
        const plain = (text: string) =>
          text
            .replace(/\p{Cs}/gu, '\ufffd')
            .replace(/[\s\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, '')
            .normalize();
        expect(plain(textOf(file, 'SUMMARY') ?? '')).toBe(plain(course));
      }),
      { numRuns: 300 },
    );
  });

  it('of 10,000 characters is cut', () => {
    const summary = textOf(bookingCalendar({ ...booking, course_name: '😀'.repeat(10_000) }), 'SUMMARY');
    expect(summary).toBe('😀'.repeat(1_000));
  });
});
