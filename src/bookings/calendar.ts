// Not `{ z }`: of a namespace, bundlers keep only what is used.
import * as z from 'zod';
import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { addressLines, moment, timeZone } from '../documents/data.ts';
import { periodText } from '../documents/time.ts';

/** What the calendar entry of a booking says. */
export const calendarBooking = z.object({
  organization_id: z.string(),
  booking_id: z.guid(),
  booking_reference: z.string(),
  booking_status: z.enum(['pending', 'confirmed', 'cancelled', 'refunded', 'completed', 'no_show']),
  organization_name: z.string(),
  course_name: z.string(),
  venue_name: z.string().nullish(),
  venue_address: addressLines,
  room: z.string().nullish(),
  starts_at: moment,
  ends_at: moment,
  /** The zone of the organization: the description says the times in it, the entry itself is in UTC. */
  time_zone: timeZone,
  updated_at: moment,
  /** How often it was changed: calendars take an entry with a greater one for newer. */
  sequence: z.int().min(0),
});

/** What {@link calendarBooking} reads. */
export type CalendarBookingInput = z.input<typeof calendarBooking>;

const statuses = {
  pending: ICalEventStatus.TENTATIVE,
  confirmed: ICalEventStatus.CONFIRMED,
  completed: ICalEventStatus.CONFIRMED,
  no_show: ICalEventStatus.CONFIRMED,
  cancelled: ICalEventStatus.CANCELLED,
  refunded: ICalEventStatus.CANCELLED,
} satisfies Record<z.output<typeof calendarBooking>['booking_status'], ICalEventStatus>;

/** No calendar needs more of a name. */
const longest = 1_000;

// RFC 5545 has no control characters in a text; marks of direction could turn what a calendar shows after it.
const unwanted = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function oneLine(text: string | null | undefined): string {
  const characters = Array.from(text ?? '', (character) =>
    /\p{Cs}/u.test(character) ? '\ufffd' : character,
  );
  return characters.slice(0, longest).join('').replace(/\s+/gu, ' ').replace(unwanted, '').trim();
}

/**
 * Makes the calendar file of a booking (RFC 5545): one event, which replaces what the calendar has of the booking. A
 * cancelled one takes it off the calendar.
 *
 * @param data what it says; its texts are taken as hostile
 * @returns the file, of type `text/calendar; charset=utf-8; method=…`
 * @throws {z.ZodError} when the data are not what {@link calendarBooking} describes
 */
export function bookingCalendar(data: CalendarBookingInput): string {
  const booking = calendarBooking.parse(data);
  const status = statuses[booking.booking_status];
  const place = [booking.room, booking.venue_name, ...booking.venue_address].map(oneLine).filter(Boolean);
  const calendar = ical({
    prodId: '//Rowhouse//Bookings//EN',
    method: status === ICalEventStatus.CANCELLED ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH,
  });
  calendar.createEvent({
    id: `${booking.booking_id.toLowerCase()}@${booking.organization_id.toLowerCase()}.rowhouse`,
    sequence: booking.sequence,
    stamp: booking.updated_at,
    start: booking.starts_at,
    end: booking.ends_at,
    summary: oneLine(booking.course_name),
    location: place.length > 0 ? place.join(', ') : null,
    description: [
      `Booking ${oneLine(booking.booking_reference)}, ${oneLine(booking.organization_name)}`,
      periodText(booking.starts_at, booking.ends_at, booking.time_zone),
    ].join('\n'),
    status,
  });
  const file = calendar.toString();
  // Its last line ends as the others do.
  return file.endsWith('\r\n') ? file : `${file}\r\n`;
}
